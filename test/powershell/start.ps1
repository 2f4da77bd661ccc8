# The first thing in a session of `npm run pwsh`: what a Windows server with CertRebind has, from a lab.
$ErrorActionPreference = 'Stop'
foreach ($path in $env:CERTREBIND_LAB_MODULES.Split([IO.Path]::PathSeparator)) { Import-Module -Name $path -Global -DisableNameChecking }
$module = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '../../module/CertRebind/CertRebind.psd1'))
if (Test-Path -LiteralPath $module) { Import-Module -Name $module -Global }
$ErrorActionPreference = 'Continue'

$command, $rest = $args
switch ($command) {
    $null { Write-Output "The lab's Windows, in PowerShell $($PSVersionTable.PSVersion). Try Get-WebBinding, dir Cert:\LocalMachine\My, certrebind status." }
    '-Command' { . ([scriptblock]::Create($rest -join ' ')); exit [int]$LASTEXITCODE }
    '-File' { & $rest[0] @(@($rest) | Select-Object -Skip 1); exit [int]$LASTEXITCODE }
    default { [Console]::Error.WriteLine("npm run pwsh knows -Command and -File, not $command"); exit 2 }
}
