# The machine: its identity, the account that asks, its tasks, its certificate lifecycle log, what netsh can do, other
# listeners.

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

# The listeners of WinRM (Add-WinrmRows), then `remoting <state of the service> <yes, no or unknown: whether we came in through
# WinRM>`. Nothing but the registry is asked where no listener names a certificate.
function Add-RemotingRows {
    $before = $script:Rows.Count
    Add-WinrmRows
    if ($script:Rows.Count -eq $before) { return }
    Add-Row 'remoting', ([string](Get-Service -Name 'WinRM').Status), (Get-RemoteSession)
}

# The Web Management Service (Add-WmsvcRow), then `wmsvc-service <state>`. Where the service is not there, its key says nothing.
function Add-WebManagementRows {
    if ($null -eq (Get-RegistryKey 'HKLM:\SYSTEM\CurrentControlSet\Services\WMSVC')) { return }
    Add-WmsvcRow
    Add-Row 'wmsvc-service', ([string](Get-Service -Name 'WMSVC').Status)
}

# Whether a host of remote sessions is among the processes that started this one (fidelity: winrm-session). The search
# stops at a parent that has ended, even if a later process has its number: a session that is over cannot be cut off.
function Get-RemoteSession {
    try {
        Import-Part 'CimCmdlets'
        $known = @{}
        foreach ($process in @(Get-CimInstance -Namespace 'root/CIMV2' -ClassName 'Win32_Process')) { $known[[string]$process.ProcessId] = $process }
        $next = [string]$PID
        if (-not $known.ContainsKey($next)) { return 'unknown' }
        for ($depth = 0; $depth -lt 64 -and $known.ContainsKey($next); $depth++) {
            if (([string]$known[$next].Name -replace '\.exe$') -in 'wsmprovhost', 'winrshost') { return 'yes' }
            $child = $known[$next]
            $next = [string]$child.ParentProcessId
            if (Test-StartedLater $known[$next] $child) { break }
        }
        'no'
    } catch {
        'unknown'
    }
}

function Test-StartedLater {
    param($Process, $Than)
    if ($null -eq $Process -or $null -eq $Process.CreationDate -or $null -eq $Than.CreationDate) { return $false }
    $Process.CreationDate -gt $Than.CreationDate
}
