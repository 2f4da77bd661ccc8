function Get-CertRebind {
    <#
    .SYNOPSIS
    Tells whether certificate rebind is on, what is pending, and what became of the last run.

    .DESCRIPTION
    Reads the tasks, the lifecycle log and what CertRebind remembers, and changes nothing. The findings of the returned
    object say what is not as it should be, each with what to do about it.

    .EXAMPLE
    Get-CertRebind

    Shows the state of this server.

    .EXAMPLE
    (Get-CertRebind).pending | Invoke-CertRebind -WhatIf

    Shows what would be done for every renewal that is not in use yet.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Status

    .LINK
    Enable-CertRebind

    .LINK
    Sync-CertRebind
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is')]
    [OutputType('CertRebind.Status')]
    param()

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'status'
    if ($answer) { $answer.Document }
}
