# The module of the zip, imported in Windows PowerShell 5.1, against test/windows/Module.Tests.ps1.
$ErrorActionPreference = 'Stop'
# Hosted images have Pester 3.4, which comes with Windows, beside a newer one.
Import-Module -Name Pester -MinimumVersion 5.5
Expand-Archive -Path dist/certrebind-*-win-x64.zip -DestinationPath unpacked -Force
Import-Module -Name .\unpacked\CertRebind\CertRebind.psd1
Invoke-Pester -Path test/windows/Module.Tests.ps1 -CI
