# The scripts with which the suites ask a Windows: what they say has to be understood by Windows PowerShell 5.1, although most of
# it has never met one.

BeforeDiscovery {
    $root = [IO.Path]::GetFullPath("$PSScriptRoot/../windows/suites")
    $scripts = Get-ChildItem -LiteralPath $root -Recurse -File -Filter '*.ps1' | Where-Object { $_.Name -ne 'on-lab.ps1' } |
        ForEach-Object { @{ Name = [IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/'); Path = $_.FullName } }
}

BeforeAll {
    $script:known = @{}
    foreach ($file in 'webadministration', 'windows-powershell-5.1') {
        $listing = Get-Content -LiteralPath "$PSScriptRoot/../fixtures/commands/$file.json" -Raw | ConvertFrom-Json -AsHashtable
        foreach ($module in $listing.Values) { foreach ($command in $module.Keys) { $known[$command] = @($module[$command].Keys) } }
    }
    $script:ours = 'Ask', 'Get-Attempt', 'Get-Refusal', 'Invoke-Program', 'Write-Told', 'Save', 'Edit-Store'
    # Of roles and tools whose commands are in no listing that is kept here, or that come with the module of a drive.
    $script:unlisted = 'Install-WindowsFeature', 'Get-WindowsFeature', 'Install-AdcsCertificationAuthority', 'Install-RemoteAccess', 'Set-RemoteAccess',
        'Get-Package', 'Set-Culture', 'Invoke-Pester', 'Expand-Archive', 'New-SmbServerCertificateMapping'
    $script:common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
    . "$PSScriptRoot/Syntax.ps1"
}

Describe 'the scripts of the suites' {
    It '<Name> has nothing that is newer than Windows PowerShell 5.1' -ForEach $scripts {
        $usage = Get-Usage $Path
        $usage.errors | Should -BeNullOrEmpty
        $usage.newer | Should -BeNullOrEmpty
    }

    It '<Name> calls commands that 5.1 has, by parameters that they have' -ForEach $scripts {
        foreach ($command in (Get-Usage $Path).commands) {
            if ($ours -contains $command.name -or $unlisted -contains $command.name -or $command.name -like '*.exe' -or $command.name -match '[\\/]') { continue }
            $known.Keys | Should -Contain $command.name
            foreach ($parameter in $command.parameters) {
                if ($common -contains $parameter) { continue }
                @($known[$command.name] | Where-Object { $_ -like "$parameter*" }).Count | Should -BeGreaterThan 0 -Because "$($command.name) -$parameter"
            }
        }
    }

    It 'are more than a handful' -ForEach @(@{ Count = @($scripts).Count }) { $Count | Should -BeGreaterThan 8 }
}
