function Export-CertRebindSnapshot {
    <#
    .SYNOPSIS
    Writes all facts about this server into a file.

    .DESCRIPTION
    The file holds sites, TLS records, certificates without their keys, tasks and events. Plans can be made from it on
    any machine, which is also how to report a question.

    .PARAMETER Path
    The file to write.

    .EXAMPLE
    Export-CertRebindSnapshot -Path web01.json

    Captures this server.

    .EXAMPLE
    Export-CertRebindSnapshot -Path web01.json | Import-CertRebindSnapshot | Select-Object -ExpandProperty records

    Captures this server and looks at its TLS records.

    .OUTPUTS
    CertRebind.Captured

    .LINK
    Import-CertRebindSnapshot
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low')]
    [OutputType('CertRebind.Captured')]
    param([Parameter(Mandatory = $true)] [string] $Path)

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not $PSCmdlet.ShouldProcess($file, $script:messages.Export)) { return }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'capture' -Word $file -Target $file
    if ($answer) { $answer.Document }
}
