# Windows PowerShell, and what a server is by itself. Only reads, but for files of its own.
param([string] $File, [string] $Node)
. "$PSScriptRoot/../parts.ps1"

Ask 'json' { ConvertTo-Json -InputObject @{ at = [datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Utc) } -Compress }
Ask 'arguments' { & $Node -e 'console.log(JSON.stringify(process.argv.slice(1)))' '["Shop"]' '["My Shop"]' }
Ask 'framework' {
    (Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full').Release
    foreach ($name in 'RSACertificateExtensions', 'ECDsaCertificateExtensions') {
        $null -ne ("Security.Cryptography.X509Certificates.$name" -as [type])
    }
}
Ask 'services' {
    foreach ($name in 'W3SVC', 'WinRM', 'TermService', 'Schedule', 'MSSQL$SQLEXPRESS', 'TSGateway') {
        $hash = [Security.Cryptography.SHA1]::Create().ComputeHash([Text.Encoding]::Unicode.GetBytes($name.ToUpperInvariant()))
        $numbers = for ($at = 0; $at -lt 20; $at += 4) { [BitConverter]::ToUInt32($hash, $at) }
        $sid = 'S-1-5-80-' + ($numbers -join '-')
        @(Invoke-Program 'sc.exe' 'showsid', $name) -match [regex]::Escape($sid) | ForEach-Object { "$name yes" } | Select-Object -First 1
    }
}
Ask 'control set' {
    $number = (Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\Select').Current
    $number
    Test-Path -LiteralPath ('HKLM:\SYSTEM\ControlSet{0:d3}\Control' -f $number)
}
Ask 'module path' { [Environment]::GetEnvironmentVariable('PSModulePath', 'Machine').Split(';') }
Ask 'lifecycle log' { (Get-WinEvent -ListLog 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational').IsEnabled }
Ask 'iis version' {
    $version = Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\InetStp'
    foreach ($part in $version.MajorVersion, $version.MinorVersion) { $part.GetType().Name; $part }
}
Ask 'data protection' {
    Add-Type -AssemblyName System.Security
    $bytes = [byte[]](1, 2, 3)
    $blob = [Security.Cryptography.ProtectedData]::Protect($bytes, [byte[]](7), 'LocalMachine')
    ([Security.Cryptography.ProtectedData]::Unprotect($blob, [byte[]](7), 'LocalMachine')) -join ','
    Get-Attempt { [Security.Cryptography.ProtectedData]::Unprotect($blob, [byte[]](8), 'LocalMachine') }
}
Ask 'absent class' {
    Get-Attempt { Get-CimInstance -Namespace 'root/CIMV2' -ClassName 'CertRebind_NoSuchClass' }
    Get-Attempt { Get-CimInstance -Namespace 'root/CIMV2/CertRebindNoSuch' -ClassName 'CertRebind_NoSuchClass' }
}
Ask 'event query' {
    $log = 'Application'
    Get-Attempt { Get-WinEvent -LogName $log -MaxEvents 1 -FilterXPath "*[System[contains(Provider/@Name,'x')]]" -ErrorAction Stop }
    Get-Attempt { Get-WinEvent -LogName $log -MaxEvents 1 -FilterXPath "*[System[starts-with(Provider/@Name,'x')]]" -ErrorAction Stop }
    foreach ($count in 20, 40) {
        $terms = @(1..$count | ForEach-Object { "EventID=$(60000 + $_)" }) -join ' or '
        Get-Attempt { Get-WinEvent -LogName $log -MaxEvents 1 -FilterXPath "*[System[($terms)]]" -ErrorAction Stop }
    }
}
$powershell = [IO.Path]::Combine($env:SystemRoot, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe')
Ask 'block on standard input' {
    $ErrorActionPreference = 'Continue'
    "if (`$true) {`n'within the block'`n}`n`n'behind it'`n" | & $powershell -NoProfile -NonInteractive -Command - | ForEach-Object { $_ -replace '\x1b\[\?1[hl]' } | Where-Object { $_ -ne '' }
}
Ask 'dash behind a script' {
    $ErrorActionPreference = 'Continue'
    $script = [IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid()).ps1")
    [IO.File]::WriteAllText($script, "'it ran'")
    try {
        @(& $powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File $script '-' 2>&1) -contains 'it ran'
        $LASTEXITCODE
    } finally { [IO.File]::Delete($script) }
}
Ask 'pki by name' {
    $ErrorActionPreference = 'Continue'
    & $powershell -NoProfile -NonInteractive -Command "`$null = Test-Path Cert:\LocalMachine\My; `$null -ne (Get-Module -Name pki)"
}
Ask 'PowerShell 7' {
    $ErrorActionPreference = 'Continue'
    $pwsh = [IO.Path]::Combine($env:ProgramFiles, 'PowerShell', '7', 'pwsh.exe')
    & $pwsh -NoProfile -NonInteractive -Command "Import-Module WebAdministration -WarningAction SilentlyContinue; [bool](Get-PSDrive -Name IIS -ErrorAction SilentlyContinue); @(Get-WebBinding | Select-Object -First 1 | Get-Member -Name AddSslCertificate).Count"
}
Ask 'streams left open' {
    $leave = "`$left = [Diagnostics.ProcessStartInfo]::new('$Node', '-e setTimeout(String,60000)'); `$left.UseShellExecute = `$false; [Diagnostics.Process]::Start(`$left).Id"
    $start = [Diagnostics.ProcessStartInfo]::new($powershell, "-NoProfile -NonInteractive -EncodedCommand $([Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($leave)))")
    $start.UseShellExecute = $false
    $start.RedirectStandardOutput = $true
    $engine = [Diagnostics.Process]::Start($start)
    $left = $engine.StandardOutput.ReadLine()
    try {
        $rest = $engine.StandardOutput.ReadToEndAsync()
        "ended $($engine.WaitForExit(60000))"
        "closed $($rest.Wait(3000))"
    } finally { Stop-Process -Id $left }
    "closed $($rest.Wait(60000))"
}
Ask 'module path below PowerShell 7' {
    $ErrorActionPreference = 'Continue'
    $pwsh = [IO.Path]::Combine($env:ProgramFiles, 'PowerShell', '7', 'pwsh.exe')
    # PowerShell 7 mends the path for a powershell.exe that it starts itself, not for one that another program starts.
    $look = "`$env:PSModulePath -like '*\PowerShell\7\*'; Test-Path -LiteralPath Cert:\LocalMachine\My -ErrorAction SilentlyContinue"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($look))
    & $pwsh -NoProfile -NonInteractive -Command "cmd.exe /d /c $powershell -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand $encoded"
}
Ask 'system root' {
    $start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine([Environment]::SystemDirectory, 'cmd.exe'), '/d /c "echo %SystemRoot%& echo %windir%& pause"')
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    foreach ($name in 'SystemRoot', 'windir') { $start.EnvironmentVariables[$name] = 'C:\CertRebind-Rehearsal' }
    $child = [Diagnostics.Process]::Start($start)
    try {
        $child.StandardOutput.ReadLine()
        $child.StandardOutput.ReadLine()
        $ntdll = @($child.Modules | Where-Object { $_.ModuleName -eq 'ntdll.dll' })[0].FileName
        [IO.Path]::GetDirectoryName($ntdll) -eq [Environment]::SystemDirectory
    } finally { $child.Kill() }
}
Write-Told $File
