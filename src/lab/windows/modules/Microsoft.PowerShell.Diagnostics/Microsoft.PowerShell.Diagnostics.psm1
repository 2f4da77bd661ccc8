# What the project uses of the event logs, in front of a lab. Every other command of the module throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))
Import-Module -Name (Get-LabAssembly -Folder $PSScriptRoot)
. (Get-NotModelled -Module 'Microsoft.PowerShell.Diagnostics' -Modelled 'Get-WinEvent')
Export-ModuleMember -Cmdlet 'Get-WinEvent' -Function '*-*'
