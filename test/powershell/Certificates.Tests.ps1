# Certificates that are put into stores and taken out of them, with real files and stores that StandIns.ps1 makes up.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    $fixtures = [IO.Path]::Combine($PSScriptRoot, '..', 'fixtures', 'pfx')
    function Initialize-Store {
        Reset-StandIns $TestDrive
        $script:store = New-WindowsObject 'Store' @{ Certificates = (New-WindowsObject 'Store' @{ } 'Find') } 'Open', 'Add', 'Remove', 'Close'
        $script:answers = @{ 'Get-Item' = { param($Passed) Get-WindowsItem $Passed } }
    }
}

Describe 'a file that is imported' {
    BeforeEach { Initialize-Store }

    It 'brings its key in so that it cannot be exported, and for the machine' {
        $import = @(Find-InAdapter ([Management.Automation.Language.InvokeMemberExpressionAst]) | Where-Object { $_.Member.Extent.Text -eq 'Import' })
        $import.Count | Should -Be 1
        $import[0].Arguments[2].Value -as [Security.Cryptography.X509Certificates.X509KeyStorageFlags] | Should -Be 'MachineKeySet, PersistKeySet'
    }

    It 'goes by its parts: <What>' -ForEach @(
        @{ What = 'its issuers into CA, and no root'; File = 'rsa-3des'; Password = 'secret'; Thumbprint = 'A6C20B3EAC08A78E420388A5FB4998993EE38887'
            Paths = 'Cert:\LocalMachine\CA', 'Cert:\LocalMachine\WebHosting'; Added = 'CN=Fixture Issuing', 'CN=shop.example.com' }
        @{ What = 'alone where it has no issuers'; File = 'no-password'; Password = ''; Thumbprint = '3BB0F328779D3B6AB2ACECB76A5601A40B4FD9DF'; Paths = , 'Cert:\LocalMachine\WebHosting'; Added = , 'CN=shop.example.com' }
    ) {
        $bytes = [IO.File]::ReadAllBytes([IO.Path]::Combine($fixtures, "$File.pfx"))
        Get-Answer 'Import-PfxFile' (, @('WebHosting', $Thumbprint, $Password, [Convert]::ToBase64String($bytes))) | Should -Be 'ok'
        @(Get-Calls 'Get-Item' | ForEach-Object { $_.Passed.LiteralPath }) | Should -Be $Paths
        @(Get-Calls 'Store.Add' | ForEach-Object { $_.Passed.Arguments[0].Subject }) | Should -Be $Added
    }

    It 'is refused whole where <Why>' -ForEach @(
        @{ Why = 'the certificate is not in it'; File = 'rsa-3des'; Thumbprint = 'F' * 40; Password = 'secret' }
        @{ Why = 'the certificate in it has no key'; File = 'rsa-3des'; Thumbprint = '4AED2C8150AD39378B6EA67A0ECE492CED2E4330'; Password = 'secret' }
        @{ Why = 'the password is wrong'; File = 'rsa-3des'; Thumbprint = 'A6C20B3EAC08A78E420388A5FB4998993EE38887'; Password = 'wrong' }
    ) {
        $bytes = [IO.File]::ReadAllBytes([IO.Path]::Combine($fixtures, "$File.pfx"))
        Get-Answer 'Import-PfxFile' (, @('My', $Thumbprint, $Password, [Convert]::ToBase64String($bytes))) | Should -BeLike "error`t*"
        @(Get-Calls 'Store.Open').Count | Should -Be 0
    }

    It 'leaves no store open where the store refuses' {
        $script:denied = 'Store.Add'
        $bytes = [IO.File]::ReadAllBytes([IO.Path]::Combine($fixtures, 'rsa-3des.pfx'))
        Get-Answer 'Import-PfxFile' (, @('My', 'A6C20B3EAC08A78E420388A5FB4998993EE38887', 'secret', [Convert]::ToBase64String($bytes))) | Should -BeLike "error`t*Zugriff verweigert*"
        @(Get-Calls 'Store.Close').Count | Should -Be 1
    }
}

Describe 'a certificate of which Windows cannot tell since when it is valid' {
    It 'is read as the others are, which PowerShell sees to' {
        $odd = [pscustomobject]@{ Thumbprint = 'AA'; RawData = [byte[]](1, 2); Archived = $false; FriendlyName = ''; HasPrivateKey = $true } |
            Add-Member -MemberType ScriptProperty -Name NotBefore -Value { throw 'no date' } -PassThru
        function Get-StoreCertificates { param([string]$Store) if ($Store -eq 'My') { $odd } }
        function Get-RegistryKey { }
        $script:Rows = [Collections.Generic.List[string]]::new()
        Add-CertificateRows
        @($script:Rows) | Should -Be "certificate`tMy`tAA`tAQI=`tFalse`t`tTrue`t"
        $script:Certificates[0].Since | Should -BeNullOrEmpty
    }
}

Describe 'a list of revoked certificates that Windows fetched' {
    BeforeAll {
        $revocation = [IO.Path]::Combine($PSScriptRoot, '..', 'fixtures', 'revocation')
        $certificates = foreach ($name in 'rsa-revoked', 'rsa-good', 'ec-good', 'rsa-ca') {
            [pscustomobject]@{ Certificate = [pscustomobject]@{ RawData = [IO.File]::ReadAllBytes([IO.Path]::Combine($revocation, "$name.cer")) } }
        }
        $list = [IO.File]::ReadAllBytes([IO.Path]::Combine($revocation, 'rsa-list.crl'))
        # MD5 of http://crl.example.com/rsa/shop.crl in UTF-16, by other tools (iconv and md5sum).
        $name = 'B5398CBCB70CA093D35E73D8AC8A63B1'
        function Add-Cached([string] $Path, [byte[]] $Content) {
            $file = [IO.Path]::Combine($script:SystemRoot, $Path, 'AppData', 'LocalLow', 'Microsoft', 'CryptnetUrlCache', 'Content', $name)
            $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file))
            [IO.File]::WriteAllBytes($file, $Content)
        }
        function Read-Lists {
            $script:Certificates = $certificates
            $script:Rows = [Collections.Generic.List[string]]::new()
            Add-RevocationListRows
            @($script:Rows)
        }
    }
    BeforeEach { Reset-StandIns ([IO.Path]::Combine($TestDrive, [guid]::NewGuid())); $script:answers = @{ 'Get-Item' = { param($Passed) Get-WindowsItem $Passed } } }

    It 'is read once where <_> has it' -ForEach 'System32/config/systemprofile', 'ServiceProfiles/NetworkService', 'ServiceProfiles/LocalService' {
        Add-Cached $_ $list
        Read-Lists | Should -Be "revocation-list`t$([Convert]::ToBase64String($list))"
    }

    It 'is not looked for where none was fetched, and only named where it is very long' {
        Read-Lists | Should -BeNullOrEmpty
        Add-Cached 'System32/config/systemprofile' ([byte[]]::new(4MB + 1))
        Read-Lists | Should -Be "revocation-list`t`thttp://crl.example.com/rsa/shop.crl"
        Add-Cached 'System32/config/systemprofile' ([byte[]]::new(4MB))
        (Read-Lists).Length | Should -BeGreaterThan 4MB
    }

    # Names that real Windows machines have in public reports, with the addresses that Microsoft publishes for these files.
    It 'is found under the name that Windows gives it: <Name>' -ForEach @(
        @{ Name = '77EC63BDA74BD0D0E0426DC8F8008506'; Address = 'http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/authrootstl.cab' }
        @{ Name = '94308059B57B3142E455B38A6EB92015'; Address = 'http://www.download.windowsupdate.com/msdownload/update/v3/static/trustedr/en/authrootstl.cab' }
        @{ Name = '57C8EDB95DF3F0AD4EE2DC2B8CFD4157'; Address = 'http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/disallowedcertstl.cab' }
        @{ Name = 'FB0D848F74F70BB2EAA93746D24D9749'; Address = 'http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/pinrulesstl.cab' }
    ) {
        Get-CachedName $Address | Should -Be $Name
    }

    It 'is where the certificate says, whatever stands behind the address' {
        Get-ListAddresses $certificates[0].Certificate.RawData | Should -Be 'http://crl.example.com/rsa/shop.crl'
        Get-ListAddresses $certificates[3].Certificate.RawData | Should -BeNullOrEmpty
        # A second place follows as a sequence, whose tag is a digit; a long address has a length of two bytes.
        $long = "http://crl.example.com/$('x' * 150)"
        $two = [byte[]](@(6, 3, 0x55, 0x1D, 0x1F, 0x86, 11) + [Text.Encoding]::ASCII.GetBytes('http://a/b1') + @(0x30, 0x30, 0x86, 0x81, $long.Length) + [Text.Encoding]::ASCII.GetBytes($long) + @(0x30, 0x30))
        Get-ListAddresses $two | Should -Be 'http://a/b1', $long
    }
}

Describe 'a certificate that a rehearsal removes' {
    BeforeEach {
        Initialize-Store
        $script:found = [pscustomobject]@{ Thumbprint = 'AA'; FriendlyName = 'CertRebind-Rehearsal 1' }
        $script:key = [pscustomobject]@{ Key = (New-WindowsObject 'Key' @{ } 'Delete') }
        $script:answers['Store.Find'] = { $script:found }
        Add-Type -TypeDefinition 'public static class CertRebindRemovedKey { public static object Key; public static object GetRSAPrivateKey(object certificate) { return Key; } }'
        [CertRebindRemovedKey]::Key = $script:key
        function Find-LaterType { param([string]$Name) if ($Name -like '*.RSACertificateExtensions') { [CertRebindRemovedKey] } }
        function Remove-Certificate { (@(Get-Answer 'Invoke-Changes' (, @('change', '0', 'remove-certificate', 'AA', 'My')))[1] -split "`t")[2, 3] }
    }

    It 'is gone with its key, from CA before it is gone from its store' {
        Remove-Certificate | Should -Be '', ''
        @(Get-Calls 'Get-Item' | ForEach-Object { $_.Passed.LiteralPath }) | Should -Be 'Cert:\LocalMachine\My', 'Cert:\LocalMachine\CA'
        @($script:calls.Name | Where-Object { $_ -in 'Store.Remove', 'Store.Close', 'Key.Delete' }) | Should -Be 'Store.Remove', 'Store.Close', 'Store.Remove', 'Key.Delete', 'Store.Close'
    }

    It 'is one of a rehearsal: <_> stays in every store, with its key' -ForEach 'a name of its own', 'Not CertRebind-Rehearsal', '' {
        $script:found.FriendlyName = $_
        (Remove-Certificate)[0] | Should -Be 'refused'
        @($script:calls.Name | Where-Object { $_ -in 'Store.Remove', 'Key.Delete' }) | Should -Be @()
        @(Get-Calls 'Store.Close').Count | Should -Be 1
    }

    It 'keeps a key that <Which>, and says so' -ForEach @(
        @{ Which = 'is not one of CNG'; Make = { [CertRebindRemovedKey]::Key = [pscustomobject]@{ CspKeyContainerInfo = 'x' } }; Says = '*not one of CNG*' }
        @{ Which = 'this .NET cannot open'; Make = { function Find-LaterType { param([string]$Name) } }; Says = '*cannot open its key*' }
    ) {
        . $Make
        (Remove-Certificate)[1] | Should -BeLike $Says
        @(Get-Calls 'Key.Delete').Count | Should -Be 0
    }
}

Describe 'a certificate that a rehearsal makes' {
    It 'gets its name afterwards where the command of Windows has no parameter for it' {
        Initialize-Store
        function New-SelfSignedCertificate { param($DnsName, $CertStoreLocation) [pscustomobject]@{ Thumbprint = 'AA' } }
        $script:made = [pscustomobject]@{ Thumbprint = 'AA'; FriendlyName = '' }
        $script:answers['Store.Find'] = { param($Passed) if ($Passed.Arguments[1] -eq 'AA') { $script:made } }
        Get-Answer 'Invoke-Changes' (, @('change', '0', 'add-certificate', 'a.example', 'CertRebind-Rehearsal 1')) | Should -Be 'ok', "report`t0`t`t", "read`trecords"
        $script:made.FriendlyName | Should -Be 'CertRebind-Rehearsal 1'
    }
}

Describe 'a certificate that is archived' {
    It 'is marked in its store, or no more, and read again: <Says>' -ForEach @(
        @{ Says = 'archived'; Want = $true; Kept = $false; Code = ''; Why = '' }
        @{ Says = 'no more'; Want = $false; Kept = $false; Code = ''; Why = '' }
        @{ Says = 'the store kept it'; Want = $true; Kept = $true; Code = 'refused'; Why = 'the certificate could not be archived' }
        @{ Says = 'it is gone'; Want = $true; Kept = $null; Code = 'refused'; Why = 'the certificate could not be archived' }
    ) {
        Initialize-Store
        $script:marked = [pscustomobject]@{ Thumbprint = 'AA'; Archived = -not $Want }
        $script:answers['Store.Find'] = { $script:marked }
        $script:kept = $Kept
        $script:answers['Get-ChildItem'] = { if ($null -ne $script:kept) { foreach ($one in 'BB', 'AA') { [pscustomobject]@{ Thumbprint = $one; RawData = ''; Archived = $script:marked.Archived -ne $script:kept } } } }
        (@(Get-Answer 'Invoke-Changes' (, @('change', '0', 'archive-certificate', 'AA', 'WebHosting', "$Want".ToLowerInvariant())))[1] -split "`t")[2, 3] | Should -Be $Code, $Why
        $script:marked.Archived | Should -Be $Want
        @(@(Get-Calls 'Get-Item') + @(Get-Calls 'Get-ChildItem') | ForEach-Object { $_.Passed.LiteralPath }) | Should -Be 'Cert:\LocalMachine\WebHosting', 'Cert:\LocalMachine\WebHosting'
    }
}

Describe 'a certificate that is deleted' {
    It 'is read again: <Says>' -ForEach @(
        @{ Says = 'gone'; Left = 0; Code = ''; Why = '' }
        @{ Says = 'the store kept it'; Left = 1; Code = 'refused'; Why = 'the certificate could not be deleted' }
    ) {
        Initialize-Store
        $script:answers['Store.Find'] = { [pscustomobject]@{ Thumbprint = 'AA' } }
        $script:left = $Left
        $script:answers['Get-ChildItem'] = { [pscustomobject]@{ Thumbprint = 'BB'; RawData = '' }; if ($script:left -or $null -eq (Get-Calls 'Store.Remove')) { [pscustomobject]@{ Thumbprint = 'AA'; RawData = '' } } }
        (@(Get-Answer 'Invoke-Changes' (, @('change', '0', 'delete-certificate', 'AA', 'WebHosting')))[1] -split "`t")[2, 3] | Should -Be $Code, $Why
        @(Get-Calls 'Store.Remove' | ForEach-Object { $_.Passed.Arguments.Thumbprint }) | Should -Be 'AA'
        @(Get-Calls 'Get-Item' | ForEach-Object { $_.Passed.LiteralPath }) | Should -Be 'Cert:\LocalMachine\WebHosting'
        @(Get-Calls 'Store.Close').Count | Should -Be 1
    }
}

Describe 'a pair of certificates that other tools are told of' {
    It 'is in the store My, both of them: there <Are>' -ForEach @(
        @{ Are = , 'BB'; Missing = 'AA' }
        @{ Are = , 'AA'; Missing = 'BB' }
        @{ Are = 'AA', 'BB'; Missing = '' }
    ) {
        Initialize-Store
        $script:there = $Are
        $script:answers['Get-ChildItem'] = { param($Passed) if ($Passed.LiteralPath -eq 'Cert:\LocalMachine\My') { foreach ($one in $script:there) { [pscustomobject]@{ Thumbprint = $one; RawData = '' } } } }
        $outcome = (@(Get-Answer 'Invoke-Changes' (, @('change', '0', 'notify-renewal', 'AA', 'BB')))[1] -split "`t")[2, 3]
        $outcome | Should -Be $(if ($Missing -eq '') { '', '' } else { 'refused', "the certificate $Missing is not in the store My" })
        @(Get-Calls 'Switch-Certificate').Count | Should -Be ([int]($Missing -eq ''))
    }
}
