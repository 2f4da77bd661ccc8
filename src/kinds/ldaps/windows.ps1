# LDAPS of a domain controller (fidelity: ldaps-store).

$script:NtdsStores = 'HKLM:\SOFTWARE\Microsoft\Cryptography\Services\NTDS\SystemCertificates'
$script:NtdsStore = "$($script:NtdsStores)\MY\Certificates"
$script:NtdsKept = "$($script:NtdsStores)\CertRebind\Certificates"
$script:HolderParts['ldaps'] = { Add-LdapsRows }
$script:Readings['ldaps'] = { Add-LdapsRows }
$script:Puts['put-ldaps'] = { Set-LdapsCertificate $args[0] }

# Each certificate in the store of the service.
function Add-LdapsRows {
    if ((Get-RegistryTexts 'HKLM:\SYSTEM\CurrentControlSet\Control\ProductOptions' 'ProductType') -ne 'LanmanNT') { return }
    foreach ($hash in @(Get-LdapsHashes)) { Add-Record 'ldaps' @{ certificate = $hash } }
}

function Get-LdapsHashes {
    $key = Get-RegistryKey $script:NtdsStore
    if ($null -ne $key) { $key.GetSubKeyNames() }
}

# `<expected hash, or nothing> <hash>`. The expected one leaves the store before the new one comes, so that at no moment two are
# there; a run that is killed in between finds none.
function Set-LdapsCertificate {
    param([string[]]$Row)
    $expected, $hash = $Row
    $found = @(Get-LdapsHashes)
    $unexpected = @($found | Where-Object -FilterScript { $_ -ne $expected -and $_ -ne $hash })
    if ($unexpected.Length -gt 0 -or ($expected -ne '' -and $found -notcontains $expected)) {
        return 'changed-meanwhile', 'the store of the service does not hold the expected certificate'
    }
    if ($null -eq (Get-LdapsSource $hash)) { return 'refused', "there is no certificate $hash in My" }
    try {
        $null = Switch-LdapsCertificate $expected $hash
        $null = Update-LdapsService
    } catch {
        $why = Get-ErrorMessage $_
        if ($expected -ne '') {
            $null = Switch-LdapsCertificate $hash $expected
            try { $null = Update-LdapsService } catch { $why = "$why Then: $(Get-ErrorMessage $_)" }
        }
        return 'refused', $why
    }
    '', ''
}

# From where a certificate can come into the store, or nothing.
function Get-LdapsSource {
    param([string]$Hash)
    foreach ($path in "HKLM:\SOFTWARE\Microsoft\SystemCertificates\MY\Certificates\$Hash", "$($script:NtdsKept)\$Hash") {
        if ($null -ne (Get-RegistryKey $path)) { return $path }
    }
}

# What leaves the store and is not in My is kept, because nothing else could bring it back.
function Switch-LdapsCertificate {
    param([string]$Old, [string]$New)
    $leaving = "$($script:NtdsStore)\$Old"
    if ($Old -ne '' -and $null -ne (Get-RegistryKey $leaving)) {
        if ($null -eq (Get-LdapsSource $Old)) {
            # With -Force it would empty a key that is there.
            if ($null -eq (Get-RegistryKey $script:NtdsKept)) { New-Item -Path $script:NtdsKept -Force }
            Move-Item -LiteralPath $leaving -Destination "$($script:NtdsKept)\$Old"
        } else {
            Remove-Item -LiteralPath $leaving
        }
    }
    $coming = "$($script:NtdsStore)\$New"
    if ($null -eq (Get-RegistryKey $coming)) { Copy-Item -LiteralPath (Get-LdapsSource $New) -Destination $coming }
}

# Has the service look at its store again; the attribute cannot be read, and success proves nothing (fidelity: ldaps-ack-only).
function Update-LdapsService {
    $root = [adsi]'LDAP://localhost/rootDSE'
    $root.Properties['renewServerCertificate'].Add(1)
    $root.CommitChanges()
}
