# Listeners of Remote Desktop.

$script:WinStations = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations'
$script:HolderParts['remote-desktop'] = { Add-RemoteDesktopRows }
$script:Readings['rdp'] = { Add-RdpRows }
$script:Puts['put-rdp'] = { Set-RdpCertificate $args[0] }

# `rdp <listener> <hash> <port> <whether connections are denied> <who chose: 2 is group policy, 3 a person>`. WMI is asked only
# where a listener has a certificate of its own (fidelity: rdp-chosen-by).
function Add-RemoteDesktopRows {
    $before = $script:Rows.Count
    Add-RdpRows
    $found = @($script:Rows.GetRange($before, $script:Rows.Count - $before))
    $script:Rows.RemoveRange($before, $found.Count)
    if ($found.Count -eq 0) { return }
    $types = @{}
    try {
        Import-Part 'CimCmdlets'
        foreach ($setting in @(Get-CimInstance -Namespace 'root/CIMV2/TerminalServices' -ClassName 'Win32_TSGeneralSetting')) {
            $types[[string]$setting.TerminalName] = [string]$setting.SSLCertificateSHA1HashType
        }
    } catch {
        # Who chose it is then unknown, and nothing is changed.
        $types.Clear()
    }
    $denied = Get-RegistryTexts 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server' 'fDenyTSConnections'
    foreach ($row in $found) {
        $fields = (ConvertFrom-RowText $row)[0]
        $port = Get-RegistryTexts "$($script:WinStations)\$($fields[1])" 'PortNumber'
        Add-Row 'rdp', $fields[1], $fields[2], $port, $denied, ([string]$types[$fields[1]])
    }
}

# `rdp <listener> <hash>` for each Remote Desktop listener with a certificate of its own.
function Add-RdpRows {
    $stations = Get-RegistryKey $script:WinStations
    if ($null -eq $stations) { return }
    foreach ($name in $stations.GetSubKeyNames()) {
        $hash = Get-RegistryTexts "$($script:WinStations)\$name" 'SSLCertificateSHA1Hash'
        if ($hash -ne '') { Add-Row 'rdp', $name, $hash }
    }
}

# What a listener holds; empty if there is no such listener. The name is compared, and never used as part of a path.
function Get-RdpHash {
    param([string]$Listener)
    $stations = Get-RegistryKey $script:WinStations
    if ($null -eq $stations) { return '' }
    foreach ($name in $stations.GetSubKeyNames()) {
        if ($name -eq $Listener) { return Get-RegistryTexts "$($script:WinStations)\$name" 'SSLCertificateSHA1Hash' }
    }
    ''
}

# `<listener> <expected hash, or nothing> <hash>`. WMI refuses what the registry would take, and changes one listener: each
# is looked up by comparing names. What group policy chooses is not changed.
function Set-RdpCertificate {
    param([string[]]$Row)
    if ($Row[1] -ne '' -and (Get-RdpHash $Row[0]) -ne $Row[1]) { return 'changed-meanwhile', 'the listener does not hold the expected certificate' }
    Import-Part 'CimCmdlets'
    foreach ($setting in @(Get-CimInstance -Namespace 'root/CIMV2/TerminalServices' -ClassName 'Win32_TSGeneralSetting')) {
        if ($setting.TerminalName -ne $Row[0]) { continue }
        if ([int]$setting.SSLCertificateSHA1HashType -eq 2) { return 'refused', 'group policy chooses the certificate of this listener' }
        $null = Set-CimInstance -InputObject $setting -Property @{ SSLCertificateSHA1Hash = $Row[2] }
        return '', ''
    }
    'refused', "there is no Remote Desktop listener $($Row[0])"
}
