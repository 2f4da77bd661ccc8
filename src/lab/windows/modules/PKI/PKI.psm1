# What the project uses of PKI, in front of a lab. Every other command of the module throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))

# Of one day, and of the lab's authority, since the clients of a lab trust nobody else.
function New-SelfSignedCertificate {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [string[]] $DnsName, [string] $CertStoreLocation = 'Cert:\LocalMachine\My', [string] $FriendlyName, [datetime] $NotAfter,
        [object] $AlternateSignatureAlgorithm, [object] $CloneCert, [string] $Container, [object] $CurveExport,
        [switch] $ExistingKey, [object[]] $Extension, [object[]] $HardwareKeyUsage, [string] $HashAlgorithm, [string] $KeyAlgorithm,
        [string] $KeyDescription, [object] $KeyExportPolicy, [string] $KeyFriendlyName, [int] $KeyLength, [string] $KeyLocation,
        [object[]] $KeyProtection, [object] $KeySpec, [object[]] $KeyUsage, [object[]] $KeyUsageProperty, [datetime] $NotBefore,
        [securestring] $Pin, [string] $Provider, [string] $Reader, [object] $SecurityDescriptor, [string] $SerialNumber,
        [object] $Signer, [securestring] $SignerPin, [string] $SignerReader, [switch] $SmimeCapabilities, [string] $Subject,
        [string[]] $SuppressOid, [switch] $TestRoot, [string[]] $TextExtension, [object] $Type
    )
    Assert-Modelled $MyInvocation DnsName, CertStoreLocation, FriendlyName, NotAfter
    if ($CertStoreLocation -ne 'Cert:\LocalMachine\My' -or @($DnsName).Count -ne 1 -or
        [Math]::Abs(($NotAfter - [datetime]::Now).TotalHours - 24) -gt 1) {
        throw [NotImplementedException]::new('Lab: New-SelfSignedCertificate is modelled for one name, one day and Cert:\LocalMachine\My.')
    }
    if (-not $PSCmdlet.ShouldProcess($DnsName[0], 'New-SelfSignedCertificate')) { return }
    $certificate = New-LabCertificate -Name $DnsName[0] -FriendlyName $FriendlyName
    $null = Invoke-Lab @{ kind = 'add-certificate'; certificate = $certificate }
    $copy = $certificate.Clone()
    $copy.store, $copy.key = 'CA', 'missing'
    $null = Invoke-Lab @{ kind = 'add-certificate'; certificate = $copy }
    Write-LabEvent -EventId 1006 -Action 'Enroll' -Certificate $certificate.thumbprint
    Get-Item -LiteralPath "$CertStoreLocation\$($certificate.thumbprint)"
}

function Switch-Certificate {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)] [object] $OldCert,
        [Parameter(Mandatory, Position = 1)] [object] $NewCert,
        [switch] $NotifyOnly
    )
    Assert-Modelled $MyInvocation OldCert, NewCert, NotifyOnly
    if (-not $PSCmdlet.ShouldProcess($OldCert.Thumbprint, 'Switch-Certificate')) { return }
    if (-not $NotifyOnly) {
        $null = Invoke-Lab @{ kind = 'set-renewal'; thumbprint = $OldCert.Thumbprint; renewedTo = $NewCert.Thumbprint }
    }
    Write-LabEvent -EventId 1001 -Action 'Replace' -Old $OldCert.Thumbprint -New $NewCert.Thumbprint
}

. (Get-NotModelled -Module 'PKI' -Modelled 'New-SelfSignedCertificate', 'Switch-Certificate')
Export-ModuleMember -Function '*-*'
