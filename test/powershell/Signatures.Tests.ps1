# The lab's modules may only be called the way Windows can be called: same commands, same parameters, same types.

BeforeDiscovery {
    $fixtures = "$PSScriptRoot/../fixtures/commands"
    $modules = "$PSScriptRoot/../../src/lab/windows/modules"
    $script:commands = foreach ($file in 'webadministration', 'windows-powershell-5.1') {
        $listing = Get-Content -LiteralPath "$fixtures/$file.json" -Raw | ConvertFrom-Json -AsHashtable
        foreach ($module in $listing.Keys) {
            $path = "$modules/$module/$module.psm1"
            if (-not (Test-Path -LiteralPath $path)) { continue }
            $loaded = Import-Module -Name $path -Global -DisableNameChecking -PassThru
            foreach ($name in @($listing[$module].Keys)) {
                $command = $loaded.ExportedCommands[$name]
                if ($null -eq $command) { continue }
                $isModelled = "$($command.Definition)" -notlike '*is not modelled.*' -or $command.CommandType -eq 'Cmdlet' -or $command.Parameters.Count -gt 0
                @{ Module = $module; Name = $name; Expected = $listing[$module][$name]; Modelled = $isModelled }
            }
        }
    }
    $modelled = @($commands | Where-Object { $_.Modelled })
    $others = @($commands | Where-Object { -not $_.Modelled })
}

Describe 'the commands of the lab' {
    BeforeAll {
        $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
    }

    It '<Module>\<Name> has the parameters of the real one' -ForEach $modelled {
        $command = Get-Command -Name $Name -Module $Module
        $own = @($command.Parameters.Keys | Where-Object { $common -notcontains $_ } | Sort-Object)
        $real = @($Expected.Keys | Where-Object { $common -notcontains $_ } | Sort-Object)
        $own | Should -Be $real
    }

    It '<Module>\<Name> has parameters of the real types' -ForEach @($modelled | Where-Object { $_.Module -eq 'WebAdministration' }) {
        $command = Get-Command -Name $Name -Module $Module
        foreach ($parameter in $Expected.Keys) {
            $command.Parameters[$parameter].ParameterType | Should -Be ($Expected[$parameter] -as [type]) -Because $parameter
        }
    }

    It 'has ConfirmPreference asked where the real one asks: <_>' -ForEach 'Unregister-ScheduledTask', 'New-SelfSignedCertificate', 'Switch-Certificate' {
        (Get-Command -Name $_).Parameters.Keys | Should -Contain 'WhatIf'
    }

    It '<Module>\<Name> throws, naming itself' -ForEach $others {
        { & "$Module\$Name" } | Should -Throw "*$Name is not modelled*"
    }

    It 'refuses a parameter that Windows has and the lab does not act on' {
        { Get-ScheduledTask -CimSession 'elsewhere' } | Should -Throw '*-CimSession is not modelled*'
        { Get-WinEvent -LogName Application -FilterXPath '*' } | Should -Throw '*-FilterXPath is not modelled*'
        { Get-Service -Name 'Spooler' } | Should -Throw '*Cannot find any service*'
    }
}
