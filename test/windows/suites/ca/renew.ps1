# A renewal by the authority of this machine, as autoenrolment asks for it. Where the authority takes no CMC request, a new
# certificate of the same name; where nobody wrote event 1001 by then, Switch-Certificate writes it. What was needed is told.
param([string] $File, [string] $Old, [int] $Seconds = 10)
. "$PSScriptRoot/../parts.ps1"
. "$PSScriptRoot/../certreq.ps1"
$log = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational'
$script:way = @()

Ask 'certificate' {
    try { $new = Get-Issued ('[Version]', 'Signature="$Windows NT$"', '[NewRequest]', "RenewalCert=`"$Old`"", 'MachineKeySet=TRUE', 'RequestType=CMC') }
    catch {
        $refusal = Get-Refusal $_
        $script:way += "a new certificate, since the renewal failed: $refusal"
        try {
            $held = Get-Item -LiteralPath "Cert:\LocalMachine\My\$Old"
            $new = Get-Enrolled $held.GetNameInfo('DnsName', $false) $held.FriendlyName
        } catch { throw "$refusal; a new one instead: $(Get-Refusal $_)" }
    }
    $until = [datetime]::UtcNow.AddSeconds($Seconds)
    do {
        Start-Sleep -Milliseconds 200
        $events = @(Get-WinEvent -LogName $log -MaxEvents 20 -ErrorAction SilentlyContinue | Where-Object { $_.Id -eq 1001 -and $_.ToXml() -match $new })
    } while ($events.Count -eq 0 -and [datetime]::UtcNow -lt $until)
    if ($events.Count -eq 0) {
        $script:way += 'event 1001 by Switch-Certificate, since certreq wrote none'
        $pair = foreach ($thumbprint in $Old, $new) { Get-Item -LiteralPath "Cert:\LocalMachine\My\$thumbprint" }
        Switch-Certificate -OldCert $pair[0] -NewCert $pair[1]
    }
    $new
}
Ask 'way' { if ($script:way.Count -eq 0) { 'renewed by certreq, which wrote event 1001' } else { $script:way } }
Write-Told $File
