# The key of a certificate of ours: its provider, its file, and whose alone that file is, until the rights of before are set.
param([string] $File, [string] $Thumbprint, [string] $KeyFile, [string] $Account)
. "$PSScriptRoot/../parts.ps1"

# Hosted machines have a .NET Framework in which it is.
$extensions = 'System.Security.Cryptography.X509Certificates.RSACertificateExtensions' -as [type]
function Get-Key {
    $key = $extensions::GetRSAPrivateKey((Get-Item -LiteralPath "Cert:\LocalMachine\My\$Thumbprint"))
    if ($null -eq $key) { throw 'the key does not open' }
    $key
}

if ($Thumbprint -ne '') {
    Ask 'provider' {
        $key = Get-Key
        if ($null -ne $key.CspKeyContainerInfo) { $key.CspKeyContainerInfo.ProviderName } else { $key.Key.Provider.Provider }
    }
    Ask 'key file' {
        $key = Get-Key
        [IO.Path]::Combine($env:ProgramData, 'Microsoft', 'Crypto', 'Keys', $key.Key.UniqueName)
    }
}
if ($KeyFile -ne '') {
    $all = 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-20'
    $allowed = @(if ($Account -eq '') { $all[0..1] } else { $Account })
    Ask 'rights' {
        Invoke-Demanded 'icacls.exe' (@($KeyFile, '/inheritance:r', '/grant:r') + @($allowed | ForEach-Object { "*$($_):F" }))
        Invoke-Demanded 'icacls.exe' (@($KeyFile, '/remove:g') + @($all | Where-Object { $allowed -notcontains $_ } | ForEach-Object { "*$_" }))
    }
}
Write-Told $File
