# The roles that a suite needs, on a Windows Server that is thrown away afterwards. Only IIS has to be there: a suite says of
# what it could not ask why not, so every other role may be refused. What was installed, and how that ended, is kept.
param(
    [Parameter(Mandatory)] [string] $Suite,
    [Parameter(Mandatory)] [string] $Folder
)
$ErrorActionPreference = 'Stop'
$roles = @{
    core    = @('Web-CertProvider')
    ca      = @('ADCS-Cert-Authority', 'RSAT-ADCS')
    holders = @('Web-Ftp-Server', 'Web-Mgmt-Service')
    rights  = @()
    policy  = @('ADCS-Cert-Authority', 'RSAT-ADCS')
    roles   = @('NPAS', 'RDS-Gateway', 'DirectAccess-VPN')
    sql     = @()
    setup   = @()
}
if (-not $roles.ContainsKey($Suite)) { throw "There is no suite $Suite; there are $($roles.Keys -join ', ')." }
[void][IO.Directory]::CreateDirectory($Folder)

# Before anything else: whether the log of lifecycle events is on is one of the questions, and the other logs are off in this image.
& wevtutil.exe gl 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational' | Set-Content -LiteralPath "$Folder\lifecycle-log.txt"
foreach ($log in 'Microsoft-Windows-TaskScheduler/Operational', 'Microsoft-Windows-CAPI2/Operational') { & wevtutil.exe sl $log /e:true }

# Windows Update is off in hosted images, and a feature that wants it would wait for it.
try { Set-Service -Name wuauserv -StartupType Manual; Start-Service -Name wuauserv } catch { "Windows Update: $_" }
# Kept before each and after it: the step may be ended while one of them hangs.
$report = [ordered]@{}
function Install-Role([string] $Name) {
    $report[$Name] = [pscustomobject]@{ name = $Name; success = $false; restart = ''; exit = 'did not end' }
    ConvertTo-Json -InputObject @($report.Values) | Set-Content -LiteralPath "$Folder\roles.json"
    try {
        $ended = Install-WindowsFeature -Name $Name
        $report[$Name].success = $ended.Success
        $report[$Name].restart = "$($ended.RestartNeeded)"
        $report[$Name].exit = "$($ended.ExitCode)"
    } catch { $report[$Name].exit = "$_" }
    ConvertTo-Json -InputObject @($report.Values) | Set-Content -LiteralPath "$Folder\roles.json"
    $report[$Name] | Format-Table -AutoSize -HideTableHeaders | Out-String | ForEach-Object { $_.Trim() }
}
foreach ($name in 'Web-Server', 'Web-Scripting-Tools', 'Web-Mgmt-Console') { Install-Role $name }
if (-not $report['Web-Server'].success) { throw 'IIS could not be installed, and nothing can be tried without it.' }
# Before any other role, which may hang. An image that has IIS already may have it switched off.
Set-Service -Name W3SVC -StartupType Automatic
Start-Service -Name W3SVC
# The first handshakes would otherwise tell only of a server that is still busy with its installation.
(Get-Service -Name W3SVC).WaitForStatus('Running', [timespan]::FromMinutes(2))
foreach ($name in $roles[$Suite]) { Install-Role $name }

# What the suite asks about has to be there first; each by itself, since a suite says of what it does not find why not.
$made = [ordered]@{
    'FTP sites' = {
        Import-Module -Name WebAdministration
        foreach ($site in @('Files', 21, ''), @('Files implicit', 990, ''), @('Partner Files', 2121, 'partner.certrebind.invalid')) {
            $root = [IO.Directory]::CreateDirectory("C:\inetpub\$($site[0])").FullName
            New-WebFtpSite -Name $site[0] -Port $site[1] -HostHeader $site[2] -PhysicalPath $root -Force | Out-Null
            Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Filter "/system.applicationHost/sites/site[@name='$($site[0])']/ftpServer/security/ssl" -Name serverCertHash -Value $certificate.Thumbprint
        }
        Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Filter '/system.applicationHost/sites/siteDefaults/ftpServer/security/ssl' -Name serverCertHash -Value $certificate.Thumbprint
        Restart-Service -Name FTPSVC
    }
    'Web Management Service' = {
        Set-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\WebManagement\Server' -Name EnableRemoteManagement -Value 1
        Set-Service -Name WMSVC -StartupType Automatic
        Restart-Service -Name WMSVC
    }
    'Remote Desktop' = {
        Set-ItemProperty -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server' -Name fDenyTSConnections -Value 0
        $setting = @(Get-CimInstance -Namespace 'root/CIMV2/TerminalServices' -ClassName 'Win32_TSGeneralSetting')[0]
        Set-CimInstance -InputObject $setting -Property @{ SSLCertificateSHA1Hash = $certificate.Thumbprint }
    }
    'WinRM' = {
        . "$PSScriptRoot\listener.ps1"
        Add-HttpListener
    }
    'WinRM over HTTPS' = {
        # The image was built over a listener for HTTPS, whose certificate may be gone. The drive WSMan: answers every change with an
        # error on hosted machines (actions/runner 1638).
        foreach ($old in @(Get-WSManInstance -ResourceURI 'winrm/config/Listener' -Enumerate | Where-Object { $_.Transport -eq 'HTTPS' })) {
            Remove-WSManInstance -ResourceURI 'winrm/config/Listener' -SelectorSet @{ Address = $old.Address; Transport = 'HTTPS' }
        }
        New-WSManInstance -ResourceURI 'winrm/config/Listener' -SelectorSet @{ Address = '*'; Transport = 'HTTPS' } -ValueSet @{ Hostname = $env:COMPUTERNAME; CertificateThumbprint = $certificate.Thumbprint } | Out-Null
    }
}
if ($Suite -eq 'sql') {
    # Express comes without TCP, over which clients are shown a certificate.
    try {
        foreach ($try in 1, 2) {
            & choco.exe install sql-server-express --yes --no-progress --params "'/IGNOREPENDINGREBOOT'"
            if ($LASTEXITCODE -in 0, 3010) { break }
            if ($try -eq 2) { throw "choco ended with $LASTEXITCODE" }
        }
        $servers = 'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server'
        $id = (Get-ItemProperty -LiteralPath "$servers\Instance Names\SQL").SQLEXPRESS
        $tcp = "$servers\$id\MSSQLServer\SuperSocketNetLib\Tcp"
        Set-ItemProperty -LiteralPath $tcp -Name Enabled -Value 1
        # A dynamic port that is named too would be the one.
        Set-ItemProperty -LiteralPath "$tcp\IPAll" -Name TcpDynamicPorts -Value ''
        Set-ItemProperty -LiteralPath "$tcp\IPAll" -Name TcpPort -Value '1433'
        Restart-Service -Name 'MSSQL$SQLEXPRESS' -Force
        'SQL Server: made'
    } catch { "SQL Server: $_" }
}
# Before any suite looks what is there, since the certificate of the authority itself goes into My.
if ($Suite -in 'ca', 'policy') {
    & "$PSScriptRoot\ca\authority.ps1" "$Folder\authority.json"
    Get-Content -LiteralPath "$Folder\authority.json"
}
if ($Suite -eq 'holders') {
    $certificate = New-SelfSignedCertificate -DnsName $env:COMPUTERNAME, 'partner.certrebind.invalid' -CertStoreLocation 'Cert:\LocalMachine\My'
    foreach ($what in $made.Keys) {
        try { & $made[$what]; "$what`: made" } catch { "$what`: $_" }
    }
}
$global:LASTEXITCODE = 0
