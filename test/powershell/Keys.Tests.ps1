# Opening a key, with methods that answer in every way a real one can.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    . ([IO.Path]::Combine($adapter, 'parts.ps1'))
    . ([IO.Path]::Combine($adapter, 'holders.ps1'))
    . ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'kinds', 'key-access', 'windows.ps1'))
    . ([IO.Path]::Combine($adapter, 'read-stores.ps1'))
    Add-Type -TypeDefinition @'
using System;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
public static class CertRebindKeys
{
    public static RSA GetRSAPrivateKey(X509Certificate2 certificate) => RSA.Create(2048);
    public static RSA GetNone(X509Certificate2 certificate) => null;
    public static RSA GetNever(X509Certificate2 certificate) { Thread.Sleep(Timeout.Infinite); return null; }
    public static RSA GetRefused(X509Certificate2 certificate) => throw new CryptographicException("Keyset does not exist");
    public static RSA GetBroken(X509Certificate2 certificate) => throw new NotSupportedException("no such thing");
}
'@
    function New-Certificate([string] $Kind) {
        $key = if ($Kind -eq 'RSA') { [Security.Cryptography.RSA]::Create(2048) } else { [Security.Cryptography.ECDsa]::Create() }
        $request = if ($Kind -eq 'RSA') {
            [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=a', $key, 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1)
        } else {
            [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=a', $key, 'SHA256')
        }
        $request.CreateSelfSigned([DateTimeOffset]::Now, [DateTimeOffset]::Now.AddDays(1))
    }
    $certificate = New-Certificate 'RSA'
}

Describe 'a private key' {
    It 'of <_> opens' -ForEach 'RSA', 'ECDSA' {
        # Where its file lies is told besides, by Windows alone.
        Test-Key (New-Certificate $_) 60000 | Should -Be @('usable', '', '', '')
    }

    It 'is <State> when Windows <Says>' -ForEach @(
        @{ Says = 'opens it'; Method = 'GetRSAPrivateKey'; Wait = 60000; State = 'usable'; Why = '' }
        @{ Says = 'has none'; Method = 'GetNone'; Wait = 60000; State = 'unusable'; Why = 'there is no private key' }
        @{ Says = 'refuses it'; Method = 'GetRefused'; Wait = 60000; State = 'unusable'; Why = 'Keyset does not exist' }
        @{ Says = 'says nothing in time'; Method = 'GetNever'; Wait = 100; State = 'unknown'; Why = 'it did not open in time' }
        @{ Says = 'is not even asked, for lack of time'; Method = 'GetRSAPrivateKey'; Wait = 0; State = 'unknown'; Why = 'it did not open in time' }
        @{ Says = 'fails for a reason that is not the key'; Method = 'GetBroken'; Wait = 60000; State = 'unknown'; Why = 'no such thing' }
    ) {
        @(Open-Key $certificate ([CertRebindKeys].GetMethod($Method)) $Wait)[0, 1] | Should -Be @($State, $Why)
    }

    It 'of <Kind> is unknown where .NET Framework has no <Missing>' -ForEach @(
        @{ Kind = 'RSA'; Missing = 'RSACertificateExtensions' }
        @{ Kind = 'ECDSA'; Missing = 'ECDsaCertificateExtensions' }
    ) {
        Mock Find-LaterType -ParameterFilter { $Name -like "*.$Missing" } { }
        Mock Find-LaterType -ParameterFilter { $Name -notlike "*.$Missing" } { $Name -as [type] }
        $state, $why = Test-Key (New-Certificate $Kind) 60000
        $state | Should -Be 'unknown'
        $why | Should -BeLike '*.NET Framework older than 4.6.1*'
    }
}

Describe 'the keys of a server' {
    BeforeAll {
        . ([IO.Path]::Combine($adapter, 'read-machine.ps1'))
        function Add-Row { param([string[]]$Fields) $script:added += , $Fields }
        function New-Stored([string] $Thumbprint, [string] $Since, [bool] $HasKey = $true) {
            [pscustomobject]@{ Store = 'My'; Since = [datetime]$Since; Certificate = [pscustomobject]@{ Thumbprint = $Thumbprint; HasPrivateKey = $HasKey } }
        }
    }
    BeforeEach {
        $script:added = @()
        $script:Account = 'system'
        $script:Certificates = @((New-Stored 'Older' '2025-01-01'), (New-Stored 'None' '2026-06-01' $false), (New-Stored 'Newest' '2026-03-01'), (New-Stored 'Old' '2026-01-01'))
        function Add-KeyRightsRow { param($Store, $Thumbprint, $Place) Add-Row 'key-rights', $Thumbprint, $Place[0], $Place[1] }
        function Test-Key { param($Certificate, [int]$WithinMs) [Threading.Thread]::Sleep($script:takes); 'usable', '', 'a provider', 'a name' }
    }

    It 'are opened one after another, the newest first' {
        $script:takes = 0
        Add-KeyRows 60000
        @($added | Where-Object { $_[0] -eq 'key' } | ForEach-Object { $_[2] }) | Should -Be 'Newest', 'Old', 'Older'
        $added[0..1] | ForEach-Object { "$_" } | Should -Be 'key My Newest usable ', 'key-rights Newest a provider a name'
    }

    It 'may each take no more than is left, nor than 5 s: <Least> to <Most> ms of <Within>' -ForEach @(
        @{ Within = 3600000; Least = 5000; Most = 5000 }
        @{ Within = 4000; Least = 1; Most = 4000 }
    ) {
        $script:given = @()
        function Test-Key { param($Certificate, [int]$WithinMs) $script:given += $WithinMs; 'unknown', 'it did not open in time' }
        Add-KeyRows $Within
        $script:given[0] | Should -BeLessOrEqual $Most
        $script:given[0] | Should -BeGreaterOrEqual $Least
        @($added | ForEach-Object { "$_" })[0] | Should -Be 'key My Newest unknown it did not open in time'
        @($added | Where-Object { $_[0] -eq 'key-rights' }) | Should -Be @()
    }

    It 'that are left when the time is over are not opened' {
        $script:takes = 30
        Add-KeyRows 20
        @($added | Where-Object { $_[0] -eq 'key' } | ForEach-Object { $_[2] }) | Should -Be @('Newest')
    }

    It 'are for <Account>: <Rows>' -ForEach @(
        @{ Account = 'administrator'; Rows = 'key-rights', 'key-rights', 'key-rights' }
        @{ Account = 'other'; Rows = @() }
        @{ Account = 'unknown'; Rows = @() }
    ) {
        $script:Account = $Account
        $script:takes = 0
        Add-KeyRows 60000
        @($added | ForEach-Object { $_[0] }) | Should -Be $Rows
    }
}

Describe 'the file of a key' {
    BeforeAll {
        $provider = 'Microsoft Software Key Storage Provider'
        $name = 'abc_0f0e'
        function Get-Folder([string[]] $Names) { [IO.Path]::Combine([string[]](@($script:ProgramData) + $Names)) }
        function New-KeyFile([string[]] $Folder) {
            $null = [IO.Directory]::CreateDirectory((Get-Folder $Folder))
            [IO.File]::WriteAllText((Get-Folder ($Folder + $name)), '')
        }
    }
    BeforeEach { $script:ProgramData = [IO.Path]::Combine($TestDrive, [guid]::NewGuid()) }
    AfterEach { $script:ProgramData = '' }

    It 'is found in <_>' -ForEach 'Keys', 'SystemKeys', 'RSA/MachineKeys', 'DSS/MachineKeys' {
        New-KeyFile (@('Microsoft', 'Crypto') + $_.Split('/'))
        Get-KeyFile $provider $name | Should -Be (Get-Folder (@('Microsoft', 'Crypto') + $_.Split('/') + $name)), ''
    }

    It 'of <Provider> named <Called>: <Why>' -ForEach @(
        @{ Provider = 'Microsoft RSA SChannel Cryptographic Provider'; Called = 'abc_0f0e'; Why = '' }
        @{ Provider = 'Microsoft Platform Crypto Provider'; Called = 'abc_0f0e'; Why = 'it is a key of Microsoft Platform Crypto Provider' }
        @{ Provider = 'My Microsoft Software Key Storage Provider'; Called = 'abc_0f0e'; Why = 'it is a key of My Microsoft Software Key Storage Provider' }
        @{ Provider = ''; Called = 'abc_0f0e'; Why = 'it is a key of an unknown provider' }
        @{ Provider = 'Microsoft Software Key Storage Provider'; Called = '../Keys/abc_0f0e'; Why = 'its file has a name that no key has' }
        @{ Provider = 'Microsoft Software Key Storage Provider'; Called = '-abc'; Why = 'its file has a name that no key has' }
        @{ Provider = 'Microsoft Software Key Storage Provider'; Called = ''; Why = 'its file has a name that no key has' }
        @{ Provider = 'Microsoft Software Key Storage Provider'; Called = 'none'; Why = 'its file was found 0 times' }
    ) {
        New-KeyFile 'Microsoft', 'Crypto', 'Keys'
        (Get-KeyFile $Provider $Called)[1] | Should -Be $Why
    }

    It 'is none where two folders have it' {
        New-KeyFile 'Microsoft', 'Crypto', 'Keys'
        New-KeyFile 'Microsoft', 'Crypto', 'RSA', 'MachineKeys'
        Get-KeyFile $provider $name | Should -Be '', 'its file was found 2 times'
    }

    It 'is none where <_> is a link' -ForEach 'Microsoft/Crypto/RSA/MachineKeys/abc_0f0e', 'Microsoft/Crypto/RSA/MachineKeys', 'Microsoft/Crypto/RSA', 'Microsoft/Crypto', 'Microsoft' {
        New-KeyFile 'Microsoft', 'Crypto', 'RSA', 'MachineKeys'
        $linked = Get-Folder $_.Split('/')
        [IO.Directory]::Move($linked, "$linked.real")
        $null = [IO.File]::CreateSymbolicLink($linked, "$linked.real")
        Get-KeyFile $provider $name | Should -Be '', 'there is a link on the way to its file'
    }
}

Describe 'the rights to a key' {
    BeforeAll { . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1')) }
    BeforeEach {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, 'rights'))
        function Find-KeyPlace { param($Thumbprint) if ($Thumbprint -ne 'closed') { , [string[]]@('Microsoft Software Key Storage Provider', $Thumbprint) } }
        $keys = [IO.Path]::Combine($script:ProgramData, 'Microsoft', 'Crypto', 'Keys')
        $null = [IO.Directory]::CreateDirectory($keys)
        [IO.File]::WriteAllText([IO.Path]::Combine($keys, 'abc'), '')
        function Get-Outcome([string[]] $Row) { (@(Get-Answer 'Invoke-Changes' (, (@('change', '0', 'put-key-access') + $Row)))[1] -split "`t")[2, 3] }
    }

    It 'are not changed further once icacls fails, and its words are told' {
        Set-Program 'icacls.exe' 'getan', 'Zugriff verweigert' 0, 5
        Get-Outcome 'abc', 'S-1-5-20', 'read', 'S-1-5-19', 'none', 'S-1-5-18', 'read' | Should -Be 'refused', 'icacls: Zugriff verweigert'
        @(Get-Starts 'icacls.exe').Count | Should -Be 2
    }

    It 'are not changed where <Where>' -ForEach @(
        @{ Where = 'the key does not open'; Row = 'closed', 'S-1-5-20', 'read'; Why = 'the private key does not open' }
        @{ Where = 'it has no file'; Row = 'none', 'S-1-5-20', 'read'; Why = 'its file was found 0 times' }
        @{ Where = 'the account is a name'; Row = 'abc', 'Everyone', 'read'; Why = 'that is no account' }
        @{ Where = 'the account is more than a SID'; Row = 'abc', 'S-1-5-20:(F)', 'read'; Why = 'that is no account' }
    ) {
        Get-Outcome $Row | Should -Be 'refused', $Why
        Get-Starts 'icacls.exe' | Should -Be $null
    }
}

Describe 'who may read the keys of certificates' {
    BeforeAll {
        . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
        function Test-Key { param($Certificate, [int]$WithinMs) if ($Certificate.Thumbprint -eq 'closed') { return 'unusable', 'Keyset does not exist' }; 'usable', '', 'Microsoft Software Key Storage Provider', $Certificate.Thumbprint }
    }

    It 'is told of those that open, from either store, or why it is not' {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, 'access'))
        $folder = [IO.Path]::Combine($script:ProgramData, 'Microsoft', 'Crypto', 'Keys')
        $null = [IO.Directory]::CreateDirectory($folder)
        foreach ($name in 'one', 'denied') { [IO.File]::WriteAllText([IO.Path]::Combine($folder, $name), '') }
        $script:answers = @{
            'Get-ChildItem' = { param($Passed) $names = if ($Passed.LiteralPath -like '*\My') { 'closed', 'bare', 'denied' } else { 'one', 'lost' }
                foreach ($name in $names) { [pscustomobject]@{ Thumbprint = $name; RawData = ''; HasPrivateKey = $name -ne 'bare' } } }
            'Get-Acl' = { param($Passed) if ($Passed.LiteralPath -like '*denied') { throw (New-Denial 'x') }; [pscustomobject]@{ Sddl = 'O:SYD:P' } }
        }
        Get-Answer 'Read-Holders' (, @('key-access', 'one', 'closed', 'bare', 'gone', 'denied', 'lost')) |
            Should -Be 'ok', "#key-access`tthumbprint`tsddl`twhy", "key-access`tone`tO:SYD:P`t", "key-access`tdenied`t`tZugriff verweigert", "key-access`tlost`t`tits file was found 0 times", "read`tkey-access"
    }
}
