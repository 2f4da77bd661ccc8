# The lifecycle log, cleared: only where the events before it are kept already.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"
$log = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational'

Ask 'first record' {
    $before = (Get-WinEvent -LogName $log -MaxEvents 1 -ErrorAction Stop).RecordId
    $null = Invoke-Demanded 'wevtutil.exe' 'cl', $log
    $null = New-SelfSignedCertificate -DnsName 'log.certrebind.invalid' -FriendlyName 'CertRebind-Rehearsal log' -CertStoreLocation 'Cert:\LocalMachine\My'
    # Windows writes a log some time after the event.
    $until = [datetime]::UtcNow.AddSeconds(20)
    do {
        Start-Sleep -Milliseconds 200
        $first = Get-WinEvent -LogName $log -MaxEvents 1 -Oldest -ErrorAction SilentlyContinue
    } while ($null -eq $first -and [datetime]::UtcNow -lt $until)
    if ($null -eq $first) { throw 'no event came into the log that was cleared' }
    $before
    $first.RecordId
}
Write-Told $File
