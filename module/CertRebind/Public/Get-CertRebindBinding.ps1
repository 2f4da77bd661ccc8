function Get-CertRebindBinding {
    <#
    .SYNOPSIS
    Lists the HTTPS bindings of IIS with their certificate binding and certificate, one flat object each.

    .DESCRIPTION
    Reads the server and changes nothing. A binding of the central certificate store has no certificate here. A
    binding without a certificate binding has no store and no certificate. If a certificate is in no store, only its
    thumbprint is shown.

    .PARAMETER Site
    Only bindings of sites with this name. Wildcards are allowed.

    .EXAMPLE
    Get-CertRebindBinding | Export-Csv -Path bindings.csv -NoTypeInformation

    Writes a table for a spreadsheet.

    .EXAMPLE
    Get-CertRebindBinding -Site Shop* | Sort-Object -Property notAfter

    Shows which bindings of some sites expire first.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Binding

    .LINK
    Get-CertRebindUsage
    #>
    [CmdletBinding()]
    [OutputType('CertRebind.Binding')]
    param(
        [Parameter(Position = 0)]
        [SupportsWildcards()]
        [string] $Site = '*'
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $snapshot = Get-CertRebindSnapshot -Caller $PSCmdlet
    if (-not $snapshot) { return }
    $records = @{}
    foreach ($holder in $snapshot.holders) { if ($holder.kind -ceq 'tls') { $records[$holder.key] = $holder.value } }
    $certificates = @{}
    foreach ($certificate in $snapshot.certificates) { $certificates["$($certificate.store)/$($certificate.thumbprint)"] = $certificate }
    foreach ($hosted in $snapshot.sites) {
        if ($hosted.name -notlike $Site) { continue }
        foreach ($binding in $hosted.bindings) {
            if ($binding.protocol -ne 'https') { continue }
            $record = if ($binding.recordKey) { $records[$binding.recordKey] }
            $certificate = if ($record) { $certificates["$($record.store)/$($record.thumbprint)"] }
            $flat = [pscustomobject]@{
                site       = $hosted.name
                state      = $hosted.state
                binding    = $binding.information
                record     = $binding.recordKey
                store      = if ($record) { $record.store }
                thumbprint = if ($record) { $record.thumbprint }
                subject    = if ($certificate) { $certificate.commonName }
                notAfter   = if ($certificate) { $certificate.notAfter }
            }
            # Afterwards, since a type with members takes no object of that name that is being made.
            $flat.PSObject.TypeNames.Insert(0, 'CertRebind.Binding')
            $flat
        }
    }
}
