# Changes. All of them hold the one file of the machine open, so that a PowerShell whose parent was killed cannot still
# be writing while the next run repairs the server.

$script:Bindings = $null
$script:BindingsStamp = 'unreadable'

# Rows: `change <id> <kind> ...`, then what to read back afterwards as `<table> <sub-key>` behind `record`, and the readings of other holders behind `holders`. Answers
# `report <id> <code> <message>` for each, then the records.
function Invoke-Changes {
    param([string[][]]$Request)
    Invoke-Alone {
        Clear-OldBindings
        $script:TableKeys = @{}
        $reports = [Collections.Generic.List[string[]]]::new()
        foreach ($row in (Select-Rows $Request 'change')) {
            $id = $row[0]
            $outcome = '', ''
            try {
                if ($row[1] -ne 'replace') {
                    $null, $kind, [string[]]$rest = $row
                    $outcome = Invoke-Change $kind $rest
                } else {
                    # `<id> replace <table> <sub-key> <expected hash> <binding information> <its lowest flags, any of> <hash>
                    # <store>`. Nearly all are these, and in a session this short a call of a function takes longer than to
                    # read an entry, so it is read here as `Get-EntryHash` does. IIS changes it under a binding in place.
                    $entry = $held = $binding = $null
                    $tableKey = $script:TableKeys[$row[2]]
                    if ($null -eq $tableKey) { $tableKey = Get-TableKey $row[2] }
                    if ($null -ne $tableKey -and $row[3] -ne '') { $entry = $tableKey.OpenSubKey($row[3]) }
                    if ($null -ne $entry) {
                        $hash = $entry.GetValue('SslCertHash', $null)
                        $entry.Close()
                        $held = if ($null -eq $hash) { '' } else { [BitConverter]::ToString([byte[]]$hash).Replace('-', '') }
                    }
                    if ($held -ne $row[4]) {
                        $outcome = 'changed-meanwhile', 'the record does not hold the expected certificate'
                    } else {
                        if ($null -eq $script:Bindings) { $script:Bindings = Get-BindingIndex }
                        foreach ($flags in $row[6].Split([char]44)) {
                            $binding = $script:Bindings["$flags|$($row[5])"]
                            if ($null -ne $binding) { break }
                        }
                        if ($null -eq $binding) {
                            $outcome = 'refused', "there is no binding $($row[5]) on this record any more"
                        } else {
                            $null = $binding.RebindSslCertificate($row[7], $row[8])
                        }
                    }
                }
            } catch {
                $outcome = 'refused', (Get-ErrorMessage $_)
                if ($_.FullyQualifiedErrorId -eq 'CertRebind.module-missing') { $outcome[1] = "Windows has no module $($outcome[1]) here" }
            }
            $reports.Add([string[]]@('report', $id, $outcome[0], $outcome[1]))
        }
        Add-Rows $reports
        Read-Part 'records' { Read-Records (Select-Rows $Request 'record') }
        Read-Holders (Select-Rows $Request 'holders')
    }
}

# One change; returns a code and a message, both empty if Windows accepted it.
function Invoke-Change {
    param([string]$Kind, [string[]]$Row)
    if ($script:Puts.ContainsKey($Kind)) { return & $script:Puts[$Kind] $Row }
    switch ($Kind) {
        'netsh' { Invoke-Netsh $Row }
        'register-task' {
            Import-Part 'ScheduledTasks'
            $null = Register-ScheduledTask -TaskPath $Row[0] -TaskName $Row[1] -Xml $Row[2] -Force
            '', ''
        }
        'unregister-task' { Remove-Task $Row[0] $Row[1] }
        'enable-task' {
            Import-Part 'ScheduledTasks'
            $null = Enable-ScheduledTask -TaskPath $Row[0] -TaskName $Row[1]
            '', ''
        }
        'disable-task' {
            Import-Part 'ScheduledTasks'
            $null = Disable-ScheduledTask -TaskPath $Row[0] -TaskName $Row[1]
            '', ''
        }
        'control-service' { Set-ServiceRunning $Row }
        'log' { Write-ApplicationLog $Row }
        'enable-log' { Enable-Log $Row[0] }
        'list-product' { Set-Product $Row }
        'unlist-product' { Remove-Product $Row[0] }
        'remove-log-source' { Remove-LogSource }
        'archive-certificate' { Set-Archived $Row[0] $Row[1] ($Row[2] -eq 'true') }
        'delete-key' { Remove-StoredKey $Row[0] $Row[1] }
        'delete-certificate' { Remove-StoredCertificate $Row[0] $Row[1] }
        'notify-renewal' { Switch-StoreCertificate $Row[0] $Row[1] }
        default { Invoke-RehearsalAct $Kind $Row }
    }
}

# Enumerating the bindings of a large server takes longer than many replaces, and they stand in the file: those of the call
# before are kept while it stays as it is.
function Clear-OldBindings {
    $stamp = Get-ConfigurationStamp
    if ($stamp -ne 'unreadable' -and $stamp -eq $script:BindingsStamp) { return }
    $script:Bindings = $null
    $script:BindingsStamp = $stamp
}

# By the two lowest flags and the whole information, never a wildcard; the request says which record that is.
function Get-BindingIndex {
    Import-Part 'WebAdministration'
    $index = @{}
    foreach ($binding in @(Get-WebBinding -Protocol 'https')) {
        $key = "$([int]$binding.sslFlags -band 3)|$($binding.bindingInformation)"
        if (-not $index.ContainsKey($key)) { $index[$key] = $binding }
    }
    $index
}

# `<table> <sub-key> <expected hash, or empty> <netsh arguments>...`. Error 87 right after a key was enrolled passes.
function Invoke-Netsh {
    param([string[]]$Row)
    if ($Row[2] -ne '' -and (Get-EntryHash $Row[0] $Row[1]) -ne $Row[2]) {
        return 'changed-meanwhile', 'the record does not hold the expected certificate'
    }
    $null, $null, $null, [string[]]$arguments = $Row
    foreach ($pause in 1, 2, 4, 8, 0) {
        $said = Invoke-SystemProgram 'netsh.exe' $arguments
        if ($arguments[1] -eq 'delete' -or $said.Text -notmatch '\b87\b' -or $pause -eq 0) { break }
        Start-Sleep -Seconds $pause
    }
    if ($said.ExitCode -ne 0) { return 'refused', "netsh: $($said.Text.Trim())" }
    '', $said.Text.Trim()
}

# Rows: `<start-task or stop-task> <task path> <task name>`. Not one of the changes above: what a task starts may need
# the file that they hold. Stopping a task that does not exist is success.
function Invoke-TaskOrder {
    param([string[][]]$Request)
    Import-Part 'ScheduledTasks'
    foreach ($row in $Request) {
        if ($row[0] -eq 'start-task') {
            Start-ScheduledTask -TaskPath $row[1] -TaskName $row[2]
            continue
        }
        try {
            Stop-ScheduledTask -TaskPath $row[1] -TaskName $row[2]
        } catch {
            if ([string]$_.CategoryInfo.Category -ne 'ObjectNotFound') { throw }
        }
    }
}

# Removing something that does not exist is success.
function Remove-Task {
    param([string]$TaskPath, [string]$TaskName)
    Import-Part 'ScheduledTasks'
    try {
        Unregister-ScheduledTask -TaskPath $TaskPath -TaskName $TaskName -Confirm:$false
    } catch {
        if ([string]$_.CategoryInfo.Category -ne 'ObjectNotFound') { throw }
    }
    '', ''
}

$script:LogSource = 'HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application\CertRebind'
$script:Products = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall'

# `<event id> <level> <text>`; the source is created if it does not exist yet.
function Write-ApplicationLog {
    param([string[]]$Row)
    if ($null -eq (Get-RegistryKey $script:LogSource)) {
        New-EventLog -LogName 'Application' -Source 'CertRebind'
    }
    Write-EventLog -LogName 'Application' -Source 'CertRebind' -EventId ([int]$Row[0]) -EntryType $Row[1] -Message $Row[2]
    '', ''
}

function Enable-Log {
    param([string]$LogName)
    Import-Part 'Microsoft.PowerShell.Diagnostics'
    $log = Get-WinEvent -ListLog $LogName
    if (-not $log.IsEnabled) {
        $log.IsEnabled = $true
        $log.SaveChanges()
    }
    '', ''
}

# Entries written with it stay, and Windows shows them without the source's own texts.
function Remove-LogSource {
    if ($null -ne (Get-RegistryKey $script:LogSource)) { Remove-EventLog -Source 'CertRebind' }
    '', ''
}

# `<key> (<value name> <kind> <value>)...`: an entry among the installed programs. Only what differs is written.
function Set-Product {
    param([string[]]$Row)
    $path = "$($script:Products)\$($Row[0])"
    if ($null -eq (Get-RegistryKey $path)) { $null = New-Item -Path $path }
    $key = Get-RegistryKey $path
    for ($at = 1; $at -lt $Row.Length; $at += 3) {
        $now = $key.GetValue($Row[$at], $null)
        if ($null -ne $now -and [string]$now -ceq $Row[$at + 2]) { continue }
        $null = New-ItemProperty -LiteralPath $path -Name $Row[$at] -PropertyType $Row[$at + 1] -Value $Row[$at + 2] -Force
    }
    '', ''
}

function Remove-Product {
    param([string]$Name)
    $path = "$($script:Products)\$Name"
    if ($null -ne (Get-RegistryKey $path)) { Remove-Item -LiteralPath $path -Recurse }
    '', ''
}
