# The value of the Web Management Service alone, and a restart of it: whether its certificate binding follows. Set back afterwards.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"
$key = 'HKLM:\SOFTWARE\Microsoft\WebManagement\Server'

Ask 'record after a start' {
    $held = (Get-ItemProperty -LiteralPath $key).SslCertificateHash
    $record = { @(Invoke-Program 'netsh.exe' 'http', 'show', 'sslcert', 'ipport=0.0.0.0:8172') -match '[0-9a-f]{40}' | ForEach-Object { ($_ -split ' : ')[-1].Trim() } }
    $certificate = New-SelfSignedCertificate -DnsName $env:COMPUTERNAME -FriendlyName 'CertRebind-Rehearsal wmsvc' -CertStoreLocation 'Cert:\LocalMachine\My'
    $before = & $record
    try {
        Set-ItemProperty -LiteralPath $key -Name SslCertificateHash -Value ([byte[]]@($certificate.GetCertHash()))
        Restart-Service -Name WMSVC
        $after = & $record
    } finally {
        Set-ItemProperty -LiteralPath $key -Name SslCertificateHash -Value $held
        Restart-Service -Name WMSVC
    }
    if ("$after" -eq "$before") { 'stays' } elseif ("$after" -eq $certificate.Thumbprint) { 'follows' } else { 'another' }
}
Write-Told $File
