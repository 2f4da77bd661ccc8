# What goes wrong between a console and its servers, over real sessions to labs.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    Import-Module -Name "$PSScriptRoot/Fleet.psm1"
    Import-CertRebind
    Start-Network "$TestDrive/fleet"
    $labs = [ordered]@{ web01 = Start-Lab; web02 = Start-Lab }
    foreach ($name in $labs.Keys) { Add-Server $name $labs[$name] }
    $opened = [Collections.Generic.List[object]]::new()

    function Open-Server($Name) {
        $session = New-PSSession -HostName $Name
        $opened.Add($session)
        $session
    }
    function Get-Runs($Name) { (Invoke-Program history --lab $labs[$Name].Folder).runs }
    # With its property, so that it is pending, and without its event, so that no task takes it.
    function Set-Pending($Name) {
        $env:CERTREBIND_LAB = $labs[$Name].Folder
        $used = (Invoke-Program usage).certificates | Where-Object { $_.store -eq 'My' -and 'Shop' -in $_.consumers.site } | Select-Object -First 1
        Invoke-Program lab renew $used.thumbprint '--no-event'
    }
    # After how many seconds a server counts as silent: several times what it needs now, however busy this machine is.
    function Get-Patience($Session) {
        $null = $Session | Invoke-CertRebindFleet -Action Plan
        [int][Math]::Ceiling(1 + 6 * (Measure-Command { $Session | Invoke-CertRebindFleet -Action Plan }).TotalSeconds)
    }
    function Set-Fault($Name, [string[]] $Words) { $null = Invoke-Program lab fault @Words '--lab' $labs[$Name].Folder }
}

AfterAll {
    Set-Location -LiteralPath $PSScriptRoot
    # One that is silent still must hear that it ends.
    foreach ($name in $labs.Keys) { try { Send-Connection $name CONT } catch { Write-Verbose "$_" } }
    foreach ($session in $opened) { Remove-PSSession -Session $session -ErrorAction Ignore }
    Stop-Network
    foreach ($lab in @($labs.Values)[($labs.Count - 1)..0]) { Stop-Lab $lab }
    Remove-Module -Name CertRebind -Force
}

Describe 'a server that is silent' {
    It 'before it was asked is unreachable, and the next one is not asked' {
        $session = Open-Server web01
        $next = Open-Server web02
        Send-Connection web01 STOP
        try {
            $result = $session, $next | Invoke-CertRebindFleet -Action Sync -Wave 1 -SilenceSeconds 1 -Confirm:$false
        } finally { Send-Connection web01 CONT }
        Get-Story $result | Should -Be 'web01 1 unreachable ', 'web02 2 not-started '
        $result[0].Problems.code | Should -Be 'silent'
        Get-Runs web01 | Should -BeNullOrEmpty
    }

    It 'while it works is asked over a new session, and ends as what it was' {
        $null = Set-Pending web01
        $session = Open-Server web01
        $folder = "$($labs.web01.Folder)/certrebind/runs"
        $when = Start-When "ls '$folder' 2>/dev/null | grep -q ." "kill -STOP `$(cat '$env:FLEET/web01.pid'); cp '$env:FLEET/web01.pid' '$env:FLEET/stopped.pid'"
        Set-Fault web01 'binding-method', 'delay', '--ms', '1000'
        $patience = Get-Patience $session
        try {
            $result = $session | Invoke-CertRebindFleet -Action Sync -SilenceSeconds $patience -Confirm:$false
            Wait-When $when
        } finally { Send-Connection stopped CONT }
        Get-Story $result | Should -Be 'web01 1 done rebound' -Because ($result.Problems | Out-String)
        $result.Outcome.run | Should -Be (Get-Runs web01)[-1].run
    }

    It 'while it works and for good is lost, in bounded time' {
        $null = Set-Pending web01
        $session = Open-Server web01
        $folder = "$($labs.web01.Folder)/certrebind/runs"
        $before = @(Get-ChildItem -LiteralPath $folder -Directory).Count
        $when = Start-When "[ `$(find '$folder' -mindepth 1 -maxdepth 1 -type d 2>/dev/null | wc -l) -gt $before ]" "touch '$env:FLEET/web01.silent'; kill -STOP `$(cat '$env:FLEET/web01.pid'); cp '$env:FLEET/web01.pid' '$env:FLEET/stopped.pid'"
        Set-Fault web01 'binding-method', 'delay', '--ms', '1000'
        $patience = Get-Patience $session
        $clock = [Diagnostics.Stopwatch]::StartNew()
        try {
            $result = $session | Invoke-CertRebindFleet -Action Sync -SilenceSeconds $patience -SettleSeconds 2 -Confirm:$false
            Wait-When $when
            $clock.Elapsed.TotalSeconds | Should -BeLessThan (3 * $patience + 30)
        } finally {
            Send-Connection stopped CONT
            Remove-Item -LiteralPath "$env:FLEET/web01.silent" -ErrorAction Ignore
        }
        Get-Story $result | Should -Be 'web01 1 lost '
        $result.Problems.code | Should -Be 'silent', 'outcome-unknown'
    }

    It 'is none while it reports what it does, however long that takes: it is asked over one session' {
        $null = Set-Pending web02
        $session = Open-Server web02
        $patience = Get-Patience $session
        # The first binding and the rest, with a report between them; each takes most of the patience.
        Set-Fault web02 'binding-method', 'delay', '--ms', "$(600 * $patience)", '--times', '2'
        $asked = @(Get-Content -LiteralPath "$env:FLEET/asked").Count
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $result = $session | Invoke-CertRebindFleet -Action Sync -SilenceSeconds $patience -Confirm:$false
        $clock.Elapsed.TotalSeconds | Should -BeGreaterThan $patience
        Get-Story $result | Should -Be 'web02 1 done rebound' -Because ($result.Problems | Out-String)
        @(Get-Content -LiteralPath "$env:FLEET/asked").Count | Should -Be $asked
    }

    It 'and whose session was opened for the wave does not hold up the console' {
        $connect = {
            param($names)
            $session = New-PSSession -HostName $names
            Send-Connection web02 STOP
            $session
        }
        $clock = [Diagnostics.Stopwatch]::StartNew()
        try {
            $result = Invoke-CertRebindFleet -Server web02 -Connect $connect -Action Test -SilenceSeconds 1
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 50 -Because 'whoever closes such a session and waits, waits a minute'
        } finally { Send-Connection web02 CONT }
        Get-Story $result | Should -Be 'web02 1 unreachable '
    }
}

Describe 'a server that is not the one it was' {
    It 'by its key is unreachable and never asked, and the next one is not either' {
        [IO.File]::WriteAllText("$env:FLEET/web01.wrong-key", '')
        try {
            $result = Invoke-CertRebindFleet -Server web01, web02 -Connect { param($names) New-PSSession -HostName $names } -Action Sync -Wave 1 -Confirm:$false
        } finally { Remove-Item -LiteralPath "$env:FLEET/web01.wrong-key" }
        Get-Story $result | Should -Be 'web01 1 unreachable ', 'web02 2 not-started '
        $result[0].Problems.message | Should -Match 'terminated'
    }
}

Describe 'a session that is killed' {
    It '<When> the swap: the server is asked over a new one, and ends as what it was' -ForEach @(
        @{ When = 'before'; Fault = 'read-records', 'delay', '--ms', '1500'; Until = "[ -e '{1}/certrebind/lock' ]" }
        @{ When = 'after'; Fault = 'connect', 'delay', '--ms', '1500', '--nth', '14'; Until = "grep -qs 'type...changed' `$(ls -d '{1}'/certrebind/runs/*/ | tail -n +{2} | head -1)journal*" }
    ) {
        $pending = Set-Pending web01
        $campaign = "$TestDrive/killed-$When.json"
        $session = Open-Server web01
        Set-Fault web01 $Fault
        $runs = @(Get-ChildItem -LiteralPath "$($labs.web01.Folder)/certrebind/runs" -Directory -ErrorAction Ignore).Count
        $kill = Start-When ($Until -f $campaign, $labs.web01.Folder, ($runs + 1)) "kill `$(cat '$env:FLEET/web01.pid')"
        $result = $session | Invoke-CertRebindFleet -Action Sync -Campaign $campaign -Confirm:$false
        Wait-When $kill
        $session.State | Should -Not -Be 'Opened'
        Get-Story $result | Should -Be 'web01 1 done rebound' -Because ($result.Problems | Out-String)
        $result.Outcome.renewals.new | Should -Contain $pending.new
        $null = Invoke-Program lab fault '--clear' '--lab' $labs.web01.Folder
    }

    It 'with the program there is lost, and the same campaign goes on from what the program left' {
        $pending = Set-Pending web01
        $campaign = "$TestDrive/killed.json"
        Set-Fault web01 'binding-method', 'delay', '--ms', '3000'
        $runs = "$($labs.web01.Folder)/certrebind/runs"
        $count = @(Get-ChildItem -LiteralPath $runs -Directory -ErrorAction Ignore).Count
        $kill = Start-When "tail -qn 1 `$(ls -d '$runs'/*/ 2>/dev/null | tail -n +$($count + 1) | head -1)journal* 2>/dev/null | grep -q 'type...changing'" "kill -9 `$(grep -o '[0-9]*' '$($labs.web01.Folder)/certrebind/lock' | head -1); kill `$(cat '$env:FLEET/web01.pid')"
        $result = Open-Server web01 | Invoke-CertRebindFleet -Action Sync -Campaign $campaign -SettleSeconds 2 -Confirm:$false
        Wait-When $kill
        Get-Story $result | Should -Be 'web01 1 lost '
        $null = Invoke-Program lab fault '--clear' '--lab' $labs.web01.Folder
        $result = Open-Server web01 | Invoke-CertRebindFleet -Action Sync -Campaign $campaign -Confirm:$false
        Get-Story $result | Should -Be 'web01 1 done rebound'
        $result.Outcome.renewals.new | Should -Contain $pending.new
    }
}

Describe 'a console that is killed' {
    BeforeAll {
        # Kills a console while its run goes on at web01, and returns how many runs web01 had before, and how many were closed.
        # Held, that run stands still until Start-Run.
        function Stop-Console($Campaign, [switch] $Hold) {
            Set-Fault web01 'binding-method', 'delay', '--ms', '2000'
            $null = Set-Pending web01
            $null = Set-Pending web02
            $runs = "$($labs.web01.Folder)/certrebind/runs"
            $count = @(Get-ChildItem -LiteralPath $runs -Directory -ErrorAction Ignore).Count
            $told = [pscustomobject]@{ Known = @(Get-Runs web01).Count; Closed = @(Get-ChildItem -Path "$runs/*/outcome.json" -ErrorAction Ignore).Count; Runs = $runs }
            $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
            '-NoProfile', '-NonInteractive', '-Command', "Import-Module '$(Get-Root)/module/CertRebind/CertRebind.psd1'
                New-PSSession -HostName web01, web02 | Sort-Object -Property ComputerName | Invoke-CertRebindFleet -Action Sync -Campaign '$Campaign' -Confirm:`$false" |
                ForEach-Object { $start.ArgumentList.Add($_) }
            $console = [Diagnostics.Process]::Start($start)
            $held = if ($Hold) { "kill -STOP `$(grep -o '[0-9]*' '$($labs.web01.Folder)/certrebind/lock' | head -1 | tee '$Campaign.run'); " }
            Wait-When (Start-When "ls -d '$runs'/*/ 2>/dev/null | tail -n +$($count + 1) | grep -q ." "${held}kill -9 $($console.Id)")
            $console.WaitForExit()
            ([IO.File]::ReadAllText($Campaign) | ConvertFrom-Json).servers.asked.state | Should -Be 'asked', 'not-started'
            $told
        }
        function Start-Run($Campaign, $Until) { Start-When $Until "kill -CONT `$(cat '$Campaign.run')" }
    }

    AfterEach {
        # One that stands still would hold its server for every test after this one.
        foreach ($file in Get-ChildItem -Path "$TestDrive/*.json.run") { bash -c "kill -CONT `$(cat '$($file.FullName)') 2>/dev/null || true" }
    }

    It 'and comes back <When> its run ended goes on with its campaign: what was asked is looked up, and swapped once' -ForEach @(
        @{ When = 'after' }
        @{ When = 'before' }
    ) {
        $campaign = "$TestDrive/console-$When.json"
        $was = Stop-Console $campaign -Hold:($When -eq 'before')
        # Its run goes on without it.
        if ($When -eq 'before') {
            Copy-Item -LiteralPath $campaign -Destination "$campaign.was"
            $go = Start-Run $campaign "! cmp -s '$campaign' '$campaign.was'"
        } else { Wait-When (Start-When "[ `$(ls '$($was.Runs)'/*/outcome.json 2>/dev/null | wc -l) -gt $($was.Closed) ]" 'true') }
        $result = (Open-Server web01), (Open-Server web02) | Invoke-CertRebindFleet -Action Sync -Campaign $campaign -Wave 1 -Confirm:$false
        if ($When -eq 'before') { Wait-When $go }
        Get-Story $result | Should -Be 'web01 1 done rebound', 'web02 2 done rebound' -Because ($result.Problems | Out-String)
        $run = ([IO.File]::ReadAllText($campaign) | ConvertFrom-Json).servers[0].asked.run
        @(Get-Runs web01)[$was.Known].run | Should -Be $run -Because 'that is what an undo of the campaign puts back'
    }

    It 'and comes back with an undo before its run ended waits for it, and puts it back' {
        $campaign = "$TestDrive/console-undo.json"
        $was = Stop-Console $campaign -Hold
        $go = Start-Run $campaign "pgrep -f 'certrebind.* histor[y]$' >/dev/null"
        $result = (Open-Server web01), (Open-Server web02) | Invoke-CertRebindFleet -Action Undo -Campaign $campaign -Wave 1 -Confirm:$false
        Wait-When $go
        Get-Story $result | Should -Be 'web01 1 done undone', 'web02 2 nothing-to-do nothing-to-undo' -Because ($result.Problems | Out-String)
        ([IO.File]::ReadAllText($campaign) | ConvertFrom-Json).servers[0].asked.run | Should -Be @(Get-Runs web01)[$was.Known].run
    }
}

Describe 'a canary' {
    It 'whose plan does not fit any more is refused, and nobody else is asked' {
        $null = Set-Pending web01
        $null = Set-Pending web02
        $fleet = (Open-Server web01), (Open-Server web02)
        $plans = $fleet | Invoke-CertRebindFleet -Action Plan -Wave 2
        $null = Invoke-Program reconcile --yes --lab $labs.web01.Folder
        $result = $fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Wave 1 -Confirm:$false
        Get-Story $result | Should -Be 'web01 1 failed ', 'web02 2 not-started '
        $result[0].Problems.code | Should -Be 'plan-stale'
    }

    It 'that fails its proof is rolled back, and nobody else is asked' {
        $before = Get-Records $labs.web02
        # The dial before the replacement is answered, those after it are not.
        Set-Fault web02 'connect', 'refuse', '--key', '*.apps.example.com:443', '--nth', '2', '--times', 'all'
        $result = $opened[-1], (Open-Server web01) | Invoke-CertRebindFleet -Action Sync -Wave 1 -Confirm:$false
        $null = Invoke-Program lab fault '--clear' '--lab' $labs.web02.Folder
        $result | ForEach-Object { "$($_.Server) $($_.State)" } | Should -Be 'web02 failed', 'web01 not-started'
        $result[0].Outcome.exitCode | Should -Be 4
        Get-Records $labs.web02 | Should -Be $before
    }
}

Describe 'certificates that were replaced' {
    It 'stay, and the server says why' {
        $looked = [ordered]@{ schema = 'certrebind/looked/1'; day = '2020-01-01'; days = 0; jumpedFrom = $null; since = @{ } }
        Set-Content -LiteralPath "$($labs.web02.Folder)/certrebind/looked.json" -Value (ConvertTo-Json $looked)
        $result = Open-Server web02 | Invoke-CertRebindFleet -Action Delete -Confirm:$false -ErrorVariable problem
        "$($result.Server) $($result.State)" | Should -Be 'web02 failed'
        $problem[-1].FullyQualifiedErrorId | Should -Be 'retire-refused,Invoke-CertRebindFleet'
        "$($problem[-1])" | Should -Match '^web02: Between two looks of the hourly task the date went from 2020-01-01 to .* Nothing is archived or deleted on that day\.$'
    }
}

Describe 'a constrained endpoint' {
    BeforeAll {
        $null = Set-Pending web02
        $constrained = Open-Server web02
        # As an endpoint of JEA is: no language, no command but those that it allows, and functions in place of some cmdlets.
        Invoke-Command -Session $constrained -ScriptBlock {
            Import-Module -Name CertRebind
            $proxies = [initialsessionstate]::CreateRestricted('RemoteServer').Commands.Where({ $_.CommandType -eq 'Function' -and $_.Visibility -eq 'Public' })
            foreach ($proxy in $proxies) { $null = New-Item -Path "function:global:$($proxy.Name)" -Value $proxy.Definition -Force }
            $allowed = @('Get-CertRebindHistory', 'New-CertRebindPlan', 'Sync-CertRebind') + $proxies.Name
            foreach ($command in Get-Command -CommandType Alias, Function, Cmdlet, Filter) { if ($command.Name -notin $allowed) { $command.Visibility = 'Private' } }
            $ExecutionContext.SessionState.Applications.Clear()
            $ExecutionContext.SessionState.Scripts.Clear()
            $ExecutionContext.SessionState.LanguageMode = 'NoLanguage'
        }
    }

    It 'carries out what it allows' {
        Get-Story ($constrained | Invoke-CertRebindFleet -Action Plan) | Should -Be 'web02 1 done planned'
        Get-Story ($constrained | Invoke-CertRebindFleet -Action Sync -Confirm:$false) | Should -Be 'web02 1 done rebound'
    }

    It 'says which command it does not allow, and that nothing can be installed' {
        $result = $constrained | Invoke-CertRebindFleet -Action Test
        "$($result.State) $($result.Problems.code)" | Should -Be 'failed not-installed'
        $result.Problems.message | Should -Match 'Test-CertRebind.*does not allow'
        $result = $constrained | Invoke-CertRebindFleet -Action Install -Confirm:$false
        "$($result.State) $($result.Problems.code)" | Should -Be 'failed constrained-endpoint'
    }
}

Describe 'an installation' {
    BeforeAll {
        Add-Server bare01 $labs.web01 -Bare
        $bare = Open-Server bare01
        # The same program, as it would be in another version.
        foreach ($version in '0.0.9', '9.0.0') {
            $null = New-Item -ItemType Directory -Path "$TestDrive/$version"
            [IO.File]::WriteAllText("$TestDrive/$version/certrebind.cjs", [IO.File]::ReadAllText("$(Get-Root)/dist/certrebind-lab.cjs").Replace((Get-Content -LiteralPath "$(Get-Root)/package.json" -Raw | ConvertFrom-Json).version, $version))
        }
        $mine = "$TestDrive/mine.cjs"
        Copy-Item -LiteralPath "$(Get-Root)/dist/certrebind-lab.cjs" -Destination $mine
        function Install($Package, [hashtable] $More = @{}) { $bare | Invoke-CertRebindFleet -Action Install -Package $Package -Confirm:$false @More }
        function Get-Files { Get-ChildItem -LiteralPath "$($labs.web01.Folder)/Program Files" -Recurse -File -ErrorAction Ignore | ForEach-Object { '{0} {1}' -f $_.FullName, (Get-FileHash -LiteralPath $_.FullName).Hash } }
    }

    It '-WhatIf says who would get what, and brings nothing' {
        Get-Files | Should -BeNullOrEmpty
        Install $mine @{ WhatIf = $true } | Should -BeNullOrEmpty
        Get-Files | Should -BeNullOrEmpty
    }

    It 'starts nothing whose hash is not that of the package' {
        $result = Install $mine @{ Drain = { [IO.File]::AppendAllText($mine, "`n") } }
        "$($result.State) $($result.Problems.code)" | Should -Be 'failed package-changed'
        Get-Files | Should -BeNullOrEmpty
    }

    It 'of an older version is told from this one, and brought to it once' {
        (Install "$TestDrive/0.0.9/certrebind.cjs").Result | Should -Be 'installed'
        $result = $bare | Invoke-CertRebindFleet -Action Plan
        "$($result.State) $($result.Problems.code)" | Should -Be 'failed other-version'
        $result.Problems.message | Should -Match '^CertRebind 0\.0\.9 is installed there, but this console has'
        (Install $mine).Result | Should -Be 'upgraded'
        Get-Story ($bare | Invoke-CertRebindFleet -Action Plan) | Should -Be 'bare01 1 done nothing-to-do'
        $files = Get-Files
        (Install $mine @{ Drain = { Set-Content -LiteralPath "$env:FLEET/asked" -Value '' } }).Result | Should -Be 'already'
        Get-Files | Should -Be $files
    }

    It 'does not go back to an older version' {
        (Install "$TestDrive/9.0.0/certrebind.cjs").Result | Should -Be 'upgraded'
        $result = Install $mine
        "$($result.State) $($result.Problems.code)" | Should -Be 'failed newer-installed'
        $before = (Get-Runs web01).Count
        foreach ($action in 'Plan', 'Sync') {
            $result = $bare | Invoke-CertRebindFleet -Action $action -Confirm:$false
            "$($result.State) $($result.Problems.code)" | Should -Be 'failed other-version' -Because $action
            $result.Problems.message | Should -Match "^CertRebind 9\.0\.0 is installed there.*$([regex]::Escape([string](Get-Module -Name CertRebind).Version))"
        }
        (Get-Runs web01).Count | Should -Be $before
    }

    It 'is not enabled where nothing starts tasks, unless the proof is left out' {
        $folder = "$TestDrive/unserved"
        $null = Invoke-Program lab create $folder
        Add-Server bare02 ([pscustomobject]@{ Folder = $folder }) -Bare
        $session = Open-Server bare02
        $result = $session | Invoke-CertRebindFleet -Action Install -Package $mine -Confirm:$false
        "$($result.State) $($result.Problems.code)" | Should -Be 'failed no-task-scheduler'
        $result = $session | Invoke-CertRebindFleet -Action Install -Package $mine -NoProof -Confirm:$false
        "$($result.State) $($result.Result) $($result.Outcome.enabled)" | Should -Be 'done enabled True'
    }

    It 'refuses <Line> before anybody is asked' -ForEach @(
        @{ Line = '-Action Install -ReplaceNative -NoProof'; Code = 'bad-argument' }
        @{ Line = '-Action Install -ReplaceNative -Alongside'; Code = 'bad-argument' }
        @{ Line = '-Action Install -Campaign c.json'; Code = 'bad-argument' }
        @{ Line = '-Action Sync -NoProof'; Code = 'bad-argument' }
        @{ Line = '-Action Install -Package none.exe'; Code = 'no-package' }
        @{ Line = '-Action Install -Package bad.zip'; Code = 'bad-package' }
    ) {
        Set-Location -LiteralPath $TestDrive
        [IO.File]::WriteAllText("$TestDrive/bad.zip", 'no archive')
        . ([scriptblock]::Create("`$bare | Invoke-CertRebindFleet $Line -Confirm:`$false -ErrorVariable problems -ErrorAction SilentlyContinue; 'the next statement'")) | Should -Be 'the next statement'
        $problems[-1].FullyQualifiedErrorId | Should -Be "$Code,Invoke-CertRebindFleet"
    }
}
