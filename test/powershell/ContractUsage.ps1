# Prints as JSON what a script uses of its surroundings.
param([Parameter(Mandatory)] [string] $Path)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/Syntax.ps1"
ConvertTo-Json -Compress -Depth 5 -InputObject (Get-Usage $Path)
