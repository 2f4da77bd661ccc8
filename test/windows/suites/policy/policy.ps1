# What policies let PowerShell do. Only reads, but for a script of its own.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"
$powershell = [IO.Path]::Combine($env:SystemRoot, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe')

Ask 'language modes' {
    $ExecutionContext.SessionState.LanguageMode
    & $powershell -NoProfile -NonInteractive -Command '$ExecutionContext.SessionState.LanguageMode'
}
Ask 'refused script' {
    $script = [IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid()).ps1")
    [IO.File]::WriteAllText($script, "'it ran'")
    try {
        $ErrorActionPreference = 'Continue'
        & $powershell -NoProfile -NonInteractive -ExecutionPolicy Restricted -Command "try { & '$script' } catch { `$_.FullyQualifiedErrorId; `$_.Exception.GetType().Name }"
    } finally { [IO.File]::Delete($script) }
}
Write-Told $File
