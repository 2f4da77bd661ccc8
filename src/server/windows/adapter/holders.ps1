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
