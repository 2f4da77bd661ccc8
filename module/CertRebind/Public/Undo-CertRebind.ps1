function Undo-CertRebind {
    <#
    .SYNOPSIS
    Rolls back a run.

    .DESCRIPTION
    Every record of the run gets back its previous certificate and options, and is tested like any change. A record
    that someone else has changed since is skipped and reported, unless you use -Force. The renewal is then held:
    CertRebind does not apply it again by itself.

    .PARAMETER Run
    The name of a run, from Get-CertRebindHistory. Default: the last run that changed something and was not an undo.

    .PARAMETER Force
    Also roll back what was changed since, and to a certificate that has expired or has no usable key.

    .PARAMETER Wait
    Wait for an active run instead of failing.

    .EXAMPLE
    Undo-CertRebind -WhatIf

    Shows what rolling back the last run would change.

    .EXAMPLE
    Get-CertRebindHistory | Select-Object -Last 1 | Undo-CertRebind -Confirm:$false

    Rolls back one run without asking.

    .INPUTS
    CertRebind.Run

    .OUTPUTS
    CertRebind.Outcome

    .LINK
    Get-CertRebindHistory
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('CertRebind.Outcome')]
    param(
        [Parameter(ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [ValidateNotNullOrEmpty()]
        [string] $Run,

        [switch] $Force,

        [switch] $Wait
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $option = @()
        $action = if ($Run) { $script:messages.Undo -f $Run } else { $script:messages.UndoLast }
        if ($Force) { $option += '--force' }
        if ($Wait) { $option += '--wait' }
        if ($WhatIfPreference) {
            $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'undo' -Word $Run -Option ($option + '--dry-run') -Target $Run
            if (-not $answer) { return }
            foreach ($step in $answer.Document.steps) { [void]$PSCmdlet.ShouldProcess($step.key, $script:messages.UndoStep) }
            $answer.Document
            return
        }
        if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $action)) { return }
        Invoke-CertRebindRun -Caller $PSCmdlet -Command 'undo' -Word $Run -Option $option -Target $Run
    }
}
