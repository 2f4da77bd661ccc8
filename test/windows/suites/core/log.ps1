# The lifecycle log, cleared: only where the events before it are kept already.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"
$log = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational'

Ask 'first record' {
    $before = (Get-WinEvent -LogName $log -MaxEvents 1 -ErrorAction Stop).RecordId
    if (@(Invoke-Program 'wevtutil.exe' 'cl', $log)[0] -ne '0') { throw 'wevtutil did not clear the log' }
    $null = New-SelfSignedCertificate -DnsName 'log.certrebind.invalid' -FriendlyName 'CertRebind-Rehearsal log' -CertStoreLocation 'Cert:\LocalMachine\My'
    $before
    (Get-WinEvent -LogName $log -MaxEvents 1 -Oldest -ErrorAction Stop).RecordId
}
Write-Told $File
