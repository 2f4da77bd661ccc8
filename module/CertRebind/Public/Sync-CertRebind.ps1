function Sync-CertRebind {
    <#
    .SYNOPSIS
    Applies all pending renewals.

    .DESCRIPTION
    Does now what the scheduled tasks do: finds renewals in the lifecycle log, in the renewal properties of
    certificates and through the configuration, and applies them. Waits for an active run.

    .PARAMETER Now
    Also outside the change window.

    .EXAMPLE
    Sync-CertRebind

    Applies all pending renewals.

    .EXAMPLE
    Sync-CertRebind -WhatIf

    Shows the plan for all pending renewals, and writes nothing.

    .EXAMPLE
    Sync-CertRebind -Now

    Does not wait for the change window.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Outcome
    CertRebind.Plan with -WhatIf

    .LINK
    Invoke-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
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
