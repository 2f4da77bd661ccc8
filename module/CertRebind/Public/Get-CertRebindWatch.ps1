function Get-CertRebindWatch {
    <#
    .SYNOPSIS
    Lists the watched folders, with what was found there.

    .DESCRIPTION
    Shows what the last look of the hourly task found.
    To look at once: certrebind watch now.

    .PARAMETER Path
    Only folders with this path. Wildcards are allowed.

    .EXAMPLE
    Get-CertRebindWatch

    Lists every watched folder.

    .EXAMPLE
    (Get-CertRebindWatch).newest

    Shows the newest certificate of each set of names.

    .INPUTS
    CertRebind.Watch

    .OUTPUTS
    CertRebind.Watch

    .LINK
    Register-CertRebindWatch
    #>
    [CmdletBinding()]
    [OutputType('CertRebind.Watch')]
    param(
        [Parameter(ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [SupportsWildcards()]
        [string] $Path = '*'
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'watch', 'list'
        if ($answer) { $answer.Document.watches | Where-Object -FilterScript { $_.path -like $Path } }
    }
}
