# Holders of a certificate other than TLS records.

$script:WinrmListeners = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener'
$script:WebManagement = 'HKLM:\SOFTWARE\Microsoft\WebManagement\Server'
$script:WinStations = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations'

# Rows: one reading each, `configuration` for what stands in the configuration of IIS, `rdp` for Remote Desktop listeners,
# `winrm` for those of WinRM, `wmsvc` for the Web Management Service,
# `key-access <thumbprint>...` for rights on private keys.
function Read-Holders {
    param([string[][]]$Request)
    Invoke-Alone {
        foreach ($row in $Request) {
            switch ($row[0]) {
                'configuration' { Read-Part 'configuration' { Add-ConfigurationRow } }
                'rdp' { Read-Part 'rdp' { Add-RdpRows } }
                'winrm' { Read-Part 'winrm' { Add-WinrmRows } }
                'key-access' {
                    $null, [string[]]$thumbprints = $row
                    Read-Part 'key-access' { Add-KeyAccessRows $thumbprints }
                }
                'wmsvc' { Read-Part 'wmsvc' { Add-WmsvcRow; Add-WmsvcRecords } }
            }
        }
    }
}

# `<site, or nothing for the defaults> <expected hash, or nothing> <hash> <store>`. Both values in one commit: each commit
# writes the whole file. The site is looked up by comparing names, and only then named in an XPath, in its own letters.
function Set-FtpCertificate {
    param([string[]]$Row)
    $found = Get-FtpOwner $Row[0]
    if ($Row[1] -ne '' -and (Get-FtpHash $found) -ne $Row[1]) {
        return 'changed-meanwhile', 'the FTP site does not hold the expected certificate'
    }
    # For a site that is not there, WebAdministration only warns.
    if ($null -eq $found -and $Row[0] -ne '') { return 'refused', "there is no site $($Row[0])" }
    $owner = if ($Row[0] -eq '') { 'siteDefaults' } else { "site[@name=$(ConvertTo-XPathText $found.GetAttribute('name'))]" }
    $root = 'MACHINE/WEBROOT/APPHOST'
    $filter = "/system.applicationHost/sites/$owner/ftpServer/security/ssl"
    Import-Part 'WebAdministration'
    $null = Start-WebCommitDelay
    $isWhole = $false
    try {
        $null = Set-WebConfigurationProperty -PSPath $root -Filter $filter -Name 'serverCertHash' -Value $Row[2]
        $null = Set-WebConfigurationProperty -PSPath $root -Filter $filter -Name 'serverCertStoreName' -Value $Row[3]
        $isWhole = $true
    } finally {
        $null = Stop-WebCommitDelay -Commit $isWhole
    }
    '', ''
}

# XPath 1.0 has no escape: a text that contains one kind of quotes is put in the other. IIS allows no double quotes in a
# name.
function ConvertTo-XPathText {
    param([string]$Text)
    if ($Text.IndexOf([char]39) -lt 0) { return "'$Text'" }
    if ($Text.IndexOf([char]34) -lt 0) { return "`"$Text`"" }
    throw "the site name $Text has both kinds of quotes"
}

# The element of a site, or of the defaults; nothing if there is none.
function Get-FtpOwner {
    param([string]$Site)
    $document = [Xml.XmlDocument]::new()
    $document.XmlResolver = $null
    $memory = [IO.MemoryStream]::new((Read-SharedFile (Get-ConfigurationPath)))
    try { $document.Load($memory) } finally { $memory.Dispose() }
    if ($Site -eq '') { return $document.SelectSingleNode('//system.applicationHost/sites/siteDefaults') }
    foreach ($owner in $document.SelectNodes('//system.applicationHost/sites/site')) {
        if ($owner.GetAttribute('name') -eq $Site) { return $owner }
    }
}

# In upper case; empty if there is none.
function Get-FtpHash {
    param($Owner)
    $ssl = if ($null -ne $Owner) { $Owner.SelectSingleNode('ftpServer/security/ssl') }
    if ($null -eq $ssl) { return '' }
    ($ssl.GetAttribute('serverCertHash') -replace '\s').ToUpperInvariant()
}

# `rdp <listener> <hash>` for each Remote Desktop listener with a certificate of its own.
function Add-RdpRows {
    $stations = Get-RegistryKey $script:WinStations
    if ($null -eq $stations) { return }
    foreach ($name in $stations.GetSubKeyNames()) {
        $hash = Get-RegistryTexts "$($script:WinStations)\$name" 'SSLCertificateSHA1Hash'
        if ($hash -ne '') { Add-Row 'rdp', $name, $hash }
    }
}

# What a listener holds; empty if there is no such listener. The name is compared, and never used as part of a path.
function Get-RdpHash {
    param([string]$Listener)
    $stations = Get-RegistryKey $script:WinStations
    if ($null -eq $stations) { return '' }
    foreach ($name in $stations.GetSubKeyNames()) {
        if ($name -eq $Listener) { return Get-RegistryTexts "$($script:WinStations)\$name" 'SSLCertificateSHA1Hash' }
    }
    ''
}

# `<listener> <expected hash, or nothing> <hash>`. WMI refuses what the registry would take, and changes one listener: each
# is looked up by comparing names. What group policy chooses is not changed.
function Set-RdpCertificate {
    param([string[]]$Row)
    if ($Row[1] -ne '' -and (Get-RdpHash $Row[0]) -ne $Row[1]) { return 'changed-meanwhile', 'the listener does not hold the expected certificate' }
    Import-Part 'CimCmdlets'
    foreach ($setting in @(Get-CimInstance -Namespace 'root/CIMV2/TerminalServices' -ClassName 'Win32_TSGeneralSetting')) {
        if ($setting.TerminalName -ne $Row[0]) { continue }
        if ([int]$setting.SSLCertificateSHA1HashType -eq 2) { return 'refused', 'group policy chooses the certificate of this listener' }
        $null = Set-CimInstance -InputObject $setting -Property @{ SSLCertificateSHA1Hash = $Row[2] }
        return '', ''
    }
    'refused', "there is no Remote Desktop listener $($Row[0])"
}

# `winrm <listener> <hash> <port> <host name>` for each listener of WinRM that names a certificate. One that names none
# follows the TLS record of another product.
function Add-WinrmRows {
    $listeners = Get-RegistryKey $script:WinrmListeners
    if ($null -eq $listeners) { return }
    foreach ($name in $listeners.GetSubKeyNames()) {
        if ($name -notlike '*+HTTPS') { continue }
        $hash, $port, $hostname = @(Get-RegistryTexts "$($script:WinrmListeners)\$name" 'certThumbprint', 'Port', 'hostname')
        $hash = ($hash -replace '\s').ToUpperInvariant()
        if ($hash -ne '') { Add-Row 'winrm', $name, $hash, $port, $hostname }
    }
}

# `<listener> <expected hash, or nothing> <hash>`. In place, so that port and address stay; the host name of the
# listener is passed again, because WinRM compares it with the certificate. No service is started or restarted.
function Set-WinrmCertificate {
    param([string[]]$Row)
    $held, $hostname = @(Get-RegistryTexts "$($script:WinrmListeners)\$($Row[0])" 'certThumbprint', 'hostname')
    if ($Row[1] -ne '' -and ($held -replace '\s') -ne $Row[1]) { return 'changed-meanwhile', 'the listener does not hold the expected certificate' }
    Import-Part 'Microsoft.WSMan.Management'
    $selector = @{ Address = $Row[0] -replace '\+HTTPS$'; Transport = 'HTTPS' }
    $values = @{ CertificateThumbprint = $Row[2] }
    if ($hostname -ne '') { $values['Hostname'] = $hostname }
    $null = Set-WSManInstance -ResourceURI 'winrm/config/Listener' -SelectorSet $selector -ValueSet $values
    '', ''
}

# `wmsvc <hash> <port> <address>` of the Web Management Service, the hash empty if it names none.
function Add-WmsvcRow {
    if ($null -eq (Get-RegistryKey $script:WebManagement)) { return }
    Add-Row (@('wmsvc') + @(Get-RegistryTexts $script:WebManagement 'SslCertificateHash', 'Port', 'IPAddress'))
}

# The TLS records that may belong to it: of its address, and of any.
function Add-WmsvcRecords {
    $port, $address = @(Get-RegistryTexts $script:WebManagement 'Port', 'IPAddress')
    if ($port -eq '') { $port = '8172' }
    $table = Get-RegistryKey "$($script:HttpParameters)\SslBindingInfo"
    if ($null -eq $table) { return }
    foreach ($name in @("$($address):$port", "[$address]:$port", "0.0.0.0:$port")) {
        $entry = $table.OpenSubKey($name)
        if ($null -eq $entry) { continue }
        Add-EntryRow 'SslBindingInfo' $name $entry
        $entry.Close()
    }
}

# `<hash for the registry, or nothing> <table> <sub-key> <expected hash of the record, or nothing>`, then two lists of
# netsh commands, each with its length and each command with the number of its words: the commands that write the
# record, and those that put it back. The record comes first, because clients get its certificate; if the registry
# refuses, the record is put back. Nothing is restarted.
function Set-WmsvcCertificate {
    param([string[]]$Row)
    $forth = ConvertTo-NetshCommands $Row 4
    $back = ConvertTo-NetshCommands $Row $forth.Next
    $expected = $Row[3]
    $done = 0
    $outcome = '', ''
    foreach ($words in $forth.Commands) {
        $outcome = Invoke-Netsh (@($Row[1], $Row[2], $expected) + $words)
        if ($outcome[0] -ne '') { break }
        $done++
        # Between the two commands of a record that is made again, there is none.
        $expected = ''
    }
    if ($outcome[0] -eq '' -and $Row[0] -ne '') {
        try {
            $bytes = [byte[]]@(for ($at = 0; $at -lt $Row[0].Length; $at += 2) { [Convert]::ToByte($Row[0].Substring($at, 2), 16) })
            $null = New-ItemProperty -LiteralPath $script:WebManagement -Name 'SslCertificateHash' -PropertyType 'Binary' -Value $bytes -Force
        } catch {
            $outcome = 'refused', "the registry: $(Get-ErrorMessage $_)"
        }
    }
    if ($outcome[0] -ne '' -and $done -gt 0) {
        foreach ($words in $back.Commands) { $null = Invoke-Netsh (@('', '', '') + $words) }
    }
    $outcome
}

# Reads commands of netsh from a row, and returns where the row continues.
function ConvertTo-NetshCommands {
    param([string[]]$Row, [int]$At)
    $commands = [Collections.Generic.List[string[]]]::new()
    $next = $At + 1
    for ($left = [int]$Row[$At]; $left -gt 0; $left--) {
        $count = [int]$Row[$next]
        $commands.Add([string[]]$Row[($next + 1)..($next + $count)])
        $next += 1 + $count
    }
    [pscustomobject]@{ Commands = $commands; Next = $next }
}
