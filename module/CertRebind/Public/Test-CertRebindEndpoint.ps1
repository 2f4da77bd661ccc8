function Test-CertRebindEndpoint {
    <#
    .SYNOPSIS
    Compares what every endpoint serves with what its TLS record names.

    .DESCRIPTION
    Dials every endpoint of every IIS binding and changes nothing. Endpoints of stopped sites and of the central
    certificate store are not dialled; their matches is null.

    .PARAMETER Quiet
    Return only whether every endpoint serves what its record names.

    .EXAMPLE
    Test-CertRebindEndpoint | Where-Object -Property matches -EQ -Value $false

    Shows the endpoints that serve another certificate than their record names.

    .EXAMPLE
    Test-CertRebindEndpoint -Quiet

    True or false, for a monitoring script.

    .OUTPUTS
    CertRebind.EndpointResult
    System.Boolean with -Quiet
    #>
    [CmdletBinding()]
    [OutputType('CertRebind.EndpointResult', [bool])]
    param([switch] $Quiet)

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'verify'
    if (-not $answer) { return }
    if ($Quiet) { $answer.ExitCode -eq 0 } else { $answer.Document.endpoints }
}
