# Holders of a certificate other than certificate bindings. The part of each kind adds to these tables, by the words of the rows: what is
# read for a snapshot, what is read of the holders of a kind, and what changes one.

$script:HolderParts = [ordered]@{}
$script:Readings = @{}
$script:Puts = @{}

# Rows: one reading each, with the names that it needs.
function Read-Holders {
    param([string[][]]$Request)
    Invoke-Alone {
        foreach ($row in $Request) {
            $reading, [string[]]$names = $row
            Read-Part $reading { & $script:Readings[$reading] $names }
        }
    }
}

# Certificate bindings by address, where they are there.
function Add-RecordsAt {
    param([string[]]$Names)
    $table = Get-RegistryKey "$($script:HttpParameters)\SslBindingInfo"
    if ($null -ne $table) { $null = Add-EntryRows 'SslBindingInfo' $table $Names }
}

# From a place in a row on two lists of what Invoke-Netsh needs, each with its length and each entry with the number of its
# fields: what writes the certificate bindings of a holder, and what puts them back. They come first, because clients get their
# certificate; if the rest fails, those that were reached are rolled back.
function Set-WithRecords {
    param([string[]]$Row, [int]$At, [scriptblock]$Rest)
    $forth = Get-CountedRows $Row $At
    $back = Get-CountedRows $Row $forth.Next
    $reached = @()
    $outcome = '', ''
    foreach ($one in $forth.Rows) {
        $outcome = Invoke-Netsh $one
        if ($outcome[0] -ne '') { break }
        $reached += "$($one[0]) $($one[1])"
    }
    if ($outcome[0] -eq '') {
        try { $null = & $Rest } catch { $outcome = 'refused', "its own setting: $(Get-ErrorMessage $_)" }
    }
    if ($outcome[0] -ne '') { foreach ($one in $back.Rows) { if ($reached -contains "$($one[0]) $($one[1])") { $null = Invoke-Netsh $one } } }
    $outcome
}

# The rows that a row has from a place on, and where it continues.
function Get-CountedRows {
    param([string[]]$Row, [int]$At)
    $rows = [Collections.Generic.List[string[]]]::new()
    $next = $At + 1
    for ($left = [int]$Row[$At]; $left -gt 0; $left--) {
        $count = [int]$Row[$next]
        $rows.Add([string[]]$Row[($next + 1)..($next + $count)])
        $next += 1 + $count
    }
    [pscustomobject]@{ Rows = $rows; Next = $next }
}

function ConvertFrom-Hex {
    param([string]$Digits)
    , [byte[]]@(for ($at = 0; $at -lt $Digits.Length; $at += 2) { [Convert]::ToByte($Digits.Substring($at, 2), 16) })
}

function Set-RegistryBytes {
    param([string]$Key, [string]$Name, [byte[]]$Bytes)
    $null = New-ItemProperty -LiteralPath $Key -Name $Name -PropertyType 'Binary' -Value $Bytes -Force
}
