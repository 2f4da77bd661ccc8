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

# `central-store <Enabled> <CertStoreLocation>` (fidelity: central-store-folder).
function Add-CentralStoreRow {
    $values = @(Get-RegistryTexts 'HKLM:\SOFTWARE\Microsoft\IIS\CentralCertProvider' 'Enabled', 'CertStoreLocation')
    Add-Row 'central-store', $values[0], $values[1]
}

# Every entry of a table.
function Add-TableRows {
    param([string]$Table)
    $tableKey = Get-RegistryKey "$($script:HttpParameters)\$Table"
    if ($null -ne $tableKey) { $null = Add-EntryRows $Table $tableKey $tableKey.GetSubKeyNames() }
}

# `record <table> <sub-key> (<value name> <type> <base64>)...` for these entries of a table. Returns how many there are.
function Add-EntryRows {
    param([string]$Table, $TableKey, [string[]]$Names)
    $rows = [Collections.Generic.List[string[]]]::new()
    foreach ($name in $Names) {
        # An empty name would open the table itself.
        if ($name -eq '') { continue }
        $entry = $TableKey.OpenSubKey($name)
        if ($null -eq $entry) { continue }
        $fields = [Collections.Generic.List[string]]::new()
        $fields.Add('record')
        $fields.Add($Table)
        $fields.Add($name)
        foreach ($valueName in $entry.GetValueNames()) {
            $value = $entry.GetValue($valueName, $null, $script:AsWritten)
            $fields.Add($valueName)
            # No other kind is a number of 32 bits.
            if ($value -is [int]) {
                $fields.Add('REG_DWORD')
                $fields.Add([Convert]::ToBase64String([BitConverter]::GetBytes($value)))
                continue
            }
            # By number: the name of an enumeration is looked up anew each time, and a table has thousands of values.
            switch ([int]$entry.GetValueKind($valueName)) {
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
        if ($entry.SubKeyCount -gt 0) {
            foreach ($subKey in $entry.GetSubKeyNames()) { $fields.AddRange([string[]]@("$subKey\", 'REG_KEY', '')) }
        }
        $rows.Add($fields.ToArray())
        $entry.Close()
    }
    Add-Rows $rows
    $rows.Count
}

# The key of a table; nothing if there is none.
function Get-TableKey {
    param([string]$Table)
    $script:TableKeys[$Table] = Get-RegistryKey "$($script:HttpParameters)\$Table"
    $script:TableKeys[$Table]
}

# The hash an entry holds, upper-case; nothing when there is no such entry.
function Get-EntryHash {
    param([string]$Table, [string]$Name)
    if ($Name -eq '') { return $null }
    # Opened once per call of the adapter.
    $tableKey = $script:TableKeys[$Table]
    if ($null -eq $tableKey) { $tableKey = Get-TableKey $Table }
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

function Add-NamedRows {
    param([string]$Table, [string[]]$Names)
    $tableKey = Get-TableKey $Table
    if ($null -eq $tableKey) { return }
    $before = $script:Rows.Count
    if ((Add-EntryRows $Table $tableKey $Names) -eq $Names.Length) { return }
    $script:Rows.RemoveRange($before, $script:Rows.Count - $before)
    Add-TableRows $Table
}
