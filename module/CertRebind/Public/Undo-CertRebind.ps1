function Undo-CertRebind {
    <#
    .SYNOPSIS
    Puts back what a run changed.

    .DESCRIPTION
    Every record of the run gets back the certificate and the options that it had before, which is then proven like any
    change. A record that somebody changed since is left alone and reported, unless -Force is given. The renewal counts as undone: only a
    person brings it in again.

    .PARAMETER Run
    The name of a run, as Get-CertRebindHistory lists it. When left out, the last one that changed something and was no undo.

    .PARAMETER Force
    Put back also what others changed since.

    .PARAMETER Wait
    Wait for a run that is under way instead of failing.

    .EXAMPLE
    Undo-CertRebind -WhatIf

    Shows what undoing the last run would put back.

    .EXAMPLE
    Get-CertRebindHistory | Select-Object -Last 1 | Undo-CertRebind -Confirm:$false

    Undoes one run without asking.

    .INPUTS
    CertRebind.Run

    .OUTPUTS
    CertRebind.Outcome

    .LINK
    Get-CertRebindHistory
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'High')]
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
