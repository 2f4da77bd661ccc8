# Which bindings a swap goes through, with an IIS that this test makes up.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    foreach ($part in 'call', 'parts', 'read-iis', 'read-registry', 'change', 'holders') { . ([IO.Path]::Combine($adapter, "$part.ps1")) }
    function Import-Part { param($Name) }
    function Get-WebBinding { param($Protocol) }
    function Get-EntryHash { param($Table, $Name) 'AA' }
    $script:ChangingFile = [IO.Path]::Combine($TestDrive, 'changing')
    $swap = 'change', '0', 'swap', 'SslSniBindingInfo', 'shop:443', 'AA', '*:443:shop', '1,3', 'BB', 'My'
}

Describe 'the bindings that swaps go through' {
    BeforeEach {
        $script:Rows = [Collections.Generic.List[string]]::new()
        $script:BindingsStamp = 'unreadable'
        Mock Get-WebBinding {
            $binding = [pscustomobject]@{ sslFlags = 1; bindingInformation = '*:443:shop' }
            Add-Member -InputObject $binding -MemberType ScriptMethod -Name RebindSslCertificate -Value { } -PassThru
        }
    }

    It 'are enumerated once while the configuration stays as it is' {
        Mock Get-ConfigurationStamp { 'file|1|1' }
        foreach ($call in 1, 2, 3) { Invoke-Changes (, $swap) }
        Should -Invoke Get-WebBinding -Times 1 -Exactly
        @($script:Rows -eq "report`t0`t`t").Count | Should -Be 3
    }

    It 'are enumerated again once it was written' {
        $script:written = 0
        Mock Get-ConfigurationStamp { $script:written++; "file|1|$($script:written)" }
        foreach ($call in 1, 2) { Invoke-Changes (, $swap) }
        Should -Invoke Get-WebBinding -Times 2 -Exactly
    }

    It 'are enumerated each time where it cannot be read' {
        Mock Get-ConfigurationStamp { 'unreadable' }
        foreach ($call in 1, 2) { Invoke-Changes (, $swap) }
        Should -Invoke Get-WebBinding -Times 2 -Exactly
    }
}
