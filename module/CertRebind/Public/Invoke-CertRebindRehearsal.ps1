function Invoke-CertRebindRehearsal {
    <#
    .SYNOPSIS
    Rehearses a renewal on a temporary endpoint, and measures how this version of Windows behaves.

    .DESCRIPTION
    Creates a site on the loopback address, two certificates and a task. Raises the event of a replaced certificate,
    changes the binding, tests it, rolls it back, and removes everything again. Two snapshots prove that the server
    is as before. The event also starts every other task that waits for it, including notification tasks of other
    products. alsoStarted lists them. The facts of the result show what was measured and how, or why not.

    .PARAMETER Thorough
    Also test whether Task Scheduler restarts a failed task. This takes more than a minute.

    .EXAMPLE
    Invoke-CertRebindRehearsal -WhatIf

    Shows what would be done, and changes nothing.

    .EXAMPLE
    Invoke-CertRebindRehearsal -Confirm:$false | Select-Object -ExpandProperty facts

    Shows what was measured on this server.

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
