# The modules that stand in for those of Windows, then a script of the suites.
$ErrorActionPreference = 'Stop'
foreach ($path in $env:CERTREBIND_LAB_MODULES.Split([IO.Path]::PathSeparator)) { Import-Module -Name $path -Global -DisableNameChecking }
$script, $rest = $args
$rest = @($rest)
& $script @rest
