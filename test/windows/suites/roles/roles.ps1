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
Write-Told $File
