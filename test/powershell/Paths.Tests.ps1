# Get-Acl is not part of PowerShell on other systems, so a stand-in fails here in the two ways that have to differ.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter', 'folders.ps1'))
    function Import-Part { param($Name) }
    function Add-Row { param([string[]]$Fields) $script:rows += , $Fields }
    function Get-RegistryKey { param($Path) $script:trustedKey }
}

Describe 'the rights of paths' {
    BeforeEach {
        $script:rows = @()
        $script:trustedKey = $null
        $script:file = [IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-paths-$([guid]::NewGuid())")
        [IO.File]::WriteAllText($file, '')
    }
    AfterEach { [IO.File]::Delete($file) }

    It 'calls a file absent that another start removes while it is looked at' {
        function Get-Acl { param($LiteralPath) [IO.File]::Delete($LiteralPath); throw 'Cannot find path' }
        Read-Paths -Request (, [string[]]@($file))
        $rows[0] | Should -Be @('path', $file, 'missing', 'False', '', '')
    }

    It 'fails when rights cannot be read of a file that is there' {
        function Get-Acl { param($LiteralPath) throw 'Access is denied' }
        { Read-Paths -Request (, [string[]]@($file)) } | Should -Throw 'Access is denied'
        $rows.Count | Should -Be 0
    }

    It 'tells a file from a folder, and its owner from its rights' {
        function Get-Acl { param($LiteralPath) [pscustomobject]@{ Sddl = 'O:S-1-5-21-1-2-3-1001D:P' } }
        Read-Paths -Request ([string[]]@($file), [string[]]@([IO.Path]::GetTempPath()))
        $rows[0] | Should -Be @('path', $file, 'file', 'False', 'S-1-5-21-1-2-3-1001', 'O:S-1-5-21-1-2-3-1001D:P')
        $rows[1][2] | Should -Be 'folder'
    }

    It 'tells of no administrators where the system does not expand their letters' {
        Read-Paths -Request @()
        $rows.Count | Should -Be 1
        $rows[0] | Should -Be @('administrators', '', '', '')
    }

    It 'hands on the trusted accounts with the rights of their key: <value>' -ForEach @(
        @{ value = @('S-1-5-21-1-2-3-1105', 'S-1-1-0'); accounts = @('S-1-5-21-1-2-3-1105', 'S-1-1-0') }
        @{ value = 'S-1-5-21-1-2-3-1105'; accounts = @('S-1-5-21-1-2-3-1105') }
        @{ value = $null; accounts = @() }
    ) {
        function Get-Acl { param($LiteralPath) [pscustomobject]@{ Sddl = "O:BAD:P($LiteralPath)" } }
        $script:trustedKey = [pscustomobject]@{} | Add-Member -PassThru -MemberType ScriptMethod -Name GetValue -Value {
            param($Name, $Default) if ($Name -eq 'TrustedAccounts') { , $script:value }
        }
        $script:value = $value
        Read-Paths -Request @()
        $rows[1] | Should -Be (@('trusted', 'BA', 'O:BAD:P(HKLM:\SOFTWARE\CertRebind)') + $accounts)
    }
}
