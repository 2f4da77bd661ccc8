# Who may read a private key that is a file.

$script:Readings['key-access'] = { Add-KeyAccessRows $args[0] }
$script:Puts['put-key-access'] = { Set-KeyAccess $args[0] }

$script:ProgramData = ''
$script:KeyProvider = ''

# `<provider> <name of its file>` of an opened key; empty if it does not tell.
function Get-KeyPlace {
    param($Key, $Certificate)
    # Without Windows .NET tells neither; a lab names the file after the certificate.
    if ($script:KeyProvider -ne '') { return $script:KeyProvider, $Certificate.Thumbprint }
    if ($null -ne $Key.PSObject.Properties['Key']) {
        return ([string]$Key.Key.Provider.Provider), ([string]$Key.Key.UniqueName)
    }
    if ($null -ne $Key.PSObject.Properties['CspKeyContainerInfo']) {
        return ([string]$Key.CspKeyContainerInfo.ProviderName), ([string]$Key.CspKeyContainerInfo.UniqueKeyContainerName)
    }
    '', ''
}

# `<path> <why there is none>` of the file of a key. The name of a key does not tell its folder, so it must be in
# exactly one of them; and no part of the path may be a link (fidelity: key-file-rights).
function Get-KeyFile {
    param([string]$Provider, [string]$Name)
    if ($Provider -ne 'Microsoft Software Key Storage Provider' -and $Provider -notlike 'Microsoft * Cryptographic Provider*') {
        return '', "it is a key of $(if ($Provider -eq '') { 'an unknown provider' } else { $Provider })"
    }
    if ($Name -notmatch '^[A-Za-z0-9{][A-Za-z0-9_.{}-]*$') { return '', 'its file has a name that no key has' }
    $root = $script:ProgramData
    if ($root -eq '') { $root = [Environment]::GetFolderPath('CommonApplicationData') }
    $found = @(foreach ($folder in @(@('Keys'), @('SystemKeys'), @('RSA', 'MachineKeys'), @('DSS', 'MachineKeys'))) {
            $path = [IO.Path]::Combine([string[]](@($root, 'Microsoft', 'Crypto') + $folder + @($Name)))
            if ([IO.File]::Exists($path)) { $path }
        })
    if ($found.Count -ne 1) { return '', "its file was found $($found.Count) times" }
    for ($path = $found[0]; $path.Length -gt $root.Length; $path = [IO.Path]::GetDirectoryName($path)) {
        if (([int][IO.File]::GetAttributes($path) -band [int][IO.FileAttributes]::ReparsePoint) -ne 0) { return '', 'there is a link on the way to its file' }
    }
    $found[0], ''
}

# `key-rights <store> <thumbprint> <SDDL> <why there is none> <its file>` of a key that was opened.
function Add-KeyRightsRow {
    param([string]$Store, [string]$Thumbprint, [string[]]$Place)
    $rights = Get-KeyRights $Place
    Add-Row 'key-rights', $Store, $Thumbprint, $rights[0], $rights[1], $rights[2]
}

# `<SDDL> <why there is none> <file>`
function Get-KeyRights {
    param([string[]]$Place)
    try {
        $file = Get-KeyFile $Place[0] $Place[1]
        if ($file[1] -ne '') { return '', $file[1], '' }
        Import-Part 'Microsoft.PowerShell.Security'
        ([string](Get-Acl -LiteralPath $file[0]).Sddl), '', $file[0]
    } catch {
        '', (Get-ErrorMessage $_), ''
    }
}

# The place of the key of a certificate in one of the stores: `<provider> <name>`; nothing if it does not open.
function Find-KeyPlace {
    param([string]$Thumbprint)
    foreach ($store in $script:StoreNames) {
        foreach ($certificate in @(Get-StoreCertificates $store)) {
            if ($certificate.Thumbprint -ne $Thumbprint -or -not $certificate.HasPrivateKey) { continue }
            $opened = Test-Key $certificate $script:KeyWaitMs
            if ($opened[0] -eq 'usable') { return [string[]]@($opened[2], $opened[3]) }
        }
    }
}

# Who may read the key, or why that is not known, for each of these certificates whose key opens.
function Add-KeyAccessRows {
    param([string[]]$Thumbprints)
    foreach ($thumbprint in $Thumbprints) {
        $place = Find-KeyPlace $thumbprint
        if ($null -eq $place) { continue }
        $sddl, $why, $null = Get-KeyRights $place
        Add-Record 'key-access' ([ordered]@{ thumbprint = $thumbprint; sddl = $sddl; why = $why })
    }
}

# `<thumbprint> (<SID> <read or none>)...`. icacls adds or removes entries of this one account and leaves all others,
# owner and inheritance unchanged.
function Set-KeyAccess {
    param([string[]]$Row)
    $place = Find-KeyPlace $Row[0]
    if ($null -eq $place) { return 'refused', 'the private key does not open' }
    $file = Get-KeyFile $place[0] $place[1]
    if ($file[1] -ne '') { return 'refused', $file[1] }
    for ($at = 1; $at + 1 -lt $Row.Length; $at += 2) {
        $sid = $Row[$at]
        if ($sid -notmatch '^S-1-[0-9-]+$') { return 'refused', 'that is no account' }
        $words = if ($Row[$at + 1] -eq 'read') { '/grant', "*${sid}:(R)" } else { '/remove:g', "*$sid" }
        $said = Invoke-SystemProgram 'icacls.exe' (@($file[0]) + $words)
        if ($said.ExitCode -ne 0) { return 'refused', "icacls: $($said.Text.Trim())" }
    }
    '', ''
}
