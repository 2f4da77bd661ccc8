# Services that read a certificate when they start, and instances of SQL Server, over a Windows that StandIns.ps1 makes up.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    $hash = 'ab' * 20
    $sql = 'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server'
    $services = 'HKLM:\SYSTEM\CurrentControlSet\Services'
    function Get-Outcome([string[]] $Change) { (@(Get-Answer 'Invoke-Changes' (, (@('change', '0') + $Change)))[1] -split "`t")[2, 3] }
    function Initialize-Services {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, 'windows'))
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
    }
}

Describe 'a service' {
    BeforeEach {
        Initialize-Services
        $script:answers['Get-Service'] = { param($Passed) ($script:service = New-WindowsObject 'Service' @{ Name = $Passed.Name; Status = $script:status } 'Start', 'Stop', 'WaitForStatus') }
        $script:answers['Service.WaitForStatus'] = { param($Passed) $script:service.Status = $Passed.Arguments[0] }
        function Get-Done { @($script:calls | Where-Object { $_.Name -like 'Service.*' } | ForEach-Object { "$($_.Name -replace '^Service\.') $($_.Passed.Arguments)".Trim() }) }
    }

    It 'that is <Status> is told to <Order>, and waited for: <Done>' -ForEach @(
        @{ Status = 'Running'; Order = 'stop'; Done = 'Stop', 'WaitForStatus Stopped 00:05:00' }
        @{ Status = 'Stopped'; Order = 'start'; Done = 'Start', 'WaitForStatus Running 00:05:00' }
        @{ Status = 'StopPending'; Order = 'start'; Done = 'WaitForStatus Stopped 00:05:00', 'Start', 'WaitForStatus Running 00:05:00' }
        @{ Status = 'StopPending'; Order = 'stop'; Done = , 'WaitForStatus Stopped 00:05:00' }
        @{ Status = 'StartPending'; Order = 'start'; Done = , 'WaitForStatus Running 00:05:00' }
        @{ Status = 'StartPending'; Order = 'stop'; Done = 'WaitForStatus Running 00:05:00', 'Stop', 'WaitForStatus Stopped 00:05:00' }
        @{ Status = 'Stopped'; Order = 'stop'; Done = @() }
        @{ Status = 'Running'; Order = 'start'; Done = @() }
    ) {
        $script:status = $Status
        Get-Outcome 'control-service', $Order, 'W3SVC', '300' | Should -Be '', ''
        Get-Done | Should -Be $Done
        (Get-Calls 'Get-Service').Passed.Name | Should -Be 'W3SVC'
    }

    It 'is told with its account, and what needs it and runs; one that is not there without a state' {
        $script:registry = @{ "$services\Tomcat10" = @{ ObjectName = 'NT AUTHORITY\LocalService' } }
        $script:answers['Get-Service'] = { param($Passed)
            if ($Passed.Name -eq 'Gone') { throw (New-Denial $Passed.Name) }
            [pscustomobject]@{ Status = 'Running'; DependentServices = [pscustomobject]@{ Name = 'Portal'; Status = 'Running' }, [pscustomobject]@{ Name = 'Other'; Status = 'Stopped' } }
        }
        $tomcat = "service`tTomcat10`tRunning`tNT AUTHORITY\\LocalService`tPortal"
        @(Get-Answer 'Read-Services' (, 'Tomcat10'), (, 'Gone')) | Should -Be 'ok', $tomcat, "service`tGone`t`t"
    }
}

Describe 'instances of SQL Server' {
    BeforeEach {
        Initialize-Services
        $script:registry = @{
            "$sql\Instance Names\SQL" = @{ MSSQLSERVER = 'MSSQL16.MSSQLSERVER'; SHOP = 'MSSQL15.SHOP' }
            "$sql\MSSQL16.MSSQLSERVER\MSSQLServer\SuperSocketNetLib" = @{ Certificate = $hash }
            "$sql\MSSQL16.MSSQLSERVER\MSSQLServer\SuperSocketNetLib\Tcp" = @{ Enabled = 1; ListenOnAllIPs = 1 }
            "$sql\MSSQL16.MSSQLSERVER\MSSQLServer\SuperSocketNetLib\Tcp\IPAll" = @{ TcpPort = '1433, 1434'; TcpDynamicPorts = '' }
            "$sql\MSSQL16.MSSQLSERVER\MSSQLServer\HADR" = @{ HADR_Enabled = 1 }
            "$sql\MSSQL16.MSSQLSERVER\Cluster" = @{ }
            "$sql\MSSQL15.SHOP\MSSQLServer\SuperSocketNetLib" = @{ Certificate = '' }
            "$services\MSSQLSERVER" = @{ ObjectName = 'NT SERVICE\MSSQLSERVER' }
            "$services\MSSQL`$SHOP" = @{ ObjectName = 'LocalSystem' }
        }
        $script:answers['Get-Service'] = { param($Passed)
            if ($Passed.Name -notlike 'MSSQL*') { return [pscustomobject]@{ Status = 'Running' } }
            if ($Passed.Name -ne 'MSSQLSERVER') { throw (New-Denial $Passed.Name) }
            [pscustomobject]@{ Status = 'Running'; DependentServices = foreach ($one in @('SQLAgent', 'Running'), @('Reports', 'Stopped'), @('Search', 'Running')) { [pscustomobject]@{ Name = $one[0]; Status = $one[1] } } }
        }
        $script:connections = @(@(1433, 5), @(1433, 5), @(1433, 2), @(1434, 5), @(443, 5))
        $script:answers['Get-CimInstance'] = { param($Passed)
            if ($Passed.ClassName -eq 'MSFT_NetTCPConnection') { foreach ($one in $script:connections) { [pscustomobject]@{ LocalPort = [uint16]$one[0]; State = [byte]$one[1] } } }
        }
        function Read-Sql { $answer = @(Get-Answer 'Read-Server' @()); @($answer -match '^#?sql|^service\t|^(?:read|failed)\tsql') }
    }

    It 'are told with their listening, their cluster, those who are connected now, and their services' {
        Read-Sql | Should -Be @(
            "#sql`tinstance`tid`tcertificate", "sql`tMSSQLSERVER`tMSSQL16.MSSQLSERVER`t$hash", "#sql-facts`tinstance`tenabled`tallAddresses`tports`tchosenPort`tcluster`tgroups`tconnections", "sql-facts`tMSSQLSERVER`t1`t1`t1433, 1434`t`t1`t1`t2", "service`tMSSQLSERVER`tRunning`tNT SERVICE\\MSSQLSERVER`tSQLAgent`tSearch"
            "sql`tSHOP`tMSSQL15.SHOP`t", "sql-facts`tSHOP`t`t`t`t`t`t`t", "service`tMSSQL`$SHOP`t`tLocalSystem", "read`tsql")
        @(Get-Calls 'Get-CimInstance' | Where-Object { $_.Passed.ClassName -eq 'MSFT_NetTCPConnection' } | ForEach-Object { $_.Passed.Namespace }) | Should -Be 'root/StandardCimv2'
        Get-Answer 'Read-Holders' (, @(, 'sql')) | Should -Be 'ok', "#sql`tinstance`tid`tcertificate", "sql`tMSSQLSERVER`tMSSQL16.MSSQLSERVER`t$hash", "sql`tSHOP`tMSSQL15.SHOP`t", "read`tsql"
    }

    It 'have those connected at the port that it chose itself' {
        $script:registry["$sql\MSSQL16.MSSQLSERVER\MSSQLServer\SuperSocketNetLib\Tcp\IPAll"] = @{ TcpPort = ''; TcpDynamicPorts = '1434' }
        @(Read-Sql)[3] | Should -Be "sql-facts`tMSSQLSERVER`t1`t1`t`t1434`t1`t1`t1"
    }

    It 'are not asked who is connected where none has a certificate, and none where SQL Server is not there' {
        $script:registry["$sql\MSSQL16.MSSQLSERVER\MSSQLServer\SuperSocketNetLib"] = @{ }
        @(Read-Sql)[3] | Should -Be "sql-facts`tMSSQLSERVER`t1`t1`t1433, 1434`t`t1`t1`t"
        @(Get-Calls 'Get-CimInstance' | Where-Object { $_.Passed.ClassName -eq 'MSFT_NetTCPConnection' }).Count | Should -Be 0
        $script:registry = @{ }
        Read-Sql | Should -Be "read`tsql"
    }

    It 'take a certificate where <What>: <Code>' -ForEach @(
        @{ What = 'they hold the expected one'; Held = 'ab' * 20; Expected = 'AB' * 20; Code = '' }
        @{ What = 'invisible characters stand before it'; Held = "$([char]0x200E)$('ab ' * 20)"; Expected = 'AB' * 20; Code = '' }
        @{ What = 'none is expected'; Held = 'cd' * 20; Expected = ''; Code = '' }
        @{ What = 'they hold another'; Held = 'cd' * 20; Expected = 'AB' * 20; Code = 'changed-meanwhile' }
    ) {
        $key = "$sql\MSSQL15.SHOP\MSSQLServer\SuperSocketNetLib"
        $script:registry[$key] = @{ Certificate = $Held }
        (Get-Outcome 'put-sql', 'SHOP', $Expected, ('EF' * 20), 'MSSQL15.SHOP')[0] | Should -Be $Code
        $written = @(Get-Calls 'New-ItemProperty' | ForEach-Object { $_.Passed })
        $written.Count | Should -Be ([int]($Code -eq ''))
        if ($Code -eq '') { $written[0].LiteralPath, $written[0].Name, $written[0].PropertyType, $written[0].Value, [bool]$written[0].Force | Should -BeExactly $key, 'Certificate', 'String', ('ef' * 20), $true }
    }

    It 'that are not there take none' {
        Get-Outcome 'put-sql', 'GONE', '', $hash, 'MSSQL16.GONE' | Should -Be 'refused', 'there is no instance GONE'
        @(Get-Calls 'New-ItemProperty').Count | Should -Be 0
    }
}
