# A certification authority of this machine, made once: it issues at once, with the names that a request asks for.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"

Ask 'authority' {
    if (-not (Test-Path -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration\CertRebind Lab')) {
        $null = Install-AdcsCertificationAuthority -CAType StandaloneRootCA -CACommonName 'CertRebind Lab' -Force
        $null = Invoke-Demanded 'certutil.exe' '-setreg', 'policy\RequestDisposition', '1'
        $null = Invoke-Demanded 'certutil.exe' '-setreg', 'policy\EnableRequestExtensionList', '+2.5.29.17'
        Restart-Service -Name CertSvc
    }
    # The service runs before it answers.
    $until = [datetime]::UtcNow.AddSeconds(60)
    do { $code, $lines = Invoke-Program 'certutil.exe' '-config', "$env:COMPUTERNAME\CertRebind Lab", '-ping' } while ($code -ne '0' -and [datetime]::UtcNow -lt $until)
    if ($code -ne '0') { throw "the authority does not answer: $($lines -join ' ')" }
    (Get-Service -Name CertSvc).Status
}
Write-Told $File
