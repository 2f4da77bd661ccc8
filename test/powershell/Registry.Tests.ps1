# What is read of the registry, from keys that this test makes up.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    . ([IO.Path]::Combine($adapter, 'parts.ps1'))
    . ([IO.Path]::Combine($adapter, 'read-registry.ps1'))
    . ([IO.Path]::Combine($adapter, 'read-machine.ps1'))
    function Add-Row { param([string[]]$Fields) $script:added += , $Fields }
    function New-Key([hashtable] $Values, [string[]] $SubKeys = @()) {
        $key = [pscustomobject]@{ Values = $Values; SubKeys = $SubKeys; SubKeyCount = $SubKeys.Count }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name GetValueNames -Value { [string[]]@($this.Values.Keys) }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name GetSubKeyNames -Value { $this.SubKeys }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name GetValueKind -Value { 'DWord' }
        Add-Member -InputObject $key -MemberType ScriptMethod -Name GetValue -Value { param($name) , $this.Values[$name] }
        $key
    }
}

Describe 'a record in the registry' {
    BeforeEach { $script:added = @() }

    It 'names the keys below it' {
        Add-EntryRow 'SslBindingInfo' '0.0.0.0:443' (New-Key @{ DefaultFlags = 2 } '0', '4')
        $added[0] | Should -Be @('record', 'SslBindingInfo', '0.0.0.0:443', 'DefaultFlags', 'REG_DWORD', 'AgAAAA==', '0\', 'REG_KEY', '', '4\', 'REG_KEY', '')
    }

    It 'has its values alone where there are none' {
        Add-EntryRow 'SslBindingInfo' '0.0.0.0:443' (New-Key @{ DefaultFlags = 2 })
        $added[0] | Should -Be @('record', 'SslBindingInfo', '0.0.0.0:443', 'DefaultFlags', 'REG_DWORD', 'AgAAAA==')
    }
}

Describe 'the listen list' {
    BeforeEach { $script:added = @() }

    It 'is <Listed>' -ForEach @(
        @{ Listed = 'two addresses'; Value = [string[]]@('192.0.2.5', '2001:db8::5'); Rows = 2 }
        @{ Listed = 'empty'; Value = [string[]]@(); Rows = 0 }
        @{ Listed = 'not there'; Value = $null; Rows = 0 }
    ) {
        Mock Get-RegistryKey { New-Key @{ ListenOnlyList = $Value } }
        Add-ListenRows
        $added.Count | Should -Be $Rows
        if ($Rows -gt 0) { $added | ForEach-Object { $_[1] } | Should -Be $Value }
    }
}

Describe 'Remote Desktop Gateway' {
    BeforeEach {
        $script:added = @()
        function Get-CimInstance { param($Namespace, $ClassName) [pscustomobject]@{ CertHash = $script:hash } }
        Mock Import-Part { }
        Mock Get-CimInstance { [pscustomobject]@{ CertHash = $script:hash } }
    }

    It 'is not asked where the role is not installed' {
        Mock Get-RegistryKey { }
        Add-GatewayRow
        Should -Invoke Get-CimInstance -Exactly 0
        $added.Count | Should -Be 0
    }

    It 'says which certificate it uses' {
        Mock Get-RegistryKey { New-Key @{ } }
        $script:hash = [byte[]]@(0xAB, 0x01)
        Add-GatewayRow
        $added[0] | Should -Be @('other', 'rd-gateway', 'AB01', 'TSGateway')
    }

    It 'uses none' {
        Mock Get-RegistryKey { New-Key @{ } }
        $script:hash = $null
        Add-GatewayRow
        $added.Count | Should -Be 0
    }
}
