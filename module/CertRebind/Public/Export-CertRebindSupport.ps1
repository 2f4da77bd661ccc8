function Export-CertRebindSupport {
    <#
    .SYNOPSIS
    Writes everything that helps the developers into one file, without names.

    .DESCRIPTION
    The file holds a capture, what Test-CertRebind finds, the proof of the installation, how Windows PowerShell was
    started, the last runs and versions. Hosts, sites, addresses, accounts and thumbprints have other names in it. What
    cannot be read is named in the file. Read it before you send it.

    .PARAMETER Path
    The file to write.

    .PARAMETER Force
    Writes over a file that is there.

    .EXAMPLE
    Export-CertRebindSupport -Path support.json

    Writes the file, or says that there is one already.

    .EXAMPLE
    Export-CertRebindSupport -Path support.json -Force

    Writes it anew over the file of an earlier attempt.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.SupportWritten

    .LINK
    Export-CertRebindSnapshot
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'Low')]
    [OutputType('CertRebind.SupportWritten')]
    param(
        [Parameter(Mandatory = $true)] [string] $Path,
        [switch] $Force
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not $PSCmdlet.ShouldProcess($file, $script:messages.Support)) { return }
    $option = @()
    if ($Force) { $option += '--overwrite' }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'support' -Word $file -Option $option -Target $file
    if ($answer) { $answer.Document }
}
