function Export-CertRebindSnapshot {
    <#
    .SYNOPSIS
    Saves a capture of this server to a file.

    .DESCRIPTION
    The file contains sites, certificate bindings, certificates without their private keys, tasks and events. You can make
    plans from it on any computer. It has real names: to show it to others, use Export-CertRebindSupport.

    .PARAMETER Path
    The file to write.

    .PARAMETER Force
    Replace an existing file.

    .EXAMPLE
    Export-CertRebindSnapshot -Path web01.json

    Captures this server.

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
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low')]
    [OutputType('CertRebind.Captured')]
    param(
        [Parameter(Mandatory = $true)] [string] $Path,
        [switch] $Force
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not $PSCmdlet.ShouldProcess($file, $script:messages.Export)) { return }
    if (-not (Test-CertRebindNewFile -Caller $PSCmdlet -Path $file -Force:$Force)) { return }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'capture' -Word $file -Target $file
    if ($answer) { $answer.Document }
}
