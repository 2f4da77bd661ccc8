# The first thing in a session of `npm run pwsh`: what a Windows server with CertRebind has, from a lab.
$ErrorActionPreference = 'Stop'
foreach ($path in $env:CERTREBIND_LAB_MODULES.Split([IO.Path]::PathSeparator)) { Import-Module -Name $path -Global -DisableNameChecking }
# Found by name, as where it is installed.
$env:PSModulePath = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '../../../module')) + [IO.Path]::PathSeparator + $env:PSModulePath
Import-Module -Name CertRebind -Global
$ErrorActionPreference = 'Continue'

$command, $rest = $args
# PowerShell makes no list of a single word, and only a variable is passed on word by word.
$rest = @($rest)
$more = @($rest | Select-Object -Skip 1)
switch ($command) {
    $null { Write-Output "The lab's Windows, in PowerShell $($PSVersionTable.PSVersion). Try Get-WebBinding, dir Cert:\LocalMachine\My, certrebind status." }
    '-Command' { . ([scriptblock]::Create($rest -join ' ')); exit [int]$LASTEXITCODE }
    '-File' { & $rest[0] @more; exit [int]$LASTEXITCODE }
    default { [Console]::Error.WriteLine("npm run pwsh knows -Command and -File, not $command"); exit 2 }
}
