function Test-CertRebind {
    <#
    .SYNOPSIS
    Finds problems in IIS, HTTP.SYS, certificates and tasks.

    .DESCRIPTION
    Changes nothing. Each finding says what is wrong, with which record, and what to do. Findings that can be
    repaired can be piped to Repair-CertRebind.

    .PARAMETER Days
    Report certificates that expire within this number of days.

    .PARAMETER Quiet
    Return only true or false: true if there is no error and no warning.

    .EXAMPLE
    Test-CertRebind -Days 30

    Shows all findings, including certificates that expire within 30 days.

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
    [CmdletBinding()]
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
