# A certification authority of this machine, made once, and a certificate of it.
param([string] $File, [string] $HostName, [string] $FriendlyName)
. "$PSScriptRoot/../parts.ps1"

Ask 'authority' {
    if (-not (Test-Path -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration\CertRebind Lab')) {
        $null = Install-AdcsCertificationAuthority -CAType StandaloneRootCA -CACommonName 'CertRebind Lab' -Force
        # Issue at once, and with the names that a request asks for.
        @(Invoke-Program 'certutil.exe' '-setreg', 'policy\RequestDisposition', '1')[0]
        @(Invoke-Program 'certutil.exe' '-setreg', 'policy\EnableRequestExtensionList', '+2.5.29.17')[0]
        Restart-Service -Name CertSvc
    }
    (Get-Service -Name CertSvc).Status
}
Ask 'certificate' {
    $folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid())")).FullName
    try {
        $lines = '[Version]', 'Signature="$Windows NT$"', '[NewRequest]', "Subject=`"CN=$HostName`"", 'KeyLength=2048', 'MachineKeySet=TRUE', 'RequestType=PKCS10',
            "FriendlyName=`"$FriendlyName`"", '[EnhancedKeyUsageExtension]', 'OID=1.3.6.1.5.5.7.3.1', '[Extensions]', '2.5.29.17="{text}"', "_continue_=`"dns=$HostName`""
        [IO.File]::WriteAllLines("$folder\request.inf", [string[]]$lines)
        $null = Invoke-Program 'certreq.exe' '-new', '-q', "$folder\request.inf", "$folder\request.req"
        $null = Invoke-Program 'certreq.exe' '-submit', '-q', '-config', "$env:COMPUTERNAME\CertRebind Lab", "$folder\request.req", "$folder\answer.cer"
        $null = Invoke-Program 'certreq.exe' '-accept', '-q', '-machine', "$folder\answer.cer"
        [Security.Cryptography.X509Certificates.X509Certificate2]::new("$folder\answer.cer").Thumbprint
    } finally { [IO.Directory]::Delete($folder, $true) }
}
Write-Told $File
