# Detection: prints a word when the task is registered as the installed version registers it, and nothing otherwise.
$program = 'C:\Program Files\CertRebind\certrebind.exe'
if (Test-Path -LiteralPath $program) {
    if ((& $program status --json | ConvertFrom-Json).enabled) { 'enabled' }
}
exit 0
