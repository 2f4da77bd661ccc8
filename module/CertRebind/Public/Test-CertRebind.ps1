function Test-CertRebind {
    <#
    .SYNOPSIS
    Explains every difference between IIS, HTTP.SYS and the wire, and what keeps certificate rebind from working.

    .DESCRIPTION
    Changes nothing. Each finding says what is wrong, with which record, and what to do; those with a repair can be
    piped to Repair-CertRebind.

    .PARAMETER Days
    A certificate ends soon when it has at most so many days left.

    .PARAMETER Quiet
    Return only whether there is neither an error nor a warning.

    .EXAMPLE
    Test-CertRebind -Days 30

    Shows every finding, among them certificates that end within 30 days.

    .EXAMPLE
    Test-CertRebind | Where-Object -Property repair -NE -Value $null | Repair-CertRebind -WhatIf

    Shows what the repairs would change.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Finding
    System.Boolean with -Quiet

    .LINK
    Repair-CertRebind

    .LINK
    Test-CertRebindEndpoint
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is')]
    [OutputType('CertRebind.Finding', [bool])]
    param(
        [ValidateRange(0, [int]::MaxValue)]
        [int] $Days,

        [switch] $Quiet
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $option = @()
    if ($PSBoundParameters.ContainsKey('Days')) { $option += "--days=$Days" }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'doctor' -Option $option
    if (-not $answer) { return }
    if ($Quiet) { $answer.ExitCode -eq 0 } else { $answer.Document.findings }
}
