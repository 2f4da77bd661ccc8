# The module as it is delivered: staged like the package, with the built program standing for the executable.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    Get-Module -Name CertRebind | Remove-Module -Force
    $staged = "$TestDrive/CertRebind"
    $version = (Get-Content -LiteralPath "$(Get-Root)/package.json" -Raw | ConvertFrom-Json).version
    $stage = "import { stageModule } from '$(Get-Root)/scripts/package/module-folder.mjs'; stageModule({ folder: '$staged', exe: '$env:CERTREBIND_EXECUTABLE', version: '$version' })"
    & node --input-type=module --eval $stage
    if ($LASTEXITCODE -ne 0) { throw 'the module could not be staged' }
    # From here on the module has to find the program by itself.
    $env:CERTREBIND_EXECUTABLE = $null
}

AfterAll {
    Get-Module -Name CertRebind | Remove-Module -Force
    Stop-Lab $lab
}

Describe 'the delivered module' {
    It 'has a manifest without fault' {
        $manifest = Test-ModuleManifest -Path "$staged/CertRebind.psd1" -ErrorAction Stop -WarningAction Stop
        $manifest.ExportedFunctions.Count | Should -BeGreaterThan 15
        foreach ($file in $manifest.FileList) { Test-Path -LiteralPath $file | Should -BeTrue -Because $file }
    }

    It 'is imported, finds its program beside it, and works' {
        Import-Module -Name "$staged/CertRebind.psd1" -Global -WarningAction Stop
        # The program here is a bundle without its ending, which the lab's Task Scheduler cannot start.
        $status = Enable-CertRebind -NoProof
        $status.enabled | Should -BeTrue
        Test-CertRebindEndpoint -Quiet | Should -BeTrue
        (Get-Command -Module CertRebind).Name | Should -Be ((Get-ChildItem -LiteralPath "$(Get-Root)/module/CertRebind/Public").BaseName | Sort-Object)
        (Get-Help -Name Invoke-CertRebind).Synopsis | Should -BeLike 'Replaces an old certificate*'
    }

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

    It 'is the same to look at as the one that is developed' {
        Import-Module -Name "$staged/CertRebind.psd1" -Global -Force
        Get-CertRebind | Out-String | Should -Match '(?m)^Enabled +: '
    }
}
