# The key of a certificate of ours: its provider, its file, and whose alone that file is, until the rights of before are set.
param([string] $File, [string] $Thumbprint, [string] $KeyFile, [string] $Account)
. "$PSScriptRoot/../parts.ps1"

# Hosted machines have a .NET Framework in which it is.
$extensions = 'System.Security.Cryptography.X509Certificates.RSACertificateExtensions' -as [type]
if ($Thumbprint -ne '') {
    Ask 'provider' {
        $key = $extensions::GetRSAPrivateKey((Get-Item -LiteralPath "Cert:\LocalMachine\My\$Thumbprint"))
        if ($null -ne $key.CspKeyContainerInfo) { $key.CspKeyContainerInfo.ProviderName } else { $key.Key.Provider.Provider }
    }
    Ask 'key file' {
        $key = $extensions::GetRSAPrivateKey((Get-Item -LiteralPath "Cert:\LocalMachine\My\$Thumbprint"))
        [IO.Path]::Combine($env:ProgramData, 'Microsoft', 'Crypto', 'Keys', $key.Key.UniqueName)
    }
}
if ($KeyFile -ne '') {
    $all = 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-20'
    $allowed = @(if ($Account -eq '') { $all[0..1] } else { $Account })
    Ask 'rights' {
        $exits = @(
            @(Invoke-Program 'icacls.exe' (@($KeyFile, '/inheritance:r', '/grant:r') + @($allowed | ForEach-Object { "*$($_):F" })))[0]
            @(Invoke-Program 'icacls.exe' (@($KeyFile, '/remove:g') + @($all | Where-Object { $allowed -notcontains $_ } | ForEach-Object { "*$_" })))[0]
        )
        if (($exits -join '') -ne '00') { throw "icacls ended with $exits" }
        $exits
    }
}
Write-Told $File
