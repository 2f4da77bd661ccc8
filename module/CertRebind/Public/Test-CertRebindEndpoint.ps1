function Test-CertRebindEndpoint {
    <#
    .SYNOPSIS
    Compares the certificate that each endpoint serves with the one that is set.

    .DESCRIPTION
    Connects to every endpoint of every IIS binding and changes nothing. Endpoints of stopped sites and of the
    central certificate store are not tested; their property matches is null. There is a warning if a run was
    interrupted, or if an old certificate is in use again after its renewal was applied.

    .PARAMETER Quiet
    Return only true or false: true if every endpoint serves the certificate of its record and there are no
    warnings.

    .EXAMPLE
    Test-CertRebindEndpoint | Where-Object -Property matches -EQ -Value $false

    Shows the endpoints that serve another certificate than the one in their record.

    .EXAMPLE
    Test-CertRebindEndpoint -Quiet

    True or false, for a monitoring script.

    .INPUTS
    None

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
    if ($Quiet) { return $answer.ExitCode -eq 0 }
    foreach ($finding in $answer.Document.findings) {
        $said = @($finding.message, $finding.hint) -ne ''
        Write-Warning -Message ('{0}: {1}' -f $finding.code, (@(($said -join ' ')) + $finding.commands -join "`n"))
    }
    $answer.Document.endpoints
}
