# What is left of a PFX file that could not be imported, with files that .NET made and keys that cannot be in a store here.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    foreach ($part in 'call', 'parts', 'read-stores', 'holders', 'import') { . ([IO.Path]::Combine($adapter, "$part.ps1")) }
    . ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'holders', 'key-access', 'windows.ps1'))
    function Import-Part { param($Name) }
    function New-Own([string] $Name) {
        $key = [Security.Cryptography.ECDsa]::Create()
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$Name", $key, 'SHA256')
        $request.CreateSelfSigned([DateTimeOffset]::Now, [DateTimeOffset]::Now.AddDays(1))
    }
    function Get-File([object[]] $Certificates) {
        $all = [Security.Cryptography.X509Certificates.X509Certificate2Collection]::new()
        foreach ($one in $Certificates) { $null = $all.Add($one) }
        [Convert]::ToBase64String($all.Export('Pfx', 'word'))
    }
    function Get-Point($Of) {
        if ($Of -is [Security.Cryptography.X509Certificates.X509Certificate2]) { $Of = [Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPublicKey($Of) }
        [Convert]::ToHexString($Of.ExportParameters($false).Q.X)
    }
    $first, $second = (New-Own 'first'), (New-Own 'second')
    function Import-Own([object[]] $Certificates) { Import-PfxFile (, @('My', $first.Thumbprint, 'word', (Get-File $Certificates))) }
}

Describe 'a PFX file' {
    BeforeEach {
        $script:deleted = @()
        Mock Get-StoreCertificates { }
        Mock Add-ToStore { }
        # The public key tells which one it is.
        Mock Remove-Key { foreach ($one in $first, $second) { if ((Get-Point $one) -eq (Get-Point $Key)) { $script:deleted += $one.Subject } } }
    }

    It 'is imported with its key' {
        Import-Own $first
        Should -Invoke Add-ToStore -Times 1 -Exactly -ParameterFilter { $Store -eq 'My' -and $Certificates[0].HasPrivateKey }
        $script:deleted | Should -BeNullOrEmpty
    }

    It 'with two keys leaves neither, and nothing in a store' {
        { Import-Own $first, $second } | Should -Throw '*no other key*'
        $script:deleted | Sort-Object | Should -Be 'CN=first', 'CN=second'
        Should -Invoke Add-ToStore -Times 0 -Exactly
    }

    It 'that the store refuses leaves no key' {
        Mock Add-ToStore { throw 'Access is denied.' }
        { Import-Own $first } | Should -Throw 'Access is denied.'
        $script:deleted | Should -Be 'CN=first'
    }

    It 'whose key a certificate uses already leaves that one, and says so' {
        Mock Get-StoreCertificates { if ($Store -eq 'My') { $first } }
        Mock Add-ToStore { throw 'Access is denied.' }
        { Import-Own $first } | Should -Throw "Access is denied. *keeps the private key*$($first.Thumbprint) as well"
        $script:deleted | Should -BeNullOrEmpty
    }
}

Describe 'an opened key' {
    It 'is deleted in either key storage of Windows' {
        $members = [Security.Cryptography.RSACng].GetProperty('Key'), [Security.Cryptography.ECDsaCng].GetProperty('Key'), [Security.Cryptography.CngKey].GetMethod('Delete'),
        [Security.Cryptography.RSACryptoServiceProvider].GetProperty('PersistKeyInCsp'), [Security.Cryptography.RSACryptoServiceProvider].GetMethod('Clear')
        $members | Should -Not -Contain $null
        $newer = [pscustomobject]@{ Key = [pscustomobject]@{ Gone = $false } | Add-Member -PassThru ScriptMethod Delete { $this.Gone = $true } }
        $older = [pscustomobject]@{ PersistKeyInCsp = $true; Gone = $false } | Add-Member -PassThru ScriptMethod Clear { $this.Gone = -not $this.PersistKeyInCsp }
        foreach ($key in $newer, $older) { Remove-Key $key }
        $newer.Key.Gone, $older.Gone | Should -Be $true, $true
    }

    It 'of another kind is an error' {
        { Remove-Key ([Security.Cryptography.ECDsa]::Create()) } | Should -Throw 'its key is not one of CNG*'
    }
}
