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
# What the blocks of a file take for themselves, to prepare and to clean up, and each test.
function Get-Timed($Block, [string] $File) {
    @{ name = "${File}: before and after $($Block.Name)"; seconds = $Block.OwnDuration.TotalSeconds }
    foreach ($test in $Block.Tests) { @{ name = "${File}: $($test.ExpandedName)"; seconds = $test.Duration.TotalSeconds } }
    foreach ($inner in $Block.Blocks) { Get-Timed $inner $File }
}

# A file that cannot even be loaded is a failure, though none of its tests ran.
$failed = (Get-Sum FailedCount) + (Get-Sum FailedBlocksCount) + (Get-Sum FailedContainersCount)
$first = $results | Where-Object { $_.Failed.Count -gt 0 } | Select-Object -First 1
$timed = foreach ($container in $results.Containers) { foreach ($block in $container.Blocks) { Get-Timed $block $container.Item.Name } }
$counts = @{
    passed = Get-Sum PassedCount
    failed = $failed
    skipped = Get-Sum SkippedCount
    first = $(if ($first) { $first.Failed[0].ExpandedPath })
    slowest = @($timed | Sort-Object -Property { $_.seconds } -Descending | Select-Object -First 10)
}
[IO.File]::WriteAllText($CountsFile, (ConvertTo-Json -InputObject $counts -Compress))
Write-Output "$($counts.passed + $failed) Pester tests ran in PowerShell $($PSVersionTable.PSVersion) ($($PSVersionTable.OS))"
exit ([int]($failed -gt 0))
