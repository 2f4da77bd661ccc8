function Export-CertRebindSnapshot {
    <#
    .SYNOPSIS
    Saves a capture of this server to a file.

    .DESCRIPTION
    The file contains sites, certificate bindings, certificates without their private keys, tasks and events. You can make
    plans from it on any computer, and send it with a question.

    .PARAMETER Path
    The file to write.

    .PARAMETER Force
    Replace an existing file.

    .PARAMETER Anonymise
    Replace names, addresses and thumbprints, so that you can share the file.

    .PARAMETER ExactTimes
    With -Anonymise: keep the exact validity times of certificates. Public certificate logs show them too.

    .EXAMPLE
    Export-CertRebindSnapshot -Path web01.json

    Captures this server.

    .EXAMPLE
    Export-CertRebindSnapshot -Path shown.json -Anonymise

    Captures this server without real names.

    .EXAMPLE
    Export-CertRebindSnapshot -Path web01.json | Import-CertRebindSnapshot | Select-Object -ExpandProperty records

    Captures this server and looks at its certificate bindings.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Captured

    .LINK
    Import-CertRebindSnapshot
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'Low', DefaultParameterSetName = 'Plain')]
    [OutputType('CertRebind.Captured')]
    param(
        [Parameter(Mandatory = $true)] [string] $Path,
        [Parameter(Mandatory = $true, ParameterSetName = 'Anonymous')] [switch] $Anonymise,
        [Parameter(ParameterSetName = 'Anonymous')] [switch] $ExactTimes,
        [switch] $Force
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not $PSCmdlet.ShouldProcess($file, $script:messages.Export)) { return }
    if (-not (Test-CertRebindNewFile -Caller $PSCmdlet -Path $file -Force:$Force)) { return }
    $option = @(if ($Anonymise) { '--anonymise' }; if ($ExactTimes) { '--exact-times' })
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'capture' -Word $file -Option $option -Target $file
    if ($answer) { $answer.Document }
}
