# The lifecycle log, cleared: only where the events before it are kept already.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"
$log = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational'

Ask 'first record' {
    $before = (Get-WinEvent -LogName $log -MaxEvents 1 -ErrorAction Stop).RecordId
    $null = Invoke-Demanded 'wevtutil.exe' 'cl', $log
    $null = New-SelfSignedCertificate -DnsName 'log.certrebind.invalid' -FriendlyName 'CertRebind-Rehearsal log' -CertStoreLocation 'Cert:\LocalMachine\My'
    $before
    (Get-WinEvent -LogName $log -MaxEvents 1 -Oldest -ErrorAction Stop).RecordId
}
Write-Told $File
