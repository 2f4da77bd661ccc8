# A renewal by the authority of this machine, as autoenrolment asks for it: whether and by whom event 1001 is written is for Windows.
param([string] $File, [string] $Old)
. "$PSScriptRoot/../parts.ps1"

Ask 'certificate' {
    $folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid())")).FullName
    try {
        $lines = '[Version]', 'Signature="$Windows NT$"', '[NewRequest]', "RenewalCert=`"$Old`"", 'MachineKeySet=TRUE', 'RequestType=CMC'
        [IO.File]::WriteAllLines("$folder\renewal.inf", [string[]]$lines)
        $null = Invoke-Program 'certreq.exe' '-new', '-q', "$folder\renewal.inf", "$folder\renewal.req"
        $null = Invoke-Program 'certreq.exe' '-submit', '-q', '-config', "$env:COMPUTERNAME\CertRebind Lab", "$folder\renewal.req", "$folder\answer.cer"
        $null = Invoke-Program 'certreq.exe' '-accept', '-q', '-machine', "$folder\answer.cer"
        [Security.Cryptography.X509Certificates.X509Certificate2]::new("$folder\answer.cer").Thumbprint
    } finally { [IO.Directory]::Delete($folder, $true) }
}
Write-Told $File
