# certrebind.exe lies beside this script. Doing it again is an upgrade.
$ErrorActionPreference = 'Stop'
$program = Join-Path -Path $PSScriptRoot -ChildPath 'certrebind.exe'
Start-ChocolateyProcessAsAdmin -ExeToRun $program -Statements 'install --yes --wait' -ValidExitCodes 0
# No shim for the copy in the package: the installed program is the one to start.
$null = New-Item -Path "$program.ignore" -ItemType File -Force
