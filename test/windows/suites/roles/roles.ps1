# What roles keep of their certificates, as classes and files tell of it. Only reads; a role that could not be installed is not told.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"

$classes = @{
    'gateway' = 'root/CIMV2/TerminalServices', 'Win32_TSGatewayServerSettings'
    'hyper-v server' = 'root/virtualization/v2', 'Msvm_ReplicationServiceSettingData'
    'hyper-v machine' = 'root/virtualization/v2', 'Msvm_ReplicationSettingData'
}
foreach ($what in $classes.Keys) {
    Ask $what { (Get-CimClass -Namespace $classes[$what][0] -ClassName $classes[$what][1]).CimClassProperties | ForEach-Object { $_.Name } }
}
Ask 'sstp' {
    $certificate = New-SelfSignedCertificate -DnsName 'sstp.certrebind.invalid' -FriendlyName 'CertRebind-Rehearsal sstp' -CertStoreLocation 'Cert:\LocalMachine\My'
    $null = Install-RemoteAccess -VpnType Vpn
    Set-RemoteAccess -SslCertificate $certificate
    $parameters = 'HKLM:\SYSTEM\CurrentControlSet\Services\SstpSvc\Parameters'
    $hash = (Get-ItemProperty -LiteralPath $parameters).SHA256CertificateHash
    [BitConverter]::ToString($hash).Replace('-', '')
    [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($certificate.RawData)).Replace('-', '')
    # As before a person chose a certificate, which sstp.measure.ts needs.
    Remove-ItemProperty -LiteralPath $parameters -Name 'isHashConfiguredByAdmin' -ErrorAction SilentlyContinue
}
Ask 'options of a mapping' {
    $mapping = { @(Get-CimInstance -Namespace 'root/Microsoft/Windows/SMB' -ClassName 'MSFT_SmbServerCertificateMapping' -ErrorAction Stop)[0] }
    $before = & $mapping
    if ($null -eq $before) {
        $certificate = New-SelfSignedCertificate -DnsName 'quic.certrebind.invalid' -FriendlyName 'CertRebind-Rehearsal quic' -CertStoreLocation 'Cert:\LocalMachine\My'
        $null = New-SmbServerCertificateMapping -Name 'quic.certrebind.invalid' -Thumbprint $certificate.Thumbprint -StoreName 'My'
        $before = & $mapping
    }
    $certificate = @{ Name = $before.Name; Thumbprint = $before.Thumbprint; StoreName = $before.StoreName; Confirm = $false }
    $null = Set-SmbServerCertificateMapping @certificate -RequireClientAuthentication $true -SkipClientCertificateAccessCheck $true
    $given = & $mapping
    $null = Set-SmbServerCertificateMapping @certificate
    foreach ($one in $given, (& $mapping)) { '{0} {1}' -f $one.RequireClientAuthentication, $one.SkipClientCertificateAccessCheck }
    $null = Set-SmbServerCertificateMapping @certificate -RequireClientAuthentication ([bool]::Parse($before.RequireClientAuthentication)) -SkipClientCertificateAccessCheck ([bool]::Parse($before.SkipClientCertificateAccessCheck))
}
Write-Told $File
