# Imports a certificate into the stores of the machine, tells other tools about it, archives and deletes it.

# Row: `<store> <thumbprint> <password> <PFX, base64>`. The certificate goes into its store with a key that cannot be
# exported; intermediate authorities go into CA, and roots nowhere. Nothing else of the file is stored. Windows stores every
# key of the file before one of them can be looked at, so there must be one alone, and none is left of what failed (fidelity: pfx-import).
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
                if ($other.HasPrivateKey -and (Test-SameKey $other $Certificate)) { return "it is that of $($other.Thumbprint) as well" }
            }
        }
        Remove-Key (Get-PrivateKey $Certificate)
    } catch {
        Get-ErrorMessage $_
    }
}

function Test-SameKey {
    param($One, $Other)
    "$($One.PublicKey.EncodedKeyValue.RawData)" -eq "$($Other.PublicKey.EncodedKeyValue.RawData)"
}

function Get-PrivateKey {
    param($Certificate)
    $rsa = Find-LaterType 'System.Security.Cryptography.X509Certificates.RSACertificateExtensions'
    $ecdsa = Find-LaterType 'System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions'
    $key = if ($null -ne $rsa) { $rsa::GetRSAPrivateKey($Certificate) }
    if ($null -eq $key -and $null -ne $ecdsa) { $key = $ecdsa::GetECDsaPrivateKey($Certificate) }
    if ($null -eq $key) { throw 'it does not open here' }
    $key
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
    param([string]$Old, [string]$New)
    Import-Part 'PKI'
    $pair = foreach ($thumbprint in $Old, $New) {
        $found = @(Get-StoreCertificates 'My' | Where-Object -FilterScript { $_.Thumbprint -eq $thumbprint })
        if ($found.Count -ne 1) { throw "the certificate $thumbprint is not in the store My" }
        $found[0]
    }
    $null = Switch-Certificate -OldCert $pair[0] -NewCert $pair[1] -NotifyOnly -Confirm:$false
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

# Every other certificate of the machine that has a private key, those of service accounts' stores included, which the
# provider does not show and which have theirs among those of the machine too.
function Get-OtherOwners {
    param([string]$Store, [string]$Thumbprint)
    Import-Part 'Microsoft.PowerShell.Security'
    foreach ($folder in @(Get-ChildItem -LiteralPath 'Cert:\LocalMachine')) {
        foreach ($other in @(Get-StoreCertificates $folder.Name)) {
            if ($other.HasPrivateKey -and ($folder.Name -ne $Store -or $other.Thumbprint -ne $Thumbprint)) { $other }
        }
    }
    $services = Get-RegistryKey 'HKLM:\SOFTWARE\Microsoft\Cryptography\Services'
    if ($null -eq $services) { return }
    foreach ($service in $services.GetSubKeyNames()) {
        $stored = $services.OpenSubKey("$service\SystemCertificates\My\Certificates")
        if ($null -eq $stored) { continue }
        foreach ($name in $stored.GetSubKeyNames()) {
            $der = Get-StoredProperty $stored $name 32
            if ($null -ne $der) { [Security.Cryptography.X509Certificates.X509Certificate2]::new($der) }
        }
    }
}

# Deletes the private key of a certificate where nothing else can need it: none has the same, and where it lies among those
# of CSPs, whose containers can hold two keys, every other opens and lies elsewhere. Whether Windows did it shows the file
# (fidelity: key-deletion); keys without a file of their own, as in a TPM, are never deleted.
function Remove-StoredKey {
    param([string]$Thumbprint, [string]$Store)
    $found = @(Get-StoreCertificates $Store | Where-Object -FilterScript { $_.Thumbprint -eq $Thumbprint })
    if ($found.Count -ne 1) { throw 'the certificate is not in its store' }
    $place = @(Get-OpenedPlace $found[0])
    $file, $why = Get-KeyFile $place[0] $place[1]
    if ($why -ne '') { throw "its private key stays: $why" }
    $isOfCsp = [IO.Path]::GetFileName([IO.Path]::GetDirectoryName($file)) -eq 'MachineKeys'
    foreach ($other in @(Get-OtherOwners $Store $Thumbprint)) {
        $isShared = (Test-SameKey $other $found[0]) -or ($isOfCsp -and @(Get-OpenedPlace $other)[1] -eq $place[1])
        if ($isShared) { throw "its private key stays: it is that of $($other.Thumbprint) as well" }
    }
    Remove-Key (Get-PrivateKey $found[0])
    if ([IO.File]::Exists($file)) { throw 'Windows did not delete its private key' }
    '', ''
}

# `<provider> <name>` of the key of a certificate, which has to open.
function Get-OpenedPlace {
    param($Certificate)
    $opened = @(Test-Key $Certificate $script:KeyWaitMs)
    if ($opened[0] -ne 'usable') { throw "the private key of $($Certificate.Thumbprint) does not open: $($opened[1])" }
    $opened[2], $opened[3]
}

# Removing one that does not exist is success.
function Remove-StoredCertificate {
    param([string]$Thumbprint, [string]$Store)
    Use-StoreCertificate $Store $Thumbprint { param($Opened, $Certificate) $Opened.Remove($Certificate) }
    if (@(Get-StoreCertificates $Store | Where-Object -FilterScript { $_.Thumbprint -eq $Thumbprint }).Count -gt 0) { throw 'the certificate could not be deleted' }
    '', ''
}
