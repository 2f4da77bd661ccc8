@{
    RootModule           = 'CertRebind.psm1'
    ModuleVersion        = '0.9.0'
    GUID                 = 'b6c3f0c4-5d0e-4a3b-9a1e-7f0d2c6b8e15'
    Author               = 'CertRebind contributors'
    CompanyName          = 'CertRebind contributors'
    Copyright            = '(c) CertRebind contributors. MIT licence.'
    Description          = 'Replaces an old certificate with its renewal in every IIS HTTPS binding, tests each binding, and rolls back what got worse.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    TypesToProcess       = @('CertRebind.Types.ps1xml')
    FormatsToProcess     = @('CertRebind.Format.ps1xml')
    FunctionsToExport    = @(
        'Disable-CertRebind'
        'Enable-CertRebind'
        'Export-CertRebindReport'
        'Export-CertRebindSnapshot'
        'Export-CertRebindSupport'
        'Get-CertRebind'
        'Get-CertRebindBinding'
        'Get-CertRebindCode'
        'Get-CertRebindConfiguration'
        'Get-CertRebindHistory'
        'Get-CertRebindInventory'
        'Get-CertRebindTrigger'
        'Get-CertRebindUsage'
        'Get-CertRebindWatch'
        'Hide-CertRebindFinding'
        'Import-CertRebindCertificate'
        'Import-CertRebindSnapshot'
        'Invoke-CertRebind'
        'Invoke-CertRebindFleet'
        'Invoke-CertRebindRehearsal'
        'Invoke-CertRebindRetirement'
        'New-CertRebindPlan'
        'Register-CertRebindTrigger'
        'Register-CertRebindWatch'
        'Repair-CertRebind'
        'Set-CertRebindConfiguration'
        'Sync-CertRebind'
        'Test-CertRebind'
        'Test-CertRebindEndpoint'
        'Undo-CertRebind'
        'Unregister-CertRebindTrigger'
        'Unregister-CertRebindWatch'
    )
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('IIS', 'Certificate', 'TLS', 'SSL', 'Binding', 'Renewal', 'Windows', 'PSEdition_Desktop', 'PSEdition_Core')
            ProjectUri   = 'https://example.com/certrebind'
            LicenseUri   = 'https://example.com/certrebind/blob/HEAD/LICENSE'
            IconUri      = 'https://example.com/certrebind/raw/HEAD/assets/certrebind.png'
            ReleaseNotes = 'https://example.com/certrebind/blob/HEAD/CHANGELOG.md'
        }
    }
}
