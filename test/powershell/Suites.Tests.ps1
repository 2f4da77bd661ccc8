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
    $script:ours = 'Ask', 'Get-Attempt', 'Get-Refusal', 'Invoke-Program', 'Invoke-Demanded', 'Get-Issued', 'Write-Told', 'Save', 'Edit-Store'
    # Of roles and tools whose commands are in no listing that is kept here, or that come with the module of a drive.
    $script:unlisted = 'Install-WindowsFeature', 'Get-WindowsFeature', 'Install-AdcsCertificationAuthority', 'Install-RemoteAccess', 'Set-RemoteAccess',
        'Get-Package', 'Set-Culture', 'Invoke-Pester', 'Expand-Archive', 'New-SmbServerCertificateMapping', 'Invoke-DscResource'
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
            if ($ours -contains $command.name -or $unlisted -contains $command.name -or $command.name -match '\.(exe|cmd)$' -or $command.name -match '[\\/]') { continue }
            $known.Keys | Should -Contain $command.name
            foreach ($parameter in $command.parameters) {
                if ($common -contains $parameter) { continue }
                @($known[$command.name] | Where-Object { $_ -like "$parameter*" }).Count | Should -BeGreaterThan 0 -Because "$($command.name) -$parameter"
            }
        }
    }

    It 'are more than a handful' -ForEach @(@{ Count = @($scripts).Count }) { $Count | Should -BeGreaterThan 8 }
}

Describe 'a program that a script of the suites starts' {
    BeforeAll {
        $before = $env:SystemRoot
        $env:SystemRoot = $TestDrive
        $null = [IO.Directory]::CreateDirectory("$TestDrive/System32")
        function Set-Program([string] $Name, [string] $Text) {
            [IO.File]::WriteAllText("$TestDrive/System32/$Name", "#!/bin/sh`n$Text`n")
            [IO.File]::SetUnixFileMode("$TestDrive/System32/$Name", 'UserRead, UserWrite, UserExecute')
        }
        function Read-Answer([string] $Script, [string[]] $Words) {
            & "$PSScriptRoot/../windows/suites/$Script" "$TestDrive/told.json" @Words
            [IO.File]::ReadAllText("$TestDrive/told.json") | ConvertFrom-Json
        }
    }
    AfterAll { $env:SystemRoot = $before }

    It 'is told with its last words where it refuses: <Script>, <When>' -ForEach @(
        @{ Script = 'ca/enrol.ps1'; When = 'no authority answers'; Program = 'case $1 in -submit) echo "The RPC server is unavailable. 0x800706ba"; exit 186 ;; esac'; Told = '*-submit*ended with 186: The RPC server is unavailable*' }
        @{ Script = 'ca/renew.ps1'; When = 'the request is left pending'; Program = 'echo "Certificate request is pending: Taken Under Submission"'; Told = '*brought no certificate: Certificate request is pending*' }
    ) {
        Set-Program 'certreq.exe' $Program
        (Read-Answer $Script 'story.certrebind.invalid').certificate.refused | Should -BeLike $Told
    }

    It 'gets each word as it was, and nobody to answer it' {
        Set-Program 'words.exe' 'cat; for word; do echo "<$word>"; done'
        . "$PSScriptRoot/../windows/suites/parts.ps1"
        Invoke-Program 'words.exe' 'one', 'two words', '*S-1-5-18:(OI)(CI)F' | Should -Be '0', '<one>', '<two words>', '<*S-1-5-18:(OI)(CI)F>'
    }

    It 'is ended where it waits' {
        Set-Program 'waits.exe' 'exec sleep 30'
        . "$PSScriptRoot/../windows/suites/parts.ps1"
        { Invoke-Program 'waits.exe' 'for ever' -Seconds 1 } | Should -Throw 'waits.exe did not end within 1 s'
    }
}
