function Invoke-CertRebindRehearsal {
    <#
    .SYNOPSIS
    Plays a renewal on an endpoint that nobody uses, and measures how this Windows behaves.

    .DESCRIPTION
    Makes a site on the loopback address, two certificates and a task, raises the event of a replaced certificate, swaps,
    proves and undoes, and takes everything away again; two snapshots prove that. Every other task that waits for the
    event is started as well, notification tasks of other products among them; they are named in alsoStarted. The facts
    of the result say what was measured and how, or why not.

    .PARAMETER Thorough
    Also waits for Task Scheduler to start a task again that failed, which takes more than a minute.

    .EXAMPLE
    Invoke-CertRebindRehearsal -WhatIf

    Says what would be done, and does nothing.

    .EXAMPLE
    Invoke-CertRebindRehearsal -Confirm:$false | Select-Object -ExpandProperty facts

    Shows what was found out about this server.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Rehearsal

    .LINK
    Test-CertRebind
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('CertRebind.Rehearsal')]
    param(
        [switch] $Thorough
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $script:messages.Rehearse)) { return }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'rehearse' -Option @(if ($Thorough) { '--thorough' }) -Changes
    if (-not $answer) { return }
    $answer.Document
    $left = @($answer.Document.leftovers) + @($answer.Document.differences)
    if ($left.Count -gt 0) {
        $PSCmdlet.WriteError((New-CertRebindErrorRecord -Code 'needs-attention' -Category 'InvalidResult' -Target $answer.Document -Message (
                    $script:messages.RehearsalLeft -f ($left -join '; '))))
    }
}
