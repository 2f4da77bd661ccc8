function Unregister-CertRebindWatch {
    <#
    .SYNOPSIS
    Watches a folder no more.

    .DESCRIPTION
    The folder, its files and the certificates that were taken from it are not changed.

    .PARAMETER Path
    The full path of the folder.

    .EXAMPLE
    Unregister-CertRebindWatch -Path C:\Certs

    Removes one watch.

    .EXAMPLE
    Get-CertRebindWatch | Unregister-CertRebindWatch -WhatIf

    Shows what removing all watches would do.

    .INPUTS
    CertRebind.Watch

    .OUTPUTS
    None

    .LINK
    Register-CertRebindWatch
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [ValidateNotNullOrEmpty()]
        [string] $Path
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        # A folder on a drive that is gone can only be removed by its name.
        $isGone = $Path -match '^([A-Za-z]):[\\/]' -and @($PSCmdlet.SessionState.Drive.GetAll().Name) -notcontains $Matches[1]
        $folder = if ($isGone) { $Path } else { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path) }
        if (-not $PSCmdlet.ShouldProcess($folder, $script:messages.UnregisterWatch)) { return }
        $null = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'watch', 'remove' -Word $folder -Target $folder -Changes
    }
}
