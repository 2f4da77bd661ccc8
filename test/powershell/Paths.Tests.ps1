# The rights of paths as the adapter reads them: real files, folders and links, and rights that a stand-in answers with.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    function Get-Told([string[]] $Paths) { Get-Answer 'Read-Paths' @($Paths | ForEach-Object { , @($_) }) }
    # The fields of a row about a path.
    function Get-Row([string] $Path) { (Get-Told $Path)[1] -split "`t" }
}

Describe 'the rights of paths' {
    BeforeEach {
        Reset-StandIns $TestDrive
        $script:answers = @{ 'Get-Item' = { param($Passed) Get-WindowsItem $Passed }; 'Get-Acl' = { [pscustomobject]@{ Sddl = 'O:S-1-5-21-1-2-3-1001D:P' } } }
        $file = [IO.Path]::Combine($TestDrive, 'a file')
        $folder = [IO.Path]::Combine($TestDrive, 'a folder')
        [IO.File]::WriteAllText($file, '')
        $null = [IO.Directory]::CreateDirectory($folder)
    }

    It 'tell a file from a folder, and the owner' {
        Get-Row $file | Should -Be @('path', $file, 'file', 'False', 'S-1-5-21-1-2-3-1001', 'O:S-1-5-21-1-2-3-1001D:P')
        Get-Row $folder | Should -Be @('path', $folder, 'folder', 'False', 'S-1-5-21-1-2-3-1001', 'O:S-1-5-21-1-2-3-1001D:P')
    }

    It 'tell no owner where there is none in them' {
        $script:answers['Get-Acl'] = { [pscustomobject]@{ Sddl = 'D:P(A;;FA;;;O:BA)' } }
        (Get-Row $file)[4] | Should -Be ''
    }

    It 'tell a link to a <_> from it' -ForEach 'file', 'folder' {
        $link = [IO.Path]::Combine($TestDrive, "a link to a $_")
        if (-not [IO.Path]::Exists($link)) { $null = [IO.File]::CreateSymbolicLink($link, $(if ($_ -eq 'file') { $file } else { $folder })) }
        (Get-Row $link)[2, 3] | Should -Be $_, 'True'
    }

    It 'of a share are asked for by its own name, and it is <Is> where Windows answers so' -ForEach @(
        @{ Is = 'folder'; Item = { [pscustomobject]@{ Attributes = [IO.FileAttributes]::Directory } }; Rest = 'O:BA', 'O:BAD:P' }
        @{ Is = 'missing'; Item = { throw [Management.Automation.ErrorRecord]::new([IO.IOException]::new('Der Netzwerkpfad wurde nicht gefunden'), 'x', 'ResourceUnavailable', $null) }; Rest = '', '' }
    ) {
        $script:item = $Item
        $script:answers = @{ 'Get-Item' = { param($Passed) if ($Passed.LiteralPath -ceq '\\files\certs\') { & $script:item } }; 'Get-Acl' = { [pscustomobject]@{ Sddl = 'O:BAD:P' } } }
        (Get-Row '\\files\certs\')[2..5] | Should -Be @($Is, 'False', ($Rest[0] -replace '^O:', ''), $Rest[1])
    }

    It 'tell that nothing is there, of <Nothing>' -ForEach @(
        @{ Nothing = 'a name that is not there'; Name = 'none' }
        @{ Nothing = 'what the system cannot look for'; Name = 'a|b' }
    ) {
        $script:answers['Get-Item'] = { param($Passed)
            if ($Passed.LiteralPath -like '*|*') { throw [Management.Automation.ErrorRecord]::new([ArgumentException]::new('Ungueltiges Zeichen'), 'x', 'InvalidArgument', $null) }
            Get-WindowsItem $Passed
        }
        $path = [IO.Path]::Combine($TestDrive, $Name)
        Get-Row $path | Should -Be @('path', $path, 'missing', 'False', '', '')
    }

    It 'are an error where <_> is denied, and never read as of nothing' -ForEach 'Get-Item', 'Get-Acl' {
        $script:answers[$_] = { param($Passed) if ($Passed.LiteralPath -eq $file) { throw (New-Denial $file) } else { Get-WindowsItem $Passed } }
        Get-Told $file | Should -BeLike "error`taccess-denied`tZugriff verweigert`t*"
    }

    It 'call a file absent that another start removes while it is looked at' {
        $script:answers['Get-Acl'] = { param($Passed) [IO.File]::Delete($Passed.LiteralPath); throw 'Der Pfad fehlt' }
        Get-Row $file | Should -Be @('path', $file, 'missing', 'False', '', '')
    }

    It 'come with the administrators of machine, domain and forest, in this order' {
        function Get-SidOfLetters { param([string]$Letters) "S-$Letters" }
        Get-Told @() | Should -Be 'ok', "administrators`tS-LA`tS-DA`tS-EA"
    }

    It 'come with no administrators where the system does not expand their letters' {
        Get-Told @() | Should -Be 'ok', "administrators`t`t`t"
    }

    It 'come with the trusted accounts and the rights of their key: <Value>' -ForEach @(
        @{ Value = @{ TrustedAccounts = [string[]]@('S-1-5-21-1-2-3-1105', 'S-1-1-0') }; Accounts = "`tS-1-5-21-1-2-3-1105`tS-1-1-0" }
        @{ Value = @{ TrustedAccounts = 'S-1-5-21-1-2-3-1105' }; Accounts = "`tS-1-5-21-1-2-3-1105" }
        @{ Value = @{ Other = 'S-1-5-21-1-2-3-1105' }; Accounts = '' }
    ) {
        $script:registry = @{ 'HKLM:\SOFTWARE\CertRebind' = $Value }
        $script:answers['Get-Acl'] = { param($Passed) [pscustomobject]@{ Sddl = "O:BAD:P($($Passed.LiteralPath))" } }
        (Get-Told @())[2] | Should -BeExactly "trusted`tBA`tO:BAD:P(HKLM:\\SOFTWARE\\CertRebind)$Accounts"
    }

    It 'are an error where <_> the trusted accounts is denied' -ForEach 'Get-Item', 'Get-Acl' {
        $script:registry = @{ 'HKLM:\SOFTWARE\CertRebind' = @{ } }
        $script:denied = $_
        Get-Told @() | Should -BeLike "error`taccess-denied`t*"
    }

    It 'of a new folder are not given where something is there already' -ForEach 'a file', 'a folder' {
        $path = [IO.Path]::Combine($TestDrive, $_)
        Get-Answer 'New-ProtectedFolder' (, @($path, 'O:BAD:P')) | Should -BeLike "error`texists`t$path`t*"
    }
}
