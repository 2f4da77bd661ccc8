# Opening a key, with methods that answer in every way a real one can.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    . ([IO.Path]::Combine($adapter, 'parts.ps1'))
    . ([IO.Path]::Combine($adapter, 'key-access.ps1'))
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

Describe 'who asks' {
    BeforeAll { . ([IO.Path]::Combine($adapter, 'read-machine.ps1')) }

    It 'is <Account> as <Sids>' -ForEach @(
        @{ Account = 'system'; Sids = 'S-1-5-18', 'S-1-5-32-544' }
        @{ Account = 'administrator'; Sids = 'S-1-5-21-1-2-3-500', 'S-1-1-0', 'S-1-5-32-544' }
        @{ Account = 'other'; Sids = 'S-1-5-21-1-2-3-1001', 'S-1-1-0', 'S-1-5-32-545' }
        @{ Account = 'other'; Sids = @('S-1-5-19') }
        @{ Account = 'other'; Sids = 'S-1-5-21-1-2-3-1001', 'S-1-5-32-5440' }
        @{ Account = 'unknown'; Sids = @('') }
    ) {
        Mock Get-Identity { $Sids }
        $script:Account = $null
        Get-Account | Should -Be $Account
    }
}
