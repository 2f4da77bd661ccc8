# What a script of the suites asks, part by part: each is told, or why not, and none ends the others.
$ErrorActionPreference = 'Stop'
$script:told = [ordered]@{}

# Names of its own, since a part sees them before those of its script.
function Ask {
    param([string] $PartName, [scriptblock] $PartToAsk)
    try { $script:told[$PartName] = @(& $PartToAsk | ForEach-Object { [string]$_ }) }
    catch { $script:told[$PartName] = @{ refused = (Get-Refusal $_) } }
}

# For what is expected to be refused: the refusal is the answer.
function Get-Attempt {
    param([scriptblock] $PartToTry)
    try { $null = & $PartToTry; 'done' }
    catch [NotImplementedException] { throw }
    catch { Get-Refusal $_ }
}

# Number, id and text; the number of the innermost error, which the others only wrap.
function Get-Refusal {
    param($Record)
    $exception = $Record.Exception
    while ($null -ne $exception.InnerException) { $exception = $exception.InnerException }
    '0x{0:X8} {1}: {2}' -f $exception.HResult, $Record.FullyQualifiedErrorId, $exception.Message
}

# A program of System32: its exit code, then what it printed.
function Invoke-Program {
    param([string] $Name, [string[]] $Words)
    $lines = @(& ([IO.Path]::Combine($env:SystemRoot, 'System32', $Name)) @Words)
    "$LASTEXITCODE"
    $lines
}

function Write-Told {
    param([string] $File)
    [IO.File]::WriteAllText($File, (ConvertTo-Json -InputObject $script:told -Depth 4 -Compress))
}
