# Plans a renewal as it was given: an event stays an event, with everything that speaks against it. A pair that nothing
# corroborates is never treated as one that a person named. Writes one error and returns nothing if it cannot be planned
# like that.
function New-CertRebindRenewalPlan {
    [CmdletBinding()]
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType('CertRebind.Plan')]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [psobject] $Renewal,
        [AllowEmptyCollection()] [string[]] $More = @()
    )

    $pair = '{0} -> {1}' -f $Renewal.old, $Renewal.new
    $option = $More
    if ($null -ne $Renewal.eventRecordId) {
        $option += '--record={0}' -f $Renewal.eventRecordId
    } elseif ($Renewal.corroborated -eq $true) {
        $option += ('--old={0}' -f $Renewal.old), ('--new={0}' -f $Renewal.new)
        if ($Renewal.old -eq $Renewal.new) { $option += '--reapply' }
    } else {
        $Caller.WriteError((New-CertRebindErrorRecord -Code 'uncorroborated' -Message ($script:messages.Uncorroborated -f $pair) -Category (
                    'SecurityError') -Target $Renewal -TargetName $pair -Hint $script:messages.GiveThePair))
        return
    }
    $answer = Invoke-CertRebindExecutable -Caller $Caller -Command 'plan' -Option $option -Target $Renewal
    if (-not $answer) { return }
    foreach ($planned in $answer.Document.renewals) {
        if ($planned.old -eq $Renewal.old -and $planned.new -eq $Renewal.new) { return $answer.Document }
    }
    # The end of a chain carries the number of the event that began it; and numbers start again when a log is cleared.
    $message = $script:messages.OtherEvent -f $Renewal.eventRecordId, $pair
    $Caller.WriteError((New-CertRebindErrorRecord -Code 'bad-input' -Message $message -Category 'InvalidArgument' -Target (
                $Renewal) -TargetName $pair -Hint $script:messages.GiveThePair))
}
