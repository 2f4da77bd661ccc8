# The program among the installed ones of Windows, as other tools see it.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"

Ask 'entry' {
    $entry = Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\CertRebind'
    foreach ($name in 'DisplayName', 'DisplayVersion', 'Publisher', 'QuietUninstallString', 'EstimatedSize') { '{0} {1}' -f $name, ($null -ne $entry.$name) }
}
Ask 'packages' { Get-Package -Name 'CertRebind' | ForEach-Object { $_.Name } }
Write-Told $File
