# Listeners of Remote Desktop.

$script:WinStations = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations'
$script:HolderParts['remote-desktop'] = { Add-RemoteDesktopRows }
$script:Readings['rdp'] = { Add-RdpRows }
$script:Puts['put-rdp'] = { Set-RdpCertificate $args[0] }

# The listeners, and what is known of each; who chose a certificate is 2 for group policy, 3 for a person. WMI is asked only where a
# listener has a certificate of its own (fidelity: rdp-chosen-by).
function Add-RemoteDesktopRows {
    $found = @(Get-RdpListeners)
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
    foreach ($one in $found) {
        Add-Record 'rdp' $one
        $port = Get-RegistryTexts "$($script:WinStations)\$($one.listener)" 'PortNumber'
        Add-Record 'rdp-facts' ([ordered]@{ listener = $one.listener; port = $port; denied = $denied; chosenBy = $types[$one.listener] })
    }
}

function Add-RdpRows {
    foreach ($one in @(Get-RdpListeners)) { Add-Record 'rdp' $one }
}

# Those with a certificate of their own.
function Get-RdpListeners {
    $stations = Get-RegistryKey $script:WinStations
    if ($null -eq $stations) { return }
    foreach ($name in $stations.GetSubKeyNames()) {
        $hash = Get-RegistryTexts "$($script:WinStations)\$name" 'SSLCertificateSHA1Hash'
        if ($hash -ne '') { [ordered]@{ listener = $name; certificate = $hash } }
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
