@{
    RootModule           = 'CertRebindDsc.psm1'
    ModuleVersion        = '0.9.0'
    GUID                 = '4e1b7c52-8a3f-4f0d-9c61-2d5a7b90e3f4'
    Author               = 'CertRebind contributors'
    CompanyName          = 'CertRebind contributors'
    Copyright            = '(c) CertRebind contributors. MIT licence.'
    Description          = 'Certificate rebind of an IIS server as a resource of PowerShell Desired State Configuration.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    RequiredModules      = @(@{ ModuleName = 'CertRebind'; RequiredVersion = '0.9.0' })
    FunctionsToExport    = @()
    CmdletsToExport      = @()
    VariablesToExport    = @()
    # No AliasesToExport: where that is empty as well, PowerShell lists no resources of the module.
    DscResourcesToExport = @('CertRebind')
    PrivateData          = @{
        PSData = @{
            Tags         = @('IIS', 'Certificate', 'TLS', 'DSC', 'DSCResource', 'PSEdition_Desktop', 'PSEdition_Core')
            ProjectUri   = 'https://example.com/certrebind'
            LicenseUri   = 'https://example.com/certrebind/blob/HEAD/LICENSE'
            ReleaseNotes = 'https://example.com/certrebind/blob/HEAD/CHANGELOG.md'
        }
    }
}
