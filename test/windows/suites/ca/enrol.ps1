# A certificate of the certification authority of this machine.
param([string] $File, [string] $HostName, [string] $FriendlyName)
. "$PSScriptRoot/../parts.ps1"
. "$PSScriptRoot/../certreq.ps1"

Ask 'certificate' { Get-Enrolled $HostName $FriendlyName }
Write-Told $File
