function Get-CertRebindUsage {
    <#
    .SYNOPSIS
    Shows what uses each certificate, and what CertRebind would change.

    .DESCRIPTION
    Returns one object for each certificate and store, those in use first, and one for each certificate that is used
    but not in any store. Where nothing uses what you asked for, a warning says so, and what was not looked at;
    otherwise -Verbose shows that.

    .PARAMETER Thumbprint
    Only this certificate: a thumbprint in any copied form, or the certificate itself.

    .PARAMETER Site
    Only certificates that a site with this name uses. Wildcards are allowed.

    .EXAMPLE
    Get-CertRebindUsage -Site Shop | Select-Object -ExpandProperty names

    Shows the names in the certificates of a site.

    .EXAMPLE
    Get-ChildItem -LiteralPath Cert:\LocalMachine\My -ExpiringInDays 30 | Get-CertRebindUsage | Select-Object -ExpandProperty consumers

    Shows what uses the certificates that expire within 30 days.

    .INPUTS
    System.String
    A thumbprint, or a certificate

    .OUTPUTS
    CertRebind.CertificateUsage
    CertRebind.MissingCertificate
    #>
    [CmdletBinding()]
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
        $isUsed = $false
        foreach ($used in @($answer.Document.certificates) + @($answer.Document.missing)) {
            $sites = foreach ($consumer in $used.consumers) { if ($consumer.PSObject.Properties['site']) { $consumer.site } }
            if ($Site -and -not (@($sites) -like $Site)) { continue }
            if (@($used.consumers).Count -gt 0) { $isUsed = $true }
            $used
        }
        $unseen = $script:messages.NotLookedAt -f (@($answer.Document.notLookedAt) -join '; ')
        if ($isUsed) {
            Write-Verbose -Message $unseen
        } else {
            # Silence would invite a deletion.
            $about = (@($word, $Site) -ne '') -join ', '
            Write-Warning -Message ('{0} {1}' -f ($script:messages.NothingUses -f $about), $unseen)
        }
    }
}
