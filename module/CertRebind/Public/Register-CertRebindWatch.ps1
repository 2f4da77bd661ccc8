function Register-CertRebindWatch {
    <#
    .SYNOPSIS
    Takes new certificates from a folder or share.

    .DESCRIPTION
    The hourly task looks into the folder and imports and applies what is new, as Import-CertRebindCertificate does.
    Only administrators may have write access to the folder. Registering the same folder again replaces its settings.

    .PARAMETER Path
    The full path of the folder, or of a share (\\server\share).

    .PARAMETER Name
    Only certificates that cover one of these names.

    .PARAMETER Password
    The secret with the password of the files, such as secret:pfx.

    .PARAMETER Store
    The certificate store: My or WebHosting.

    .PARAMETER TrustShare
    Take certificates from a share although its permissions cannot be checked.

    .EXAMPLE
    Register-CertRebindWatch -Path C:\Certs -Password secret:pfx

    Watches a folder into which an ACME client writes PFX files.

    .EXAMPLE
    Register-CertRebindWatch -Path \\files\certs -Name shop.example.com

    Watches a share, for the certificate of one host.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Watch

    .LINK
    Get-CertRebindWatch

    .LINK
    Unregister-CertRebindWatch
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType('CertRebind.Watch')]
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingPlainTextForPassword', 'Password', Justification = 'It is the name of a secret.')]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [string] $Path,

        [string[]] $Name,

        [ValidatePattern('^secret:')]
        [string] $Password,

        [ValidateSet('My', 'WebHosting')]
        [string] $Store,

        [switch] $TrustShare
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $folder = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, ($script:messages.RegisterWatch -f $folder))) { return }
    $option = @()
    if ($Name) { $option += '--names={0}' -f ($Name -join ',') }
    if ($Password) { $option += "--password=$Password" }
    if ($Store) { $option += "--store=$Store" }
    if ($TrustShare) { $option += '--trust-share' }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'watch', 'add' -Word $folder -Option $option -Target $folder -Changes
    if ($answer) { $answer.Document.watches | Where-Object -FilterScript { $_.path -eq $folder } }
}
