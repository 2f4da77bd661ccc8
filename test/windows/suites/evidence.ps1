# What is kept of a Windows Server that is thrown away, so that a surprise can be understood without asking it again. Each part
# by itself: one that fails costs nothing else. No key and no PFX.
param([Parameter(Mandatory)] [string] $Folder)
# What a program says on its error stream, and what one of many files answers, ends no part.
$ErrorActionPreference = 'Continue'
$to = [IO.Directory]::CreateDirectory($Folder).FullName
$state = "$env:ProgramData\CertRebind"
$program = "$env:ProgramFiles\CertRebind\certrebind.exe"
if (-not (Test-Path -LiteralPath $program)) { $program = 'dist\certrebind.exe' }

function Save([string] $Name, [scriptblock] $Part) {
    try { & $Part *>&1 | Out-String -Width 4000 | Set-Content -LiteralPath "$to\$Name" } catch { "$_" | Set-Content -LiteralPath "$to\$Name.failed.txt" }
}

Save 'support.txt' { & $program capture "$to\support.json" --for-support }
Save 'state.txt' {
    Get-ChildItem -LiteralPath $state -Recurse -File | Where-Object { $_.Extension -in '.json', '.jsonl', '.txt', '.log' } | ForEach-Object {
        $name = $_.FullName.Substring($state.Length).TrimStart('\').Replace('\', '_')
        if ($_.FullName -notmatch 'secret') { Copy-Item -LiteralPath $_.FullName -Destination "$to\state_$name" }
        '{0} {1}' -f $_.Length, $_.FullName
    }
}
$keys = @{
    'http' = 'HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters'
    'inetstp' = 'HKLM\SOFTWARE\Microsoft\InetStp'
    'webmanagement' = 'HKLM\SOFTWARE\Microsoft\WebManagement'
    'wsman' = 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN'
    'winstations' = 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations'
    'select' = 'HKLM\SYSTEM\Select'
    'version' = 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
}
foreach ($key in $keys.GetEnumerator()) { Save "reg-$($key.Key).txt" { & reg.exe export $key.Value "$to\reg-$($key.Key).reg" /y } }
foreach ($shown in 'sslcert', 'urlacl', 'iplisten', 'servicestate') { Save "netsh-$shown.txt" { & netsh.exe http show $shown } }
Save 'netsh-ports.txt' { & netsh.exe int ipv4 show excludedportrange tcp }
Save 'applicationHost.config' { Get-Content -LiteralPath "$env:windir\System32\inetsrv\config\applicationHost.config" }
$logs = @{
    'lifecycle' = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational'
    'application' = 'Application'
    'system' = 'System'
    'tasks' = 'Microsoft-Windows-TaskScheduler/Operational'
    'capi2' = 'Microsoft-Windows-CAPI2/Operational'
    'powershell' = 'Microsoft-Windows-PowerShell/Operational'
    'winrm' = 'Microsoft-Windows-WinRM/Operational'
}
foreach ($log in $logs.GetEnumerator()) { Save "events-$($log.Key).txt" { & wevtutil.exe epl $log.Value "$to\events-$($log.Key).evtx" /ow:true } }
Save 'tasks.txt' {
    Get-ScheduledTask -TaskPath '\Microsoft\Windows\CertificateServicesClient\' | ForEach-Object {
        $_ | Get-ScheduledTaskInfo | Format-List
        Export-ScheduledTask -TaskName $_.TaskName -TaskPath $_.TaskPath
    }
}
Save 'features.txt' { Get-WindowsFeature | Where-Object { $_.Installed } | Format-Table -Property Name, InstallState }
Save 'updates.txt' { Get-HotFix }
Save 'rights.txt' {
    foreach ($place in 'C:\', $env:ProgramFiles, $env:ProgramData, $state) { $place; (Get-Acl -LiteralPath $place).Sddl; & icacls.exe $place }
}
Save 'crashes.txt' {
    Get-ChildItem -Path "$env:ProgramData\Microsoft\Windows\WER" -Recurse -Directory | Where-Object { $_.Name -match 'w3wp|certrebind' } |
        ForEach-Object { Copy-Item -LiteralPath $_.FullName -Destination "$to\$($_.Name)" -Recurse; $_.FullName }
}
Save 'defender.txt' { & "$env:ProgramFiles\Windows Defender\MpCmdRun.exe" -Scan -ScanType 3 -File (Resolve-Path -LiteralPath $program).Path -DisableRemediation }
$global:LASTEXITCODE = 0
