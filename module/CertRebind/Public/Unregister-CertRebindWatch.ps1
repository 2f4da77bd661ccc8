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
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
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
        $folder = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        if (-not $PSCmdlet.ShouldProcess($folder, $script:messages.UnregisterWatch)) { return }
        $null = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'watch', 'remove' -Word $folder -Target $folder -Changes
    }
}
