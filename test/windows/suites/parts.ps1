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

# A program of System32: its exit code, then what it printed. One that asks something and waits is ended, and that is an error.
function Invoke-Program {
    param([string] $Name, [string[]] $Words, [int] $Seconds = 120)
    $quoted = foreach ($word in $Words) { if ($word -match '\s') { "`"$word`"" } else { $word } }
    $start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine($env:SystemRoot, 'System32', $Name), ($quoted -join ' '))
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $program = [Diagnostics.Process]::Start($start)
    $program.StandardInput.Close()
    $printed = $program.StandardOutput.ReadToEndAsync()
    if (-not ($program.WaitForExit($Seconds * 1000) -and $printed.Wait(10000))) {
        if (-not $program.HasExited) { $program.Kill() }
        throw "$Name did not end within $Seconds s"
    }
    "$($program.ExitCode)"
    $printed.Result.TrimEnd() -split '\r?\n'
}

# The same for one that has to succeed: what it printed, or an error with it.
function Invoke-Demanded {
    param([string] $Name, [string[]] $Words)
    $code, $lines = Invoke-Program $Name $Words
    if ($code -ne '0') { throw "$Name $Words ended with ${code}: $($lines -join ' ')" }
    $lines
}

function Write-Told {
    param([string] $File)
    [IO.File]::WriteAllText($File, (ConvertTo-Json -InputObject $script:told -Depth 4 -Compress))
}
