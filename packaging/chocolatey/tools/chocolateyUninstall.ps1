# The copy in the package uninstalls, since a program that runs cannot delete itself. History and configuration stay.
$ErrorActionPreference = 'Stop'
$program = Join-Path -Path $PSScriptRoot -ChildPath 'certrebind.exe'
Start-ChocolateyProcessAsAdmin -ExeToRun $program -Statements 'uninstall --yes --wait' -ValidExitCodes 0
