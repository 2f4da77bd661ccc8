# What of an outcome did not end as wanted, after the outcome itself: one error a record, or one for all records where it is
# about the certificate and says the same of each, as after a mistyped thumbprint.
function Write-CertRebindStepError {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [psobject] $Outcome
    )

    if ($Outcome.PSObject.TypeNames[0] -ne 'CertRebind.Outcome') { return }
    $alike = [ordered]@{}
    # What only waits for its time or its window is not an error: a later run does it.
    foreach ($entry in $Outcome.blocked) {
        $lasting = @($entry.obstacles | Where-Object -Property code -NotIn -Value 'not-yet-valid', 'outside-window')
        if ($lasting.Count -eq 0) { continue }
        # With hosts it is about this record.
        $hosts = @($lasting | Where-Object -FilterScript { $_.PSObject.Properties['hosts'] -and @($_.hosts).Count -gt 0 })
        $about = if ($hosts.Count -gt 0) { $entry.key } else { $lasting[0].code + $lasting[0].text }
        if (-not $alike.Contains($about)) { $alike[$about] = @() }
        $alike[$about] += $entry
    }
    foreach ($entries in $alike.Values) {
        $first = $entries[0]
        $keys = $entries.key -join ', '
        $target = if (@($entries).Count -eq 1) { $first } else { $entries }
        $message = $script:messages.Blocked -f $keys, (@($first.obstacles).text -join ' ')
        $code = $first.obstacles[0].code
        $Caller.WriteError((New-CertRebindErrorRecord -Code $code -Message $message -Target $target -TargetName (
                    $keys) -Category 'InvalidResult' -Hint ($script:messages.SeeCode -f $code)))
    }
    foreach ($step in $Outcome.steps) {
        if ($null -eq $step.error) { continue }
        $message = '{0}: {1}' -f $step.key, $step.error.message
        $Caller.WriteError((New-CertRebindErrorRecord -Code $step.error.code -Message $message -Hint $step.error.hint -Target (
                    $step) -TargetName $step.key -Category 'InvalidResult'))
    }
}
