function Get-CertRebindUsage {
    <#
    .SYNOPSIS
    Tells who uses each certificate, and whose of them CertRebind would move.

    .DESCRIPTION
    Returns one object for each certificate and store, those in use first, and one for each certificate that something
    names and no store has. What this cannot look at is told with -Verbose.

    .PARAMETER Thumbprint
    Only this certificate: a thumbprint in any form it can be copied in, or the certificate itself.

    .PARAMETER Site
    Only certificates that a site of this name uses. Wildcards are allowed.

    .EXAMPLE
    Get-CertRebindUsage -Site Shop | Select-Object -ExpandProperty names

    Shows for which names the certificates of a site are.

    .EXAMPLE
    Get-ChildItem -LiteralPath Cert:\LocalMachine\My -ExpiringInDays 30 | Get-CertRebindUsage | Select-Object -ExpandProperty consumers

    Shows what uses the certificates that end within 30 days.

    .INPUTS
    System.String
    A thumbprint, or a certificate

    .OUTPUTS
    CertRebind.CertificateUsage
    CertRebind.MissingCertificate
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is')]
    [OutputType('CertRebind.CertificateUsage', 'CertRebind.MissingCertificate')]
    param(
        [Parameter(ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [string] $Thumbprint,

        [SupportsWildcards()]
        [string] $Site
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $word = Resolve-CertRebindThumbprint -Text $Thumbprint
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'usage' -Word $word -Target $Thumbprint
        if (-not $answer) { return }
        foreach ($used in @($answer.Document.certificates) + @($answer.Document.missing)) {
            $sites = foreach ($consumer in $used.consumers) { if ($consumer.PSObject.Properties['site']) { $consumer.site } }
            if (-not $Site -or @($sites) -like $Site) { $used }
        }
        foreach ($unseen in $answer.Document.notLookedAt) { Write-Verbose -Message ($script:messages.NotLookedAt -f $unseen) }
    }
}
