# What is left of a PFX file that could not be imported, and which keys are deleted, with files that .NET made and keys that cannot be in a store here.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    foreach ($part in 'call', 'parts', 'read-registry', 'read-stores', 'holders', 'import', 'change') { . ([IO.Path]::Combine($adapter, "$part.ps1")) }
    . ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'kinds', 'key-access', 'windows.ps1'))
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
    $first, $second, $third = (New-Own 'first'), (New-Own 'second'), (New-Own 'third')
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

    It 'whose key Windows keeps says why' {
        Mock Add-ToStore { throw 'Access is denied.' }
        Mock Remove-Key { throw 'Keyset is read only' }
        { Import-Own $first } | Should -Throw 'Access is denied. Windows keeps the private key that came with it: Keyset is read only'
    }

    It 'whose key does not open in this .NET says so' {
        Mock Add-ToStore { throw 'Access is denied.' }
        Mock Find-LaterType { }
        { Import-Own $first } | Should -Throw 'Access is denied. *: it does not open here'
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
        { Remove-Key ([pscustomobject]@{ KeySize = 256 }) } | Should -Throw 'its key is not one of CNG*'
    }
}

Describe 'the key of a certificate that is deleted' {
    BeforeAll {
        function New-Stored($Certificate, [string] $KeyName) {
            $Certificate | Add-Member -Force -NotePropertyName KeyName -NotePropertyValue $KeyName
            $Certificate
        }
        $script:ProgramData = [string]$TestDrive
        function Get-Place([string] $Folder) { [IO.Path]::Combine($TestDrive, 'Microsoft', 'Crypto', $Folder.Replace('/', [IO.Path]::DirectorySeparatorChar)) }
        # A property that is not asked for, then the certificate.
        function Get-Blob($Certificate) {
            , [byte[]]([BitConverter]::GetBytes(3) + [BitConverter]::GetBytes(1) + [BitConverter]::GetBytes(2) + 7, 7 + [BitConverter]::GetBytes(32) +
                [BitConverter]::GetBytes(1) + [BitConverter]::GetBytes($Certificate.RawData.Length) + $Certificate.RawData)
        }
        function New-RegistryStand([hashtable] $Keys, $Blob) {
            [pscustomobject]@{ Keys = $Keys; Blob = $Blob } | Add-Member -PassThru ScriptMethod GetSubKeyNames { $this.Keys.Keys } |
                Add-Member -PassThru ScriptMethod OpenSubKey { $this.Keys[$args[0]] } | Add-Member -PassThru ScriptMethod GetValue { , $this.Blob } | Add-Member -PassThru ScriptMethod Close { }
        }
    }
    BeforeEach {
        $script:provider = 'Microsoft Software Key Storage Provider'
        $script:folder = 'Keys'
        $script:stores = @{ My = @((New-Stored $third 'three'), (New-Stored $first 'one')); 'Remote Desktop' = @(New-Stored $second 'two') }
        $script:services = $null
        $script:gone = $true
        $script:deleted = 0
        Mock Get-ChildItem { foreach ($name in $script:stores.Keys) { [pscustomobject]@{ Name = $name } } }
        Mock Get-StoreCertificates { $script:stores[$Store] }
        Mock Get-RegistryKey { $script:services }
        Mock Test-Key { if ($Certificate.KeyName) { 'usable', '', $script:provider, $Certificate.KeyName } else { 'unusable', 'Keyset does not exist' } }
        Mock Remove-Key { $script:deleted++; if ($script:gone) { [IO.File]::Delete([IO.Path]::Combine((Get-Place $script:folder), 'one')) } }
        function New-KeyFile { $null = [IO.Directory]::CreateDirectory((Get-Place $script:folder)); [IO.File]::WriteAllText([IO.Path]::Combine((Get-Place $script:folder), 'one'), '') }
    }
    AfterEach { [IO.Directory]::Delete([IO.Path]::Combine($TestDrive, 'Microsoft'), $true) }

    It 'is deleted where nothing else has it: <Name>' -ForEach @(
        @{ Name = 'of CNG, whatever other keys are like'; Make = { $script:stores['Remote Desktop'] = @(New-Stored $second '') } }
        @{ Name = 'of a CSP'; Make = { $script:folder = 'RSA/MachineKeys' } }
        @{ Name = 'with others in the stores of services'; Make = { $script:services = New-RegistryStand @{ 'NTDS' = 1; 'NTDS\SystemCertificates\My\Certificates' = (New-RegistryStand @{ AA = (New-RegistryStand @{ } (Get-Blob $second)) }) } } }
    ) {
        . $Make
        New-KeyFile
        Invoke-Change 'delete-key' $first.Thumbprint, 'My' | Should -Be '', ''
        $script:deleted | Should -Be 1
    }

    It 'stays where <Name>' -ForEach @(
        @{ Name = 'a certificate of another store has the same'; Says = '*as well'; Make = { $script:stores['Remote Desktop'] += $first } }
        @{ Name = 'one in the store of a service has the same'; Says = '*as well'; Make = { $script:services = New-RegistryStand @{ 'NTDS' = 1; 'NTDS\SystemCertificates\My\Certificates' = (New-RegistryStand @{ AA = (New-RegistryStand @{ } (Get-Blob $first)) }) } } }
        @{ Name = 'another key is in the same container of a CSP'; Says = '*as well'; Make = { $script:folder = 'RSA/MachineKeys'; $script:stores['Remote Desktop'] = @(New-Stored $second 'one') } }
        @{ Name = 'another key beside it in a CSP does not open'; Says = '*does not open*'; Make = { $script:folder = 'RSA/MachineKeys'; $script:stores['Remote Desktop'] = @(New-Stored $second '') } }
        @{ Name = 'it does not open'; Says = '*does not open*'; Make = { $script:stores.My = @(New-Stored $first '') } }
        @{ Name = 'it is in a TPM'; Says = '*Platform Crypto Provider'; Make = { $script:provider = 'Microsoft Platform Crypto Provider' } }
        @{ Name = 'its certificate is gone'; Says = '*not in its store'; Make = { $script:stores.My = @() } }
    ) {
        . $Make
        New-KeyFile
        { Remove-StoredKey $first.Thumbprint 'My' } | Should -Throw $Says
        $script:deleted | Should -Be 0
    }

    It 'is an error where Windows says that it did, and its file is still there' {
        $script:gone = $false
        New-KeyFile
        { Remove-StoredKey $first.Thumbprint 'My' } | Should -Throw 'Windows did not delete its private key'
    }
}
