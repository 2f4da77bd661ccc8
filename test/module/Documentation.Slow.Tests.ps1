# docs/powershell.md shows what its commands print: each is typed again, on a lab. UPDATE_DOCS=1 writes what they print
# into the page in place of comparing it.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    $page = "$(Get-Root)/docs/powershell.md"
    $path = $env:PSModulePath

    # What differs from run to run, in one form: thumbprints and runs are numbered as they come up.
    function ConvertTo-Canonical([string[]] $Line, [Collections.Generic.List[string]] $Seen) {
        $Line | ForEach-Object {
            $text = [regex]::Replace($_, '\b[0-9A-F]{40}\b|\b\d{8}-\d{9}-[0-9a-f]{4}\b', {
                    param($match)
                    if (-not $Seen.Contains($match.Value)) { $Seen.Add($match.Value) }
                    "<$($Seen.IndexOf($match.Value))>"
                })
            $text = [regex]::Replace($text, '\b[0-9A-F]{8}\b', { param($match) "<$($Seen.FindIndex({ param($token) $token.StartsWith($match.Value) }))~>" })
            $text -replace '\d{4}-\d\d-\d\d( \d\d:\d\d:\d\dZ)?', '<time>' -replace '[\d.]+ s\b', '<span>' -replace ' +', ' '
        }
    }

    function Open-Session {
        $session = [PowerShell]::Create()
        $session.AddScript("`$env:PSModulePath = '$(Get-Root)/module' + [IO.Path]::PathSeparator + `$env:PSModulePath; $(Get-ShellFunction)").Invoke()
        $session
    }

    function Invoke-Line($Session, [string] $Command) {
        $Session.Commands.Clear()
        $Session.Streams.ClearStreams()
        $null = $Session.AddScript($Command, $false).AddCommand('Out-String').AddParameter('Width', 100)
        $text = ($Session.Invoke() -join '')
        if ($Session.HadErrors -and $Session.Streams.Error.Count -gt 0 -and $Command -notmatch 'SilentlyContinue') { throw $Session.Streams.Error[0].Exception }
        @($text.Trim("`r", "`n").Split("`n") | ForEach-Object { $_.TrimEnd() } | Where-Object { $_ -ne '' })
    }
}

AfterAll {
    $env:PSModulePath = $path
    Stop-Lab $lab
}

Describe 'docs/powershell.md' {
    It 'shows what its commands print' {
        $session = Open-Session
        $told = [Collections.Generic.List[string]]::new()
        $replayed = [Collections.Generic.List[string]]::new()
        $written = [Collections.Generic.List[string]]::new()
        $count = 0
        $inside = $false
        $shown = [Collections.Generic.List[string]]::new()
        $printed = $null
        try {
            foreach ($line in [IO.File]::ReadAllLines($page)) {
                $ends = $inside -and ($line -eq '```' -or $line.StartsWith('PS> '))
                if ($ends -and $null -ne $printed) {
                    $expected = @(ConvertTo-Canonical $shown $told) -join "`n"
                    $actual = @(ConvertTo-Canonical $printed $replayed) -join "`n"
                    if ($env:UPDATE_DOCS -eq '1') { $printed | ForEach-Object { $written.Add($_) } } else { $actual | Should -Be $expected -Because $command }
                    $printed = $null
                }
                if ($line -eq '```powershell') { $inside = $true } elseif ($line -eq '```') { $inside = $false }
                if ($inside -and $line.StartsWith('PS> ')) {
                    $command = $line.Substring(4)
                    $count++
                    $printed = @(Invoke-Line $session $command)
                    $shown.Clear()
                } elseif ($inside -and $null -ne $printed) {
                    $shown.Add($line)
                    continue
                }
                $written.Add($line)
            }
        } finally { $session.Dispose() }
        $count | Should -BeGreaterThan 9
        if ($env:UPDATE_DOCS -eq '1') { [IO.File]::WriteAllText($page, ($written -join "`n") + "`n") }
    }
}
