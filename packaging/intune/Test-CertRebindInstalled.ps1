# Detection: prints a word when this version or a later one is installed and its task is registered as it registers it, and
# nothing otherwise, so that the product installs.
$wanted = '0.1.0'
$program = 'C:\Program Files\CertRebind\certrebind.exe'
function Get-Number($version) { $version -replace '-.*$' -as [version] }
if (Test-Path -LiteralPath $program) {
    $installed = & $program --version
    $isNew = $installed -eq $wanted -or (Get-Number $installed) -gt (Get-Number $wanted)
    if ($isNew -and (& $program status --json | ConvertFrom-Json).enabled) { 'enabled' }
}
exit 0
