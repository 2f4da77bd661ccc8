# What is read of the registry, from keys that this test makes up.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    foreach ($part in 'call', 'parts', 'read-iis') { . ([IO.Path]::Combine($adapter, "$part.ps1")) }
    . ([IO.Path]::Combine($adapter, 'read-registry.ps1'))
    . ([IO.Path]::Combine($adapter, 'read-machine.ps1'))
    . ([IO.Path]::Combine($adapter, 'reported.ps1'))
    function Add-Rows { param($All) foreach ($fields in $All) { $script:added += , $fields } }
    function New-Key([hashtable] $Values, [string[]] $SubKeys = @()) {
        $key = [pscustomobject]@{ Values = $Values; SubKeys = $SubKeys; SubKeyCount = $SubKeys.Count }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name GetValueNames -Value { [string[]]@($this.Values.Keys) }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name GetSubKeyNames -Value { $this.SubKeys }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name GetValueKind -Value { [Microsoft.Win32.RegistryValueKind]::DWord }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name GetValue -Value { param($name) , $this.Values[$name] }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name Close -Value { }
        $key
    }
    # A table with this one entry, under every name but "gone".
    function New-Table($Entry) {
        $table = [pscustomobject]@{ Entry = $Entry }
        Add-Member -InputObject $table -MemberType ScriptMethod -Name OpenSubKey -Value { param($name) if ($name -ne 'gone') { $this.Entry } }
        $table
    }
}

Describe 'a record in the registry' {
    BeforeEach { $script:added = @() }

    It 'names the keys below it: <_>' -ForEach @(@('0'), @('0', '4')) {
        Add-EntryRows 'SslBindingInfo' (New-Table (New-Key @{ DefaultFlags = 2 } $_)) '0.0.0.0:443' | Should -Be 1
        $added[0] | Should -Be (@('record', 'SslBindingInfo', '0.0.0.0:443', 'DefaultFlags', 'REG_DWORD', 'AgAAAA==') + @($_ | ForEach-Object { "$_\", 'REG_KEY', '' }))
    }

    It 'has its values alone where there are none' {
        Add-EntryRows 'SslBindingInfo' (New-Table (New-Key @{ DefaultFlags = 2 })) '0.0.0.0:443' | Should -Be 1
        $added[0] | Should -Be @('record', 'SslBindingInfo', '0.0.0.0:443', 'DefaultFlags', 'REG_DWORD', 'AgAAAA==')
    }
}

Describe 'records that are asked for' {
    BeforeEach { $script:added = @() }

    It 'are only those that are there, and an empty name is none of them' {
        Add-EntryRows 'SslBindingInfo' (New-Table (New-Key @{ DefaultFlags = 2 })) 'gone', '', '[::]:443' | Should -Be 1
        $added | ForEach-Object { $_[2] } | Should -Be '[::]:443'
    }
}

Describe 'a value of a record' {
    BeforeAll {
        . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
        $raw = { param($Text) [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($Text)) }
    }

    It 'of kind <Kind> comes raw' -ForEach @(
        @{ Kind = 'REG_SZ'; Value = 'My'; Text = "My`0" }
        @{ Kind = 'REG_EXPAND_SZ'; Value = @{ Expand = '%SystemRoot%\x'; As = 'C:\Windows\x' }; Text = "%SystemRoot%\x`0" }
        @{ Kind = 'REG_MULTI_SZ'; Value = [string[]]@('a', 'bc'); Text = "a`0bc`0`0" }
        @{ Kind = 'REG_MULTI_SZ'; Value = [string[]]@(); Text = "`0" }
        @{ Kind = 'REG_BINARY'; Value = [byte[]](1, 255); Base64 = 'Af8=' }
        @{ Kind = 'REG_BINARY'; Value = [byte[]]@(); Base64 = '' }
        @{ Kind = 'REG_DWORD'; Value = -2; Base64 = '/v///w==' }
        @{ Kind = 'REG_QWORD'; Value = 4294967296L; Base64 = 'AAAAAAEAAAA=' }
        @{ Kind = 'REG_UNKNOWN'; Value = @{ Odd = [byte[]](7, 8) }; Base64 = 'Bwg=' }
    ) {
        Reset-StandIns $TestDrive
        $table = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo'
        $script:registry = @{ $table = @{ }; "$table\0.0.0.0:443" = @{ Value = $Value } }
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        $expected = if ($_.ContainsKey('Text')) { & $raw $_.Text } else { $Base64 }
        (Get-Answer 'Read-Records' (, @('SslBindingInfo', '0.0.0.0:443')))[1] | Should -BeExactly "record`tSslBindingInfo`t0.0.0.0:443`tValue`t$Kind`t$expected"
    }
}

Describe 'the listen list' {
    BeforeEach { $script:added = @() }

    It 'is <Listed>, and HTTP/3 <Http3>' -ForEach @(
        @{ Listed = 'two addresses'; Value = [string[]]@('192.0.2.5', '2001:db8::5'); Http3 = 1 }
        @{ Listed = 'empty'; Value = [string[]]@(); Http3 = 0 }
        @{ Listed = 'not there'; Value = $null; Http3 = $null }
    ) {
        Mock Get-RegistryKey { New-Key @{ ListenOnlyList = $Value; EnableHttp3 = $Http3 } }
        Add-ListenRows
        $last = @($Value).Where{ $null -ne $_ }.Count
        $added.Count | Should -Be ($last + 1)
        if ($last -gt 0) { $added | Select-Object -First $last | ForEach-Object { $_[1] } | Should -Be $Value }
        $added[$last] | Should -Be @('http3', [string]$Http3)
    }
}

Describe 'places of roles that are only reported' {
    BeforeEach {
        $script:added = @()
        $script:Rows = [Collections.Generic.List[string]]::new()
        $gateway = 'gateway', 'TSGateway', '', '', 'TSGateway', 'wmi', 'root/CIMV2/TerminalServices', 'Settings', 'CertHash', '=one'
        function Get-CimInstance { param($Namespace, $ClassName) }
        function Get-Service { param($Name) [pscustomobject]@{ Status = 'Running' } }
        Mock Import-Part { }
    }

    It 'are of a role that is there by a value and its data: <Place> says <There>' -ForEach @(
        @{ Place = '', ''; There = $true }
        @{ Place = 'Installed', '1'; There = $true }
        @{ Place = 'Installed', '2'; There = $false }
    ) {
        Mock Get-RegistryKey { New-Key @{ Installed = 1 } }
        Test-RoleIsThere (@('gateway', 'TSGateway') + $Place) | Should -Be $There
    }

    It 'are of a role that comes with a later Windows: build <Build> says <There>' -ForEach @(
        @{ Build = '17763'; There = $false }
        @{ Build = '20348'; There = $true }
        @{ Build = '26100'; There = $true }
    ) {
        Mock Get-RegistryKey { New-Key @{ CurrentBuildNumber = $Build } }
        Test-RoleIsThere @('smb-quic', 'LanmanServer', '', '', 'LanmanServer', 'wmi', 'a', 'b', 'c', 'd', '20348') | Should -Be $There
        Test-RoleIsThere @('smb-quic', 'LanmanServer', '', '', 'LanmanServer', 'wmi', 'a', 'b', 'c', 'd', '0') | Should -Be $true
    }

    It 'are not asked where the role is not installed' {
        Mock Get-RegistryKey { }
        Mock Get-CimInstance { }
        Read-Reported (, [string[]]$gateway)
        Should -Invoke Get-CimInstance -Exactly 0
        $added.Count | Should -Be 1
        $added[0] | Should -Be 'read', 'reported gateway'
    }

    It 'say which certificate is used, and by which service' {
        Mock Get-RegistryKey { New-Key @{ } }
        Mock Get-CimInstance { [pscustomobject]@{ CertHash = [byte[]]@(0xAB, 0x01) } }
        Read-Reported (, [string[]]$gateway)
        $added[0] | Should -Be @('reported', 'gateway', 'one', 'AB01', 'root/CIMV2/TerminalServices:Settings', 'TSGateway', 'Running')
    }

    It 'are one part for each kind, however many places it has' {
        Mock Get-RegistryKey { }
        Read-Reported @([string[]]$gateway, [string[]]$gateway, [string[]](@('sql') + $gateway[1..9]))
        @($added | ForEach-Object { $_[1] }) | Should -Be 'reported gateway', 'reported sql'
    }

    It 'ask for the state of a service once, and of none where none is named' {
        Mock Get-Service { [pscustomobject]@{ Status = 'Running' } }
        $script:States = @{ }
        foreach ($service in 'TSGateway', 'TSGateway', '') { Add-ReportedRow 'gateway' 'one' 'AB01' 'x' $service }
        @($added | ForEach-Object { $_[6] }) | Should -Be 'Running', 'Running', ''
        Should -Invoke Get-Service -Exactly 1
    }

    It 'use none where the property is empty' {
        Mock Get-RegistryKey { New-Key @{ } }
        Mock Get-CimInstance { [pscustomobject]@{ CertHash = $null } }
        Read-Reported (, [string[]]$gateway)
        $added.Count | Should -Be 1
        $added[0] | Should -Be 'read', 'reported gateway'
    }

    It 'are said to have failed where WMI fails, and have no objects where the class is not there' -ForEach @(
        @{ Id = 'HRESULT 0x80041003'; Says = 0 }
        @{ Id = 'HRESULT 0x80041010'; Says = 1 }
        @{ Id = 'HRESULT 0x8004100E'; Says = 1 }
    ) {
        Mock Get-RegistryKey { New-Key @{ } }
        Mock Get-CimInstance { throw [Management.Automation.ErrorRecord]::new([InvalidOperationException]::new('WMI'), $Id, 'MetadataError', $null) }
        Read-Reported (, [string[]]$gateway)
        $added.Count | Should -Be $Says
        if ($Says -eq 0) { $script:Rows[0] | Should -Match '^failed\treported gateway' }
    }
}

Describe 'places that are only reported' {
    BeforeAll { . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1')) }
    BeforeEach {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, 'windows'))
        $script:registry = @{ 'HKLM:\Role' = @{ } }
        $script:answers = @{ 'Get-Item' = { param($Passed) Get-WindowsItem $Passed }; 'Get-Service' = { [pscustomobject]@{ Status = 'Running' } } }
        function Get-Told([string[]] $How) { @(@(Get-Answer 'Read-Server' (, (@('place', 'kind', 'Role', '', '', 'Svc') + $How))) -match '^reported|^role|(?:read|failed)\treported') }
    }

    It 'are no role where a key below another one tells' {
        Get-Told 'not-read', 'Role\Bound', '', '', '' | Should -Be "role`tkind", "read`treported kind"
        $script:registry += @{ 'HKLM:\Role\Bound' = @{ } }
        Get-Told 'not-read', 'Role\Bound', '', '', '' | Should -Be "role`tkind", "read`treported kind"
        $script:registry += @{ 'HKLM:\Role\Bound\AA' = @{ } }
        Get-Told 'not-read', 'Role\Bound', '', '', '' | Should -Be "read`treported kind"
    }

    It 'are objects of WMI, each by a property of its own, its hash a text or bytes' {
        $script:answers['Get-CimInstance'] = { param($Passed) if ($Passed.Namespace -eq 'root/x') { foreach ($one in @('A', 'AB01'), @('B', ([byte[]](0xAB, 2)))) { [pscustomobject]@{ Name = $one[0]; Hash = $one[1] } } } }
        Get-Told 'wmi', 'root/x', 'Settings', 'Hash', 'Name' | Should -Be "reported`tkind`tA`tAB01`troot/x:Settings`tSvc`tRunning", "reported`tkind`tB`tAB02`troot/x:Settings`tSvc`tRunning", "read`treported kind"
    }

    It 'are roles alone where nothing cheap tells the hash' {
        Get-Told 'not-read', '', '', '', '' | Should -Be "role`tkind", "read`treported kind"
    }

    It 'have no state where their service does not tell it' {
        $script:answers['Get-CimInstance'] = { [pscustomobject]@{ Hash = 'AB' } }
        $script:denied = 'Get-Service'
        Get-Told 'wmi', 'root/x', 'Settings', 'Hash', '=all' | Should -Be "reported`tkind`tall`tAB`troot/x:Settings`tSvc`t", "read`treported kind"
    }

    It 'are policies by the nearest name above, and no other setting of their file is told' {
        $folder = [IO.Path]::Combine($script:SystemRoot, 'System32', 'ias')
        $null = [IO.Directory]::CreateDirectory($folder)
        [IO.File]::WriteAllText([IO.Path]::Combine($folder, 'ias.xml'), '<Root><Secret>shared</Secret><RadiusProfiles name="All"><Children><P name="Wi-Fi"><Properties><msEAPConfiguration> 0D01 </msEAPConfiguration><Other>x</Other></Properties></P></Children></RadiusProfiles>
            <Elsewhere><msEAPConfiguration>0D02</msEAPConfiguration></Elsewhere></Root>')
        $told = @(Get-Told 'policies', '', '', '', '')
        $told[0] | Should -Match '^reported\tkind\tWi-Fi\t0D01\t.+ias\.xml\tSvc\tRunning$'
        $told[1] | Should -Be "read`treported kind"
        [IO.File]::Delete([IO.Path]::Combine($folder, 'ias.xml'))
        Get-Told 'policies', '', '', '', '' | Should -BeLike "failed`treported kind`t*"
    }
}
