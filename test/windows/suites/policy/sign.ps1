# A certificate for signing, made and trusted by this machine, and the scripts of two folders signed with it. Without folders: away again.
param([string] $File, [string] $Suites, [string] $Program)
. "$PSScriptRoot/../parts.ps1"
$subject = 'CN=CertRebind-Rehearsal signer'
$trusting = 'Root', 'TrustedPublisher'

function Edit-Store {
    param([string] $Name, [scriptblock] $Edit)
    $store = [Security.Cryptography.X509Certificates.X509Store]::new($Name, 'LocalMachine')
    $store.Open('ReadWrite')
    try { & $Edit $store } finally { $store.Close() }
}

if ($Program -ne '') {
    Ask 'signed' {
        $signer = New-SelfSignedCertificate -Type CodeSigningCert -Subject $subject -CertStoreLocation 'Cert:\LocalMachine\My'
        $trusted = [Security.Cryptography.X509Certificates.X509Certificate2]::new($signer.RawData)
        foreach ($name in $trusting) { Edit-Store $name { $args[0].Add($trusted) } }
        foreach ($script in Get-ChildItem -LiteralPath $Suites, $Program -Recurse -Filter '*.ps1') {
            $null = Set-AuthenticodeSignature -FilePath $script.FullName -Certificate $signer -HashAlgorithm 'SHA256'
            (Get-AuthenticodeSignature -FilePath $script.FullName).Status
        }
    }
} else {
    Ask 'removed' {
        foreach ($name in @($trusting) + 'My') {
            Edit-Store $name { foreach ($one in @($args[0].Certificates | Where-Object { $_.Subject -eq $subject })) { $args[0].Remove($one) } }
        }
    }
}
Write-Told $File
