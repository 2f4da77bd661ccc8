# Reporting Services for its own command, as its documentation has the methods: a binding of an application stands in
# the configuration file, and HTTP.SYS has one certificate for an address and port, which is made
# where there is none, and goes with the last application.

$script:Http = @{ '0.0.0.0:443' = $Old; ':::443' = $Old; '0.0.0.0:8443' = $Other }
$script:File = [System.Collections.ArrayList]@(
    @('ReportServerWebService', $Old, '0.0.0.0', 443), @('ReportServerWebService', $Old, '::', 443),
    @('ReportServerWebApp', $Old, '0.0.0.0', 443), @('ReportServerWebApp', $Other, '0.0.0.0', 8443)
)
$script:Calls = 0

function Get-CimInstance {
    param([string]$Namespace, [string]$ClassName)
    switch ("$Namespace $ClassName") {
        'root/Microsoft/SqlServer/ReportServer __Namespace' { [pscustomobject]@{ Name = 'RS_SSRS' } }
        'root/Microsoft/SqlServer/ReportServer/RS_SSRS __Namespace' { [pscustomobject]@{ Name = 'V16' } }
        'root/Microsoft/SqlServer/ReportServer/RS_SSRS/V16/Admin MSReportServer_ConfigurationSetting' { [pscustomobject]@{ InstanceName = 'SSRS' } }
        default { throw "there is no $_" }
    }
}

function Invoke-CimMethod {
    param($InputObject, [string]$MethodName, $Arguments)
    if ($InputObject.InstanceName -ne 'SSRS' -or $Arguments.Lcid -isnot [int]) { throw 'no such object, or no language' }
    $script:Calls++
    if ($script:Calls -eq $FailAt) { return [pscustomobject]@{ HRESULT = -2147023728; Error = 'it is not there' } }
    $at = "$($Arguments.IPAddress):$($Arguments.Port)"
    $same = @($script:File | Where-Object { $_[0] -eq $Arguments.Application -and $_[2] -eq $Arguments.IPAddress -and $_[3] -eq $Arguments.Port })
    switch ($MethodName) {
        'ListSSLCertificateBindings' {
            # What stands in both is listed twice.
            $rows = @($script:File) + @(, $script:File[0])
            return [pscustomobject]@{
                HRESULT = 0
                Application = [string[]]($rows | ForEach-Object { $_[0] })
                CertificateHash = [string[]]($rows | ForEach-Object { $_[1] })
                IPAddress = [string[]]($rows | ForEach-Object { $_[2] })
                Port = [int[]]($rows | ForEach-Object { $_[3] })
            }
        }
        'RemoveSSLCertificateBindings' {
            $held = @($same | Where-Object { $_[1] -ceq $Arguments.CertificateHash })
            if ($held.Count -ne 1) { throw "nothing of $($Arguments.Application) to remove" }
            $script:File.Remove($held[0])
            $others = @($script:File | Where-Object { "$($_[2]):$($_[3])" -eq $at })
            if ($others.Count -eq 0) { $script:Http.Remove($at) }
        }
        'CreateSSLCertificateBinding' {
            if ($same.Count -ne 0) { throw "$($Arguments.Application) has one" }
            $null = $script:File.Add(@($Arguments.Application, $Arguments.CertificateHash, $Arguments.IPAddress, $Arguments.Port))
            if (-not $script:Http.ContainsKey($at)) { $script:Http[$at] = $Arguments.CertificateHash }
        }
        default { throw "there is no $MethodName" }
    }
    [pscustomobject]@{ HRESULT = 0; Error = '' }
}
