# The test of the transcript in test/module/fleet-story.txt, over the real ssh that FLEET_SSH names.
param([Parameter(Mandatory)] [string] $Pester)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module -Name $Pester
$configuration = New-PesterConfiguration
$configuration.Run.Path = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..', '..', 'test', 'module', 'FleetStory.Slow.Tests.ps1'))
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration
exit ([int]($result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount -gt 0 -or $result.PassedCount -eq 0))
