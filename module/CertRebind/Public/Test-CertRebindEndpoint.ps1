function Test-CertRebindEndpoint {
    <#
    .SYNOPSIS
    Compares what every endpoint serves with what its TLS record names.

    .DESCRIPTION
    Dials every endpoint of every IIS binding and changes nothing. Endpoints of stopped sites and of the central
    certificate store are not dialled; their matches is null. A run that was interrupted, and an old certificate that is
    back in a record though its renewal had been brought in, are warnings.

    .PARAMETER Quiet
    Return only whether every endpoint serves what its record names, and there is nothing to warn of.

    .EXAMPLE
    Test-CertRebindEndpoint | Where-Object -Property matches -EQ -Value $false

    Shows the endpoints that serve another certificate than their record names.

    .EXAMPLE
    Test-CertRebindEndpoint -Quiet

    True or false, for a monitoring script.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.EndpointResult
    System.Boolean with -Quiet
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is')]
    [OutputType('CertRebind.EndpointResult', [bool])]
    param([switch] $Quiet)

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'verify'
    if (-not $answer) { return }
    if ($Quiet) { return $answer.ExitCode -eq 0 }
    foreach ($finding in $answer.Document.findings) {
        Write-Warning -Message ('{0}: {1} {2}' -f $finding.code, $finding.message, $finding.hint)
    }
    $answer.Document.endpoints
}
