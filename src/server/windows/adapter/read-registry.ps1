# The registry: HTTP.SYS tables with every value raw, and single values.

$script:TableKeys = @{}
$script:AsWritten = [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames
$script:HttpParameters = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters'
$script:TableNames = @('SslBindingInfo', 'SslSniBindingInfo', 'SslCcsBindingInfo')

# A key, or nothing when there is none.
function Get-RegistryKey {
    param([string]$Path)
    try {
        Get-Item -LiteralPath $Path
    } catch {
        if ([string]$_.CategoryInfo.Category -ne 'ObjectNotFound') { throw }
    }
}

# Values of a key as texts, in the order of the names; empty if there is none.
function Get-RegistryTexts {
    param([string]$Path, [string[]]$Names)
    $key = Get-RegistryKey $Path
    foreach ($name in $Names) {
        # Assigned right where it is read: as the output of a statement, the bytes would come out one by one.
        $value = $null
        if ($null -ne $key) { $value = $key.GetValue($name, $null) }
        if ($value -is [byte[]]) { [BitConverter]::ToString($value).Replace('-', '') } else { [string]$value }
    }
}

# `listen <address>` for each address of the listen list (fidelity: listen-list), and `http3 <EnableHttp3>`.
function Add-ListenRows {
    $key = Get-RegistryKey $script:HttpParameters
    $listed = if ($null -ne $key) { $key.GetValue('ListenOnlyList', $null) }
    foreach ($address in @($listed)) { if ([string]$address -ne '') { Add-Row 'listen', ([string]$address) } }
    if ($null -ne $key) { Add-Row 'http3', ([string]$key.GetValue('EnableHttp3', $null)) }
}

# `record <table> <sub-key> (<value name> <type> <base64>)...` for every entry of a table.
function Add-TableRows {
    param([string]$Table)
    $tableKey = Get-RegistryKey "$($script:HttpParameters)\$Table"
    if ($null -eq $tableKey) { return }
    foreach ($name in $tableKey.GetSubKeyNames()) {
        $entry = $tableKey.OpenSubKey($name)
        if ($null -eq $entry) { continue }
        Add-EntryRow $Table $name $entry
        $entry.Close()
    }
}

function Add-EntryRow {
    param([string]$Table, [string]$Name, $Entry)
    $fields = [Collections.Generic.List[string]]::new()
    $fields.Add('record')
    $fields.Add($Table)
    $fields.Add($Name)
    foreach ($valueName in $Entry.GetValueNames()) {
        $value = $Entry.GetValue($valueName, $null, $script:AsWritten)
        $fields.Add($valueName)
        # By number: the name of an enumeration is looked up anew each time, and a table has thousands of values.
        switch ([int]$Entry.GetValueKind($valueName)) {
            4 { $fields.Add('REG_DWORD'); $bytes = [BitConverter]::GetBytes([int]$value) }
            3 { $fields.Add('REG_BINARY'); $bytes = [byte[]]$value }
            1 { $fields.Add('REG_SZ'); $bytes = [Text.Encoding]::Unicode.GetBytes([string]$value + [char]0) }
            2 { $fields.Add('REG_EXPAND_SZ'); $bytes = [Text.Encoding]::Unicode.GetBytes([string]$value + [char]0) }
            11 { $fields.Add('REG_QWORD'); $bytes = [BitConverter]::GetBytes([long]$value) }
            7 {
                $fields.Add('REG_MULTI_SZ')
                $text = [string]::Join('', @($value | ForEach-Object -Process { $_ + [char]0 })) + [char]0
                $bytes = [Text.Encoding]::Unicode.GetBytes($text)
            }
            default { $fields.Add('REG_UNKNOWN'); $bytes = [byte[]]@($value | Where-Object -FilterScript { $_ -is [byte] }) }
        }
        $fields.Add([Convert]::ToBase64String($bytes))
    }
    # Extended properties; only their existence is reported (fidelity: record-sub-keys).
    if ($Entry.SubKeyCount -gt 0) {
        foreach ($subKey in $Entry.GetSubKeyNames()) { $fields.AddRange([string[]]@("$subKey\", 'REG_KEY', '')) }
    }
    Add-Row $fields.ToArray()
}

# The key of a table, opened once per call; nothing if there is none.
function Get-TableKey {
    param([string]$Table)
    $key = $script:TableKeys[$Table]
    if ($null -eq $key) {
        $key = Get-RegistryKey "$($script:HttpParameters)\$Table"
        $script:TableKeys[$Table] = $key
    }
    $key
}

# The hash an entry holds, upper-case; nothing when there is no such entry.
function Get-EntryHash {
    param([string]$Table, [string]$Name)
    if ($Name -eq '') { return $null }
    $tableKey = Get-TableKey $Table
    if ($null -eq $tableKey) { return $null }
    $entry = $tableKey.OpenSubKey($Name)
    if ($null -eq $entry) { return $null }
    $hash = $entry.GetValue('SslCertHash', $null)
    $entry.Close()
    if ($null -eq $hash) { return '' }
    [BitConverter]::ToString([byte[]]$hash).Replace('-', '')
}

# Rows: `<table> <sub-key>`, the sub-key empty if it is not known. Answers with these entries; with the whole table
# where one of them is not there, since an entry that was deleted and added again may have another sub-key.
function Read-Records {
    param([string[][]]$Request)
    Invoke-Alone {
        $script:TableKeys = @{}
        foreach ($table in $script:TableNames) {
            $names = [string[]]@(foreach ($row in $Request) { if ($row[0] -eq $table) { $row[1] } })
            if ($names.Length -gt 0) { Add-NamedRows $table $names }
        }
    }
}

# Each entry is opened once.
function Add-NamedRows {
    param([string]$Table, [string[]]$Names)
    $tableKey = Get-TableKey $Table
    if ($null -eq $tableKey) { return }
    $before = $script:Rows.Count
    foreach ($name in $Names) {
        $entry = $null
        if ($name -ne '') { $entry = $tableKey.OpenSubKey($name) }
        if ($null -eq $entry) {
            $script:Rows.RemoveRange($before, $script:Rows.Count - $before)
            Add-TableRows $Table
            return
        }
        Add-EntryRow $Table $name $entry
        $entry.Close()
    }
}
