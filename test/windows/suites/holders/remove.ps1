# A certificate of ours that was imported, and may have lost its mark thereby.
param([string] $File, [string] $Thumbprint)
. "$PSScriptRoot/../parts.ps1"

Ask 'removed' { Remove-Item -LiteralPath "Cert:\LocalMachine\My\$Thumbprint" -ErrorAction Stop }
Write-Told $File
