# Listeners as WMI and the registry tell of them. Only reads.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"

Ask 'rdp in WMI' {
    $setting = @(Get-CimInstance -Namespace 'root/CIMV2/TerminalServices' -ClassName 'Win32_TSGeneralSetting')[0]
    $setting.SSLCertificateSHA1Hash
    $setting.SSLCertificateSHA1HashType
}
Ask 'rdp in the registry' {
    $hash = (Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp').SSLCertificateSHA1Hash
    $hash.GetType().Name
    [BitConverter]::ToString($hash).Replace('-', '')
}
Write-Told $File
