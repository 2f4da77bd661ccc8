# The class of CertRebindDsc in the engine of DSC 1.1, which asks it as SYSTEM in a host of its own, with the program installed.
$ErrorActionPreference = 'Stop'
$program = '.\dist\certrebind.exe'
& $program install --yes
if ($LASTEXITCODE -ne 0) { throw "certrebind install ended with $LASTEXITCODE" }
try {
    # The engine is reached over WinRM.
    . "$PSScriptRoot\listener.ps1"
    Add-HttpListener
    foreach ($ensure in 'Absent', 'Present') {
        $tested = Invoke-DscResource -Name CertRebind -ModuleName CertRebindDsc -Method Test -Property @{ IsSingleInstance = 'Yes'; Ensure = $ensure }
        "$ensure`: $($tested.InDesiredState)"
        if ([bool]$tested.InDesiredState -ne ($ensure -eq 'Absent')) { throw "a server where nothing is enabled is said to be $ensure`: $($tested.InDesiredState)" }
    }
} finally {
    & $program uninstall --yes --purge
}
$global:LASTEXITCODE = 0
