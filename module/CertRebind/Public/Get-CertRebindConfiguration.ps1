function Get-CertRebindConfiguration {
    <#
    .SYNOPSIS
    Returns the configuration in force, defaults included.

    .DESCRIPTION
    Change the properties of the returned object and pipe it to Set-CertRebindConfiguration to put it in force.

    .EXAMPLE
    Get-CertRebindConfiguration

    Shows what holds on this server.

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
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is')]
    [OutputType('CertRebind.Configuration')]
    param()

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'config', 'show'
    if ($answer) { $answer.Document }
}
