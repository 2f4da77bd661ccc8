function Export-CertRebindSupport {
    <#
    .SYNOPSIS
    Saves a support file for the developers, without real names.

    .DESCRIPTION
    The file contains a capture, the findings of Test-CertRebind, the proof of the installation, how Windows
    PowerShell was started, the last runs, and versions. Host names, sites, addresses, accounts and thumbprints are
    replaced. The file names what could not be read. Read it before you send it.

    .PARAMETER Path
    The file to write.

    .PARAMETER Force
    Replace an existing file.

    .EXAMPLE
    Export-CertRebindSupport -Path support.json

    Writes the file. Fails if it already exists.

    .EXAMPLE
    Export-CertRebindSupport -Path support.json -Force

    Replaces the file of an earlier attempt.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.SupportWritten

    .LINK
    Export-CertRebindSnapshot
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low')]
    [OutputType('CertRebind.SupportWritten')]
    param(
        [Parameter(Mandatory = $true)] [string] $Path,
        [switch] $Force
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not $PSCmdlet.ShouldProcess($file, $script:messages.Support)) { return }
    if (-not (Test-CertRebindNewFile -Caller $PSCmdlet -Path $file -Force:$Force)) { return }
    $option = @('--for-support'; if ($Force) { '--overwrite' })
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'capture' -Word $file -Option $option -Target $file
    if ($answer) { $answer.Document }
}
