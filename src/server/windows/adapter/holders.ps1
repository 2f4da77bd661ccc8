# Holders of a certificate beside the TLS records.

# Rows: one reading each, `configuration` for what stands in the configuration of IIS.
function Read-Holders {
    param([string[][]]$Request)
    Invoke-Alone {
        foreach ($row in $Request) {
            switch ($row[0]) {
                'configuration' { Read-Part 'configuration' { Add-ConfigurationRow } }
            }
        }
    }
}

# `<site, or nothing for the defaults> <expected hash, or nothing> <hash> <store>`. Both values in one commit: each commit
# writes the whole file. The site is looked up by comparing names, and only then named in an XPath.
function Set-FtpCertificate {
    param([string[]]$Row)
    if ($Row[1] -ne '' -and (Get-FtpHash $Row[0]) -ne $Row[1]) {
        return 'changed-meanwhile', 'the FTP site does not hold the expected certificate'
    }
    $owner = if ($Row[0] -eq '') { 'siteDefaults' } else { "site[@name=$(ConvertTo-XPathText $Row[0])]" }
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

# XPath 1.0 has no escape: a text with one kind of quotes stands in the other. IIS takes no double quotes in a name.
function ConvertTo-XPathText {
    param([string]$Text)
    if ($Text.IndexOf([char]39) -lt 0) { return "'$Text'" }
    if ($Text.IndexOf([char]34) -lt 0) { return "`"$Text`"" }
    throw "the site name $Text has both kinds of quotes"
}

# In upper case; empty where there is none.
function Get-FtpHash {
    param([string]$Site)
    $document = [Xml.XmlDocument]::new()
    $document.XmlResolver = $null
    $memory = [IO.MemoryStream]::new((Read-SharedFile (Get-ConfigurationPath)))
    try { $document.Load($memory) } finally { $memory.Dispose() }
    $path = if ($Site -eq '') { '//system.applicationHost/sites/siteDefaults' } else { '//system.applicationHost/sites/site' }
    foreach ($owner in $document.SelectNodes($path)) {
        if ($Site -ne '' -and $owner.GetAttribute('name') -ne $Site) { continue }
        $ssl = $owner.SelectSingleNode('ftpServer/security/ssl')
        if ($null -ne $ssl -and $ssl.GetAttribute('serverCertHash') -ne '') {
            return ($ssl.GetAttribute('serverCertHash') -replace '\s').ToUpperInvariant()
        }
    }
    ''
}
