# What the project uses of SmbShare, in front of a lab: a change of a mapping of SMB over QUIC. Everything else throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))

function Set-SmbServerCertificateMapping {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)] [string[]] $Name, [uint32] $Flags, [string] $Thumbprint, [string] $StoreName,
        [bool] $RequireClientAuthentication, [bool] $SkipClientCertificateAccessCheck, [object[]] $InputObject,
        [object[]] $CimSession, [int] $ThrottleLimit, [switch] $AsJob, [switch] $PassThru
    )
    Assert-Modelled $MyInvocation Name, Flags, Thumbprint, StoreName, RequireClientAuthentication, SkipClientCertificateAccessCheck, Confirm
    if (-not $PSCmdlet.ShouldProcess($Name[0], 'Modify')) { return }
    $options = @{}
    foreach ($option in 'Flags', 'RequireClientAuthentication', 'SkipClientCertificateAccessCheck') {
        if ($PSBoundParameters.ContainsKey($option)) { $options[$option] = [string]$PSBoundParameters[$option] }
    }
    $null = Invoke-Lab @{ kind = 'set-smb-quic'; name = $Name[0]; hash = $Thumbprint; store = $StoreName; options = $options }
}

. (Get-NotModelled -Module 'SmbShare' -Modelled 'Set-SmbServerCertificateMapping')
Export-ModuleMember -Function '*-*'
