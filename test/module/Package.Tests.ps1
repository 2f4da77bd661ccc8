# The module as it is delivered: staged like the package, with the built program standing for the executable. That it can be
# published: Package.Slow.Tests.ps1.

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

    It 'is the same to look at as the one that is developed' {
        Import-Module -Name "$staged/CertRebind.psd1" -Global -Force
        Get-CertRebind | Out-String | Should -Match '(?m)^Enabled +: '
    }
}
