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
$configuration = New-PesterConfiguration
$files = [IO.File]::ReadAllLines($ListFile)
$configuration.Run.Path = $files -replace ':\d+$' | Select-Object -Unique
$blocks = @($files -match ':\d+$')
if ($blocks.Count -eq $files.Count) { $configuration.Filter.Line = $blocks }
if ($Quick) { $configuration.Run.SkipRemainingOnFailure = 'Run' }
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
if ($Pattern -ne '') { $configuration.Filter.FullName = "*$Pattern*" }
$result = Invoke-Pester -Configuration $configuration

# A file that cannot even be loaded is a failure, though none of its tests ran.
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
$counts = @{ passed = $result.PassedCount; failed = $failed; skipped = $result.SkippedCount; first = $(if ($result.Failed.Count -gt 0) { $result.Failed[0].ExpandedPath }) }
[IO.File]::WriteAllText($CountsFile, (ConvertTo-Json -InputObject $counts -Compress))
Write-Output "$($result.PassedCount + $result.FailedCount) Pester tests ran in PowerShell $($PSVersionTable.PSVersion) ($($PSVersionTable.OS))"
exit ([int]($failed -gt 0))
