# Certificates of SMB over QUIC, from Server 2022 on (fidelity: smb-quic-mapping).

$script:SmbNamespace = 'root/Microsoft/Windows/SMB'
$script:SmbOptions = 'Flags', 'RequireClientAuthentication', 'SkipClientCertificateAccessCheck'
$script:HolderParts['smb-quic'] = { Add-SmbQuicPart }
$script:Readings['smb-quic'] = { Add-SmbQuicRows }
$script:Puts['put-smb-quic'] = { Set-SmbQuicCertificate $args[0] }

# The mappings (Add-SmbQuicRows), then `smb-server <whether QUIC is enabled>` where there is one.
function Add-SmbQuicPart {
    if ([int](Get-RegistryTexts 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentBuildNumber') -lt 20348) { return }
    $before = $script:Rows.Count
    Add-SmbQuicRows
    if ($script:Rows.Count -eq $before) { return }
    foreach ($server in @(Get-CimObjects $script:SmbNamespace 'MSFT_SmbServerConfiguration')) {
        Add-Row 'smb-server', (Get-CimText $server 'EnableSMBQUIC')
    }
}

# `smb-quic <name> <hash> <store> <option>...`, empty where this Windows does not have the option.
function Add-SmbQuicRows {
    foreach ($mapping in @(Get-CimObjects $script:SmbNamespace 'MSFT_SmbServerCertificateMapping')) {
        $fields = 'Name', 'Thumbprint', 'StoreName' + $script:SmbOptions | ForEach-Object -Process { Get-CimText $mapping $_ }
        Add-Row (@('smb-quic') + $fields)
    }
}

function Get-CimText {
    param([object]$Object, [string]$Name)
    if ($null -eq $Object.PSObject.Properties[$Name]) { return '' }
    [string]$Object.$Name
}

# `<name> <expected hash, or nothing> <hash> <store> <option>...`. In place, and with every option that the mapping has, because
# what happens to one that is left out is not known (fidelity: quic-mapping-params). No service is restarted.
function Set-SmbQuicCertificate {
    param([string[]]$Row)
    $name, $expected, $hash, $store, [string[]]$options = $Row
    foreach ($mapping in @(Get-CimObjects $script:SmbNamespace 'MSFT_SmbServerCertificateMapping')) {
        if ($mapping.Name -ne $name) { continue }
        if ($expected -ne '' -and $mapping.Thumbprint -ne $expected) { return 'changed-meanwhile', 'the mapping does not hold the expected certificate' }
        Import-Part 'SmbShare'
        $kept = @{}
        if ($options[0] -ne '') { $kept['Flags'] = [uint32]$options[0] }
        foreach ($at in 1, 2) { if ($options[$at] -ne '') { $kept[$script:SmbOptions[$at]] = [bool]::Parse($options[$at]) } }
        $null = Set-SmbServerCertificateMapping -Name $name -Thumbprint $hash -StoreName $store @kept -Confirm:$false
        return '', ''
    }
    'refused', "there is no mapping for $name"
}
