function Invoke-CertRebindRehearsal {
    <#
    .SYNOPSIS
    Rehearses a renewal on a temporary site.

    .DESCRIPTION
    Creates a site on the loopback address and two certificates, replaces one by the other in a run as for a renewal,
    tests it, rolls it back, and removes everything again. Two snapshots prove that the server is as before.

    .EXAMPLE
    Invoke-CertRebindRehearsal -WhatIf

    Shows what would be done, and changes nothing.

    .EXAMPLE
    Invoke-CertRebindRehearsal -Confirm:$false | Select-Object -ExpandProperty stages

    Shows what each stage did on this server.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Rehearsal

    .LINK
    Test-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('CertRebind.Rehearsal')]
    param()

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $script:messages.Rehearse)) { return }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'rehearse' -Changes
    if (-not $answer) { return }
    $answer.Document
    $left = @($answer.Document.leftovers) + @($answer.Document.differences)
    if ($left.Count -gt 0) {
        $PSCmdlet.WriteError((New-CertRebindErrorRecord -Code 'needs-attention' -Category 'InvalidResult' -Target $answer.Document -Message (
                    $script:messages.RehearsalLeft -f ($left -join '; '))))
    }
}
