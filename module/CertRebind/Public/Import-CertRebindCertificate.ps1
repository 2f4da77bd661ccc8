function Import-CertRebindCertificate {
    <#
    .SYNOPSIS
    Imports a PFX file, or PEM files, and uses its certificate wherever the old one is used.

    .DESCRIPTION
    The file is checked before anything is written: the password, the private key, the dates, and the host names
    that the bindings need. The certificate is then imported with a private key that cannot be exported.
    Intermediate certificates go into the store CA. Root certificates are not imported.

    With -Replace, the bindings of the old certificate are changed in the same call, tested, and rolled back where
    an endpoint got worse. The outcome of that run is returned. Without -Replace, the certificate is only imported.

    With -WhatIf, the file is checked and the plan is returned. Nothing is written.

    .PARAMETER FilePath
    The PFX file (PKCS #12), or a PEM file.

    .PARAMETER KeyPath
    A PEM file with the private key, if it is not in the first file.

    .PARAMETER Password
    Its password. It is passed in memory, never on a command line or in a file.

    .PARAMETER Replace
    The certificate to replace: a thumbprint or its beginning, a host name, a friendly name, or auto.

    .PARAMETER Store
    The certificate store: My or WebHosting.

    .PARAMETER Provider
    Where Windows keeps the private key: Ksp, or Csp for programs that need a legacy provider. Default: as the file says.

    .PARAMETER Allow
    Guards to ignore this time, such as names-lost.

    .PARAMETER Notify
    Write event 1001 afterwards, for other tools on this server.

    .EXAMPLE
    Import-CertRebindCertificate -FilePath shop.pfx -Password (Read-Host -AsSecureString) -Replace auto

    Imports the certificate and replaces the one that it renews.

    .EXAMPLE
    Import-CertRebindCertificate -FilePath fullchain.pem -KeyPath privkey.pem -Replace auto

    Imports PEM files. A password is only needed if the private key is encrypted.

    .EXAMPLE
    Import-CertRebindCertificate -FilePath shop.pfx -Password $password -Replace shop.example.com -WhatIf

    Checks the file and shows the plan.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Outcome
    CertRebind.Imported without -Replace

    .LINK
    Invoke-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType('CertRebind.Outcome', 'CertRebind.Imported')]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [Alias('Path')]
        [string] $FilePath,

        [string] $KeyPath,

        [System.Security.SecureString] $Password = [System.Security.SecureString]::new(),

        [string] $Replace,

        [ValidateSet('My', 'WebHosting')]
        [string] $Store = 'My',

        [ValidateSet('Csp', 'Ksp')]
        [string] $Provider,

        [string[]] $Allow = @(),

        [switch] $Notify
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($FilePath)
    $option = @("--store=$Store")
    if ($KeyPath) { $option += "--key=$($PSCmdlet.GetUnresolvedProviderPathFromPSPath($KeyPath))" }
    if ($Replace) { $option += "--replace=$Replace" }
    if ($Provider) { $option += "--provider=$($Provider.ToLowerInvariant())" }
    if ($Allow) { $option += "--allow=$($Allow -join ',')" }
    if ($Notify) { $option += '--notify' }
    $isAllowed = $PSCmdlet.ShouldProcess([System.Environment]::MachineName, ($script:messages.ImportFile -f $file))
    if (-not $isAllowed) {
        if (-not $WhatIfPreference) { return }
        $option += '--dry-run'
    }
    $line = [System.Net.NetworkCredential]::new('', $Password).Password + "`n"
    if ($Replace) {
        Invoke-CertRebindRun -Caller $PSCmdlet -Command 'import' -Word $file -Option $option -Target $file -More @{ InputText = $line }
    } else {
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'import' -Word $file -Option $option -Target $file -InputText $line -Changes
        if ($answer) { $answer.Document }
    }
}
