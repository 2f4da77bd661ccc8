# SSTP of Routing and Remote Access (fidelity: sstp-hash, sstp-modes).

$script:Sstp = 'HKLM:\SYSTEM\CurrentControlSet\Services\SstpSvc\Parameters'
$script:HolderParts['sstp'] = { Add-SstpPart }
$script:Readings['sstp'] = { Add-SstpRows }
$script:Puts['put-sstp'] = { Set-SstpCertificate $args[0] }

# Its setting, where it stores a hash and ends TLS itself; then the certificate bindings of its port.
function Add-SstpRows {
    if (-not (Add-SstpRow)) { return }
    $port = (Get-SstpTexts)[3]
    Add-RecordsAt "0.0.0.0:$port", "[::]:$port"
}

function Get-SstpTexts {
    $sha256, $sha1, $chosen, $port, $https = @(Get-RegistryTexts $script:Sstp 'SHA256CertificateHash', 'SHA1CertificateHash', 'isHashConfiguredByAdmin', 'ListenerPort', 'UseHttps')
    $sha256, $sha1, $chosen, $(if ($port -eq '' -or $port -eq '0') { '443' } else { $port }), $https
}

function Add-SstpRow {
    if ($null -eq (Get-RegistryKey $script:Sstp)) { return $false }
    $sha256, $sha1, $chosen, $port, $https = Get-SstpTexts
    if ($sha256 -eq '' -or $https -eq '0') { return $false }
    $named = @(Get-StoreCertificates 'My' | Where-Object -FilterScript { (Get-Sha256 $_) -eq $sha256 } | ForEach-Object -Process { $_.Thumbprint }) + ''
    Add-Record 'sstp' ([ordered]@{ certificate = $named[0]; sha1 = $sha1; chosen = $chosen; port = $port })
    $true
}

function Get-Sha256 {
    param($Certificate)
    $hash = [Security.Cryptography.SHA256]::Create()
    [BitConverter]::ToString($hash.ComputeHash($Certificate.RawData)).Replace('-', '')
    $hash.Dispose()
}

# Its setting, how many clients of any protocol are connected, and the services (Add-ServiceRow).
function Add-SstpPart {
    if (-not (Add-SstpRow)) { return }
    $sessions = try {
        Import-Part 'RemoteAccess'
        [string]@(Get-RemoteAccessConnectionStatistics).Length
    } catch { '' }
    Add-Record 'sstp-sessions' @{ sessions = $sessions }
    Add-ServiceRow 'SstpSvc'
    Add-ServiceRow 'RemoteAccess'
}

# `<thumbprint for the registry, or nothing>`, then what Set-WithRecords needs. Nothing is restarted.
function Set-SstpCertificate {
    param([string[]]$Row)
    $chosen = $Row[0]
    $certificate = if ($chosen -ne '') { (@(Get-StoreCertificates 'My' | Where-Object -FilterScript { $_.Thumbprint -eq $chosen }) + $null)[0] }
    if ($chosen -ne '' -and $null -eq $certificate) { return 'refused', "$chosen is not in My" }
    Set-WithRecords $Row 1 {
        if ($chosen -eq '') { return }
        Set-RegistryBytes $script:Sstp 'SHA256CertificateHash' (ConvertFrom-Hex (Get-Sha256 $certificate))
        if ((Get-RegistryTexts $script:Sstp 'SHA1CertificateHash') -ne '') { Set-RegistryBytes $script:Sstp 'SHA1CertificateHash' (ConvertFrom-Hex $chosen) }
    }
}
