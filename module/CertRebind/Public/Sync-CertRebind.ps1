function Sync-CertRebind {
    <#
    .SYNOPSIS
    Takes every renewed certificate that is not in use yet.

    .DESCRIPTION
    Does now what the tasks do by themselves: finds renewals in the lifecycle log, in the renewal property of
    certificates and through the configuration, and swaps them in. Waits for a run that is under way.

    .PARAMETER Now
    Outside of the window for changes too.

    .EXAMPLE
    Sync-CertRebind

    Takes whatever is pending.

    .EXAMPLE
    Sync-CertRebind -WhatIf

    Shows the plan for whatever is pending, and writes nothing.

    .EXAMPLE
    Sync-CertRebind -Now

    Does not wait for the window in which changes are made.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Outcome
    CertRebind.Plan with -WhatIf

    .LINK
    Invoke-CertRebind
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType('CertRebind.Outcome', 'CertRebind.Plan')]
    param(
        [switch] $Now
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $option = @()
    if ($Now) { $option += '--now' }
    if ($WhatIfPreference) {
        $planned = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'plan' -Option $option
        if ($planned) { Show-CertRebindPlan -Caller $PSCmdlet -Plan $planned.Document }
        return
    }
    if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $script:messages.Sync)) { return }
    Invoke-CertRebindRun -Caller $PSCmdlet -Command 'reconcile' -Option $option
}
