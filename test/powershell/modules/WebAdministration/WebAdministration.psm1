# What the project uses of WebAdministration, in front of a lab. Every other command of the module throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))
Import-Module -Name (Get-LabAssembly -Folder $PSScriptRoot)
. (Get-NotModelled -Module 'WebAdministration' -Modelled 'Get-Website', 'Get-WebBinding')
Export-ModuleMember -Cmdlet 'Get-Website', 'Get-WebBinding' -Function '*-*'
