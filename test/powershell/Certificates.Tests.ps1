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
    It 'is read again: <Says>' -ForEach @(
        @{ Says = 'done'; Reads = $true; Code = '' }
        @{ Says = 'the store kept it'; Reads = $false; Code = 'refused' }
    ) {
        Initialize-Store
        $script:answers['Store.Find'] = { [pscustomobject]@{ Thumbprint = 'AA'; Archived = $false } }
        $script:reads = $Reads
        $script:answers['Get-ChildItem'] = { [pscustomobject]@{ Thumbprint = 'AA'; RawData = ''; Archived = $script:reads } }
        (@(Get-Answer 'Invoke-Changes' (, @('change', '0', 'archive-certificate', 'AA', 'WebHosting', 'true')))[1] -split "`t")[2] | Should -Be $Code
    }
}

Describe 'a certificate that is deleted' {
    It 'is read again: <Says>' -ForEach @(
        @{ Says = 'gone'; Left = 0; Code = '' }
        @{ Says = 'the store kept it'; Left = 1; Code = 'refused' }
    ) {
        Initialize-Store
        $script:answers['Store.Find'] = { [pscustomobject]@{ Thumbprint = 'AA' } }
        $script:left = $Left
        $script:answers['Get-ChildItem'] = { for ($at = 0; $at -lt $script:left; $at++) { [pscustomobject]@{ Thumbprint = 'AA'; RawData = '' } } }
        (@(Get-Answer 'Invoke-Changes' (, @('change', '0', 'delete-certificate', 'AA', 'WebHosting')))[1] -split "`t")[2] | Should -Be $Code
        @(Get-Calls 'Store.Remove').Count | Should -Be 1
    }
}
