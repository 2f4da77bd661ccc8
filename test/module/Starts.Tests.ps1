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
        @{ Command = 'Register-CertRebindTrigger'; Call = { Register-CertRebindTrigger -On replaced -Program C:\a.exe -Id caller }; Changes = 'trigger add' }
        @{ Command = 'Register-CertRebindWatch'; Call = { Register-CertRebindWatch -Path $TestDrive }; Changes = 'watch add' }
        @{ Command = 'Invoke-CertRebindRetirement'; Call = { Invoke-CertRebindRetirement -Delete }; Changes = 'retire' }
        @{ Command = 'Repair-CertRebind'; Call = { Repair-CertRebind -Code task-missing }; Changes = 'doctor' }
        @{ Command = 'Set-CertRebindConfiguration'; Call = { [pscustomobject]@{ undo = 'run' } | Set-CertRebindConfiguration }; Changes = 'config set' }
        @{ Command = 'Set-CertRebindConfiguration'; Call = { Set-CertRebindConfiguration -Path "$TestDrive/configuration.json" }; Changes = 'config set' }
        @{ Command = 'Set-CertRebindConfiguration'; Call = { Set-CertRebindConfiguration -Setting @{ window = '22:00-04:00' } }; Changes = 'config set' }
        @{ Command = 'Set-CertRebindConfiguration'; Call = { Set-CertRebindConfiguration -MailServer a -MailFrom b -MailTo c }; Changes = 'notify mail' }
        @{ Command = 'Sync-CertRebind'; Call = { Sync-CertRebind }; Changes = 'reconcile' }
        @{ Command = 'Undo-CertRebind'; Call = { Undo-CertRebind }; Changes = 'undo' }
        @{ Command = 'Unregister-CertRebindTrigger'; Call = { Unregister-CertRebindTrigger -Id existing }; Changes = 'trigger remove' }
        @{ Command = 'Unregister-CertRebindWatch'; Call = { Unregister-CertRebindWatch -Path $TestDrive }; Changes = 'watch remove' }
    )

    # Every parameter of a command as the words that the program gets, `<drive>` and `<file>` for a folder of the test and a file that
    # is handed over, and what its error is about where the program refuses. A semicolon: it is started twice.
    $hash = 'A' * 64
    $certificate = "[Subject]`n  CN=a`n`n[Thumbprint]`n  $('B' * 40)`n"
    $worded = @(
        @{ Call = { Disable-CertRebind -RestoreNative }; Words = 'disable --restore-native' }
        @{ Call = { Disable-CertRebind }; Words = 'disable' }
        @{ Call = { Enable-CertRebind }; Words = 'enable' }
        @{ Call = { Enable-CertRebind -ReplaceNative }; Words = 'enable --replace-native' }
        @{ Call = { Enable-CertRebind -Alongside -NoProof -Successors SameNames -Force }; Words = 'enable --alongside --no-proof --successors same-names --downgrade' }
        @{ Call = { Enable-CertRebind -Successors Recorded }; Words = 'enable --successors recorded' }
        @{ Call = { Export-CertRebindReport -Path "$TestDrive/new.html" }; Words = 'report --html=<drive>/new.html'; About = '<drive>/new.html' }
        @{ Call = { Export-CertRebindReport -Path "$TestDrive/plan.json" -Force -Snapshot $snapshot }; Words = 'report --html=<drive>/plan.json --replay=s.json' }
        @{ Call = { $entry | Export-CertRebindReport -Path "$TestDrive/new.html" }; Words = 'report --html=<drive>/new.html --inventory=<file>'; About = '<drive>/new.html' }
        @{ Call = { Export-CertRebindSnapshot -Path "$TestDrive/new.json" }; Words = 'capture <drive>/new.json'; About = '<drive>/new.json' }
        @{ Call = { Export-CertRebindSnapshot -Path "$TestDrive/plan.json" -Force }; Words = 'capture <drive>/plan.json' }
        @{ Call = { Export-CertRebindSupport -Path "$TestDrive/new.json" }; Words = 'capture <drive>/new.json --for-support'; About = '<drive>/new.json' }
        @{ Call = { Export-CertRebindSupport -Path "$TestDrive/plan.json" -Force }; Words = 'capture <drive>/plan.json --for-support --overwrite' }
        @{ Call = { Get-CertRebind }; Words = 'status' }
        @{ Call = { Get-CertRebindCode }; Words = 'explain' }
        @{ Call = { Get-CertRebindCode -Code names-lost }; Words = 'explain names-lost'; About = 'names-lost' }
        @{ Call = { Get-CertRebindConfiguration }; Words = 'config show' }
        @{ Call = { Get-CertRebindHistory }; Words = 'history' }
        @{ Call = { Get-CertRebindHistory -Run last }; Words = 'history last'; About = 'last' }
        @{ Call = { 'existing' | Get-CertRebindTrigger }; Words = 'trigger list'; Gives = 'id', 'existing' }
        @{ Call = { Get-CertRebindUsage }; Words = 'usage' }
        @{ Call = { Get-CertRebindUsage -Thumbprint $certificate }; Words = "usage $('B' * 40)"; About = $certificate }
        @{ Call = { Get-CertRebindUsage -Renewed }; Words = 'usage --renewed' }
        @{ Call = { Get-CertRebindUsage -Renewed -NoSearch }; Words = 'usage --renewed --no-search' }
        @{ Call = { Get-CertRebindUsage -Renewed -Thumbprint $certificate }; Words = "usage $('B' * 40) --renewed"; About = $certificate }
        @{ Call = { Get-CertRebindWatch }; Words = 'watch list' }
        @{ Call = { Hide-CertRebindFinding -Code names-lost -Holder 0.0.0.0:443 -Undo -Wait }; Words = 'dismiss names-lost 0.0.0.0:443 --undo --wait'; About = 'names-lost' }
        @{ Call = { Hide-CertRebindFinding -Code change-by-hand -All }; Words = 'dismiss change-by-hand --all'; About = 'change-by-hand' }
        @{ Call = { 'a', 'b', 'a' | ForEach-Object { [pscustomobject]@{ code = 'names-lost'; key = $_ } } | Hide-CertRebindFinding }; Words = 'dismiss names-lost a; dismiss names-lost b' }
        @{ Call = { '', 'b' | ForEach-Object { [pscustomobject]@{ code = 'names-lost'; key = $_ } } | Hide-CertRebindFinding }; Words = 'dismiss names-lost' }
        @{ Call = { Hide-CertRebindFinding -Thumbprint $certificate -Wait }; Words = "dismiss $('B' * 40) --wait"; About = 'B' * 40 }
        @{ Call = { Import-CertRebindCertificate -FilePath "$TestDrive/a.pfx" }; Words = 'import <drive>/a.pfx --store=My'; About = '<drive>/a.pfx'; Line = "`n" }
        @{
            Call  = { Import-CertRebindCertificate -FilePath "$TestDrive/a.pem" -KeyPath "$TestDrive/a.key" -Password (ConvertTo-SecureString 'sécret' -AsPlainText -Force) -Replace auto -Store WebHosting -Provider Csp -Allow a, b -Notify }
            Words = 'import <drive>/a.pem --store=WebHosting --key=<drive>/a.key --replace=auto --provider=csp --allow=a,b --notify'; About = '<drive>/a.pem'; Line = "sécret`n"
        }
        @{ Call = { Invoke-CertRebind -OldThumbprint $certificate -NewThumbprint new }; Words = "rebind --old=$('B' * 40) --new=new"; About = 'new' }
        @{ Call = { Invoke-CertRebind -OldThumbprint old -NewThumbprint $certificate -Reapply -Now -Wait }; Words = "rebind --old=old --new=$('B' * 40) --reapply --wait --now"; About = 'B' * 40 }
        @{ Call = { Invoke-CertRebind -OldThumbprint old -NewThumbprint new -Reapply -Now -WhatIf }; Words = 'plan --old=old --new=new --reapply --now'; About = 'new' }
        @{ Call = { Invoke-CertRebind -EventRecordId 7 -Force -Now -Wait }; Words = "plan --now --record=7; apply <file> --force --wait --now --digest=$hash"; About = 7 }
        @{ Call = { Invoke-CertRebind -Renewal $renewal -Now }; Words = "plan --now --old=old --new=new; apply <file> --now --digest=$hash" }
        @{ Call = { Invoke-CertRebind -Plan $plan -Force }; Words = "apply <file> --force --digest=$hash" }
        @{ Call = { Invoke-CertRebind -Plan $plan -WhatIf }; Words = '' }
        @{ Call = { Invoke-CertRebind -PlanPath "$TestDrive/plan.json" -Digest $hash -Wait }; Words = "apply <drive>/plan.json --wait --digest=$hash" }
        @{ Call = { New-CertRebindPlan }; Words = 'plan' }
        @{ Call = { New-CertRebindPlan -OldThumbprint $certificate -NewThumbprint new -Reapply -Now -Path "$TestDrive/new.json" }; Words = "plan --out=<drive>/new.json --now --old=$('B' * 40) --new=new --reapply"; About = 'new' }
        @{ Call = { New-CertRebindPlan -EventRecordId 7 }; Words = 'plan --record=7'; About = 7 }
        @{ Call = { New-CertRebindPlan -Snapshot $snapshot }; Words = 'plan --replay=s.json' }
        @{ Call = { New-CertRebindPlan -Renewal $renewal -Path "$TestDrive/new.json" }; Words = 'plan --out=<drive>/new.json --old=old --new=new' }
        @{ Call = { $renewal.eventRecordId = 7; New-CertRebindPlan -Renewal $renewal }; Words = 'plan --record=7' }
        @{ Call = { $renewal.new = 'old'; New-CertRebindPlan -Renewal $renewal }; Words = 'plan --old=old --new=old --reapply'; Problem = 'bad-input' }
        @{ Call = { $renewal.corroborated = $false; New-CertRebindPlan -Renewal $renewal }; Words = ''; Problem = 'uncorroborated' }
        @{
            Call  = { Register-CertRebindTrigger -On installed -Program /bin/true -ArgumentList 'x', '' -TimeLimit '0:1:30' -Id caller -Name a, b -Issuer c -Eku 1.2, 1.3 }
            Words = 'trigger add caller --on=installed --names=a,b --issuer=c --eku=1.2,1.3 --time-limit=90s -- /bin/true x '; About = 'caller'; Gives = 'id', 'caller'
        }
        @{ Call = { Register-CertRebindTrigger -On replaced -Program C:\a.exe }; Words = 'trigger list; trigger add --on=replaced -- C:\a.exe'; Gives = 'id', 'caller' }
        @{ Call = { Register-CertRebindWatch -Path $TestDrive -Name a, b -Password secret:a -Store My -TrustShare }; Words = 'watch add <drive> --names=a,b --password=secret:a --store=My --trust-share'; About = '<drive>' }
        @{ Call = { Register-CertRebindWatch -Path $TestDrive }; Words = 'watch add <drive>'; Gives = 'path', '<drive>' }
        @{ Call = { Invoke-CertRebindRetirement }; Words = 'retire' }
        @{ Call = { Invoke-CertRebindRetirement -After 30 -Delete -Wait }; Words = 'retire --after=30 --delete --no-search --wait' }
        @{ Call = { Invoke-CertRebindRetirement -Delete -WhatIf }; Words = 'retire --delete --no-search --dry-run' }
        @{ Call = { 'a', 'b', 'a' | ForEach-Object { [pscustomobject]@{ code = $_ } } | Repair-CertRebind }; Words = 'doctor --fix=a; doctor --fix=b' }
        @{ Call = { Repair-CertRebind -Code a -Wait }; Words = 'doctor --fix=a --wait'; About = 'a' }
        @{ Call = { Set-CertRebindConfiguration -Path "$TestDrive/configuration.json" }; Words = 'config set <drive>/configuration.json' }
        @{ Call = { [pscustomobject]@{ undo = 'run' } | Set-CertRebindConfiguration }; Words = 'config set <file>' }
        @{ Call = { Set-CertRebindConfiguration -Setting ([ordered]@{ 'holders.sql' = 'replace'; keepRuns = 9; window = '22:00-04:00' }) }; Words = 'config set holders.sql replace keepRuns 9 window 22:00-04:00' }
        @{ Call = { Set-CertRebindConfiguration -Setting @{ 'window.days' = 'Saturday', 'Sunday' } }; Words = 'config set window.days ["Saturday","Sunday"]' }
        @{ Call = { Set-CertRebindConfiguration -Add exclude.sites -Value Shop, 'My Site' }; Words = 'config add exclude.sites Shop My Site' }
        @{ Call = { Set-CertRebindConfiguration -Remove exclude.sites -Value Shop }; Words = 'config remove exclude.sites Shop' }
        @{ Call = { Set-CertRebindConfiguration -MailServer mail.example.com -MailFrom a@example.com -MailTo b@example.com, c@example.com }; Words = 'notify mail mail.example.com --from=a@example.com --to=b@example.com,c@example.com' }
        @{ Call = { Set-CertRebindConfiguration -Setting @{ window = '22:00-04:00' } -WhatIf }; Words = '' }
        @{ Call = { Sync-CertRebind -Now }; Words = 'reconcile --now' }
        @{ Call = { Sync-CertRebind -Now -WhatIf }; Words = 'plan --now' }
        @{ Call = { Test-CertRebind }; Words = 'doctor' }
        @{ Call = { Test-CertRebind -Days 0 }; Words = 'doctor --days=0' }
        @{ Call = { Test-CertRebindEndpoint }; Words = 'verify' }
        @{ Call = { Undo-CertRebind }; Words = 'undo' }
        @{ Call = { Undo-CertRebind -Run last -Force -Wait }; Words = 'undo last --force --wait'; About = 'last' }
        @{ Call = { Undo-CertRebind -Run last -Force -WhatIf }; Words = 'undo last --force --dry-run'; About = 'last' }
        @{ Call = { Unregister-CertRebindTrigger -Id mine }; Words = 'trigger remove mine'; About = 'mine' }
        @{ Call = { Unregister-CertRebindWatch -Path $TestDrive }; Words = 'watch remove <drive>'; About = '<drive>' }
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
            'certrebind' = 'Style.Tests.ps1: a program is handed bytes and read in UTF-8, not in the code page of the console'
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
    $version = & (Get-Module -Name CertRebind) { Get-CertRebindModuleVersion }
    $hash = 'A' * 64
    $certificate = "[Subject]`n  CN=a`n`n[Thumbprint]`n  $('B' * 40)`n"
    $planned = '{"schema":"certrebind/plan/1","digest":"' + ('A' * 64) + '","server":{"name":"WEB01"},"steps":[],"renewals":[],"blocked":[]}'
    $plan = & (Get-Module -Name CertRebind) { ConvertFrom-CertRebindJson -Text $args[0] } $planned
    [IO.File]::WriteAllText("$TestDrive/plan.json", $planned)
    [IO.File]::WriteAllText("$TestDrive/configuration.json", '{"schema":"certrebind/configuration/1"}')
    $outcome = '{"schema":"certrebind/outcome/1","result":"rebound","exitCode":0,"steps":[],"blocked":[],"counts":{}}'
    $answers = @{
        'apply' = $outcome; 'repair' = $outcome; 'doctor' = '{"schema":"certrebind/doctor/1","findings":[{"code":"names-lost"}]}'; 'import' = $outcome; 'rebind' = $outcome; 'reconcile' = $outcome; 'undo' = $outcome
        'plan' = $planned.Replace('"renewals":[]', '"renewals":[{"old":"old","new":"new"}]'); 'status' = '{"schema":"certrebind/status/1"}'
        'explain' = '{"schema":"certrebind/codes/1","codes":[{"code":"names-lost"}]}'
        'history' = '{"schema":"certrebind/history/1","runs":[{"run":"one","at":"2030-01-01T00:00:00Z","result":"rebound"}]}'
        'usage' = '{"schema":"certrebind/usage/1","certificates":[{"thumbprint":"A","consumers":[],"places":[],"counts":{"new":0,"old":0,"kept":0}}],"missing":[],"notLookedAt":[]}'
        'verify' = '{"schema":"certrebind/verify/1","endpoints":[{"key":"a","result":"served"}],"findings":[]}'
        'dismiss' = '{"schema":"certrebind/dismissed/1","findings":[{"code":"names-lost"}],"renewal":{"old":"old","new":"new"}}'
        'trigger' = '{"schema":"certrebind/triggers/1","triggers":[{"id":"existing"}]}'
        'added' = '{"schema":"certrebind/triggers/1","triggers":[{"id":"existing"},{"id":"caller"}]}'
        'watch' = '{"schema":"certrebind/watches/1","watches":[{"path":"' + $TestDrive + '"},{"path":"/elsewhere"}],"runs":[]}'
        'retire' = '{"schema":"certrebind/retire/1","refused":null,"cases":[{"becomes":"stays"}]}'
        'rehearse' = '{"schema":"certrebind/rehearsal/1","leftovers":[],"differences":[]}'
        'enable' = '{"schema":"certrebind/status/1"}'; 'disable' = '{"schema":"certrebind/status/1"}'
        'config' = '{"schema":"certrebind/configuration/1"}'; 'notify' = '{"schema":"certrebind/configuration/1"}'
        'capture' = '{"schema":"certrebind/captured/1"}'; 'report' = '{"schema":"certrebind/report-written/1"}'
    }
    $refusal = '{"schema":"certrebind/error/1","exitCode":7,"error":{"code":"not-elevated","message":"No.","hint":null,"where":null}}'
    $started = [Collections.Generic.List[object]]::new()
    # Held open by the command while the program is at work.
    function Get-Handed($Words) { $Words | ForEach-Object { if ($_ -match '(^|=)(/.*certrebind-[0-9a-f]{32}\.json)$') { $Matches[2] } } }

    Mock -ModuleName CertRebind -CommandName Start-CertRebindProcess -MockWith {
        if ($Argument[0] -eq '--version') { return [pscustomobject]@{ ExitCode = 0; Output = $version } }
        $words = @($Argument | Where-Object { $_ -notin '--json', '--progress', 'json' })
        $handed = Get-Handed $words
        $started.Add([pscustomobject]@{
                Words = $words -join ' '; Line = $InputText; Changes = [bool]$Changes; Handed = $handed; WasThere = $null -eq $handed -or [IO.File]::Exists($handed)
            })
        if ($refuses) { return [pscustomobject]@{ ExitCode = $refuses; Output = $refusal.Replace('"exitCode":7', "`"exitCode`":$refuses") } }
        $answer = if ($words -like '--fix=*') { 'repair' } elseif ("$words" -like 'trigger add *') { 'added' } else { $words[0] }
        [pscustomobject]@{ ExitCode = 0; Output = $answers[$answer] }
    }
}

AfterAll {
    $env:CERTREBIND_EXECUTABLE = $before
    Remove-Module -Name CertRebind -Force
}

Describe '<Command>: <Call>' -ForEach $asking {
    BeforeEach {
        $started.Clear()
        $refuses = 0
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
        $refuses = 7
        { Invoke-Mine None } | Should -Throw -ErrorId "not-elevated,$Command"
        $started.Handed | Where-Object { $_ -and [IO.File]::Exists($_) } | Should -BeNullOrEmpty
    }
}

Describe 'the words of {<Call>}' -ForEach $worded {
    BeforeEach {
        $started.Clear()
        $refuses = 0
        $snapshot = [pscustomobject]@{ PSTypeName = 'Deserialized.CertRebind.Snapshot'; SnapshotPath = 's.json' }
        $entry = [pscustomobject]@{ PSTypeName = 'CertRebind.InventoryEntry'; server = 'a' }
        $renewal = [pscustomobject]@{ PSTypeName = 'Deserialized.CertRebind.Renewal'; old = 'old'; new = 'new'; eventRecordId = $null; corroborated = $true }
        function Invoke-Mine { param($ConfirmPreference, $ErrorActionPreference) & $Call }
    }

    It 'are those of its parameters, and name what its error is about' {
        $Error.Clear()
        $given = @(Invoke-Mine None SilentlyContinue)
        @($Error | ForEach-Object { $_.FullyQualifiedErrorId -replace ',.*' }) | Should -Be @($Problem)
        $shown = $started | ForEach-Object { if ($_.Handed) { $_.Words.Replace($_.Handed, '<file>') } else { $_.Words } }
        ($shown -join '; ').Replace([string]$TestDrive, '<drive>') | Should -BeExactly $Words
        # A command that says of itself that it returns something does, unless nothing was started or an error is all there is.
        $declared = (Get-Command -Name ([regex]::Matches("$Call", '\w+-CertRebind\w*')[-1].Value)).OutputType.Name -ne 'System.Void'
        if ($Words -and $declared -and -not $Problem) { $given | Should -Not -BeNullOrEmpty }
        $given | ForEach-Object { $_.PSObject.TypeNames[0] | Should -BeIn $declared }
        if ($Gives) { @($given | ForEach-Object { $_.($Gives[0]).Replace([string]$TestDrive, '<drive>') }) | Should -Be @($Gives[1]) }
        if ($Line) { $started.Line | Should -BeExactly $Line }
        if (-not $About) { return }
        $refuses = 7
        { Invoke-Mine None Continue } | Should -Throw -ErrorId 'not-elevated,*'
        ([string]$Error[0].TargetObject).Replace([string]$TestDrive, '<drive>') | Should -BeExactly $About
    }

    It 'are followed by one error and by nothing else, each time that the program refuses them as wrong' {
        # Nothing is started.
        if ($Words -eq '') { return }
        $refuses = 2
        $Error.Clear()
        $(try { Invoke-Mine None SilentlyContinue } catch { }) | Should -BeNullOrEmpty
        $ids = @($Error | ForEach-Object { $_.FullyQualifiedErrorId -replace ',.*' } | Where-Object { $_ -ne $Problem })
        $ids | Should -Be @(foreach ($start in $started) { 'not-elevated' })
    }
}

Describe 'what is offered' {
    It 'of runs is the newest first' {
        $refuses = 0
        $answers = @{ history = '{"schema":"certrebind/history/1","runs":[{"run":"one","at":"2030-01-01T00:00:00Z","result":"rebound"},{"run":"two","at":"2030-01-02T00:00:00Z","result":"undone"}]}' }
        $offers = & (Get-Module -Name CertRebind) { Get-CertRebindCompletion -Of run -Word '' }
        $offers.CompletionText | Should -Be 'two', 'one'
        $offers.ToolTip | Should -Be '2030-01-02 00:00:00Z undone', '2030-01-01 00:00:00Z rebound'
    }

    It 'of thumbprints are those of the stores of the machine that there are, archived ones too' {
        $key = [Security.Cryptography.ECDsa]::Create()
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=a.example.com', $key, 'SHA256')
        $made = $request.CreateSelfSigned([datetimeoffset]'2030-01-01Z', [datetimeoffset]'2030-02-01Z')
        Mock -ModuleName CertRebind -CommandName Test-Path -MockWith { $LiteralPath -in 'Cert:\LocalMachine', 'Cert:\LocalMachine\My' }
        Mock -ModuleName CertRebind -CommandName Get-ChildItem -MockWith { if ($Force -and $LiteralPath -eq 'Cert:\LocalMachine\My') { $made } }
        $offers = & (Get-Module -Name CertRebind) { Get-CertRebindCompletion -Of thumbprint -Word $args[0] } $made.Thumbprint.Substring(0, 4)
        $offers.CompletionText, $offers.ListItemText | Should -Be $made.Thumbprint, 'a.example.com, until 2030-02-01'
        Should -Invoke -ModuleName CertRebind -CommandName Get-ChildItem -Times 1 -Exactly
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
        $refuses = 0
        $blocked = foreach ($reason in 'outside-window', 'not-yet-valid', 'names-lost') { '{{"key":"{0}:443","obstacles":[{{"code":"{0}","text":"d"}}]}}' -f $reason }
        $answers = @{ reconcile = $outcome.Replace('"blocked":[]', '"blocked":[' + ($blocked -join ',') + ']') }
        $null = Sync-CertRebind -Confirm:$false -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.FullyQualifiedErrorId | Should -Be 'names-lost,Sync-CertRebind'
    }
}

Describe 'a question in the language of DSC' {
    It 'ends with an error where the program fails, whatever it printed' {
        $started.Clear()
        $refuses = 7
        { & (Get-Module -Name CertRebind) { Invoke-CertRebindDsc -Verb 'get' -Wanted @{ _exist = $true } } } | Should -Throw -ErrorId 'no-answer,*'
        $started.Words | Should -Be 'dsc get'
    }

    It 'is waited for by a pipeline that is stopped if it changes something, and only then: <Words>' -ForEach @(
        @{ Given = @{ Verb = 'test' }; Words = 'dsc test'; Changes = $false }
        @{ Given = @{ Verb = 'set' }; Words = 'dsc set'; Changes = $true }
        @{ Given = @{ Verb = 'set'; WhatIf = $true }; Words = 'dsc set --what-if'; Changes = $false }
    ) {
        $started.Clear()
        $refuses = 7
        { & (Get-Module -Name CertRebind) { param($Given) Invoke-CertRebindDsc @Given -Wanted @{ _exist = $true } } $Given } | Should -Throw
        $started.Words | Should -Be $Words
        $started.Changes | Should -Be $Changes
    }

    It 'tells people what the program warns of, keeps its errors, and has the rest for those who ask' {
        $told = @{ error = @() }
        $said = & (Get-Module -Name CertRebind) {
            param($told)
            $VerbosePreference = $WarningPreference = 'Continue'
            foreach ($kind in 'warn', 'info', 'error') { Show-CertRebindTrace -Line "{`"$kind`":`"of $kind`"}" -Told $told }
        } $told 3>&1 4>&1
        @($said | ForEach-Object { '{0}: {1}' -f $_.GetType().Name, $_.Message }) | Should -Be 'WarningRecord: of warn', 'VerboseRecord: of info'
        $told.error | Should -Be 'of error'
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
        $ofEngine = 'Add-Type', 'ForEach-Object', 'Get-Module', 'Group-Object', 'Import-LocalizedData', 'Join-Path', 'Register-ArgumentCompleter', 'Select-Object', 'Set-Alias', 'Set-StrictMode', 'Set-Variable',
        'Sort-Object', 'Start-Sleep', 'Where-Object', 'Write-Debug', 'Write-Error', 'Write-Progress', 'Write-Verbose', 'Write-Warning'
        . "$PSScriptRoot/../powershell/Syntax.ps1"
        $trees = Get-ChildItem -LiteralPath "$PSScriptRoot/../../module" -Recurse -File -Include *.ps1, *.psm1 | ForEach-Object { Read-Tree $_.FullName }
        $own = $trees | ForEach-Object { Find-Node $_ ([Management.Automation.Language.FunctionDefinitionAst]) } | ForEach-Object { $_.Name }
        $commands = $trees | ForEach-Object { Find-Node $_ ([Management.Automation.Language.CommandAst]) } | ForEach-Object { $_.GetCommandName() } | Sort-Object -Unique |
            Where-Object { $_ -notin $own -and $_ -notin $ofEngine }
        $classes = $trees | ForEach-Object { Find-Node $_ ([Management.Automation.Language.MemberExpressionAst]) } | Where-Object { $_.Static } |
            ForEach-Object { '{0}::{1}' -f $_.Expression.Extent.Text, $_.Member.Extent.Text } | Sort-Object -Unique |
            Where-Object { $_ -match '^\[(System\.IO\.(?!Path\b|FileOptions\b)|Microsoft\.Win32\.|System\.Diagnostics\.|System\.Net\.(?!NetworkCredential\b)|System\.ServiceProcess\.)|powershell\]::Create' }
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
