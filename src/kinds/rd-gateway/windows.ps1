# Remote Desktop Gateway (fidelity: gateway-setting).

$script:GatewayNamespace = 'root/CIMV2/TerminalServices'
$script:HolderParts['rd-gateway'] = { Add-GatewayPart }
$script:Readings['rd-gateway'] = { Add-GatewayRows }
$script:Puts['put-rd-gateway'] = { Set-GatewayCertificate $args[0] }

# Nothing where the role is not installed.
function Get-GatewaySettings {
    if ($null -eq (Get-RegistryKey 'HKLM:\SYSTEM\CurrentControlSet\Services\TSGateway')) { return }
    Get-CimObjects $script:GatewayNamespace 'Win32_TSGatewayServerSettings'
}

function Get-GatewayHash {
    param([object]$Settings)
    if ($null -eq $Settings -or $Settings.CertHash -isnot [byte[]]) { return '' }
    [BitConverter]::ToString($Settings.CertHash).Replace('-', '')
}

# Its setting, where it has a certificate; then the certificate bindings of its port.
function Add-GatewayRows {
    $port = Add-GatewayRow
    if ($null -ne $port) { Add-RecordsAt "0.0.0.0:$port", "[::]:$port" }
}

function Add-GatewayRow {
    $hash = Get-GatewayHash (@(Get-GatewaySettings) + $null)[0]
    if ($hash -eq '') { return }
    $port = Get-RegistryTexts 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\TerminalServerGateway\Config\Core' 'HttpsPort'
    if ($port -eq '' -or $port -eq '0') { $port = '443' }
    Add-Record 'rd-gateway' ([ordered]@{ certificate = $hash; port = $port })
    $port
}

# Its setting, how many sessions it has, whether a connection broker is installed, and its service (Add-ServiceRow).
function Add-GatewayPart {
    if ($null -eq (Add-GatewayRow)) { return }
    $sessions = try {
        $tunnels = @{}
        foreach ($channel in @(Get-CimObjects $script:GatewayNamespace 'Win32_TSGatewayConnection')) { $tunnels[[string]$channel.TunnelId] = $true }
        [string]$tunnels.Count
    } catch { '' }
    $broker = if ($null -ne (Get-RegistryKey 'HKLM:\SYSTEM\CurrentControlSet\Services\Tssdis')) { '1' }
    Add-Record 'gateway-facts' ([ordered]@{ sessions = $sessions; broker = $broker })
    Add-ServiceRow 'TSGateway'
}

# `<hash>`, then what Set-WithRecords needs. What WMI would refuse is asked for before clients get another certificate, and what it has
# taken is not asked for again: that may make the certificate bindings again (fidelity: gateway-rewrites-record). Nothing is restarted.
function Set-GatewayCertificate {
    param([string[]]$Row)
    $wanted = $Row[0]
    $settings = (@(Get-GatewaySettings) + $null)[0]
    if ($null -eq $settings) { return 'refused', 'Windows does not tell of Remote Desktop Gateway' }
    Invoke-GatewayMethod $settings 'SetCertificateACL' $wanted
    Set-WithRecords $Row 1 {
        $now = @(Get-GatewaySettings)[0]
        if ((Get-GatewayHash $now) -ne $wanted) {
            Invoke-GatewayMethod $now 'SetCertificate' $wanted
            Invoke-GatewayMethod $now 'Configure'
        }
        Invoke-GatewayMethod $now 'RefreshCertContext' $wanted
    }
}

function Invoke-GatewayMethod {
    param([object]$Settings, [string]$Name, [string]$Hash)
    Import-Part 'CimCmdlets'
    $answer = if ($Hash -eq '') { Invoke-CimMethod -InputObject $Settings -MethodName $Name }
    else { Invoke-CimMethod -InputObject $Settings -MethodName $Name -Arguments @{ CertHash = (ConvertFrom-Hex $Hash) } }
    if ([uint32]$answer.ReturnValue -ne 0) { throw "$Name of Remote Desktop Gateway returned $($answer.ReturnValue)" }
}
