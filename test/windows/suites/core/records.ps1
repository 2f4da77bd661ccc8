# Records of HTTP.SYS and bindings of IIS, on a port and with a site of our own, both with the mark of a rehearsal.
param([string] $File, [string] $Port, [string] $Thumbprint, [string] $Site, [string] $Successor)
. "$PSScriptRoot/../parts.ps1"
$endpoint = "127.0.0.1:$Port"
$appId = '{5f1d3b7e-6c0a-4d52-9e0b-7a3c2e91d846}'
$add = 'http', 'add', 'sslcert', "ipport=$endpoint", "certhash=$Thumbprint", "appid=$appId"
$delete = 'http', 'delete', 'sslcert', "ipport=$endpoint"

Ask 'netsh exit codes' {
    $null = Invoke-Program 'netsh.exe' $delete
    foreach ($words in $add, $add, $delete, $delete) { @(Invoke-Program 'netsh.exe' $words)[0] }
    @(Invoke-Program 'netsh.exe' 'http', 'add', 'sslcert', "ipport=$endpoint", "certhash=$('AB' * 20)", "appid=$appId")[0]
}
Ask 'netsh text' {
    $null = Invoke-Program 'netsh.exe' $add
    Invoke-Program 'netsh.exe' 'http', 'show', 'sslcert', "ipport=$endpoint"
}
Ask 'registry of a record' {
    $key = "HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo\$endpoint"
    $values = Get-ItemProperty -LiteralPath $key
    foreach ($name in 'SslCertHash', 'SslCertStoreName', 'AppId', 'DefaultFlags', 'DefaultSslCertCheckMode', 'DefaultSslRevocationFreshnessTime', 'DefaultSslRevocationUrlRetrievalTimeout') {
        $value = $values.$name
        '{0} {1} {2}' -f $name, $(if ($null -eq $value) { 'absent' } else { $value.GetType().Name }), $(if ($value -is [byte[]]) { [BitConverter]::ToString($value).Replace('-', '') } else { $value })
    }
}
Ask 'sub-keys of a record' { @(Get-ChildItem -LiteralPath "HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo\$endpoint").Count }
Ask 'netsh unknown parameter' {
    $null = Invoke-Program 'netsh.exe' $delete
    @(Invoke-Program 'netsh.exe' ($add + 'nosuchparameter=enable'))[0]
    @(Invoke-Program 'netsh.exe' 'http', 'show', 'sslcert', "ipport=$endpoint")[0]
}
Ask 'netsh zero' {
    $null = Invoke-Program 'netsh.exe' $delete
    @(Invoke-Program 'netsh.exe' ($add + 'revocationfreshnesstime=0' + 'urlretrievaltimeout=0'))[0]
    @(Invoke-Program 'netsh.exe' 'http', 'show', 'sslcert', "ipport=$endpoint")[0]
    $null = Invoke-Program 'netsh.exe' $delete
}
Ask 'application id of IIS' {
    $binding = Get-WebBinding -Name $Site -Protocol https | Where-Object { $_.bindingInformation -eq "${endpoint}:" }
    $binding.AddSslCertificate($Thumbprint, 'My')
    @(Invoke-Program 'netsh.exe' 'http', 'show', 'sslcert', "ipport=$endpoint") -match '\{[0-9a-fA-F-]{36}\}'
    $null = Invoke-Program 'netsh.exe' $delete
}
Ask 'binding methods' {
    $binding = Get-WebBinding -Name $Site -Protocol https | Select-Object -First 1
    @(Get-Member -InputObject $binding -MemberType Method, CodeMethod, ScriptMethod | ForEach-Object { $_.Name })
    Get-Attempt { $binding.AddSslCertificate('not hexadecimal', 'My') }
}
Ask 'flags of bindings' { Get-WebBinding -Name $Site -Protocol https | ForEach-Object { '{0} {1}' -f $_.bindingInformation, $_.sslFlags } }
Ask 'errors' {
    $binding = Get-WebBinding -Name $Site -Protocol https | Where-Object { $_.bindingInformation -eq "${endpoint}:" }
    Get-Attempt { $binding.AddSslCertificate(('AB' * 20), 'My') }
}
Ask 'appcmd renew' {
    $binding = Get-WebBinding -Name $Site -Protocol https | Where-Object { $_.bindingInformation -eq "${endpoint}:" }
    $binding.AddSslCertificate($Thumbprint, 'My')
    @(Invoke-Program 'inetsrv\appcmd.exe' 'renew', 'binding', "/oldcert:$Thumbprint", "/newcert:$Successor")[0]
    @(Invoke-Program 'netsh.exe' 'http', 'show', 'sslcert', "ipport=$endpoint") -match '^\s.*\b[0-9a-fA-F]{40}$' | ForEach-Object { $_.Trim().EndsWith($Successor, 'OrdinalIgnoreCase') }
}
$null = Invoke-Program 'netsh.exe' $delete
Write-Told $File
