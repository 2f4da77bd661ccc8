# The Web Management Service.

$script:WebManagement = 'HKLM:\SOFTWARE\Microsoft\WebManagement\Server'
$script:HolderParts['web-management'] = { Add-WebManagementRows }
$script:Readings['wmsvc'] = { Add-WmsvcRow; Add-WmsvcRecords }
$script:Puts['put-wmsvc'] = { Set-WmsvcCertificate $args[0] }

# The Web Management Service (Add-WmsvcRow), then `wmsvc-service <state>`. Where the service is not there, its key says nothing.
function Add-WebManagementRows {
    if ($null -eq (Get-RegistryKey 'HKLM:\SYSTEM\CurrentControlSet\Services\WMSVC')) { return }
    Add-WmsvcRow
    Add-Row 'wmsvc-service', ([string](Get-Service -Name 'WMSVC').Status)
}

# `wmsvc <hash> <port> <address>` of the Web Management Service, the hash empty if it names none.
function Add-WmsvcRow {
    if ($null -eq (Get-RegistryKey $script:WebManagement)) { return }
    Add-Row (@('wmsvc') + @(Get-RegistryTexts $script:WebManagement 'SslCertificateHash', 'Port', 'IPAddress'))
}

# The certificate bindings that may belong to it: of its address, and of any.
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
# refuses, the record is rolled back. Nothing is restarted.
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
