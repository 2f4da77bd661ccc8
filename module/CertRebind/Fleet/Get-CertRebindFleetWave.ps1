# Sizes of waves and the limit of failures: numbers from what a person wrote. Pure.

# The number of servers in each wave; the last size repeats until everybody has a place.
function Get-CertRebindFleetWave {
    [CmdletBinding()]
    [OutputType([int[]])]
    param(
        [Parameter(Mandatory = $true)] [string[]] $Wave,
        [Parameter(Mandatory = $true)] [int] $Count
    )

    $left = $Count
    $number = 0
    while ($left -gt 0) {
        $size = [Math]::Min($left, [Math]::Max(1, (ConvertTo-CertRebindServerCount -Text $Wave[[Math]::Min($number, $Wave.Count - 1)] -Of $Count -RoundUp)))
        $size
        $left -= $size
        $number++
    }
}

# "3" is three; "25%" is a quarter of all.
function ConvertTo-CertRebindServerCount {
    param([string] $Text, [int] $Of, [switch] $RoundUp)

    if (-not $Text.EndsWith('%')) { return [int]$Text }
    $part = [int]$Text.TrimEnd('%') * $Of / 100
    if ($RoundUp) { [int][Math]::Ceiling($part) } else { [int][Math]::Floor($part) }
}
