# Runs the tests of some files in this engine. Started by scripts/pester.mjs, which has a lab ready.
param(
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $ListFile,
    [Parameter(Mandatory)] [string] $CountsFile,
    [string] $Pattern = '',
    [switch] $Quick
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

Import-Module -Name $Pester
$entries = [IO.File]::ReadAllLines($ListFile)
$results = foreach ($file in $entries -replace ':\d+$' | Select-Object -Unique) {
    # The PowerShell that is first to make the mark of a file runs it; the other goes on to the next.
    try { [IO.File]::Open("$ListFile.$([IO.Path]::GetFileName($file))", 'CreateNew').Dispose() } catch [IO.IOException] { continue }
    $ofFile = @($entries -replace ':\d+$' -eq $file)
    $blocks = @($entries -match ':\d+$' | Where-Object { $_ -replace ':\d+$' -eq $file })
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = $file
    if ($blocks.Count -eq $ofFile.Count) { $configuration.Filter.Line = $blocks }
    if ($Quick) { $configuration.Run.SkipRemainingOnFailure = 'Run' }
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = 'Normal'
    if ($Pattern -ne '') { $configuration.Filter.FullName = "*$Pattern*" }
    $result = Invoke-Pester -Configuration $configuration
    $result
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
    slowest = @($timed | Sort-Object -Property { $_.seconds } -Descending | Select-Object -First 10)
}
[IO.File]::WriteAllText($CountsFile, (ConvertTo-Json -InputObject $counts -Compress))
Write-Output "$($counts.passed + $failed) Pester tests ran in PowerShell $($PSVersionTable.PSVersion) ($($PSVersionTable.OS))"
exit ([int]($failed -gt 0))
