# Runs the tests of some files in this engine. Started by scripts/pester.mjs, which has a lab ready, and for the story of a fleet.
param(
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $ListFile,
    [Parameter(Mandatory)] [string] $CountsFile,
    [string] $Pattern = '',
    [switch] $Quick,
    # Each entry runs by itself, and what appears in this folder meanwhile is told of it.
    [string] $Hits = ''
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

Import-Module -Name $Pester
$entries = [IO.File]::ReadAllLines($ListFile)
$units = [Collections.Generic.List[object]]::new()
$results = foreach ($part in $(if ($Hits -eq '') { $entries -replace ':\d+$' | Select-Object -Unique } else { $entries })) {
    # The PowerShell that is first to make the mark of a file runs it; the other goes on to the next.
    try { [IO.File]::Open("$ListFile.$([IO.Path]::GetFileName($part))", 'CreateNew').Dispose() } catch [IO.IOException] { continue }
    $ofPart = @($entries | Where-Object { $_ -eq $part -or $_ -replace ':\d+$' -eq $part })
    $blocks = @($ofPart -match ':\d+$')
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = $part -replace ':\d+$'
    if ($blocks.Count -eq $ofPart.Count) { $configuration.Filter.Line = $blocks }
    if ($Quick) { $configuration.Run.SkipRemainingOnFailure = 'Run' }
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = 'Normal'
    if ($Pattern -ne '') { $configuration.Filter.FullName = "*$Pattern*" }
    $result = Invoke-Pester -Configuration $configuration
    $result
    if ($Hits -ne '') {
        $seen = @([IO.Directory]::GetDirectories($Hits))
        $units.Add(@{ entry = $part; failed = $result.Result -ne 'Passed'; seconds = $result.Duration.TotalSeconds; hits = @($seen | ForEach-Object { [IO.Path]::GetFileName($_) }) })
        foreach ($one in $seen) { [IO.Directory]::Delete($one) }
    }
    if ($Quick -and $result.Result -eq 'Failed') { break }
}

function Get-Sum([string] $Property) { [int]($results | Measure-Object -Property $Property -Sum).Sum }
function Get-Tests($Block) {
    $Block.Tests
    foreach ($inner in $Block.Blocks) { Get-Tests $inner }
}
$timed = foreach ($container in $results.Containers) {
    $file = $container.Item.Name
    $tests = @($container.Blocks | ForEach-Object { Get-Tests $_ })
    $inTests = ($tests.Duration.TotalSeconds | Measure-Object -Sum).Sum
    @{ name = "${file}: what prepares its tests and cleans up"; seconds = $container.Duration.TotalSeconds - $inTests }
    foreach ($test in $tests) { @{ name = "${file}: $($test.ExpandedName)"; seconds = $test.Duration.TotalSeconds } }
}

# A file that cannot even be loaded is a failure, though none of its tests ran.
$failed = (Get-Sum FailedCount) + (Get-Sum FailedBlocksCount) + (Get-Sum FailedContainersCount)
$counts = @{
    passed = Get-Sum PassedCount
    failed = $failed
    skipped = Get-Sum SkippedCount
    failures = @($results | ForEach-Object { $_.Failed } | ForEach-Object { "$($_.ScriptBlock.File | Split-Path -Leaf): $($_.ExpandedPath)" })
    units = $units.ToArray()
    slowest = @($timed | Sort-Object -Property { $_.seconds } -Descending | Select-Object -First 10)
}
[IO.File]::WriteAllText($CountsFile, (ConvertTo-Json -InputObject $counts -Depth 4 -Compress))
Write-Output "$($counts.passed + $failed) Pester tests ran in PowerShell $($PSVersionTable.PSVersion) ($($PSVersionTable.OS))"
exit ([int]($failed -gt 0))
