# What of an outcome did not end as wanted: one error a record, after the outcome itself.
function Write-CertRebindStepError {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [psobject] $Outcome
    )

    if ($Outcome.PSObject.TypeNames[0] -ne 'CertRebind.Outcome') { return }
    foreach ($entry in $Outcome.blocked) {
        $message = $script:messages.Blocked -f $entry.key, $entry.detail
        $Caller.WriteError((New-CertRebindErrorRecord -Code $entry.reason -Message $message -Target $entry -TargetName (
                    $entry.key) -Category 'InvalidResult' -Hint ($script:messages.SeeCode -f $entry.reason)))
    }
    foreach ($step in $Outcome.steps) {
        if ($null -eq $step.error) { continue }
        $message = '{0}: {1}' -f $step.key, $step.error.message
        $Caller.WriteError((New-CertRebindErrorRecord -Code $step.error.code -Message $message -Hint $step.error.hint -Target (
                    $step) -TargetName $step.key -Category 'InvalidResult'))
    }
}
