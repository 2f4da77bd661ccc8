# Certificates of the local machine's stores My and WebHosting.

$script:StoreNames = @('My', 'WebHosting')
$script:Certificates = @()

# Archived ones too, because a renewal archives the old certificate.
function Get-StoreCertificates {
    param([string]$Store)
    Import-Part 'Microsoft.PowerShell.Security'
    $found = try {
        Get-ChildItem -LiteralPath "Cert:\LocalMachine\$Store" -Force
    } catch {
        if ([string]$_.CategoryInfo.Category -ne 'ObjectNotFound') { throw }
    }
    @($found) | Where-Object -FilterScript { $null -ne $_ -and $null -ne $_.PSObject.Properties['RawData'] }
}

# `certificate <store> <thumbprint> <DER> <archived> <friendly name> <has key> <successor>`; all, or those asked for.
function Add-CertificateRows {
    param([string[]]$Thumbprints = @())
    $script:Certificates = [Collections.Generic.List[object]]::new()
    foreach ($store in $script:StoreNames) {
        $storeKey = Get-RegistryKey "HKLM:\SOFTWARE\Microsoft\SystemCertificates\$store\Certificates"
        foreach ($certificate in @(Get-StoreCertificates $store)) {
            if ($Thumbprints.Count -gt 0 -and $Thumbprints -notcontains $certificate.Thumbprint) { continue }
            $script:Certificates.Add([pscustomobject]@{ Store = $store; Certificate = $certificate; Since = $certificate.NotBefore })
            Add-Row 'certificate', $store, $certificate.Thumbprint, ([Convert]::ToBase64String($certificate.RawData)),
            ([string][bool]$certificate.Archived), ([string]$certificate.FriendlyName),
            ([string][bool]$certificate.HasPrivateKey), (Get-Successor $storeKey $certificate.Thumbprint)
        }
    }
}

# Apart, because a server that does not let MD5 be computed has no less to say of its authorities.
function Read-Authorities {
    Read-Part 'authorities' { Add-AuthorityRows }
    Read-Part 'revocation-lists' { Add-RevocationListRows }
}

# What chains are built from, without fetching anything (fidelity: trust-lists): `authority <store> <DER>`,
# `fetched <thumbprint>` for public roots that Windows has fetched, `disallowed <thumbprint>`, and
# `trust-lists <public roots> <disallowed> <last looked for> <updates off>`, each empty where there is none.
function Add-AuthorityRows {
    foreach ($store in 'CA', 'Root') {
        foreach ($certificate in @(Get-StoreCertificates $store)) {
            Add-Row 'authority', $store, ([Convert]::ToBase64String($certificate.RawData))
        }
    }
    foreach ($certificate in @(Get-StoreCertificates 'Disallowed')) { Add-Row 'disallowed', $certificate.Thumbprint }
    $fetched = Get-RegistryKey 'HKLM:\SOFTWARE\Microsoft\SystemCertificates\AuthRoot\Certificates'
    if ($null -ne $fetched) { foreach ($thumbprint in $fetched.GetSubKeyNames()) { Add-Row 'fetched', $thumbprint } }
    $texts = @(Get-RegistryTexts 'HKLM:\SOFTWARE\Microsoft\SystemCertificates\AuthRoot\AutoUpdate' 'EncodedCtl', 'DisallowedCertEncodedCtl', 'LastSyncTime')
    $policy = @(Get-RegistryTexts 'HKLM:\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot' 'DisableRootAutoUpdate')
    Add-Row 'trust-lists', $texts[0], $texts[1], $texts[2], $policy[0]
}

# `revocation-list <DER>` for each list of the store CA, and for each that an account of the system has fetched from where
# a certificate just read says that its list is (fidelity: revocation-lists). A very long one is only named:
# `revocation-list <nothing> <address or name>`.
function Add-RevocationListRows {
    $stored = Get-RegistryKey 'HKLM:\SOFTWARE\Microsoft\SystemCertificates\CA\CRLs'
    if ($null -ne $stored) {
        foreach ($name in $stored.GetSubKeyNames()) {
            $list = Get-StoredProperty $stored $name 33
            if ($null -eq $list) { continue }
            if ($list.Length -gt 4MB) { Add-Row 'revocation-list', '', $name } else { Add-Row 'revocation-list', ([Convert]::ToBase64String($list)) }
        }
    }
    $caches = @(foreach ($account in @('System32', 'config', 'systemprofile'), @('ServiceProfiles', 'NetworkService'), @('ServiceProfiles', 'LocalService')) {
            [IO.Path]::Combine([string[]](@($script:SystemRoot) + $account + @('AppData', 'LocalLow', 'Microsoft', 'CryptnetUrlCache', 'Content')))
        })
    $addresses = @($script:Certificates | ForEach-Object -Process { Get-ListAddresses $_.Certificate.RawData } | Sort-Object -Unique)
    foreach ($address in $addresses) {
        foreach ($cache in $caches) {
            $file = [IO.FileInfo][IO.Path]::Combine($cache, (Get-CachedName $address))
            if (-not $file.Exists) { continue }
            if ($file.Length -gt 4MB) { Add-Row 'revocation-list', '', $address } else { Add-Row 'revocation-list', ([Convert]::ToBase64String((Read-SharedFile $file.FullName))) }
        }
    }
}

# Windows names what it fetched after the address: MD5 of its UTF-16.
function Get-CachedName {
    param([string]$Address)
    $hash = [Security.Cryptography.MD5]::Create()
    [BitConverter]::ToString($hash.ComputeHash([Text.Encoding]::Unicode.GetBytes($Address))).Replace('-', '')
    $hash.Dispose()
}

# The HTTP addresses in the extension of a certificate that says where its list is (RFC 5280, 4.2.1.13), each behind its
# tag and length; what follows one may look as if it went on.
function Get-ListAddresses {
    param([byte[]]$Der)
    $text = [Text.Encoding]::GetEncoding('iso-8859-1').GetString($Der)
    $extension = $text.IndexOf("$([char]6)$([char]3)U$([char]29)$([char]31)", [StringComparison]::Ordinal)
    if ($extension -lt 0) { return }
    foreach ($found in [regex]::new('\x86\x81?([\x00-\xff])(http://[\x21-\x7e]+)').Matches($text, $extension)) {
        $found.Groups[2].Value.Substring(0, [Math]::Min([int][char]$found.Groups[1].Value, $found.Groups[2].Length))
    }
}

# The thumbprint that the renewal property (64) of a certificate names.
function Get-Successor {
    param($StoreKey, [string]$Thumbprint)
    $found = Get-StoredProperty $StoreKey $Thumbprint 64
    if ($null -eq $found) { '' } else { [BitConverter]::ToString($found).Replace('-', '') }
}

# A property of a certificate, as bytes, out of the list of properties that the store keeps in the registry: number, one,
# length, bytes (fidelity: renewal-property-blob). The provider does not show it, and calling the system for it would mean
# compiling C# at run time.
function Get-StoredProperty {
    param($StoreKey, [string]$Thumbprint, [int]$Number)
    if ($null -eq $StoreKey) { return }
    $key = $StoreKey.OpenSubKey($Thumbprint)
    if ($null -eq $key) { return }
    $blob = $key.GetValue('Blob', $null)
    $key.Close()
    if ($blob -isnot [byte[]]) { return }
    for ($at = 0; $at + 12 -le $blob.Length; $at += 12 + $length) {
        $length = [BitConverter]::ToInt32($blob, $at + 8)
        if ($length -lt 0 -or $at + 12 + $length -gt $blob.Length) { return }
        if ([BitConverter]::ToInt32($blob, $at) -eq $Number) {
            return , [IO.MemoryStream]::new($blob, $at + 12, $length).ToArray()
        }
    }
}

# Rows: `<thumbprint>`. These certificates, freshly read, and whether their keys open.
function Read-Certificates {
    param([string[][]]$Request)
    $thumbprints = [string[]]@($Request | ForEach-Object -Process { $_[0] })
    if ($thumbprints.Count -eq 0) { return }
    Read-Part 'account' { Add-AccountRow }
    Read-Part 'certificates' { Add-CertificateRows $thumbprints }
    Read-Authorities
    Read-Part 'keys' { Add-KeyRows 20000 }
}

# `key <store> <thumbprint> <usable|unusable|unknown> <why>` of the certificates just read, newest first, until the time
# is used up. Only SYSTEM tests keys: whether another account can open a key says nothing about HTTP.SYS. An
# administrator can also read the rights on the file of a key.
function Add-KeyRows {
    param([int]$WithinMs)
    if ((Get-Account) -notin 'system', 'administrator') { return }
    $candidates = @($script:Certificates | Where-Object -FilterScript { $_.Certificate.HasPrivateKey })
    $clock = [Diagnostics.Stopwatch]::StartNew()
    foreach ($candidate in @($candidates | Sort-Object -Property Since -Descending)) {
        $left = $WithinMs - $clock.ElapsedMilliseconds
        if ($left -le 0) { return }
        $result = Test-Key $candidate.Certificate ([Math]::Min($script:KeyWaitMs, $left))
        if ((Get-Account) -eq 'system') { Add-Row 'key', $candidate.Store, $candidate.Certificate.Thumbprint, $result[0], $result[1] }
        if ($result[0] -eq 'usable') { Add-KeyRightsRow $candidate.Store $candidate.Certificate.Thumbprint $result[2], $result[3] }
    }
}

# The extension methods work for both kinds of key storage; the property PrivateKey throws for the newer kind. A key
# that this .NET cannot open, or that does not answer in time, is unknown: only an error of the system itself makes a
# key unusable.
function Test-Key {
    param($Certificate, [int]$WithinMs)
    $rsa = Find-LaterType 'System.Security.Cryptography.X509Certificates.RSACertificateExtensions'
    $ecdsa = Find-LaterType 'System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions'
    switch ([string]$Certificate.PublicKey.Oid.Value) {
        '1.2.840.113549.1.1.1' { if ($null -ne $rsa) { return Open-Key $Certificate $rsa.GetMethod('GetRSAPrivateKey') $WithinMs } }
        '1.2.840.10045.2.1' { if ($null -ne $ecdsa) { return Open-Key $Certificate $ecdsa.GetMethod('GetECDsaPrivateKey') $WithinMs } }
        default { return 'unknown', 'it is neither an RSA nor an ECDSA key' }
    }
    'unknown', 'this server has a .NET Framework older than 4.6.1, which cannot open it'
}

# Deletes an opened key of either kind of key storage.
function Remove-Key {
    param($Key)
    if ($null -ne $Key.PSObject.Properties['Key']) {
        $Key.Key.Delete()
    } elseif ($null -ne $Key.PSObject.Properties['PersistKeyInCsp']) {
        $Key.PersistKeyInCsp = $false
        $Key.Clear()
    } else {
        throw 'its key is not one of CNG or of a CSP and is left'
    }
}

# In its own thread, because a key on a token may ask a question that nobody in this session sees. The thread runs the
# method itself and no script, so that no rule for scripts applies to it; an engine that ends does not wait for it.
function Open-Key {
    param($Certificate, [Reflection.MethodInfo]$Method, [int]$WithinMs)
    if ($WithinMs -gt 0) {
        $open = [Delegate]::CreateDelegate([Func[Security.Cryptography.AsymmetricAlgorithm]], $Certificate, $Method)
        $opening = [Threading.Tasks.Task[Security.Cryptography.AsymmetricAlgorithm]]::Factory.StartNew($open, [Threading.Tasks.TaskCreationOptions]::LongRunning)
        $null = [Threading.Tasks.Task]::WaitAny([Threading.Tasks.Task[]]@($opening), $WithinMs)
        if ($opening.IsFaulted) {
            $exception = $opening.Exception.GetBaseException()
            return $(if ($exception -is [Security.Cryptography.CryptographicException]) { 'unusable' } else { 'unknown' }), $exception.Message
        }
        if ($opening.IsCompleted) {
            if ($null -eq $opening.Result) { return 'unusable', 'there is no private key' }
            $place = @(Get-KeyPlace $opening.Result $Certificate)
            $opening.Result.Dispose()
            return 'usable', '', $place[0], $place[1]
        }
    }
    'unknown', 'it did not open in time'
}
