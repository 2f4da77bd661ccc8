# Publishes the two modules of the zip, so that the second finds the first: a manifest is refused whose required module is
# not in the module path, and a gallery lists what it was given only some minutes later. What is listed is not published again.
param(
    [Parameter(Mandatory)] [string] $Folder,
    [Parameter(Mandatory)] [string] $Repository,
    [string] $ApiKey = '',
    [int] $ListedWithinSeconds = 900
)
$ErrorActionPreference = 'Stop'
$key = if ($ApiKey) { @{ ApiKey = $ApiKey } } else { @{} }
$main = (Get-Item -LiteralPath $Folder).FullName
$manifest = Import-PowerShellDataFile -LiteralPath (Join-Path $main 'CertRebind.psd1')
$version = (@($manifest.ModuleVersion, $manifest.PrivateData.PSData['Prerelease']) -ne $null) -join '-'

function Test-Listed([string] $Name) { $null -ne (Find-PSResource -Name $Name -Version $version -Prerelease -Repository $Repository -ErrorAction SilentlyContinue) }

if (-not (Test-Listed CertRebind)) { Publish-PSResource -Path $main -Repository $Repository @key }
$until = [datetime]::UtcNow.AddSeconds($ListedWithinSeconds)
while (-not (Test-Listed CertRebind)) {
    if ([datetime]::UtcNow -gt $until) { throw "CertRebind $version is published and not listed after $ListedWithinSeconds s. Try again later, for CertRebindDsc: $PSCommandPath" }
    Start-Sleep -Seconds 10
}

if (-not (Test-Listed CertRebindDsc)) {
    $env:PSModulePath = (Split-Path -Parent $main) + [IO.Path]::PathSeparator + $env:PSModulePath
    Publish-PSResource -Path (Join-Path $main 'CertRebindDsc') -Repository $Repository @key -SkipDependenciesCheck
}
