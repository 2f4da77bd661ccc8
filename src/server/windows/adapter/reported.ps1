# Holders of certificates that are only reported. The request lists the places; if a role does not exist, only the
# registry is read.

# Rows: `<kind> <key, value and data by which it is there> <service> <how> <what that needs: four> <first build of Windows>`.
# Answers with a part for each kind.
function Read-Reported {
    param([string[][]]$Request)
    $script:States = @{}
    $kinds = [Collections.Generic.List[string]]::new()
    foreach ($place in $Request) { if (-not $kinds.Contains($place[0])) { $kinds.Add($place[0]) } }
    foreach ($kind in $kinds) {
        Read-Part "reported $kind" {
            foreach ($place in $Request) {
                if ($place[0] -eq $kind -and (Test-RoleIsThere $place)) { Add-PlaceRows $place }
            }
        }
    }
}

function Test-RoleIsThere {
    param([string[]]$Place)
    $key = "HKLM:\$($Place[1])"
    if ($null -eq (Get-RegistryKey $key)) { return $false }
    if ($Place.Count -gt 10 -and [int](Get-RegistryTexts 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentBuildNumber') -lt [int]$Place[10]) { return $false }
    $Place[2] -eq '' -or (Get-RegistryTexts $key $Place[2]) -eq $Place[3]
}

# `reported <kind> <which> <hash> <place> <service> <its state>`, `role <kind>` where nothing cheap tells the hash, and
# `connector <kind> <name> <what it names>`.
function Add-PlaceRows {
    param([string[]]$Place)
    $kind, $service, $first, $second, $third, $fourth = $Place[0], $Place[4], $Place[6], $Place[7], $Place[8], $Place[9]
    switch ($Place[5]) {
        'wmi' {
            foreach ($one in @(Get-CimObjects $first $second)) {
                $hash = $one.$third
                if ($hash -is [byte[]]) { $hash = [BitConverter]::ToString($hash).Replace('-', '') }
                $which = if ($fourth.StartsWith('=')) { $fourth.Substring(1) } else { [string]$one.$fourth }
                Add-ReportedRow $kind $which ([string]$hash) "${first}:$second" $service
            }
        }
        'policies' { Add-PolicyRows $kind $service }
        'connectors' {
            Add-Row 'role', $kind
            Add-ConnectorRows $kind
        }
        'not-read' {
            $key = if ($first -ne '') { Get-RegistryKey "HKLM:\$first" }
            if ($null -eq $key -or $key.SubKeyCount -eq 0) { Add-Row 'role', $kind }
        }
    }
}

# The connectors of Exchange, from the configuration partition. What they name is empty where it is not set, or not shown to the
# account of this server (fidelity: exchange-attribute).
function Add-ConnectorRows {
    param([string]$Kind)
    $searcher = [adsisearcher]'(|(objectClass=msExchRoutingSMTPConnector)(objectClass=msExchSmtpReceiveConnector))'
    $searcher.SearchRoot = [adsi]"LDAP://$(([adsi]'LDAP://rootDSE').Properties['configurationNamingContext'])"
    $searcher.PageSize = 500
    $searcher.ClientTimeout = [TimeSpan]::FromSeconds(20)
    $found = $searcher.FindAll()
    try {
        foreach ($one in $found) { Add-Row 'connector', $Kind, "$($one.Properties['cn'])", "$($one.Properties['msExchSmtpTLSCertificate'])" }
    } finally {
        $found.Dispose()
    }
}

# A class or a namespace that is not there has no objects (fidelity: reported-wmi).
function Get-CimObjects {
    param([string]$Namespace, [string]$ClassName)
    Import-Part 'CimCmdlets'
    try {
        Get-CimInstance -Namespace $Namespace -ClassName $ClassName
    } catch {
        if ($_.FullyQualifiedErrorId -notmatch '^HRESULT 0x8004100E|^HRESULT 0x80041010') { throw }
    }
}

# Only the EAP settings of Network Policy Server's file are returned, because it contains shared secrets.
function Add-PolicyRows {
    param([string]$Kind, [string]$Service)
    $path = Get-SystemPath 'ias', 'ias.xml'
    $document = [Xml.XmlDocument]::new()
    $document.XmlResolver = $null
    $memory = [IO.MemoryStream]::new((Read-SharedFile $path))
    try { $document.Load($memory) } finally { $memory.Dispose() }
    foreach ($setting in $document.SelectNodes('//RadiusProfiles//msEAPConfiguration')) {
        $policy = $setting.SelectSingleNode('ancestor::*[@name][1]')
        $name = if ($null -ne $policy) { $policy.GetAttribute('name') } else { '' }
        Add-ReportedRow $Kind $name $setting.InnerText.Trim() $path $Service
    }
}

$script:States = @{}

# The state of a service is read only if something names a certificate.
function Add-ReportedRow {
    param([string]$Kind, [string]$Which, [string]$Hash, [string]$Stands, [string]$Service)
    if ($Hash -eq '') { return }
    if ($Service -ne '' -and -not $script:States.ContainsKey($Service)) {
        $script:States[$Service] = try { [string](Get-Service -Name $Service).Status } catch { '' }
    }
    Add-Row 'reported', $Kind, $Which, $Hash, $Stands, $Service, ([string]$script:States[$Service])
}
