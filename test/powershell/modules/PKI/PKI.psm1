# The project uses nothing of PKI; each of its commands throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))
. (Get-NotModelled -Module 'PKI')
Export-ModuleMember -Function '*-*'
