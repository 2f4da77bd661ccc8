# The module as it is published, with a package of modules and new PowerShells.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $staged = "$TestDrive/CertRebind"
    $version = (Get-Content -LiteralPath "$(Get-Root)/package.json" -Raw | ConvertFrom-Json).version
    $stage = "import { stageModule } from '$(Get-Root)/scripts/package/module-folder.mjs'; stageModule({ folder: '$staged', exe: '$(Get-Root)/dist/certrebind-lab.cjs', version: '$version' })"
    & node --input-type=module --eval $stage
    if ($LASTEXITCODE -ne 0) { throw 'the module could not be staged' }
}

Describe 'the delivered module' {
    It 'is published with the class for DSC, and the next PowerShell finds both by name' {
        $separator = [IO.Path]::PathSeparator
        $kept = @{ HOME = $env:HOME; PSModulePath = $env:PSModulePath; XDG_DATA_HOME = $env:XDG_DATA_HOME }
        $null = New-Item -ItemType Directory -Path "$TestDrive/gallery", "$TestDrive/home/.config"
        $publish = @"
`$ErrorActionPreference = 'Stop'
Register-PSResourceRepository -Name Local -Uri '$TestDrive/gallery' -Trusted
Publish-PSResource -Repository Local -Path '$staged'
`$env:PSModulePath += '$separator$TestDrive'
Publish-PSResource -Repository Local -Path '$staged/CertRebindDsc'
Install-PSResource -Repository Local -Name CertRebindDsc
"@
        $use = 'Import-Module -Name CertRebindDsc; Get-Module -ListAvailable -Name CertRebind* | Select-Object -Property Name, @{ Name = "Dsc"; Expression = { $_.ExportedDscResources } } | ConvertTo-Json -Compress; (Get-Command -Name Enable-CertRebind).Source'
        try {
            $env:HOME, $env:PSModulePath, $env:XDG_DATA_HOME = "$TestDrive/home", $null, $null
            $said = foreach ($script in $publish, $use) { & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command $script 2>&1 }
        } finally { foreach ($name in $kept.Keys) { [Environment]::SetEnvironmentVariable($name, $kept[$name]) } }
        $said | Should -Be '[{"Name":"CertRebind","Dsc":null},{"Name":"CertRebindDsc","Dsc":"CertRebind"}]', 'CertRebind'
    }
}
