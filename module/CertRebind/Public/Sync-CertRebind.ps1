function Sync-CertRebind {
    <#
    .SYNOPSIS
    Takes every renewed certificate that is not in use yet.

    .DESCRIPTION
    Does now what the tasks do by themselves: finds renewals in the lifecycle log, in the renewal property of
    certificates and through the configuration, and swaps them in. Waits for a run that is under way.

    .EXAMPLE
    Sync-CertRebind

    Takes whatever is pending.

    .EXAMPLE
    Sync-CertRebind -WhatIf

    Shows the plan for whatever is pending, and writes nothing.

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
    param()

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    if ($WhatIfPreference) {
        $planned = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'plan'
        if ($planned) { Show-CertRebindPlan -Caller $PSCmdlet -Plan $planned.Document }
        return
    }
    if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $script:messages.Sync)) { return }
    Invoke-CertRebindRun -Caller $PSCmdlet -Command 'reconcile'
}
