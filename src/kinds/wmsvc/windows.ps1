# The Web Management Service.

$script:WebManagement = 'HKLM:\SOFTWARE\Microsoft\WebManagement\Server'
$script:HolderParts['web-management'] = { Add-WebManagementRows }
$script:Readings['wmsvc'] = { Add-WmsvcRow; Add-WmsvcRecords }
$script:Puts['put-wmsvc'] = { Set-WmsvcCertificate $args[0] }

# The Web Management Service and its state. Where the service is not there, its key says nothing.
function Add-WebManagementRows {
    if ($null -eq (Get-RegistryKey 'HKLM:\SYSTEM\CurrentControlSet\Services\WMSVC')) { return }
    Add-WmsvcRow
    Add-Record 'wmsvc-service' @{ state = (Get-Service -Name 'WMSVC').Status }
}

# The certificate is empty if it names none.
function Add-WmsvcRow {
    if ($null -eq (Get-RegistryKey $script:WebManagement)) { return }
    $hash, $port, $address = @(Get-RegistryTexts $script:WebManagement 'SslCertificateHash', 'Port', 'IPAddress')
    Add-Record 'wmsvc' ([ordered]@{ certificate = $hash; port = $port; address = $address })
}

# The certificate bindings that may belong to it: of its address, and of any.
function Add-WmsvcRecords {
    $port, $address = @(Get-RegistryTexts $script:WebManagement 'Port', 'IPAddress')
    if ($port -eq '') { $port = '8172' }
    Add-RecordsAt "$($address):$port", "[$address]:$port", "0.0.0.0:$port"
}

# `<hash for the registry, or nothing>`, then what Set-WithRecords needs. Nothing is restarted.
function Set-WmsvcCertificate {
    param([string[]]$Row)
    Set-WithRecords $Row 1 {
        if ($Row[0] -ne '') { Set-RegistryBytes $script:WebManagement 'SslCertificateHash' (ConvertFrom-Hex $Row[0]) }
    }
}
