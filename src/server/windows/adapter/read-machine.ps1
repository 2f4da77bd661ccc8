# The machine: its identity, the account that asks, its tasks, its certificate lifecycle log, what netsh can do.

# `machine <guid> <name> <build> <IIS major> <IIS minor>`
function Add-MachineRows {
    $guid = Get-RegistryTexts 'HKLM:\SOFTWARE\Microsoft\Cryptography' 'MachineGuid'
    $name = Get-RegistryTexts 'HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName' 'ComputerName'
    $build = Get-RegistryTexts 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentBuildNumber'
    $iis = @(Get-RegistryTexts 'HKLM:\SOFTWARE\Microsoft\InetStp' 'MajorVersion', 'MinorVersion')
    Add-Row 'machine', $guid, $name, $build, $iis[0], $iis[1]
}

function Add-AccountRow {
    Add-Row 'account', (Get-Account)
}

$script:Account = $null

# `system`, `administrator` (elevated) or `other`, by security identifiers, which are not translated. The groups of a
# token that is not elevated leave the administrators out (fidelity: elevated-groups).
function Get-Account {
    if ($null -eq $script:Account) {
        $user, $groups = @(Get-Identity)
        $script:Account = if ($user -eq 'S-1-5-18') { 'system' }
        elseif ($groups -contains 'S-1-5-32-544') { 'administrator' }
        elseif ($user -like 'S-1-5-*') { 'other' }
        else { 'unknown' }
    }
    $script:Account
}

# The SID of the user, then those of its groups.
function Get-Identity {
    if ($script:Identity.Count -gt 0) { return $script:Identity }
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    try {
        [string]$identity.User
        foreach ($group in $identity.Groups) { [string]$group }
    } finally {
        $identity.Dispose()
    }
}

# Rows: `<task path>`, which may end in a wildcard. `task <path> <name> <state> <last result> <last run, UTC> <xml>`
function Read-Tasks {
    param([string[][]]$Request)
    Import-Part 'ScheduledTasks'
    foreach ($row in $Request) {
        foreach ($task in @(Get-TasksOf $row[0])) {
            $info = Get-ScheduledTaskInfo -TaskName $task.TaskName -TaskPath $task.TaskPath
            $ran = if ($null -ne $info.LastRunTime) { ([datetime]$info.LastRunTime).ToUniversalTime().ToString('o') } else { '' }
            Add-Row 'task', $task.TaskPath, $task.TaskName, ([string]$task.State), ([string]$info.LastTaskResult), $ran,
            ([string](Export-ScheduledTask -TaskName $task.TaskName -TaskPath $task.TaskPath))
        }
    }
}

# A folder that does not exist has no tasks; every other error is one.
function Get-TasksOf {
    param([string]$TaskPath)
    try {
        Get-ScheduledTask -TaskPath $TaskPath
    } catch {
        if ([string]$_.CategoryInfo.Category -ne 'ObjectNotFound') { throw }
    }
}

# Rows: `<log> <most>`. `log <enabled> <oldest record> <records>`, then `event <record> <xml>`, the newest first.
function Read-Lifecycle {
    param([string[][]]$Request)
    Import-Part 'Microsoft.PowerShell.Diagnostics'
    foreach ($row in $Request) {
        $log = Get-WinEvent -ListLog $row[0]
        Add-Row 'log', ([string]$log.IsEnabled), ([string]$log.OldestRecordNumber), ([string]$log.RecordCount)
        foreach ($entry in @(Get-NewestEvents $row[0] ([long]$row[1]))) {
            Add-Row 'event', ([string]$entry.RecordId), $entry.ToXml()
        }
    }
}

function Get-NewestEvents {
    param([string]$LogName, [long]$Most)
    try {
        Get-WinEvent -LogName $LogName -MaxEvents $Most
    } catch {
        if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound*') { throw }
    }
}

$script:NetshHelp = @{}

# Windows takes its time to start a program, so this one works while something else is read.
function Start-NetshHelp {
    foreach ($verb in 'add', 'update') {
        $start = [Diagnostics.ProcessStartInfo]::new((Get-SystemPath 'netsh.exe'), "http $verb sslcert help")
        $start.UseShellExecute = $false
        $start.CreateNoWindow = $true
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $script:NetshHelp[$verb] = [Diagnostics.Process]::Start($start)
        $script:NetshHelp[$verb].StandardInput.Close()
    }
}

function Stop-NetshHelp {
    foreach ($process in $script:NetshHelp.Values) {
        $process.StandardOutput.Dispose()
        $process.Dispose()
    }
    $script:NetshHelp.Clear()
}

# `netsh <verb> <what its help prints>`; the names of parameters in it are not translated.
function Read-Netsh {
    param([string[][]]$Request)
    try {
        if ($script:NetshHelp.Count -eq 0) { Start-NetshHelp }
        foreach ($verb in 'add', 'update') { Add-Row 'netsh', $verb, $script:NetshHelp[$verb].StandardOutput.ReadToEnd() }
    } finally {
        Stop-NetshHelp
    }
}
