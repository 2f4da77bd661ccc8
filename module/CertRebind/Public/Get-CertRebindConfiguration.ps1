function Get-CertRebindConfiguration {
    <#
    .SYNOPSIS
    Returns the configuration, with defaults.

    .DESCRIPTION
    To change the configuration, change the properties of the returned object and pipe it to
    Set-CertRebindConfiguration.

    .EXAMPLE
    Get-CertRebindConfiguration

    Shows the configuration of this server.

    .EXAMPLE
    $configuration = Get-CertRebindConfiguration; $configuration.exclude.sites += 'Old Shop'; $configuration | Set-CertRebindConfiguration

    Excludes a site.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Configuration

    .LINK
    Set-CertRebindConfiguration
    #>
    [CmdletBinding()]
    [OutputType('CertRebind.Configuration')]
    param()

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'config', 'show'
    if ($answer) { $answer.Document }
}
