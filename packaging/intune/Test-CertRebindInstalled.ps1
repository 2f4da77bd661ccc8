# Detection: prints a word when this version or a later one is installed and its task is registered as it registers it, and
# nothing otherwise, so that the product installs. A release is later than its prereleases, and these are by their names.
$wanted = '0.0.0'
$program = 'C:\Program Files\CertRebind\certrebind.exe'
function Get-Rank([string] $version) {
    $number, $prerelease = $version -split '-', 2
    $padded = $number -split '\.' | ForEach-Object { $_.PadLeft(9, '0') }
    "$($padded -join '.')-$(if ($prerelease) { $prerelease } else { '~' })"
}
if (Test-Path -LiteralPath $program) {
    $installed = & $program --version
    $isNew = [string]::CompareOrdinal((Get-Rank $installed), (Get-Rank $wanted)) -ge 0
    if ($isNew -and (& $program status --json | ConvertFrom-Json).enabled) { 'enabled' }
}
exit 0
