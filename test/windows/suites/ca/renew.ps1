# A renewal by the authority of this machine, as autoenrolment asks for it: whether and by whom event 1001 is written is for Windows.
param([string] $File, [string] $Old)
. "$PSScriptRoot/../parts.ps1"
. "$PSScriptRoot/../certreq.ps1"

Ask 'certificate' {
    Get-Issued ('[Version]', 'Signature="$Windows NT$"', '[NewRequest]', "RenewalCert=`"$Old`"", 'MachineKeySet=TRUE', 'RequestType=CMC')
}
Write-Told $File
