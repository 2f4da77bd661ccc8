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
    policy  = @()
    roles   = @('NPAS', 'RDS-Gateway', 'DirectAccess-VPN')
    sql     = @()
    setup   = @()
}
if (-not $roles.ContainsKey($Suite)) { throw "There is no suite $Suite; there are $($roles.Keys -join ', ')." }
[void][IO.Directory]::CreateDirectory($Folder)

# Before anything else: whether the log of lifecycle events is on is one of the questions, and the other logs are off in this image.
& wevtutil.exe gl 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational' | Set-Content -LiteralPath "$Folder\lifecycle-log.txt"
foreach ($log in 'Microsoft-Windows-TaskScheduler/Operational', 'Microsoft-Windows-CAPI2/Operational') { & wevtutil.exe sl $log /e:true }

$report = foreach ($name in @('Web-Server', 'Web-Scripting-Tools', 'Web-Mgmt-Console') + $roles[$Suite]) {
    try {
        $ended = Install-WindowsFeature -Name $name
        @{ name = $name; success = $ended.Success; restart = "$($ended.RestartNeeded)"; exit = "$($ended.ExitCode)" }
    } catch { @{ name = $name; success = $false; restart = ''; exit = "$_" } }
}
$report | ForEach-Object { [pscustomobject]$_ } | ConvertTo-Json | Set-Content -LiteralPath "$Folder\roles.json"
$report | ForEach-Object { [pscustomobject]$_ } | Format-Table -AutoSize | Out-String | Write-Output
if (($report | Where-Object { $_.name -eq 'Web-Server' }).success -ne $true) { throw 'IIS could not be installed, and nothing can be tried without it.' }
# An installation leaves the server busy, and the first handshakes would tell of that only.
(Get-Service -Name W3SVC).WaitForStatus('Running', [timespan]::FromMinutes(2))
$global:LASTEXITCODE = 0
