# Asks the authority of this machine for what a request file says, accepts it into My and returns its thumbprint.
function Get-Issued {
    param([string[]] $Lines)
    $folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid())")).FullName
    try {
        [IO.File]::WriteAllLines("$folder/request.inf", $Lines)
        $null = Invoke-Demanded 'certreq.exe' '-new', '-q', '-f', '-machine', "$folder/request.inf", "$folder/request.req"
        $said = Invoke-Demanded 'certreq.exe' '-submit', '-q', '-f', '-config', "$env:COMPUTERNAME\CertRebind Lab", "$folder/request.req", "$folder/answer.cer", "$folder/chain.p7b", "$folder/answer.rsp"
        if (-not [IO.File]::Exists("$folder/answer.cer")) { throw "certreq.exe -submit brought no certificate: $($said -join ' ')" }
        $null = Invoke-Demanded 'certreq.exe' '-accept', '-q', '-machine', "$folder/answer.cer"
        [Security.Cryptography.X509Certificates.X509Certificate2]::new("$folder/answer.cer").Thumbprint
    } finally { [IO.Directory]::Delete($folder, $true) }
}

function Get-Enrolled {
    param([string] $HostName, [string] $FriendlyName)
    Get-Issued ('[Version]', 'Signature="$Windows NT$"', '[NewRequest]', "Subject=`"CN=$HostName`"", 'KeyLength=2048', 'MachineKeySet=TRUE', 'RequestType=PKCS10',
        "FriendlyName=`"$FriendlyName`"", '[EnhancedKeyUsageExtension]', 'OID=1.3.6.1.5.5.7.3.1', '[Extensions]', '2.5.29.17="{text}"', "_continue_=`"dns=$HostName`"")
}
