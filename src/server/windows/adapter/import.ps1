# Imports a certificate into the stores of the machine, and tells other tools about it.

# Row: `<store> <thumbprint> <password> <PFX, base64>`. The certificate goes into its store with a key that cannot be
# exported; intermediate authorities go into CA, and roots nowhere. Nothing else of the file is stored. Windows stores every
# key of the file before one of them can be looked at, so there must be one alone, and none is left of what failed.
function Import-PfxFile {
    param([string[][]]$Request)
    $store, $thumbprint, $password, $file = $Request[0]
    Import-Part 'Microsoft.PowerShell.Security'
    $found = [Security.Cryptography.X509Certificates.X509Certificate2Collection]::new()
    $found.Import([Convert]::FromBase64String($file), $password, 'MachineKeySet, PersistKeySet')
    $own = @($found | Where-Object -FilterScript { $_.HasPrivateKey })
    try {
        if ($own.Count -ne 1 -or $own[0].Thumbprint -ne $thumbprint) { throw 'the file does not hold the certificate with its key, and no other key' }
        $issued = @($found | Where-Object -FilterScript { -not $_.HasPrivateKey -and $_.Subject -cne $_.Issuer })
        if ($issued.Count -gt 0) { Add-ToStore 'CA' $issued }
        Add-ToStore $store $own
    } catch {
        $left = @($own | ForEach-Object -Process { Remove-ImportedKey $_ })
        if ($left.Count -eq 0) { throw }
        throw "$(Get-ErrorMessage $_) Windows keeps the private key that came with it: $($left -join '; ')"
    }
}

# Why the key of a certificate that was imported stays; nothing where it was deleted. It may be one that was there before,
# which a certificate of the stores still uses.
function Remove-ImportedKey {
    param($Certificate)
    try {
        foreach ($store in $script:StoreNames) {
            foreach ($other in @(Get-StoreCertificates $store)) {
                if ($other.HasPrivateKey -and "$($other.PublicKey.EncodedKeyValue.RawData)" -eq "$($Certificate.PublicKey.EncodedKeyValue.RawData)") {
                    return "it is that of $($other.Thumbprint) as well"
                }
            }
        }
        $rsa = Find-LaterType 'System.Security.Cryptography.X509Certificates.RSACertificateExtensions'
        $ecdsa = Find-LaterType 'System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions'
        $key = if ($null -ne $rsa) { $rsa::GetRSAPrivateKey($Certificate) }
        if ($null -eq $key -and $null -ne $ecdsa) { $key = $ecdsa::GetECDsaPrivateKey($Certificate) }
        if ($null -eq $key) { throw 'it does not open here' }
        Remove-Key $key
    } catch {
        Get-ErrorMessage $_
    }
}

function Add-ToStore {
    param([string]$Store, [object[]]$Certificates)
    $opened = Get-Item -LiteralPath "Cert:\LocalMachine\$Store"
    $opened.Open('ReadWrite, OpenExistingOnly')
    try {
        foreach ($certificate in $Certificates) { $opened.Add($certificate) }
    } finally {
        $opened.Close()
    }
}

# Event 1001 for a pair in My; also the renewal property of the old certificate, unless only the event is wanted.
function Switch-StoreCertificate {
    param([string]$Old, [string]$New, [bool]$OnlyNotify)
    Import-Part 'PKI'
    $pair = foreach ($thumbprint in $Old, $New) {
        $found = @(Get-StoreCertificates 'My' | Where-Object -FilterScript { $_.Thumbprint -eq $thumbprint })
        if ($found.Count -ne 1) { throw "the certificate $thumbprint is not in the store My" }
        $found[0]
    }
    $null = Switch-Certificate -OldCert $pair[0] -NewCert $pair[1] -NotifyOnly:$OnlyNotify -Confirm:$false
    '', ''
}

# Runs a block with the one certificate of this thumbprint, archived or not, out of a store that can be written.
function Use-StoreCertificate {
    param([string]$Store, [string]$Thumbprint, [scriptblock]$Block)
    Import-Part 'Microsoft.PowerShell.Security'
    $opened = Get-Item -LiteralPath "Cert:\LocalMachine\$Store"
    $opened.Open('ReadWrite, OpenExistingOnly, IncludeArchived')
    try {
        foreach ($certificate in $opened.Certificates.Find('FindByThumbprint', $Thumbprint, $false)) { & $Block $opened $certificate }
    } finally {
        $opened.Close()
    }
}

# Read again, because a property that did not reach the store would look as if it had (fidelity: archived-setter).
function Set-Archived {
    param([string]$Thumbprint, [string]$Store, [bool]$Archived)
    Use-StoreCertificate $Store $Thumbprint { param($Opened, $Certificate) $Certificate.Archived = $Archived }
    $found = @(Get-StoreCertificates $Store | Where-Object -FilterScript { $_.Thumbprint -eq $Thumbprint })
    if ($found.Count -ne 1 -or [bool]$found[0].Archived -ne $Archived) { throw 'the certificate could not be archived' }
    '', ''
}
