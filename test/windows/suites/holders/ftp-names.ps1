# FTP sites of our own whose names have what an XPath and a PowerShell read in their own way.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"
$mark = 'CertRebind-Rehearsal'

Ask 'names of FTP sites' {
    $configuration = [IO.Path]::Combine($env:SystemRoot, 'System32', 'inetsrv', 'config', 'applicationHost.config')
    foreach ($name in "$mark it's", "$mark a[1]", "$mark `$x & y") {
        $null = New-WebFtpSite -Name $name -Port 21212 -PhysicalPath $env:SystemDrive\inetpub -Force
        try {
            foreach ($quote in '"', "'") {
                if ($name.Contains($quote)) { continue }
                $hash = [guid]::NewGuid().ToString('N') + 'CE27B1D0'
                Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Filter "/system.applicationHost/sites/site[@name=$quote$name$quote]/ftpServer/security/ssl" -Name serverCertHash -Value $hash
                $sites = ([xml][IO.File]::ReadAllText($configuration)).SelectNodes('/configuration/system.applicationHost/sites/site')
                $held = @($sites | Where-Object { $_.GetAttribute('name') -eq $name })[0].SelectSingleNode('ftpServer/security/ssl/@serverCertHash').Value
                "$name $quote $($held -eq $hash)"
            }
        } finally { Remove-Website -Name $name }
    }
}
Ask 'double quotes in a name' {
    Get-Attempt { New-WebFtpSite -Name "$mark `"a`"" -Port 21212 -PhysicalPath $env:SystemDrive\inetpub -Force }
}
Write-Told $File
