# The installed program from a token without administrators, as Windows makes it of this one: exit code, then what it printed.
param([string] $File, [string] $Program, [string] $Words)
. "$PSScriptRoot/../parts.ps1"
$folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid())")).FullName

Ask 'printed' {
    $lines = '@echo off', "`"$Program\certrebind.exe`" $Words --json > `"$folder\printed.json`" 2> `"$folder\said.txt`"", "echo %errorlevel%> `"$folder\exit.new`"",
        "move `"$folder\exit.new`" `"$folder\exit.txt`" > nul"
    [IO.File]::WriteAllLines("$folder\run.cmd", [string[]]$lines)
    $null = Invoke-Program 'icacls.exe' $folder, '/grant', '*S-1-5-32-545:(OI)(CI)M'
    $null = Invoke-Demanded 'runas.exe' '/trustlevel:0x20000', "$folder\run.cmd"
    $until = [datetime]::UtcNow.AddSeconds(120)
    while (-not [IO.File]::Exists("$folder\exit.txt") -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 200 }
    [IO.File]::ReadAllText("$folder\exit.txt").Trim()
    [IO.File]::ReadAllLines("$folder\printed.json")
}
[IO.Directory]::Delete($folder, $true)
Write-Told $File
