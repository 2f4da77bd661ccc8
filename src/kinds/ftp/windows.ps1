# FTP sites: their certificates stand in the configuration of IIS.

$script:Readings['configuration'] = { Add-ConfigurationRow }
$script:Puts['put-ftp'] = { Set-FtpCertificate $args[0] }

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
# name (fidelity: ftp-xpath).
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
