function Invoke-CertRebindRetirement {
    <#
    .SYNOPSIS
    Archives certificates that were replaced and that nothing names any more, and deletes them later.

    .DESCRIPTION
    Only certificates that a run of CertRebind replaced, that nothing on this server names, and whose successor has been
    in use for long enough. Archived ones keep their private keys, and Undo-CertRebind shows them again. With -Delete,
    what has been archived for that long is deleted with its private key, which is final and never done by itself.

    .PARAMETER After
    How many days the new certificate has to be in use, and with -Delete how many days the old one has to be archived.
    Without it, as the configuration of the server says (retire.after), or 14.

    .PARAMETER Delete
    Also delete what was archived that long ago. This is final.

    .PARAMETER Wait
    Wait for an active run instead of failing.

    .EXAMPLE
    Invoke-CertRebindRetirement -WhatIf

    Shows what would be archived, and why the rest stays.

    .EXAMPLE
    Invoke-CertRebindRetirement -After 30 -Delete -Confirm:$false

    Archives what was replaced 30 days ago, and deletes what was archived 30 days ago, without asking.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.RetiredCase

    .LINK
    Get-CertRebindUsage

    .LINK
    Undo-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('CertRebind.RetiredCase')]
    param(
        [ValidateRange(0, 3650)]
        [int] $After,

        [switch] $Delete,

        [switch] $Wait
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $option = @(if ($PSBoundParameters.ContainsKey('After')) { "--after=$After" })
    # Objects say nothing of texts.
    if ($Delete) { $option += '--delete', '--no-search' }
    if ($Wait) { $option += '--wait' }
    $action = if ($Delete) { $script:messages.RetireAndDelete } else { $script:messages.Retire }
    if ($WhatIfPreference) { $option += '--dry-run' }
    elseif (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $action)) { return }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'retire' -Option $option -Changes:(-not $WhatIfPreference)
    if (-not $answer) { return }
    if ($answer.Document.refused) {
        $PSCmdlet.WriteError((New-CertRebindErrorRecord -Code 'retire-refused' -Category 'InvalidOperation' -Message (
                    $answer.Document.refused) -Target $null -Hint $null))
    }
    foreach ($case in $answer.Document.cases) {
        if ($WhatIfPreference -and $case.becomes -ne 'stays') {
            [void]$PSCmdlet.ShouldProcess($case.thumbprint, $(if ($case.becomes -eq 'deleted') { $script:messages.DeleteOne } else { $script:messages.ArchiveOne }))
        }
        if ($case.becomes -eq 'failed') {
            $PSCmdlet.WriteError((New-CertRebindErrorRecord -Code 'retire-failed' -Category 'WriteError' -Message $case.message -Target $case -Hint $null))
        }
        $case
    }
}
