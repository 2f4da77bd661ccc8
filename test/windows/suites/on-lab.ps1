# The modules that stand in for those of Windows, then a script of the suites; without one, those that lines of standard input ask for.
$ErrorActionPreference = 'Stop'
# As in 5.1, the module of PowerShell 7 is found first where its path was inherited, and does not load (fidelity: psmodulepath-inherited).
$isForeign = $env:PSModulePath -like '*PowerShell/7/Modules*'
foreach ($path in $env:CERTREBIND_LAB_MODULES.Split([IO.Path]::PathSeparator)) {
    if ($isForeign -and $path -like '*Microsoft.PowerShell.Security*') { continue }
    Import-Module -Name $path -Global -DisableNameChecking
}
if ($args) {
    $script, $rest = $args
    $rest = @($rest)
    & $script @rest
    return
}
while ($null -ne ($line = [Console]::In.ReadLine())) {
    $script, $rest = ConvertFrom-Json $line
    & $script @rest
    [Console]::Out.WriteLine('told')
}
