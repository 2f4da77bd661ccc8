# What each command starts, and with what, where the program is a stand-in: nothing runs, so it can be asked everything.

BeforeDiscovery {
    # Changes: what is started once the command may go on. A command without it only reads the server.
    $asking = @(
        @{ Command = 'Disable-CertRebind'; Call = { Disable-CertRebind }; Changes = 'disable' }
        @{ Command = 'Enable-CertRebind'; Call = { Enable-CertRebind }; Changes = 'enable' }
        @{ Command = 'Export-CertRebindReport'; Call = { Export-CertRebindReport -Path "$TestDrive/report.html" } }
        @{ Command = 'Export-CertRebindSnapshot'; Call = { Export-CertRebindSnapshot -Path "$TestDrive/snapshot.json" } }
        @{ Command = 'Export-CertRebindSupport'; Call = { Export-CertRebindSupport -Path "$TestDrive/support.json" } }
        @{ Command = 'Hide-CertRebindFinding'; Call = { Hide-CertRebindFinding -Code names-lost -Holder 0.0.0.0:443 }; Changes = 'dismiss' }
        @{ Command = 'Hide-CertRebindFinding'; Call = { Hide-CertRebindFinding -Thumbprint old }; Changes = 'dismiss' }
        @{ Command = 'Import-CertRebindCertificate'; Call = { Import-CertRebindCertificate -FilePath "$TestDrive/a.pfx" }; Changes = 'import' }
        @{ Command = 'Import-CertRebindCertificate'; Call = { Import-CertRebindCertificate -FilePath "$TestDrive/a.pfx" -Replace auto }; Changes = 'import' }
        @{ Command = 'Invoke-CertRebind'; Call = { Invoke-CertRebind -OldThumbprint old -NewThumbprint new }; Changes = 'rebind' }
        @{ Command = 'Invoke-CertRebind'; Call = { Invoke-CertRebind -Plan $plan }; Changes = 'apply' }
        @{ Command = 'Invoke-CertRebind'; Call = { Invoke-CertRebind -PlanPath "$TestDrive/plan.json" }; Changes = 'apply' }
        @{ Command = 'Invoke-CertRebind'; Call = { Invoke-CertRebind -EventRecordId 7 }; Changes = 'apply' }
        @{ Command = 'Invoke-CertRebindRehearsal'; Call = { Invoke-CertRebindRehearsal }; Changes = 'rehearse' }
        @{ Command = 'New-CertRebindPlan'; Call = { New-CertRebindPlan -Path "$TestDrive/new.json" } }
        @{ Command = 'Register-CertRebindTrigger'; Call = { Register-CertRebindTrigger -On replaced -Run reconcile -Id caller }; Changes = 'trigger add' }
        @{ Command = 'Register-CertRebindWatch'; Call = { Register-CertRebindWatch -Path $TestDrive }; Changes = 'watch add' }
        @{ Command = 'Repair-CertRebind'; Call = { Repair-CertRebind -Code task-missing }; Changes = 'doctor' }
        @{ Command = 'Set-CertRebindConfiguration'; Call = { [pscustomobject]@{ undo = 'run' } | Set-CertRebindConfiguration }; Changes = 'config set' }
        @{ Command = 'Set-CertRebindConfiguration'; Call = { Set-CertRebindConfiguration -Path "$TestDrive/configuration.json" }; Changes = 'config set' }
        @{ Command = 'Sync-CertRebind'; Call = { Sync-CertRebind }; Changes = 'reconcile' }
        @{ Command = 'Undo-CertRebind'; Call = { Undo-CertRebind }; Changes = 'undo' }
        @{ Command = 'Unregister-CertRebindTrigger'; Call = { Unregister-CertRebindTrigger -Id existing }; Changes = 'trigger remove' }
        @{ Command = 'Unregister-CertRebindWatch'; Call = { Unregister-CertRebindWatch -Path $TestDrive }; Changes = 'watch remove' }
    )

    # Everything outside of PowerShell that the module calls. A star: it changes a server or a file of somebody.
    $outside = @(
        'certrebind *', 'another server *', 'Copy-Item *', 'Remove-PSSession'
        '[System.IO.File]::Move *', '[System.IO.File]::Replace *', '[System.IO.FileStream]::new *', '[System.IO.File]::Delete'
        '[System.IO.File]::Exists', '[System.IO.StreamReader]::new', '[System.IO.FileInfo]::new', '[System.IO.Directory]::Exists', '[System.IO.Directory]::GetFiles'
        '[System.IO.Compression.ZipFile]::OpenRead', '[Microsoft.Win32.RegistryKey]::OpenBaseKey', 'Get-FileHash', 'Get-ChildItem', 'Test-Path'
    )
    # What stand-ins do with each: a file and a title of it, or `-` and the reason why none does. `*` stands for all that are not named.
    $ofSystem = '- it is .NET or the engine of this machine, which answers or throws'
    $table = @{
        'is denied'                 = @{
            'certrebind'                                = 'Starts.Tests.ps1: ends with the error of a program that refuses, and leaves no file that was handed to it'
            'another server'                            = 'FleetTrouble.Slow.Tests.ps1: says which command it does not allow, and that nothing can be installed'
            'Copy-Item'                                 = 'FleetParts.Tests.ps1: is a problem of the server that it is for, and its session is not lost'
            '[System.IO.File]::Move'                    = 'FleetParts.Tests.ps1: leaves what was there and nothing beside it, and says so'
            '[System.IO.File]::Replace'                 = 'FleetParts.Tests.ps1: leaves what was there and nothing beside it, and says so'
            '[System.IO.FileStream]::new'               = 'Fleet.Slow.Tests.ps1: refuses to be another campaign, or to be worked on twice'
            '[System.IO.Compression.ZipFile]::OpenRead' = 'FleetTrouble.Slow.Tests.ps1: refuses <Line> before anybody is asked'
            '*'                                         = '- it only looks, or clears away what this module made; its error ends the command'
        }
        'answers late'              = @{
            'certrebind'     = 'Program.Tests.ps1: waits for a program that changes the server, since only its end tells what state that is in'
            'another server' = 'FleetTrouble.Slow.Tests.ps1: while it works is asked over a new session, and ends as what it was'
            'Copy-Item'      = 'FleetParts.Tests.ps1: for as long as a server may is silent, and not before'
            '*'              = $ofSystem
        }
        'answers something else'    = @{
            'certrebind'                                = 'Program.Tests.ps1: <Code>: <What>'
            'another server'                            = 'FleetParts.Tests.ps1: only an outcome counts, and only one that was heard to its end'
            'Get-FileHash'                              = 'FleetTrouble.Slow.Tests.ps1: starts nothing whose hash is not that of the package'
            '[System.IO.Compression.ZipFile]::OpenRead' = 'FleetTrouble.Slow.Tests.ps1: refuses <Line> before anybody is asked'
            '*'                                         = $ofSystem
        }
        'writes without end'        = @{
            'certrebind' = 'Program.Tests.ps1: is read whole, however long, while the other stream is full'
            '*'          = '- what it returns is an object'
        }
        'is localized'              = @{
            'certrebind' = 'Style.Tests.ps1: a program is written to and read in UTF-8, not in the code page of the console'
            '*'          = '- nothing is decided by its words'
        }
        'loses what was passed'     = @{
            'certrebind'     = 'Program.Tests.ps1: arrive as they were given: <_>'
            'another server' = 'Fleet.Slow.Tests.ps1: plans on each server and changes nothing'
            '*'              = $ofSystem
        }
    }
}

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    Import-CertRebind
    $before = $env:CERTREBIND_EXECUTABLE
    $env:CERTREBIND_EXECUTABLE = New-StandIn -Folder $TestDrive -Script ''
    $version = [string](Get-Module -Name CertRebind).Version
    $planned = '{"schema":"certrebind/plan/2","digest":"' + ('A' * 64) + '","server":{"name":"WEB01"},"steps":[],"renewals":[],"blocked":[]}'
    $plan = & (Get-Module -Name CertRebind) { ConvertFrom-CertRebindJson -Text $args[0] } $planned
    [IO.File]::WriteAllText("$TestDrive/plan.json", $planned)
    [IO.File]::WriteAllText("$TestDrive/configuration.json", '{"schema":"certrebind/configuration/1"}')
    $outcome = '{"schema":"certrebind/outcome/2","result":"rebound","exitCode":0,"steps":[],"blocked":[],"counts":{}}'
    $answers = @{
        'apply' = $outcome; 'doctor' = $outcome; 'import' = $outcome; 'rebind' = $outcome; 'reconcile' = $outcome; 'undo' = $outcome
        'plan' = $planned
        'dismiss' = '{"schema":"certrebind/dismissed/1","findings":[],"renewal":null}'
        'trigger' = '{"schema":"certrebind/triggers/1","triggers":[]}'
        'watch' = '{"schema":"certrebind/watches/1","watches":[],"runs":[]}'
        'rehearse' = '{"schema":"certrebind/rehearsal/1","leftovers":[],"differences":[]}'
        'enable' = '{"schema":"certrebind/status/1"}'; 'disable' = '{"schema":"certrebind/status/1"}'
        'config' = '{"schema":"certrebind/configuration/1"}'
        'capture' = '{"schema":"certrebind/captured/1"}'; 'report' = '{"schema":"certrebind/report-written/1"}'
    }
    $refusal = '{"schema":"certrebind/error/1","exitCode":7,"error":{"code":"not-elevated","message":"No.","hint":null,"where":null}}'
    $started = [Collections.Generic.List[object]]::new()
    # Held open by the command while the program is at work.
    function Get-Handed($Words) { $Words | Where-Object { $_ -match 'certrebind-[0-9a-f]{32}\.json$' } }

    Mock -ModuleName CertRebind -CommandName Start-CertRebindProcess -MockWith {
        if ($Argument[0] -eq '--version') { return [pscustomobject]@{ ExitCode = 0; Output = $version } }
        $words = @($Argument | Where-Object { $_ -notin '--json', '--progress', 'json' })
        $handed = Get-Handed $words
        $started.Add([pscustomobject]@{
                Words = $words -join ' '; Changes = [bool]$Changes; Handed = $handed; WasThere = $null -eq $handed -or [IO.File]::Exists($handed)
            })
        if ($refuses) { return [pscustomobject]@{ ExitCode = 7; Output = $refusal } }
        [pscustomobject]@{ ExitCode = 0; Output = $answers[$words[0]] }
    }
}

AfterAll {
    $env:CERTREBIND_EXECUTABLE = $before
    Remove-Module -Name CertRebind -Force
}

Describe '<Command>: <Call>' -ForEach $asking {
    BeforeEach {
        $started.Clear()
        $refuses = $false
        function Invoke-Mine { param($ConfirmPreference) $null = & $Call }
    }

    It 'changes nothing where $ConfirmPreference of its caller makes it ask and nobody can answer' {
        { Invoke-Mine Low } | Should -Throw -ErrorId 'PSInvalidOperationException,*'
        $started | Where-Object Changes | Should -BeNullOrEmpty
    }

    It 'is waited for by a pipeline that is stopped if it changes something, and only then' {
        Invoke-Mine None
        $started.Count | Should -BeGreaterThan 0
        $changing = @($started | Where-Object Changes)
        $changing.Count | Should -Be ([int][bool]$Changes)
        if ($Changes) { "$($changing.Words) " | Should -BeLike "$Changes *" }
        $started | ForEach-Object { $_.WasThere } | Should -Not -Contain $false
        $started.Handed | Where-Object { $_ -and [IO.File]::Exists($_) } | Should -BeNullOrEmpty
    }

    It 'ends with the error of a program that refuses, and leaves no file that was handed to it' {
        $refuses = $true
        { Invoke-Mine None } | Should -Throw -ErrorId "not-elevated,$Command"
        $started.Handed | Where-Object { $_ -and [IO.File]::Exists($_) } | Should -BeNullOrEmpty
    }
}

Describe 'the snapshot of a server' {
    It 'is read from a file that is gone afterwards' {
        $written = [Collections.Generic.List[string]]::new()
        Mock -ModuleName CertRebind -CommandName Invoke-CertRebindExecutable -MockWith {
            $written.Add($Word)
            [IO.File]::WriteAllText($Word, '{"takenAt":"2030"}')
            [pscustomobject]@{}
        }
        function Read-Snapshot { [CmdletBinding()] param() & (Get-Module -Name CertRebind) { Get-CertRebindSnapshot -Caller $args[0] } $PSCmdlet }
        (Read-Snapshot).takenAt | Should -Be '2030'
        $written | Should -HaveCount 1
        [IO.File]::Exists($written[0]) | Should -BeFalse
    }
}

Describe 'an outcome with blocked records' {
    It 'is an error for what a guard blocks, and none for what waits for its time or its window' {
        $refuses = $false
        $blocked = foreach ($reason in 'outside-window', 'not-yet-valid', 'names-lost') { '{{"key":"{0}:443","reason":"{0}","detail":"d","hosts":["h"]}}' -f $reason }
        $answers = @{ reconcile = $outcome.Replace('"blocked":[]', '"blocked":[' + ($blocked -join ',') + ']') }
        $null = Sync-CertRebind -Confirm:$false -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.FullyQualifiedErrorId | Should -Be 'names-lost,Sync-CertRebind'
    }
}

Describe 'a question in the language of DSC' {
    It 'ends with an error where the program fails, whatever it printed' {
        $started.Clear()
        $refuses = $true
        { & (Get-Module -Name CertRebind) { Invoke-CertRebindDsc -Verb 'get' -Wanted @{ _exist = $true } } } | Should -Throw -ErrorId 'no-answer,*'
        $started.Words | Should -Be 'dsc get'
    }
}

Describe 'the table above' {
    It 'has every command that changes something' -ForEach @{ Tried = $asking.Command } {
        $supporting = (Get-Module -Name CertRebind).ExportedFunctions.Values |
            # A fleet needs sessions, so Fleet.Slow.Tests.ps1 tries it.
            Where-Object { [Management.Automation.CommandMetadata]::new($_).SupportsShouldProcess -and $_.Name -ne 'Invoke-CertRebindFleet' }
        $Tried | Sort-Object -Unique | Should -Be ($supporting.Name | Sort-Object)
    }
}

Describe 'what the module calls outside of PowerShell' {
    It 'is what the table has' -ForEach @{ Rows = $outside } {
        $ofEngine = 'Add-Type', 'ForEach-Object', 'Get-Module', 'Group-Object', 'Import-LocalizedData', 'Join-Path', 'Register-ArgumentCompleter', 'Select-Object', 'Set-StrictMode', 'Set-Variable',
        'Sort-Object', 'Start-Sleep', 'Where-Object', 'Write-Debug', 'Write-Error', 'Write-Progress', 'Write-Verbose', 'Write-Warning'
        $usage = Get-ChildItem -LiteralPath "$PSScriptRoot/../../module" -Recurse -File -Include *.ps1, *.psm1 | ForEach-Object { & "$PSScriptRoot/../powershell/ContractUsage.ps1" -Path $_.FullName | ConvertFrom-Json }
        $commands = $usage.commands.name | Where-Object { $_ -notin $usage.own -and $_ -notin $ofEngine }
        $classes = $usage.static | Where-Object { $_ -match '^\[(System\.IO\.(?!Path\b|FileOptions\b)|Microsoft\.Win32\.|System\.Diagnostics\.|System\.Net\.(?!NetworkCredential\b)|System\.ServiceProcess\.)|powershell\]::Create' }
        # By the two places that start something, which Style.Tests.ps1 holds.
        $started = @{ '[System.Diagnostics.Process]::Start' = 'certrebind'; '[System.Diagnostics.ProcessStartInfo]::new' = 'certrebind'; '[powershell]::Create' = 'another server', 'Copy-Item' }
        $called = @($commands) + @($classes) | ForEach-Object { if ($started.ContainsKey($_)) { $started[$_] } else { $_ } }
        $called | Sort-Object -Unique | Should -Be ($Rows -replace ' \*$' | Sort-Object -Unique)
    }

    It 'says of each whether it <What>, in a test that is there or with the reason' -ForEach @(
        $table.Keys | Sort-Object | ForEach-Object { @{ What = $_; Column = $table[$_]; Rows = $outside -replace ' \*$' } }
    ) {
        $Column.ContainsKey('*') | Should -BeTrue
        foreach ($name in $Column.Keys) {
            if ($name -ne '*') { $Rows | Should -Contain $name }
            if ($Column[$name].StartsWith('- ')) { continue }
            $file, $title = $Column[$name] -split ': ', 2
            [IO.File]::ReadAllText("$PSScriptRoot/$file").Contains("It '$title'") | Should -BeTrue -Because $Column[$name]
        }
    }

    It 'is denied in a test where it changes something: <Name>' -ForEach @(
        $outside -like '* [*]' -replace ' \*$' | ForEach-Object { @{ Name = $_; Denied = $table['is denied'][$_] } }
    ) {
        $Denied | Should -Match '^\w+(\.Slow)?\.Tests\.ps1: '
    }
}
