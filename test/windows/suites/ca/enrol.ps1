# A certificate of the certification authority of this machine.
param([string] $File, [string] $HostName, [string] $FriendlyName)
. "$PSScriptRoot/../parts.ps1"
. "$PSScriptRoot/../certreq.ps1"

Ask 'certificate' {
    Get-Issued ('[Version]', 'Signature="$Windows NT$"', '[NewRequest]', "Subject=`"CN=$HostName`"", 'KeyLength=2048', 'MachineKeySet=TRUE', 'RequestType=PKCS10',
        "FriendlyName=`"$FriendlyName`"", '[EnhancedKeyUsageExtension]', 'OID=1.3.6.1.5.5.7.3.1', '[Extensions]', '2.5.29.17="{text}"', "_continue_=`"dns=$HostName`"")
}
Write-Told $File
