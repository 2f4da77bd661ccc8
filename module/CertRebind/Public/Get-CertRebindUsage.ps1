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

    .PARAMETER Renewed
    Ask whether everything uses the renewed certificates. Returns one object for each newest certificate, with the number
    of places that have it (new), that have an older one (old), and what was not looked at. Its places say who moves
    each of them: CertRebind by itself, CertRebind with the commands, or a person. Without a renewal, the places are those
    that the next one would reach.

    .PARAMETER NoSearch
    Do not search files, tasks, services and policies for thumbprints. A search is made with -Thumbprint and with -Renewed, and
    takes up to 20 seconds. The property written has the texts that no renewal changes, notSearched what was not read.

    .EXAMPLE
    Get-CertRebindUsage -Site Shop | Select-Object -ExpandProperty names

    Shows the names in the certificates of a site.

    .EXAMPLE
    Get-ChildItem -LiteralPath Cert:\LocalMachine\My -ExpiringInDays 30 | Get-CertRebindUsage | Select-Object -ExpandProperty consumers

    Shows what uses the certificates that expire within 30 days.

    .EXAMPLE
    Get-CertRebindUsage -Renewed | Select-Object -ExpandProperty places | Where-Object -Property is -EQ -Value 'old'

    Shows where an older certificate is still in use, who moves it and what to type.

    .INPUTS
    System.String
    A thumbprint, or a certificate

    .OUTPUTS
    CertRebind.CertificateUsage
    CertRebind.MissingCertificate
    CertRebind.RenewedCertificate with -Renewed
    #>
    [CmdletBinding(DefaultParameterSetName = 'Usage')]
    [OutputType('CertRebind.CertificateUsage', 'CertRebind.MissingCertificate', 'CertRebind.RenewedCertificate')]
    param(
        [Parameter(ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [string] $Thumbprint,

        [Parameter(ParameterSetName = 'Usage')]
        [SupportsWildcards()]
        [string] $Site,

        [Parameter(Mandatory = $true, ParameterSetName = 'Renewed')]
        [switch] $Renewed,

        [switch] $NoSearch
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $word = Resolve-CertRebindThumbprint -Text $Thumbprint
        $option = @(if ($Renewed) { '--renewed' }; if ($NoSearch) { '--no-search' })
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'usage' -Word $word -Option $option -Target $Thumbprint
        if (-not $answer) { return }
        $written = $answer.Document.PSObject.Properties['written']
        if ($null -ne $written) { Add-CertRebindWritten -Certificate (@($answer.Document.certificates) + @(if (-not $Renewed) { $answer.Document.missing })) -Written $written.Value }
        if ($Renewed) {
            ConvertTo-CertRebindRenewed -Document $answer.Document
            if (@($answer.Document.certificates).Count -gt 0) { return }
        }
        $isUsed = $false
        foreach ($used in @(if (-not $Renewed) { @($answer.Document.certificates) + @($answer.Document.missing) })) {
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
