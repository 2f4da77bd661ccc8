# Get-Acl is not part of PowerShell on other systems, so a stand-in fails here in the two ways that have to differ.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter', 'folders.ps1'))
    function Import-Part { param($Name) }
    function Add-Row { param([string[]]$Fields) $script:rows += , $Fields }
}

Describe 'the rights of paths' {
    BeforeEach {
        $script:rows = @()
        $script:file = [IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-paths-$([guid]::NewGuid())")
        [IO.File]::WriteAllText($file, '')
    }
    AfterEach { [IO.File]::Delete($file) }

    It 'calls a file absent that another start removes while it is looked at' {
        function Get-Acl { param($LiteralPath) [IO.File]::Delete($LiteralPath); throw 'Cannot find path' }
        Read-Paths -Request (, [string[]]@($file))
        $rows.Count | Should -Be 1
        $rows[0] | Should -Be @('path', $file, 'False', 'False', '', '')
    }

    It 'fails when rights cannot be read of a file that is there' {
        function Get-Acl { param($LiteralPath) throw 'Access is denied' }
        { Read-Paths -Request (, [string[]]@($file)) } | Should -Throw 'Access is denied'
        $rows.Count | Should -Be 0
    }
}
