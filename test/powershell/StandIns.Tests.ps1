# Every command of Windows that the adapter calls: with what it is called, and what follows when it is denied, by the whole
# adapter. The table at the end says what else the stand-ins of some test do with each of them.

BeforeDiscovery {
    $hash = 'AA' * 20
    $other = 'BB' * 20
    $log = 'HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application\CertRebind'
    $products = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall'
    $sql = 'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server'
    $listener = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener\*+HTTPS'
    $ftp = @{ PSPath = 'MACHINE/WEBROOT/APPHOST'; Filter = "/system.applicationHost/sites/site[@name='Files']/ftpServer/security/ssl" }
    $putFtp = 'put-ftp', 'files', $hash, $other, 'My'
    $ntds = 'HKLM:\SOFTWARE\Microsoft\Cryptography\Services\NTDS\SystemCertificates'
    $inMy = 'HKLM:\SOFTWARE\Microsoft\SystemCertificates\MY\Certificates'
    $ldaps = @{ "$ntds\MY\Certificates" = @{ }; "$ntds\MY\Certificates\$hash" = @{ }; "$inMy\$other" = @{ } }
    $site = 'add-site', 'CertRebind-Rehearsal-1', '127.0.0.1:8443:', '0', '127.0.0.1:8443:shop', '1'
    # Of the bytes that both certificates of the stand-in store have.
    $sstpHash = [Security.Cryptography.SHA256]::Create().ComputeHash([byte[]](1, 2))
    $sstp = @{ LiteralPath = 'HKLM:\SYSTEM\CurrentControlSet\Services\SstpSvc\Parameters'; PropertyType = 'Binary'; Force = $true }
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), 'CertRebind-Rehearsal-1')

    # `Change` is the row of a change; `Order` one to Task Scheduler; `Import` a file. `Passed` is what the command has to be
    # called with, each time that it is.
    $changes = @(
        @{ Command = 'Register-ScheduledTask'; Change = 'register-task', '\Own\', 'Name', '<Task/>'; Passed = @{ TaskPath = '\Own\'; TaskName = 'Name'; Xml = '<Task/>'; Force = $true } }
        @{ Command = 'Unregister-ScheduledTask'; Change = 'unregister-task', '\Own\', 'Name'; Passed = @{ TaskPath = '\Own\'; TaskName = 'Name'; Confirm = $false } }
        @{ Command = 'Enable-ScheduledTask'; Change = 'enable-task', '\Own\', 'Name'; Passed = @{ TaskPath = '\Own\'; TaskName = 'Name' } }
        @{ Command = 'Disable-ScheduledTask'; Change = 'disable-task', '\Own\', 'Name'; Passed = @{ TaskPath = '\Own\'; TaskName = 'Name' } }
        @{ Command = 'Start-ScheduledTask'; Order = 'start-task', '\Own\', 'Name'; Passed = @{ TaskPath = '\Own\'; TaskName = 'Name' } }
        @{ Command = 'Stop-ScheduledTask'; Order = 'stop-task', '\Own\', 'Name'; Passed = @{ TaskPath = '\Own\'; TaskName = 'Name' } }
        @{ Command = 'New-EventLog'; Change = 'log', '130', 'Error', 'A text.'; Passed = @{ LogName = 'Application'; Source = 'CertRebind' } }
        @{ Command = 'Write-EventLog'; Change = 'log', '130', 'Error', 'A text.'; Passed = @{ LogName = 'Application'; Source = 'CertRebind'; EventId = 130; EntryType = 'Error'; Message = 'A text.' } }
        @{ Command = 'Remove-EventLog'; Change = , 'remove-log-source'; Registry = @{ $log = @{ } }; Passed = @{ Source = 'CertRebind' } }
        @{ Command = 'Log.SaveChanges'; Change = 'enable-log', 'Lifecycle'; Passed = @{ Arguments = @() } }
        @{ Command = 'New-Item'; Change = 'list-product', 'Own', 'Size', 'DWord', '5'; Passed = @{ Path = "$products\Own" } }
        @{ Command = 'New-ItemProperty'; Change = 'list-product', 'Own', 'Size', 'DWord', '5', 'Same', 'String', 'x'; Registry = @{ "$products\Own" = @{ Size = 4; Same = 'x' } }
            Passed = @{ LiteralPath = "$products\Own"; Name = 'Size'; PropertyType = 'DWord'; Value = '5'; Force = $true } }
        @{ Command = 'New-ItemProperty'; Change = 'put-wmsvc', $other, '0', '0'
            Passed = @{ LiteralPath = 'HKLM:\SOFTWARE\Microsoft\WebManagement\Server'; Name = 'SslCertificateHash'; PropertyType = 'Binary'; Value = [byte[]](@(0xBB) * 20); Force = $true } }
        @{ Command = 'New-ItemProperty'; Change = 'put-sql', 'MSSQLSERVER', $hash, $other, 'MSSQL16.MSSQLSERVER'
            Passed = @{ LiteralPath = "$sql\MSSQL16.MSSQLSERVER\MSSQLServer\SuperSocketNetLib"; Name = 'Certificate'; PropertyType = 'String'; Value = $other; Force = $true } }
        @{ Command = 'New-ItemProperty'; Change = 'put-sstp', $other, '0', '0'; Passed = (@{ Name = 'SHA256CertificateHash'; Value = $sstpHash } + $sstp), (@{ Name = 'SHA1CertificateHash'; Value = [byte[]](@(0xBB) * 20) } + $sstp) }
        @{ Command = 'Get-ChildItem'; Change = 'put-sstp', $other, '0', '0'; Passed = @{ LiteralPath = 'Cert:\LocalMachine\My'; Force = $true } }
        @{ Command = 'Get-Service'; Change = 'control-service', 'stop', 'W3SVC', '300'; Passed = @{ Name = 'W3SVC' } }
        @{ Command = 'Service.Stop'; Change = 'control-service', 'stop', 'W3SVC', '300'; Passed = @{ Arguments = @() } }
        @{ Command = 'Service.Start'; Change = 'control-service', 'start', 'Stopped', '300'; Passed = @{ Arguments = @() } }
        @{ Command = 'Service.WaitForStatus'; Change = 'control-service', 'stop', 'W3SVC', '300'; Passed = @{ Arguments = 'Stopped', [timespan]::FromMinutes(5) } }
        @{ Command = 'Remove-Item'; Change = 'unlist-product', 'Own'; Registry = @{ "$products\Own" = @{ } }; Passed = @{ LiteralPath = "$products\Own"; Recurse = $true } }
        @{ Command = 'Binding.RebindSslCertificate'; Change = 'replace', 'SslSniBindingInfo', 'shop:443', $hash, '*:443:shop', '3,1', $other, 'WebHosting'; Passed = @{ Arguments = $other, 'WebHosting' } }
        @{ Command = 'Start-WebCommitDelay'; Change = $putFtp; Passed = @{ } }
        @{ Command = 'Set-WebConfigurationProperty'; Change = $putFtp; Passed = ($ftp + @{ Name = 'serverCertHash'; Value = $other }), ($ftp + @{ Name = 'serverCertStoreName'; Value = 'My' }) }
        @{ Command = 'Stop-WebCommitDelay'; Change = $putFtp; Passed = @{ Commit = $true } }
        @{ Command = 'Set-CimInstance'; Change = 'put-rdp', 'RDP-Tcp', $hash, $other; Passed = @{ InputObject = 'RDP-Tcp'; Property = @{ SSLCertificateSHA1Hash = $other } } }
        @{ Command = 'Invoke-CimMethod'; Change = 'put-rd-gateway', $other, '0', '0'
            Passed = 'SetCertificateACL', 'SetCertificate', 'Configure', 'RefreshCertContext' | ForEach-Object {
                $call = @{ InputObject = '@{CertHash=System.Byte[]}'; MethodName = $_ }
                if ($_ -ne 'Configure') { $call['Arguments'] = @{ CertHash = [byte[]](@(0xBB) * 20) } }
                $call
            } }
        @{ Command = 'Set-WSManInstance'; Change = 'put-winrm', '*+HTTPS', $hash, $other; Passed = @{ ResourceURI = 'winrm/config/Listener'
                SelectorSet = @{ Address = '*'; Transport = 'HTTPS' }; ValueSet = @{ CertificateThumbprint = $other; Hostname = 'web01.example.com' } } }
        @{ Command = 'Set-WSManInstance'; Change = 'put-winrm', '*+HTTPS', $hash, $other; Registry = @{ $listener = @{ certThumbprint = $hash; hostname = '' } }; Passed = @{
                ResourceURI = 'winrm/config/Listener'; SelectorSet = @{ Address = '*'; Transport = 'HTTPS' }; ValueSet = @{ CertificateThumbprint = $other } } }
        @{ Command = 'Remove-Item'; Change = 'put-ldaps', $hash, $other; Registry = $ldaps; Passed = @{ LiteralPath = "$ntds\MY\Certificates\$hash" } }
        @{ Command = 'Copy-Item'; Change = 'put-ldaps', $hash, $other; Registry = $ldaps; Passed = @{ LiteralPath = "$inMy\$other"; Destination = "$ntds\MY\Certificates\$other" } }
        @{ Command = 'Move-Item'; Change = 'put-ldaps', 'CC', $other; Registry = $ldaps + @{ "$ntds\MY\Certificates\CC" = @{ } }; Gone = "$ntds\MY\Certificates\$hash"
            Passed = @{ LiteralPath = "$ntds\MY\Certificates\CC"; Destination = "$ntds\CertRebind\Certificates\CC" } }
        @{ Command = 'New-Item'; Change = 'put-ldaps', 'CC', $other; Registry = $ldaps + @{ "$ntds\MY\Certificates\CC" = @{ } }; Gone = "$ntds\MY\Certificates\$hash"
            Passed = @{ Path = "$ntds\CertRebind\Certificates"; Force = $true } }
        @{ Command = 'RootDse.CommitChanges'; Change = 'put-ldaps', $hash, $other; Registry = $ldaps; Passed = @{ } }
        @{ Command = 'netsh.exe'; Change = 'netsh', 'SslSniBindingInfo', 'shop:443', $hash, 'http', 'update', 'sslcert', 'hostnameport=shop:443'; Passed = 'http update sslcert hostnameport=shop:443' }
        @{ Command = 'icacls.exe'; Change = 'put-key-access', $hash, 'S-1-5-20', 'read', 'S-1-5-80-1', 'none'; Passed = "<key> /grant *S-1-5-20:(R)", "<key> /remove:g *S-1-5-80-1" }
        @{ Command = 'Switch-Certificate'; Change = 'notify-renewal', $hash, $other; Passed = @{ OldCert = $hash; NewCert = $other; NotifyOnly = $true; Confirm = $false } }
        @{ Command = 'Store.Open'; Import = $true; Passed = @{ Arguments = , 'ReadWrite, OpenExistingOnly' }, @{ Arguments = , 'ReadWrite, OpenExistingOnly' } }
        @{ Command = 'Store.Add'; Import = $true; Passed = @{ Arguments = , 'CN=Fixture Issuing' }, @{ Arguments = , 'CN=shop.example.com' } }
        @{ Command = 'New-Website'; Change = $site; Passed = @{ Name = $site[1]; Id = [uint32]2; PhysicalPath = $folder; IPAddress = '127.0.0.1'; Port = 8443; HostHeader = ''; Ssl = $true; SslFlags = 0 } }
        @{ Command = 'New-WebBinding'; Change = $site; Passed = @{ Name = $site[1]; Protocol = 'https'; IPAddress = '127.0.0.1'; Port = 8443; HostHeader = 'shop'; SslFlags = 1 } }
        @{ Command = 'Remove-Website'; Change = 'remove-site', $site[1]; Passed = @{ Name = $site[1] } }
        @{ Command = 'New-SelfSignedCertificate'; Change = 'add-certificate', 'a.example', 'CertRebind-Rehearsal 1'
            Passed = @{ DnsName = 'a.example'; CertStoreLocation = 'Cert:\LocalMachine\My'; FriendlyName = 'CertRebind-Rehearsal 1'; NotAfter = '<tomorrow>' } }
        # Each twice: in its store, and in CA, where Windows leaves a copy.
        @{ Command = 'Store.Open'; Change = 'remove-certificate', $hash, 'My'; Passed = @{ Arguments = , 'ReadWrite, OpenExistingOnly, IncludeArchived' }, @{ Arguments = , 'ReadWrite, OpenExistingOnly, IncludeArchived' } }
        @{ Command = 'Store.Find'; Change = 'remove-certificate', $hash, 'My'; Passed = @{ Arguments = 'FindByThumbprint', $hash, $false }, @{ Arguments = 'FindByThumbprint', $hash, $false } }
        @{ Command = 'Store.Remove'; Change = 'remove-certificate', $hash, 'My'; Passed = @{ Arguments = , $hash }, @{ Arguments = , $hash } }
        @{ Command = 'Key.Delete'; Change = 'remove-certificate', $hash, 'My'; Passed = @{ Arguments = @() } }
        @{ Command = 'Store.Close'; Change = 'archive-certificate', $hash, 'My', 'true'; Passed = @{ Arguments = @() } }
        @{ Command = 'Get-Item'; Change = 'put-winrm', '*+HTTPS', $hash, $other; Passed = @{ LiteralPath = $listener } }
        @{ Command = 'Get-ChildItem'; Change = 'notify-renewal', $hash, $other; Passed = (@{ LiteralPath = 'Cert:\LocalMachine\My'; Force = $true }), (@{ LiteralPath = 'Cert:\LocalMachine\My'; Force = $true }) }
        @{ Command = 'Get-WinEvent'; Change = 'enable-log', 'Lifecycle'; Passed = @{ ListLog = 'Lifecycle' } }
        @{ Command = 'Get-CimInstance'; Change = 'put-rdp', 'RDP-Tcp', $hash, $other; Passed = @{ Namespace = 'root/CIMV2/TerminalServices'; ClassName = 'Win32_TSGeneralSetting' } }
        @{ Command = 'Get-WebBinding'; Change = 'replace', 'SslSniBindingInfo', 'shop:443', $hash, '*:443:shop', '1', $other, 'My'; Passed = @{ Protocol = 'https' } }
        @{ Command = 'Get-Website'; Change = 'remove-site', $site[1]; Passed = @{ } }
    )
    foreach ($change in $changes) { $change.How = if ($change.ContainsKey('Change')) { "$($change.Change)".Substring(0, [Math]::Min(60, "$($change.Change)".Length)) } elseif ($change.ContainsKey('Order')) { "$($change.Order)" } else { 'import of a file' } }

    # The parts of a snapshot that fail with it, and no others; where a fact is only less known, `Rows` are the rows that say so.
    # `Passed` is each different call of it in a snapshot.
    $readings = @(
        @{ Command = 'Get-Item'; Fails = 'machine', 'records', 'central-store', 'certificates', 'authorities', 'revocation-lists', 'ldaps', 'rd-gateway', 'remote-desktop', 'sql', 'sstp', 'remoting', 'web-management', 'reported gateway'; Empty = @() }
        @{ Command = 'Get-ChildItem'; Fails = 'certificates', 'authorities', 'sstp'; Empty = @()
            Passed = 'CA', 'Disallowed', 'My', 'Root', 'WebHosting' | ForEach-Object { "{Force=True; LiteralPath=Cert:\LocalMachine\$_}" } }
        @{ Command = 'Get-Service'; Fails = 'web-service', 'schedule-service', 'remoting', 'web-management'; Empty = 'web-service', 'schedule-service', 'remoting', 'web-management'
            Rows = "service`tMSSQLSERVER`t`tNT SERVICE\\MSSQLSERVER", "service`tSstpSvc`t`t", "service`tTSGateway`t`tNT AUTHORITY\\NetworkService"; Passed = 'MSSQLSERVER', 'RemoteAccess', 'Schedule', 'SstpSvc', 'TSGateway', 'W3SVC', 'WinRM', 'WMSVC' | ForEach-Object { "{Name=$_}" } }
        @{ Command = 'Get-Website'; Fails = , 'sites'; Empty = @(); Passed = , '{}' }
        @{ Command = 'Get-ScheduledTask'; Fails = , 'tasks'; Empty = @(); Passed = , '{TaskPath=\Own\*}' }
        @{ Command = 'Get-ScheduledTaskInfo'; Fails = , 'tasks'; Empty = , 'tasks'; Passed = , '{TaskName=Name; TaskPath=\Own\}' }
        @{ Command = 'Export-ScheduledTask'; Fails = , 'tasks'; Empty = @(); Passed = , '{TaskName=Name; TaskPath=\Own\}' }
        @{ Command = 'Get-WinEvent'; Fails = , 'lifecycle'; Empty = , 'lifecycle'; Passed = '{ListLog=Lifecycle}', '{LogName=Lifecycle; MaxEvents=10}' }
        @{ Command = 'Get-CimInstance'; Fails = 'rd-gateway', 'reported gateway'; Empty = @(); Rows = "rdp-facts`tRDP-Tcp`t3389`t0`t", "remoting`tRunning`tunknown", "sql-facts`tMSSQLSERVER`t`t`t1433`t`t`t`t", "read`tsql"
            Passed = '{ClassName=MSFT_NetTCPConnection; Namespace=root/StandardCimv2}', '{ClassName=Settings; Namespace=root/CIMV2/TerminalServices}', '{ClassName=Win32_Process; Namespace=root/CIMV2}', '{ClassName=Win32_TSGatewayConnection; Namespace=root/CIMV2/TerminalServices}', '{ClassName=Win32_TSGatewayServerSettings; Namespace=root/CIMV2/TerminalServices}', '{ClassName=Win32_TSGeneralSetting; Namespace=root/CIMV2/TerminalServices}' }
        @{ Command = 'Get-RemoteAccessConnectionStatistics'; Fails = @(); Empty = @(); Rows = , "sstp-sessions`t"; Passed = , '{}' }
        @{ Command = 'Get-Acl'; Fails = @(); Empty = @(); Rows = , "key-rights`tMy`t$hash`t`tZugriff verweigert`t"; Passed = , '{LiteralPath=<key>}' }
    )

    # What else stand-ins do: a file and a title of it, or `-` and the reason why none does. `*` stands for all that are not named.
    $table = @{
        'answers late' = @{ '*' = 'test/server/windows/session.slow.ts: kills what hangs, in time' }
        'answers something else' = @{
            'netsh.exe' = 'test/powershell/Changes.Tests.ps1: netsh that <Says>'
            'icacls.exe' = '- only its exit code is looked at, and the rights are read again'
            'Get-WebBinding' = 'test/powershell/Changes.Tests.ps1: are enumerated each time where it cannot be read'
            '*' = 'test/powershell/StandIns.Tests.ps1: nothing that it prints is taken for an answer'
        }
        'keeps reading its input' = @{
            'netsh.exe' = 'test/server/windows/session.slow.ts: gives programs an input that is at its end'
            'icacls.exe' = 'test/server/windows/session.slow.ts: gives programs an input that is at its end'
            '*' = '- it is no program'
        }
        'is localized' = @{ '*' = 'test/powershell/StandIns.ps1: The message of a denial is not in English' }
        'is not there' = @{
            'Unregister-ScheduledTask' = 'test/powershell/StandIns.Tests.ps1: <Command> of what is not there is done'
            'Stop-ScheduledTask' = 'test/powershell/StandIns.Tests.ps1: <Command> of what is not there is done'
            '*' = '- for it that is an error like any other'
        }
    }
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    $hash = 'AA' * 20
    $other = 'BB' * 20
    $pfx = [IO.Path]::Combine($PSScriptRoot, '..', 'fixtures', 'pfx', 'rsa-3des.pfx')

    # A server on which each of them has something to answer.
    function Initialize-Server {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, 'windows'))
        $services = 'HKLM:\SYSTEM\CurrentControlSet\Services'
        $stations = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server'
        $script:registry = @{
            'HKLM:\SOFTWARE\Microsoft\Cryptography' = @{ MachineGuid = 'f0e1' }
            'HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName' = @{ ComputerName = 'WEB01' }
            'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion' = @{ CurrentBuildNumber = '20348' }
            'HKLM:\SOFTWARE\Microsoft\InetStp' = @{ MajorVersion = 10; MinorVersion = 0 }
            "$services\HTTP\Parameters" = @{ ListenOnlyList = [string[]]@('192.0.2.5', '192.0.2.6'); EnableHttp3 = 1 }
            "$services\HTTP\Parameters\SslSniBindingInfo" = @{ }
            "$services\HTTP\Parameters\SslSniBindingInfo\shop:443" = @{ SslCertHash = [byte[]](@(0xAA) * 20); DefaultFlags = 2 }
            'HKLM:\SOFTWARE\Microsoft\SystemCertificates\My\Certificates' = @{ }
            "HKLM:\SOFTWARE\Microsoft\SystemCertificates\My\Certificates\$hash" = @{ Blob = [byte[]](@(3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 64, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0) + @(0xBB) * 20) }
            'HKLM:\SOFTWARE\Microsoft\SystemCertificates\AuthRoot\Certificates' = @{ }
            "HKLM:\SOFTWARE\Microsoft\SystemCertificates\AuthRoot\Certificates\$hash" = @{ }
            'HKLM:\SOFTWARE\Microsoft\SystemCertificates\AuthRoot\AutoUpdate' = @{ EncodedCtl = [byte[]](10, 11); DisallowedCertEncodedCtl = [byte[]](, 12); LastSyncTime = [byte[]](, 13) }
            'HKLM:\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot' = @{ DisableRootAutoUpdate = 1 }
            'HKLM:\SOFTWARE\Microsoft\SystemCertificates\CA\CRLs' = @{ }
            "HKLM:\SOFTWARE\Microsoft\SystemCertificates\CA\CRLs\$hash" = @{ Blob = [byte[]](33, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 10, 11) }
            "$stations" = @{ fDenyTSConnections = 0 }
            "$stations\WinStations" = @{ }
            "$stations\WinStations\RDP-Tcp" = @{ SSLCertificateSHA1Hash = [byte[]](@(0xAA) * 20); PortNumber = 3389 }
            'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener' = @{ }
            'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener\*+HTTPS' = @{ certThumbprint = 'aa ' * 20; Port = 5986; hostname = 'web01.example.com' }
            "$services\WMSVC" = @{ }
            'HKLM:\SOFTWARE\Microsoft\WebManagement\Server' = @{ SslCertificateHash = [byte[]](@(0xAA) * 20); Port = 8172; IPAddress = '*' }
            'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL' = @{ MSSQLSERVER = 'MSSQL16.MSSQLSERVER' }
            'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server\MSSQL16.MSSQLSERVER\MSSQLServer\SuperSocketNetLib' = @{ Certificate = $hash }
            'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server\MSSQL16.MSSQLSERVER\MSSQLServer\SuperSocketNetLib\Tcp\IPAll' = @{ TcpPort = '1433' }
            "$services\SstpSvc\Parameters" = @{ SHA256CertificateHash = ([Security.Cryptography.SHA256]::Create().ComputeHash([byte[]](1, 2))); SHA1CertificateHash = [byte[]](@(0xAA) * 20); isHashConfiguredByAdmin = 1 }
            "$services\MSSQLSERVER" = @{ ObjectName = 'NT SERVICE\MSSQLSERVER' }
            'HKLM:\TSGateway' = @{ }
            "$services\TSGateway" = @{ ObjectName = 'NT AUTHORITY\NetworkService' }
        }
        [IO.File]::WriteAllText([IO.Path]::Combine($script:SystemRoot, 'System32', 'inetsrv', 'config', 'applicationHost.config'),
            "<configuration><system.applicationHost><sites><siteDefaults/><site name=`"Files`"><ftpServer><security><ssl serverCertHash=`"$hash`"/></security></ftpServer></site></sites></system.applicationHost></configuration>")
        # Opens like a key of CNG, whose file the adapter then looks for.
        $null = [IO.Directory]::CreateDirectory([IO.Path]::Combine($script:SystemRoot, 'Microsoft', 'Crypto', 'Keys'))
        $script:keyFile = [IO.Path]::Combine($script:SystemRoot, 'Microsoft', 'Crypto', 'Keys', $hash)
        [IO.File]::WriteAllText($script:keyFile, '')
        $script:inStore = foreach ($thumbprint in $hash, $other) {
            [pscustomobject]@{ Thumbprint = $thumbprint; RawData = [byte[]](1, 2); Archived = $false; FriendlyName = 'CertRebind-Rehearsal 1'; HasPrivateKey = $thumbprint -eq $hash; NotBefore = [datetime]'2026-01-01' }
        }
        $script:store = New-WindowsObject 'Store' @{ Certificates = (New-WindowsObject 'Store' @{ } 'Find') } 'Open', 'Add', 'Remove', 'Close'
        $script:answers = @{
            'Get-Item' = { param($Passed) Get-WindowsItem $Passed }
            'Get-ChildItem' = { param($Passed) switch ($Passed.LiteralPath) { 'Cert:\LocalMachine\My' { $script:inStore } 'Cert:\LocalMachine\CA' { [pscustomobject]@{ RawData = [byte[]](3, 4) } } 'Cert:\LocalMachine\Disallowed' { [pscustomobject]@{ Thumbprint = $other; RawData = [byte[]](5, 6) } } } }
            'Get-Service' = { param($Passed) New-WindowsObject 'Service' @{ Status = $(if ($Passed.Name -eq 'Stopped') { 'Stopped' } else { 'Running' }); DependentServices = @() } 'Start', 'Stop', 'WaitForStatus' }
            'Get-Website' = { foreach ($name in 'Shop', 'CertRebind-Rehearsal-1') { [pscustomobject]@{ name = $name; id = 1; state = 'Started' } } }
            'Get-WebBinding' = { foreach ($site in 'other', 'shop') { New-WindowsObject 'Binding' @{ sslFlags = 1; bindingInformation = "*:443:$site"; certificateHash = $hash; certificateStoreName = 'My'; ItemXPath = "/x[@id='1']"; protocol = 'https' } 'RebindSslCertificate', 'AddSslCertificate', 'RemoveSslCertificate' } }
            'Get-ScheduledTask' = { [pscustomobject]@{ TaskPath = '\Own\'; TaskName = 'Name'; State = 'Ready' } }
            'Get-ScheduledTaskInfo' = { [pscustomobject]@{ LastTaskResult = 0; LastRunTime = [datetime]::SpecifyKind([datetime]'2026-01-02T03:04:05', 'Utc').ToLocalTime() } }
            'Export-ScheduledTask' = { '<Task/>' }
            'Get-WinEvent' = { param($Passed)
                if ($Passed.ContainsKey('ListLog')) { New-WindowsObject 'Log' @{ IsEnabled = $false; OldestRecordNumber = 1; RecordCount = 1 } 'SaveChanges' }
                else { [pscustomobject]@{ RecordId = 7 } | Add-Member -PassThru -MemberType ScriptMethod -Name ToXml -Value { '<Event/>' } } }
            'Get-CimInstance' = { param($Passed)
                switch ($Passed.ClassName) {
                    'Win32_TSGeneralSetting' { [pscustomobject]@{ TerminalName = 'RDP-Tcp'; SSLCertificateSHA1HashType = 3 } }
                    'Win32_Process' { [pscustomobject]@{ Name = 'pwsh'; ProcessId = $PID; ParentProcessId = 0; CreationDate = $null } }
                    'MSFT_NetTCPConnection' { foreach ($state in 2, 5) { [pscustomobject]@{ LocalPort = [uint16]1433; State = [byte]$state } } }
                    'Settings' { [pscustomobject]@{ CertHash = [byte[]](1, 2) } }
                    'Win32_TSGatewayServerSettings' { [pscustomobject]@{ CertHash = [byte[]](@(0xAA) * 20) } }
                    'Win32_TSGatewayConnection' { foreach ($tunnel in 'a', 'a', 'b') { [pscustomobject]@{ TunnelId = $tunnel } } }
                } }
            'Get-RemoteAccessConnectionStatistics' = { foreach ($user in 'a', 'b') { [pscustomobject]@{ UserName = $user } } }
            'Get-Acl' = { [pscustomobject]@{ Sddl = 'O:SYG:SYD:P' } }
            'Store.Find' = { $script:inStore[0] }
            # What commands print that change something.
            'Register-ScheduledTask' = { [pscustomobject]@{ TaskName = 'printed' } }
            'Enable-ScheduledTask' = { [pscustomobject]@{ TaskName = 'printed' } }
            'Disable-ScheduledTask' = { [pscustomobject]@{ TaskName = 'printed' } }
            'Set-SmbServerCertificateMapping' = { 'printed' }
            'Set-WSManInstance' = { [xml]'<printed/>' }
            'New-Item' = { param($Passed) $script:registry[$Passed.Path] = @{ }; 'printed' }
            'New-ItemProperty' = { 'printed' }
            'Copy-Item' = { 'printed' }
            'Move-Item' = { 'printed' }
            'RootDse.CommitChanges' = { 'printed' }
            'Set-CimInstance' = { 'printed' }
            'Invoke-CimMethod' = { [pscustomobject]@{ ReturnValue = [uint32]0 } }
            'New-Website' = { 'printed' }
            'New-WebBinding' = { 'printed' }
            'New-SelfSignedCertificate' = { 'printed' }
            'Switch-Certificate' = { 'printed' }
            'Start-WebCommitDelay' = { 'printed' }
            'Stop-WebCommitDelay' = { 'printed' }
            'Set-WebConfigurationProperty' = { 'printed' }
            'Binding.RebindSslCertificate' = { 'printed' }
            'Binding.AddSslCertificate' = { 'printed' }
            'Binding.RemoveSslCertificate' = { 'printed' }
        }
    }

    # Opening a key is tested with real ones elsewhere.
    function Test-Key { param($Certificate, [int]$WithinMs) 'usable', '', 'Microsoft Software Key Storage Provider', $Certificate.Thumbprint }
    # Without Windows no key is one of CNG.
    Add-Type -TypeDefinition 'public static class CertRebindOwnKey { public static object Key; public static object GetRSAPrivateKey(object certificate) { return Key; } }'
    function Find-LaterType { param([string]$Name) if ($Name -like '*.RSACertificateExtensions') { [CertRebindOwnKey] } }
    $cngKey = New-WindowsObject 'Key' @{ } 'Delete'
    [CertRebindOwnKey]::Key = [pscustomobject]@{ Key = $cngKey }

    function Send-Change([hashtable] $Test) {
        if ($Test.ContainsKey('Registry')) { foreach ($key in $Test.Registry.Keys) { $script:registry[$key] = $Test.Registry[$key] } }
        if ($Test.ContainsKey('Gone')) { $script:registry.Remove($Test.Gone) }
        if ($Test.ContainsKey('Order')) { return Get-Answer 'Invoke-TaskOrder' (, $Test.Order) }
        if ($Test.ContainsKey('Import')) {
            return Get-Answer 'Import-PfxFile' (, @('My', 'A6C20B3EAC08A78E420388A5FB4998993EE38887', 'secret', [Convert]::ToBase64String([IO.File]::ReadAllBytes($pfx))))
        }
        Get-Answer 'Invoke-Changes' (, (@('change', '0') + $Test.Change))
    }

    function Read-Everything {
        Get-Answer 'Read-Server' @(@('task-folder', '\Own\*'), @(, 'authorities'), @('lifecycle', 'Lifecycle', '10'),
            @('place', 'gateway', 'TSGateway', '', '', 'TSGateway', 'wmi', 'root/CIMV2/TerminalServices', 'Settings', 'CertHash', '=one'))
    }

    # As a text that can be compared: objects by what names them.
    function ConvertTo-Comparable($Value) {
        if ($Value -is [Collections.IDictionary]) {
            return '{' + (@($Value.Keys | Sort-Object | ForEach-Object { "$_=$(ConvertTo-Comparable $Value[$_])" }) -join '; ') + '}'
        }
        if ($Value -is [array]) { return '[' + (@($Value | ForEach-Object { ConvertTo-Comparable $_ }) -join ', ') + ']' }
        if ($Value -is [datetime]) { return $(if ([Math]::Abs(($Value - [datetime]::Now).TotalHours - 24) -lt 1) { '<tomorrow>' } else { "$Value" }) }
        if ($Value -is [Security.Cryptography.X509Certificates.X509Certificate2]) { return $Value.Subject }
        foreach ($name in 'Thumbprint', 'TerminalName') { if ($Value -isnot [string] -and $null -ne $Value.PSObject.Properties[$name]) { return [string]$Value.$name } }
        [string]$Value
    }
    function Get-Passed([string] $Command) {
        if ($Command -like '*.exe') { return @(Get-Starts $Command | ForEach-Object { $_.Replace($script:keyFile, '<key>') }) }
        @(Get-Calls $Command | ForEach-Object { ConvertTo-Comparable $_.Passed })
    }
}

Describe 'a command that changes something' {
    BeforeEach { Initialize-Server }

    It '<Command> is called with what <How> asks for, and nothing that it prints is taken for an answer' -ForEach $changes {
        $answer = @(Send-Change $_)
        $expected = if ($Command -like '*.exe') { $Passed } else { @($Passed | ForEach-Object { ConvertTo-Comparable $_ }) }
        Get-Passed $Command | Should -Be $expected
        $answer[0] | Should -Be 'ok'
        # Only netsh has more to say of what it did.
        if ($_.ContainsKey('Change')) { $answer[1] | Should -BeIn "report`t0`t`t", "report`t0`t`tdone" } else { $answer.Count | Should -Be 1 }
    }

    It '<Command> that is denied is an error of <How>' -ForEach $changes {
        if ($Command -like '*.exe') { Set-Program $Command 'Zugriff verweigert' 5 } else { $script:denied = $Command }
        $answer = Send-Change $_
        if ($_.ContainsKey('Change')) {
            $answer[0] | Should -Be 'ok'
            $answer[1] | Should -BeLike "report`t0`trefused`t*Zugriff verweigert*"
        } else {
            @($answer).Count | Should -Be 1
            $answer | Should -BeLike "error`t*`t*Zugriff verweigert*"
        }
    }
}

Describe 'a command that reads' {
    BeforeEach { Initialize-Server }

    It 'gives what there is, and is called for nothing else' -ForEach @{ readings = $readings } {
        $answer = Read-Everything
        $configuration = [Convert]::ToBase64String([IO.File]::ReadAllBytes((Get-ConfigurationPath)))
        $answer | Should -Be @(
            'ok'
            "machine`tf0e1`tWEB01`t20348`t10`t0", "read`tmachine"
            "account`tsystem", "read`taccount"
            "configuration`t$(Get-ConfigurationPath)`t$configuration", "read`tconfiguration"
            "listen`t192.0.2.5", "listen`t192.0.2.6", "http3`t1"
            "record`tSslSniBindingInfo`tshop:443`tDefaultFlags`tREG_DWORD`tAgAAAA==`tSslCertHash`tREG_BINARY`tqqqqqqqqqqqqqqqqqqqqqqqqqqo=", "read`trecords"
            "site`tShop`t1`tStarted", "site`tCertRebind-Rehearsal-1`t1`tStarted", "read`tsites"
            "central-store`t`t", "read`tcentral-store"
            "web-service`tRunning", "read`tweb-service", "schedule-service`tRunning", "read`tschedule-service"
            "certificate`tMy`t$hash`tAQI=`tFalse`tCertRebind-Rehearsal 1`tTrue`t$other", "certificate`tMy`t$other`tAQI=`tFalse`tCertRebind-Rehearsal 1`tFalse`t", "read`tcertificates"
            "authority`tCA`tAwQ=", "disallowed`t$other", "fetched`t$hash", "trust-lists`t0A0B`t0C`t0D`t1", "read`tauthorities", "revocation-list`tCgs=", "read`trevocation-lists"
            "key`tMy`t$hash`tusable`t", "key-rights`tMy`t$hash`tO:SYG:SYD:P`t`t$script:keyFile", "read`tkeys"
            "task`t\\Own\\`tName`tReady`t0`t2026-01-02T03:04:05.0000000Z`t<Task/>", "read`ttasks"
            "log`tFalse`t1`t1", "event`t7`t<Event/>", "read`tlifecycle"
            "netsh`tadd`tdone", "netsh`tupdate`tdone", "read`tnetsh"
            "read`tldaps"
            "#rd-gateway`tcertificate`tport", "rd-gateway`t$hash`t443", "#gateway-facts`tsessions`tbroker", "gateway-facts`t2`t", "service`tTSGateway`tRunning`tNT AUTHORITY\\NetworkService", "read`trd-gateway"
            "#rdp`tlistener`tcertificate", "rdp`tRDP-Tcp`t$hash", "#rdp-facts`tlistener`tport`tdenied`tchosenBy", "rdp-facts`tRDP-Tcp`t3389`t0`t3", "read`tremote-desktop"
            "#sql`tinstance`tid`tcertificate", "sql`tMSSQLSERVER`tMSSQL16.MSSQLSERVER`t$hash", "#sql-facts`tinstance`tenabled`tallAddresses`tports`tchosenPort`tcluster`tgroups`tconnections", "sql-facts`tMSSQLSERVER`t`t`t1433`t`t`t`t1", "service`tMSSQLSERVER`tRunning`tNT SERVICE\\MSSQLSERVER", "read`tsql"
            "#sstp`tcertificate`tsha1`tchosen`tport", "sstp`t$hash`t$hash`t1`t443", "#sstp-sessions`tsessions", "sstp-sessions`t2", "service`tSstpSvc`tRunning`t", "service`tRemoteAccess`tRunning`t", "read`tsstp"
            "#winrm`tlistener`tcertificate`tport`thostname", "winrm`t*+HTTPS`t$hash`t5986`tweb01.example.com", "#remoting`tservice`tsession", "remoting`tRunning`tno", "read`tremoting"
            "#wmsvc`tcertificate`tport`taddress", "wmsvc`t$hash`t8172`t*", "#wmsvc-service`tstate", "wmsvc-service`tRunning", "read`tweb-management"
            "reported`tgateway`tone`t0102`troot/CIMV2/TerminalServices:Settings`tTSGateway`tRunning", "read`treported gateway"
        )
        foreach ($reading in $readings) {
            if (-not $reading.ContainsKey('Passed')) { continue }
            @(Get-Passed $reading.Command | ForEach-Object { $_.Replace($script:keyFile, '<key>') } | Sort-Object -Unique) | Should -Be $reading.Passed
        }
        Get-Starts 'netsh.exe' | Sort-Object | Should -Be 'http add sslcert help', 'http update sslcert help'
        @($script:calls.Name | Where-Object { $_ -notlike 'Get-*' -and $_ -ne 'Export-ScheduledTask' }) | Should -Be @()
        [CertRebindKey]::Open | Should -BeNullOrEmpty
    }

    It '<Command> that is denied fails the parts that need it, and no part reads as empty' -ForEach $readings {
        $script:denied = $Command
        $answer = Read-Everything
        @($answer -like "failed`t*" | ForEach-Object { ($_ -split "`t")[1] }) | Should -Be $Fails
        foreach ($row in $answer -like "failed`t*") { ($row -split "`t")[2, 3] | Should -Be 'access-denied', 'Zugriff verweigert' }
        foreach ($row in @($_['Rows'])) { if ($null -ne $row) { $answer | Should -Contain $row } }
    }

    It '<Command> that answers nothing ends in a whole answer' -ForEach $readings {
        $script:answers[$Command] = { }
        $answer = Read-Everything
        $answer[0] | Should -Be 'ok'
        @($answer -like "failed`t*" | ForEach-Object { ($_ -split "`t")[1] }) | Should -Be $Empty
    }

    It 'a table of HTTP.SYS with an entry that may not be opened fails the records' {
        $table = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslSniBindingInfo'
        $script:registry["$table\a:443"] = @{ DefaultFlags = 2 }
        [CertRebindKey]::Denied = "$table\shop:443"
        $answer = Read-Everything
        @($answer -like "failed`t*") | Should -BeLike "failed`trecords`taccess-denied`t*"
        # Nor is what was read before it told, as if it were all.
        @($answer -like "record`t*") | Should -Be @()
    }
}

Describe 'a command that finds nothing' {
    BeforeEach {
        Initialize-Server
        $script:denial = 'Das System kann die Datei nicht finden', 'ObjectNotFound', 'HRESULT 0x80070002'
    }

    It '<Command> of what is not there is done' -ForEach @(
        @{ Command = 'Unregister-ScheduledTask'; Change = 'unregister-task', '\Own\', 'Name'; Says = "report`t0`t`t" }
        @{ Command = 'Stop-ScheduledTask'; Order = 'stop-task', '\Own\', 'Name'; Says = $null }
    ) {
        $script:denied = $Command
        $answer = @(Send-Change $_)
        $answer | Should -Be @(@('ok', $Says, $(if ($Says) { "read`trecords" })) | Where-Object { $_ })
    }

    It '<Command> reads as nothing' -ForEach @(
        @{ Command = 'Get-ScheduledTask'; Id = 'CmdletizationQuery_NotFound'; Category = 'ObjectNotFound'; Part = 'tasks' }
        @{ Command = 'Get-ChildItem'; Id = 'PathNotFound'; Category = 'ObjectNotFound'; Part = 'certificates' }
        @{ Command = 'Get-Item'; Id = 'PathNotFound'; Category = 'ObjectNotFound'; Part = 'records' }
        @{ Command = 'Get-CimInstance'; Id = 'HRESULT 0x80041010'; Category = 'MetadataError'; Part = 'reported gateway' }
        @{ Command = 'Get-CimInstance'; Id = 'HRESULT 0x8004100E'; Category = 'MetadataError'; Part = 'reported gateway' }
    ) {
        $script:denied = $Command
        $script:denial = 'nicht da', $Category, $Id
        $answer = Read-Everything
        $answer | Should -Contain "read`t$Part"
        @($answer -like "failed`t*") | Should -Be @()
    }

    It 'a log without events is empty, and only that' -ForEach @(
        @{ Id = 'NoMatchingEventsFound,Microsoft.PowerShell.Commands.GetWinEventCommand'; Rows = "log`tFalse`t1`t1", "read`tlifecycle" }
        @{ Id = 'NoMatchingLogsFound,Microsoft.PowerShell.Commands.GetWinEventCommand'; Rows = , "failed`tlifecycle`t`tnicht da*" }
    ) {
        $log = $script:answers['Get-WinEvent']
        $script:answers['Get-WinEvent'] = { param($Passed)
            if ($Passed.ContainsKey('ListLog')) { return & $log $Passed }
            throw [Management.Automation.ErrorRecord]::new([Exception]::new('nicht da'), $Id, 'ObjectNotFound', $null)
        }
        $answer = Get-Answer 'Read-Server' (, @('lifecycle', 'Lifecycle', '10'))
        $found = @($answer -match '\tlifecycle|^log\t|^event\t')
        $found.Count | Should -Be $Rows.Count
        for ($at = 0; $at -lt $Rows.Count; $at++) { $found[$at] | Should -BeLike $Rows[$at] }
    }
}

Describe 'the table of stand-ins' -ForEach @{ changes = $changes; readings = $readings; table = $table } {
    BeforeAll {
        $programs = @(Find-InAdapter ([Management.Automation.Language.StringConstantExpressionAst]) | Where-Object { $_.Value -like '*.exe' } | ForEach-Object { $_.Value })
        $used = @($windowsCommands.Keys) + $programs | Sort-Object -Unique
        $ofObjects = 'Binding.RebindSslCertificate', 'Key.Delete', 'Log.SaveChanges', 'RootDse.CommitChanges',
        'Service.Start', 'Service.Stop', 'Service.WaitForStatus', 'Store.Add', 'Store.Close', 'Store.Find', 'Store.Open', 'Store.Remove'
    }

    It 'has every command, program and method of Windows that the adapter uses, and no other' {
        @($changes.Command) + @($readings.Command) | Sort-Object -Unique | Should -Be @($used + $ofObjects | Sort-Object)
    }

    It 'knows every method: one of .NET, of the registry, or one above' {
        $names = Find-InAdapter ([Management.Automation.Language.InvokeMemberExpressionAst]) | Where-Object { -not $_.Static } | ForEach-Object { [string]$_.Member.Extent.Text } | Sort-Object -Unique
        $plain = 'AddDays', 'AddRange', 'Append', 'Clear', 'ComputeHash', 'Contains', 'ContainsKey', 'CopyTo', 'Dispose', 'FindAll', 'Flush', 'GetAttribute', 'GetBaseException', 'GetBytes', 'GetMethod', 'GetRange', 'GetString',
        'GetSubKeyNames', 'GetValue', 'GetValueKind', 'GetValueNames', 'Import', 'IndexOf', 'IndexOfAny', 'Load', 'LoadXml', 'Matches', 'OpenSubKey', 'ReadToEnd', 'RemoveRange', 'Replace', 'SelectNodes',
        'SelectSingleNode', 'SetSecurityDescriptorSddlForm', 'Split', 'StartNew', 'StartsWith', 'Substring', 'ToArray', 'ToLowerInvariant', 'ToString', 'ToUniversalTime', 'ToUpperInvariant', 'ToXml', 'Trim',
        'TrimStart', 'Write', 'WriteLine'
        @($names | Where-Object { $plain -notcontains $_ }) | Should -Be @($ofObjects | ForEach-Object { $_.Split('.')[1] } | Sort-Object -Unique)
    }

    It 'sees every parameter that the adapter passes' {
        foreach ($name in $windowsCommands.Keys) {
            $seen = foreach ($row in @($changes) + @($readings)) {
                if ($row.Command -ne $name -or -not $row.ContainsKey('Passed')) { continue }
                foreach ($passed in @($row.Passed)) { if ($passed -is [string]) { [regex]::Matches($passed, '(\w+)=').ForEach({ $_.Groups[1].Value }) } else { $passed.Keys } }
            }
            # Get-Item is called for files with it, which Paths.Tests.ps1 does.
            if ($name -eq 'Get-Item') { $seen = @($seen) + 'Force' }
            # Those that only some Windows has come out of a table.
            if ($name -eq 'Set-SmbServerCertificateMapping') { $seen = @($seen) -ne 'Flags' -ne 'RequireClientAuthentication' }
            @($seen | Sort-Object -Unique) | Should -Be @($windowsCommands[$name]) -Because $name
        }
    }

    It 'says of each whether it <_>, in a test that is there or with the reason' -ForEach @($table.Keys | Sort-Object) {
        $column = $table[$_]
        foreach ($name in $column.Keys) {
            if ($name -ne '*') { @($changes.Command) + @($readings.Command) | Should -Contain $name }
            $cell = $column[$name]
            if ($cell.StartsWith('- ')) { continue }
            $file, $title = $cell -split ': ', 2
            [IO.File]::ReadAllText([IO.Path]::Combine($PSScriptRoot, '..', '..', $file)).Contains($title) | Should -BeTrue -Because $cell
        }
        $column.ContainsKey('*') | Should -BeTrue
    }
}
