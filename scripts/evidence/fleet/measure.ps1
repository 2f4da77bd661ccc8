# What a console needs for this many servers, and how it reports two that cannot be reached. Writes JSON.
param(
    [Parameter(Mandatory)] [string] $Module,
    # Of the sshd: its bin/ssh is what PowerShell starts.
    [Parameter(Mandatory)] [string] $Ssh,
    [Parameter(Mandatory)] [string] $Results,
    [Parameter(Mandatory)] [string] $Sizes
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$env:PATH = "$Ssh/bin$([IO.Path]::PathSeparator)$env:PATH"
Import-Module -Name $Module
$connect = { param($names) New-PSSession -HostName $names -ConnectingTimeout 600000 -ErrorAction SilentlyContinue }
$me = [Diagnostics.Process]::GetCurrentProcess()

# The most memory that the console and its ssh clients had, watched by a second engine thread.
function Measure-Console([scriptblock] $Do) {
    $seen = [hashtable]::Synchronized(@{ Console = 0L; Ssh = 0L; Go = $true })
    $watch = [powershell]::Create()
    [void]$watch.AddScript({
            param($Seen, $Id)
            while ($Seen.Go) {
                $Seen.Console = [Math]::Max($Seen.Console, [Diagnostics.Process]::GetProcessById($Id).WorkingSet64)
                $sum = 0L
                foreach ($one in [Diagnostics.Process]::GetProcessesByName('ssh')) {
                    try { if ((Get-Content -LiteralPath "/proc/$($one.Id)/stat" -Raw).Split(')')[-1].Split(' ')[2] -eq $Id) { $sum += $one.WorkingSet64 } } catch { $null = $_ }
                }
                $Seen.Ssh = [Math]::Max($Seen.Ssh, $sum)
                [Threading.Thread]::Sleep(500)
            }
        }).AddArgument($seen).AddArgument($PID)
    $watching = $watch.BeginInvoke()
    $me.Refresh()
    $before = $me.TotalProcessorTime
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $returned = & $Do
    $seconds = $clock.Elapsed.TotalSeconds
    $me.Refresh()
    $seen.Go = $false
    $null = $watch.EndInvoke($watching)
    $watch.Dispose()
    @{ Returned = $returned; Seconds = $seconds; Cpu = ($me.TotalProcessorTime - $before).TotalSeconds; Console = $seen.Console; Ssh = $seen.Ssh }
}

$trouble = foreach ($case in @('another key', 'wrong01', 'unreachable'), @('nobody listens', 'gone01', 'unreachable'), @('as it should be', 'web01', 'done')) {
    $what, $name, $wanted = $case
    @{ what = $what; is = (Invoke-CertRebindFleet -Server $name -Connect $connect -Action Plan).State; wanted = $wanted }
}
$next = 1
$rows = foreach ($count in $Sizes.Split(',') | ForEach-Object { [int]$_ }) {
    # Others each time, so that there is something to do on each.
    $names = $next..($next + $count - 1) | ForEach-Object { 'web{0:00}' -f $_ }
    $next += $count
    # A plan is read whole at the console, so it costs as much as what a change sends.
    foreach ($action in @('Plan'; if ($count -lt 100) { 'Sync' })) {
        $m = Measure-Console { Invoke-CertRebindFleet -Server $names -Connect $connect -Action $action -Confirm:$false }
        [ordered]@{
            servers = $count; action = $action; seconds = [Math]::Round($m.Seconds, 1); cpuSeconds = [Math]::Round($m.Cpu, 1)
            peakMb = [Math]::Round($m.Console / 1MB); sshMb = [Math]::Round($m.Ssh / 1MB)
            done = @($m.Returned | Where-Object -Property State -EQ -Value 'done').Count
            states = @($m.Returned | Group-Object -Property State, Result | ForEach-Object { "$($_.Count) $($_.Name -replace ', ', ' ')" }) -join ', '
        }
    }
}
[IO.File]::WriteAllText($Results, (ConvertTo-Json -InputObject @{ trouble = @($trouble); rows = @($rows) } -Depth 4))
