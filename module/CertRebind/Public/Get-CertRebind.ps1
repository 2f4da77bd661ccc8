function Get-CertRebind {
    <#
    .SYNOPSIS
    Shows whether CertRebind is enabled, what is pending, and the last run.

    .DESCRIPTION
    Reads the tasks, the lifecycle log and the state of CertRebind. Changes nothing. The findings of the returned
    object name each problem and what to do.

    .PARAMETER Dial
    Dial every endpoint now, as Test-CertRebindEndpoint does. Otherwise the places show what the last run saw.

    .EXAMPLE
    Get-CertRebind

    Shows the state of this server.

    .EXAMPLE
    Invoke-Command -Session $fleet -ScriptBlock { Get-CertRebind } | Sort-Object | Format-Table

    Shows a line for each server, the worst first: its state, and what to do there first.

    .EXAMPLE
    (Get-CertRebind).pending | Invoke-CertRebind -WhatIf

    Shows what would be done for each pending renewal.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Status

    .LINK
    Enable-CertRebind

    .LINK
    Sync-CertRebind
    #>
    [CmdletBinding()]
    [OutputType('CertRebind.Status')]
    param([switch] $Dial)

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'status' -Option @(if ($Dial) { '--dial' })
    if ($answer) { $answer.Document }
}
