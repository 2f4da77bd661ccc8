# Where thumbprints stand in texts of Windows that are no files. Passwords stand beside them, so that no text leaves this script:
# the answer only says which of the thumbprints asked for stands where.

$script:Wanted = @{}
$script:TextsRead = 0

# Rows: `<thumbprint>`. Answers with `folder <path>` for each of a site of IIS, `disk <root>` for each local one, `written <kind>
# <where> <thumbprint>`, and `texts <how many were read>`.
function Read-Written {
    param([string[][]]$Request)
    $script:Wanted = @{}
    $script:TextsRead = 0
    foreach ($row in $Request) { $script:Wanted[$row[0]] = $true }
    Read-Part 'folders of sites' { Add-FolderRows }
    Read-Part 'arguments of tasks' { Add-ArgumentRows }
    Read-Part 'command lines of services' { Add-CommandLineRows }
    Read-Part 'policies of Remote Desktop' {
        # Publishers of .rdp files are named there (fidelity: trusted-publishers).
        $key = Get-RegistryKey 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services'
        if ($null -ne $key) { Add-ValueRows $key 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' }
    }
    Add-Row 'texts', ([string]$script:TextsRead)
}

# The mounted ones among the disks are not told apart here: whoever reads files compares their volumes.
function Add-FolderRows {
    foreach ($drive in [IO.DriveInfo]::GetDrives()) { if ([string]$drive.DriveType -eq 'Fixed') { Add-Row 'disk', $drive.Name } }
    $document = [Xml.XmlDocument]::new()
    $document.XmlResolver = $null
    $memory = [IO.MemoryStream]::new((Read-SharedFile (Get-ConfigurationPath)))
    try { $document.Load($memory) } finally { $memory.Dispose() }
    foreach ($one in $document.SelectNodes('//sites/site//virtualDirectory/@physicalPath')) {
        Add-Row 'folder', ([Environment]::ExpandEnvironmentVariables($one.Value))
    }
}

# Of all tasks. An action that is no program has no arguments (fidelity: task-actions).
function Add-ArgumentRows {
    Import-Part 'ScheduledTasks'
    foreach ($task in @(Get-TasksOf '\*')) {
        foreach ($action in @($task.Actions)) {
            $arguments = if ($null -ne $action) { $action.PSObject.Properties['Arguments'] }
            if ($null -ne $arguments) { Add-WrittenRows 'task' "$($task.TaskPath)$($task.TaskName)" ([string]$arguments.Value) }
        }
    }
}

function Add-CommandLineRows {
    $services = Get-RegistryKey 'HKLM:\SYSTEM\CurrentControlSet\Services'
    foreach ($name in $services.GetSubKeyNames()) {
        # A few are closed to everybody.
        $key = try { $services.OpenSubKey($name) } catch { $null }
        if ($null -eq $key) { continue }
        Add-WrittenRows 'service' $name ([string]$key.GetValue('ImagePath', '', $script:AsWritten))
        $key.Close()
    }
}

# The values of a key and of those below it.
function Add-ValueRows {
    param($Key, [string]$Path)
    foreach ($name in $Key.GetValueNames()) {
        $value = $Key.GetValue($name, $null, $script:AsWritten)
        $text = if ($value -is [byte[]]) { [BitConverter]::ToString($value) } else { "$value" }
        Add-WrittenRows 'policy' "$Path\$name" $text
    }
    foreach ($name in $Key.GetSubKeyNames()) {
        $below = $Key.OpenSubKey($name)
        if ($null -eq $below) { continue }
        Add-ValueRows $below "$Path\$name"
        $below.Close()
    }
}

# Each thumbprint once. Digits may have a blank, a colon or a hyphen between them, and a longer run of them more than one beginning.
function Add-WrittenRows {
    param([string]$Kind, [string]$Where, [string]$Text)
    $script:TextsRead++
    $told = @{}
    foreach ($found in [regex]::Matches($Text, '(?=((?:[0-9A-Fa-f][ :-]?){39}[0-9A-Fa-f]))')) {
        $thumbprint = [regex]::Replace($found.Groups[1].Value, '[ :-]', '').ToUpperInvariant()
        if (-not $script:Wanted.ContainsKey($thumbprint) -or $told.ContainsKey($thumbprint)) { continue }
        $told[$thumbprint] = $true
        Add-Row 'written', $Kind, $Where, $thumbprint
    }
}
