# IIS: its configuration as a file, the states of its sites, and WebAdministration where the file does not answer.

# Everything about a server that a snapshot holds, in one call. The three parts that must fit together are read again
# when the configuration was written meanwhile. Rows: see the functions that take them.
function Read-Server {
    param([string[][]]$Request)
    # If netsh cannot be started here, Read-Netsh tries again and says why.
    try { Start-NetshHelp } catch { Stop-NetshHelp }
    Read-Part 'machine' { Add-MachineRows }
    Read-Part 'account' { Add-AccountRow }
    Add-IisRows
    Read-Part 'web-service' { Add-Row 'web-service', ([string](Get-Service -Name 'W3SVC').Status) }
    Read-Part 'schedule-service' { Add-Row 'schedule-service', ([string](Get-Service -Name 'Schedule').Status) }
    Read-Part 'certificates' { Add-CertificateRows }
    if ((Select-Rows $Request 'authorities').Count -gt 0) { Read-Authorities }
    Read-Part 'keys' { Add-KeyRows 3000 }
    Read-Part 'tasks' { Read-Tasks (Select-Rows $Request 'task-folder') }
    Read-Part 'lifecycle' { Read-Lifecycle (Select-Rows $Request 'lifecycle') }
    Read-Part 'netsh' { Read-Netsh @() }
    foreach ($part in @($script:HolderParts.Keys)) { Read-Part $part { & $script:HolderParts[$part] } }
    Read-Reported (Select-Rows $Request 'place')
}

# One part; a failure to read it is part of the answer: `failed <part> <id> <message>`.
function Read-Part {
    param([string]$Name, [scriptblock]$Read)
    $before = $script:Rows.Count
    try {
        $null = & $Read
        Add-Row 'read', $Name
    } catch {
        $script:Rows.RemoveRange($before, $script:Rows.Count - $before)
        $row = ConvertTo-ErrorRow $_
        $script:Rows.Add("failed`t$Name" + $row.Substring('error'.Length))
    }
}

function Select-Rows {
    param([string[][]]$Request, [string]$First)
    $found = [Collections.Generic.List[string[]]]::new()
    foreach ($row in $Request) {
        if ($row[0] -ne $First) { continue }
        $null, [string[]]$rest = $row
        $found.Add($rest)
    }
    , $found.ToArray()
}

function Add-IisRows {
    $before = $script:Rows.Count
    foreach ($attempt in 1, 2, 3) {
        $script:Rows.RemoveRange($before, $script:Rows.Count - $before)
        $stamp = Get-ConfigurationStamp
        Read-Part 'configuration' { Add-ConfigurationRow }
        Read-Part 'records' {
            Add-ListenRows
            foreach ($table in $script:TableNames) { Add-TableRows $table }
        }
        Read-Part 'sites' { Add-SiteRows }
        Read-Part 'central-store' { Add-CentralStoreRow }
        if ((Get-ConfigurationStamp) -eq $stamp) { return }
    }
}

function Get-ConfigurationFolder {
    Get-SystemPath 'inetsrv', 'config'
}

# The file in use: shared configuration is a redirection to another folder.
function Get-ConfigurationPath {
    $folder = Get-ConfigurationFolder
    $redirection = [IO.Path]::Combine($folder, 'redirection.config')
    if ([IO.File]::Exists($redirection)) {
        $document = [Xml.XmlDocument]::new()
        $document.XmlResolver = $null
        $document.LoadXml([Text.Encoding]::UTF8.GetString((Read-SharedFile $redirection)).TrimStart([char]0xFEFF))
        $element = $document.SelectSingleNode('/configuration/configurationRedirection')
        if ($null -ne $element -and $element.GetAttribute('enabled') -eq 'true') {
            $folder = [Environment]::ExpandEnvironmentVariables($element.GetAttribute('path'))
        }
    }
    [IO.Path]::Combine($folder, 'applicationHost.config')
}

function Get-ConfigurationStamp {
    try {
        $path = Get-ConfigurationPath
        $file = [IO.FileInfo]::new($path)
        if ($file.Exists) { "$path|$($file.Length)|$($file.LastWriteTimeUtc.Ticks)" } else { $path }
    } catch {
        'unreadable'
    }
}

function Add-ConfigurationRow {
    $path = Get-ConfigurationPath
    Add-Row 'configuration', $path, ([Convert]::ToBase64String((Read-SharedFile $path)))
}

# Reads a file that another process may be writing.
function Read-SharedFile {
    param([string]$Path)
    $file = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        $memory = [IO.MemoryStream]::new()
        $file.CopyTo($memory)
        , $memory.ToArray()
    } finally {
        $file.Dispose()
    }
}

function Add-SiteRows {
    Import-Part 'WebAdministration'
    $rows = [Collections.Generic.List[string[]]]::new()
    foreach ($site in @(Get-Website)) {
        # A site without web bindings may not show its state (fidelity: ftp-site-state); the others still do.
        $state = try { [string]$site.state } catch { '' }
        $rows.Add([string[]]@('site', $site.name, $site.id, $state))
    }
    Add-Rows $rows
}

# `binding <site id> <protocol> <information> <sslFlags> <hash> <store>`. Only the path of a binding names its site.
# What is left when neither the file nor the registry answers.
function Read-Bindings {
    param([string[][]]$Request)
    Import-Part 'WebAdministration'
    foreach ($binding in @(Get-WebBinding)) {
        $id = if ($binding.ItemXPath -match "@id='(\d+)'\]") { $Matches[1] } else { '' }
        Add-Row 'binding', $id, $binding.protocol, $binding.bindingInformation, ([string][int]$binding.sslFlags),
        ([string]$binding.certificateHash), ([string]$binding.certificateStoreName)
    }
}
