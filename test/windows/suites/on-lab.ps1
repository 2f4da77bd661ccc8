# The modules that stand in for those of Windows, then a script of the suites.
$ErrorActionPreference = 'Stop'
# As in 5.1, the module of PowerShell 7 is found first where its path was inherited, and does not load (fidelity: psmodulepath-inherited).
$isForeign = $env:PSModulePath -like '*PowerShell/7/Modules*'
foreach ($path in $env:CERTREBIND_LAB_MODULES.Split([IO.Path]::PathSeparator)) {
    if ($isForeign -and $path -like '*Microsoft.PowerShell.Security*') { continue }
    Import-Module -Name $path -Global -DisableNameChecking
}
$script, $rest = $args
$rest = @($rest)
& $script @rest
