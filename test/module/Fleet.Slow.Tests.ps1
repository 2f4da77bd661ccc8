# A fleet of labs over real sessions.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    Import-CertRebind
    Import-Module -Name "$PSScriptRoot/Fleet.psm1"
    Start-Network "$TestDrive/fleet"
    $labs = [ordered]@{}
    foreach ($name in 'web01', 'web02', 'web03') {
        $labs[$name] = Start-Lab
        Add-Server $name $labs[$name]
        # With its property, so that it is pending, and without its event, so that no task takes it.
        $null = Invoke-Program lab renew $labs[$name].Certificates[0].thumbprint '--no-event'
    }
    $fleet = @(New-PSSession -HostName web01, web02, web03 | Sort-Object -Property ComputerName)
    $campaign = "$TestDrive/campaign.json"

    function Read-Campaign { [IO.File]::ReadAllText($campaign) | ConvertFrom-Json }
    function Set-Fault($Name, [string[]] $Words) { $null = Invoke-Program lab fault @Words '--lab' $labs[$Name].Folder }
    # What a person at the console would read.
    function Get-Printed([scriptblock] $Script) {
        $file = "$TestDrive/printed-$([Guid]::NewGuid()).txt"
        $null = Start-Transcript -LiteralPath $file
        try { $script:returned = & $Script } finally { $null = Stop-Transcript }
        [IO.File]::ReadAllLines($file)
    }
}

AfterAll {
    if ($fleet) { Remove-PSSession -Session $fleet }
    Stop-Network
    foreach ($lab in @($labs.Values)[($labs.Count - 1)..0]) { Stop-Lab $lab }
    Remove-Module -Name CertRebind -Force
}

Describe 'parameters that do not fit' {
    It '<_> is no size' -ForEach '0', '-1', '0%', '101%', 'all', '1.5' {
        { $fleet | Invoke-CertRebindFleet -Action Test -Wave $_ } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Invoke-CertRebindFleet'
    }

    It '<Line>' -ForEach @(
        @{ Line = 'Invoke-CertRebindFleet -Session $fleet -Action Rebind -Confirm:$false' }
        @{ Line = 'Invoke-CertRebindFleet -Session $fleet -Action Rebind -OldThumbprint aa -Confirm:$false' }
        @{ Line = 'Invoke-CertRebindFleet -Session $fleet -Action Sync -OldThumbprint aa -NewThumbprint bb -Confirm:$false' }
        @{ Line = 'Invoke-CertRebindFleet -Session $fleet -Action Plan -Campaign $campaign' }
    ) {
        . ([scriptblock]::Create("$Line -ErrorVariable problems -ErrorAction SilentlyContinue; 'the next statement'")) | Should -Be 'the next statement'
        $problems.FullyQualifiedErrorId | Should -Be 'bad-argument,Invoke-CertRebindFleet'
        Test-Path -LiteralPath $campaign | Should -BeFalse
    }

    It 'a server twice' {
        Invoke-CertRebindFleet -Session $fleet[0], $fleet[0] -Action Test -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems.FullyQualifiedErrorId | Should -Be 'server-twice,Invoke-CertRebindFleet'
    }
}

Describe 'a campaign from plan to undo' {
    BeforeAll {
        $untouched = @{}
        foreach ($name in $labs.Keys) { $untouched[$name] = Get-Records $labs[$name] }
        $events = [Collections.Generic.List[string]]::new()
        $hooks = @{ Drain = { param($server) $events.Add("drain $server") }; Resume = { param($server) $events.Add("resume $server") } }
    }

    It 'plans on each server and changes nothing' {
        $script:plans = $fleet | Invoke-CertRebindFleet -Action Plan -Wave 3
        $plans | ForEach-Object { "$($_.State) $($_.Result)" } | Should -Be (@('done planned') * 3)
        foreach ($name in $labs.Keys) {
            ($plans | Where-Object Server -EQ $name).Outcome.renewals.old | Should -Be $labs[$name].Certificates[0].thumbprint
            Get-Records $labs[$name] | Should -Be $untouched[$name]
        }
    }

    It '-WhatIf says who would be asked what, asks nobody and writes nothing' {
        $printed = Get-Printed { $fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Campaign $campaign -Wave 1, 2 -WhatIf }
        $returned | Should -BeNullOrEmpty
        @($printed -like 'What if:*').Count | Should -Be 2
        $printed -like '*Wave 1: Apply the plan*on target "web01".' | Should -HaveCount 1
        $printed -like '*Wave 2: Apply the plan*on target "web02, web03".' | Should -HaveCount 1
        Test-Path -Path "$campaign*" | Should -BeFalse
    }

    It 'stops at the server that failed, and says so in the file' {
        Set-Fault web02 'binding-method', 'fail', '--times', 'all'
        Set-Fault web02 'netsh', 'fail', '--times', 'all'
        $result = $fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Campaign $campaign -Wave 1 -Confirm:$false @hooks -ErrorVariable problems
        (Get-Story $result)[0] | Should -Be 'web01 1 done rebound'
        $result[1].State | Should -Be 'failed'
        $result[1].Problems.code | Should -Contain 'replace-failed'
        $result[1].Outcome.exitCode | Should -Be 4
        $problems | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.CategoryInfo.Category) $($_.TargetObject)" } | Should -Be (
            'replace-failed,Invoke-CertRebindFleet InvalidResult web02', 'not-asked,Invoke-CertRebindFleet OperationStopped web03')
        (Get-Story $result)[2] | Should -Be 'web03 3 not-started '
        $result[2].Problems.code | Should -Be 'not-asked'
        $events | Should -Be 'drain web01', 'resume web01', 'drain web02'
        Get-Records $labs.web03 | Should -Be $untouched.web03
        (Read-Campaign).servers.asked.state | Should -Be 'done', 'failed', 'not-started'
    }

    It 'goes on where it was, and tells of a broken session what really happened' {
        Invoke-Program lab fault --clear --lab $labs.web02.Folder | Out-Null
        Set-Fault web03 'binding-method', 'delay', '--ms', '1500'
        # Breaks the connection as soon as the run has written its journal.
        $breaking = Start-When "ls '$($labs.web03.Folder)/certrebind/runs' 2>/dev/null | grep -q ." "kill `$(cat '$env:FLEET/web03.pid')"
        $events.Clear()
        # As a console leaves it that was killed while it waited for web01.
        $left = Read-Campaign
        $run = $left.servers[0].asked.run
        $left.servers[0].asked.state = 'asked'
        foreach ($name in 'run', 'result', 'exitCode') { $left.servers[0].asked.$name = $null }
        [IO.File]::WriteAllText($campaign, (ConvertTo-Json -InputObject $left -Depth 9))
        $result = $fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Campaign $campaign -Wave 1 -Confirm:$false @hooks
        Get-Story $result | Should -Be 'web01 1 done rebound', 'web02 2 done rebound', 'web03 3 done rebound' -Because ($result.Problems | Out-String)
        Wait-When $breaking
        # Broken or Closed, by what ended first.
        $fleet[2].State | Should -Not -Be 'Opened'
        $events | Should -Be 'resume web01', 'drain web02', 'resume web02', 'drain web03', 'resume web03'
        (Read-Campaign).servers[0].asked.run | Should -Be $run
        (Read-Campaign).servers.asked.state | Should -Be 'done', 'done', 'done'
        Get-Records $labs.web03 | Should -Not -Be $untouched.web03
    }

    It 'refuses to be another campaign, or to be worked on twice' {
        $held = [IO.FileStream]::new("$campaign.lock", 'OpenOrCreate', 'ReadWrite', 'None', 4096, [IO.FileOptions]::DeleteOnClose)
        try { { $fleet | Invoke-CertRebindFleet -Action Undo -Campaign $campaign -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'campaign-busy,*' } finally { $held.Dispose() }
        { $fleet | Invoke-CertRebindFleet -Action Sync -Campaign $campaign -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'other-campaign,*'
        { $fleet | Invoke-CertRebindFleet -Action Undo -Campaign "$TestDrive/none.json" -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'no-campaign,*'
    }

    It 'a session that is broken before is unreachable, and everybody after it is not asked' {
        $result = $fleet[2], $fleet[0] | Invoke-CertRebindFleet -Action Undo -Campaign $campaign -Wave 1 -Confirm:$false
        Get-Story $result | Should -Be 'web03 1 unreachable ', 'web01 2 not-started '
        (Read-Campaign).servers.asked.state | Should -Be 'done', 'done', 'done'
    }

    It 'a server on which another run is under way has failed, and is rolled back when asked again' {
        $holding = [Diagnostics.ProcessStartInfo]::new('node')
        '--import', "$(Get-Root)/scripts/dev/register.mjs", '--input-type=module', '--eval',
        "import { acquireLock } from '$(Get-Root)/src/engine/state/lock.ts'; await acquireLock(process.argv[1], { wait: false }); console.log('held'); process.stdin.resume(); process.stdin.once('end', () => process.exit());",
        "$($labs.web01.Folder)/certrebind" | ForEach-Object { $holding.ArgumentList.Add($_) }
        $holding.RedirectStandardInput = $true
        $holding.RedirectStandardOutput = $true
        $holder = [Diagnostics.Process]::Start($holding)
        $holder.StandardOutput.ReadLine() | Should -Be 'held'
        try {
            $result = $fleet[0] | Invoke-CertRebindFleet -Action Undo -Campaign $campaign -Confirm:$false
            $result.State | Should -Be 'failed'
            $result.Problems.code | Should -Be 'locked'
        } finally {
            $holder.StandardInput.Close()
            $holder.WaitForExit()
        }
    }

    It 'undoes what it changed, once, over sessions of its own too' {
        $script:opened = 0
        $open = @(Get-PSSession).Count
        $again = @{ Server = 'web01', 'web02', 'web03', 'gone01'; Connect = { param($names) $script:opened += $names.Count; New-PSSession -HostName $names -ErrorAction SilentlyContinue }; Action = 'Undo'; Campaign = $campaign; Wave = '100%'; Confirm = $false; MaxFailure = '25%' }
        $result = Invoke-CertRebindFleet @again | Sort-Object -Property Server
        Get-Story $result | Should -Be 'gone01 1 nothing-to-do nothing-to-undo', 'web01 1 done undone', 'web02 1 done undone', 'web03 1 done undone'
        foreach ($name in $labs.Keys) { Get-Records $labs[$name] | Should -Be $untouched[$name] }
        Get-PSSession | Should -HaveCount $open
        Get-Story (Invoke-CertRebindFleet @again) | Select-Object -First 3 | Should -Be 'web01 1 done done-before', 'web02 1 done done-before', 'web03 1 done done-before'
        $opened | Should -Be 3
        { $fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Campaign $campaign -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'other-campaign,*'
    }
}

Describe 'a server that cannot be reached' {
    It 'is unreachable, and the next one is not asked, be it of wave <Next>' -ForEach @{ Wave = '1'; Next = 2 }, @{ Wave = '100%'; Next = 1 } {
        $result = Invoke-CertRebindFleet -Server gone01, web01 -Connect { param($names) New-PSSession -HostName $names -ErrorAction SilentlyContinue } -Action Sync -Confirm:$false -Wave $Wave -ThrottleLimit 1
        Get-Story $result | Should -Be 'gone01 1 unreachable ', "web01 $Next not-started "
        $result[0].Problems.code | Should -Be 'unreachable'
    }

    It 'keeps others from being begun while one of its wave still works, whose answer is waited for' {
        $result = Invoke-CertRebindFleet -Server web01, gone01, web02 -Connect { param($names) New-PSSession -HostName $names -ErrorAction SilentlyContinue } -Action Sync -Confirm:$false -Wave 100% -ThrottleLimit 2
        Get-Story $result | Should -Be 'gone01 1 unreachable ', 'web01 1 nothing-to-do nothing-to-do', 'web02 1 not-started '
    }

    It 'may be one of so many as -MaxFailure says' {
        $result = Invoke-CertRebindFleet -Server gone01, web01 -Connect { param($names) New-PSSession -HostName $names -ErrorAction SilentlyContinue } -Action Sync -Confirm:$false -Wave 1 -MaxFailure 50%
        Get-Story $result | Should -Be 'gone01 1 unreachable ', 'web01 2 nothing-to-do nothing-to-do'
    }

    It 'was never asked when it could not be taken out of its farm' {
        $asked = Get-Everything $labs.web01
        $result = $fleet[0] | Invoke-CertRebindFleet -Action Sync -Confirm:$false -Drain { param($server) Write-Error "$server is the last one" }
        "$($result.State) $($result.Problems.code) $($result.Problems.message)" | Should -Be 'failed drain-failed web01 is the last one'
        Get-Everything $labs.web01 | Should -Be $asked
    }
}

Describe 'names instead of sessions' {
    It 'come from the pipeline, where each server that cannot be reached is one error' {
        # Off Windows there is no client for WinRM, which New-PSSession says.
        $result = 'web01', 'web02' | Invoke-CertRebindFleet -Action Test -MaxFailure 100% -ErrorAction SilentlyContinue -ErrorVariable problems
        $? | Should -BeFalse
        Get-Story $result | Should -Be 'web01 1 unreachable ', 'web02 2 unreachable '
        $result[1].Problems.message | Should -Match 'WSMan'
        $problems | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.CategoryInfo.Category) $($_.TargetObject)" } | Should -Be (
            'unreachable,Invoke-CertRebindFleet ConnectionError web01', 'unreachable,Invoke-CertRebindFleet ConnectionError web02')
        ('web01' | Get-CertRebindInventory -ErrorAction SilentlyContinue -ErrorVariable problems).code | Should -Be 'unreachable'
        $problems | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.TargetObject)" } | Should -Be 'unreachable,Get-CertRebindInventory web01'
        { $result | Invoke-CertRebindFleet -Action Test -ErrorAction Stop } | Should -Throw -ErrorId 'unreachable,Invoke-CertRebindFleet'
    }
}

Describe 'an inventory' {
    It 'lists certificates, findings and versions of servers as flat objects, and names one that does not answer' {
        $broken = New-PSSession -HostName web03
        Remove-PSSession -Session $broken
        $problems = $null
        $listed = $fleet[0], $fleet[1], $broken | Get-CertRebindInventory -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.TargetObject | Should -Be 'web03'
        foreach ($name in 'web01', 'web02') {
            $mine = $listed | Where-Object server -EQ $name
            ($mine | Where-Object kind -EQ server).version | Should -Be ([string](Get-Module -Name CertRebind).Version)
            $told = Invoke-Program usage --lab $labs[$name].Folder
            $asked = Invoke-Program usage '--renewed' --lab $labs[$name].Folder
            $own = $mine | Where-Object kind -EQ server
            $own.onNew | Should -Be ($asked.certificates.counts.new | Measure-Object -Sum).Sum
            $own.onOld | Should -Be ($asked.certificates.counts | ForEach-Object { $_.old; $_.kept } | Measure-Object -Sum).Sum
            $own.onOld | Should -BeGreaterThan 0
            $own.notLookedAt | Should -Be @($asked.notLookedAt).Count
            ($mine | Where-Object kind -EQ certificate).thumbprint | Sort-Object | Should -Be ($told.certificates.thumbprint | Sort-Object)
            ($mine | Where-Object { $_.kind -eq 'certificate' -and $_.thumbprint -eq $labs[$name].Certificates[0].thumbprint }).usedBy | Should -Match 'Shop'
            ($mine | Where-Object kind -EQ finding).code | Should -Contain 'task-missing'
        }
        $page = "$TestDrive/fleet.html"
        ($listed | Export-CertRebindReport -Path $page).file | Should -Be $page
        [IO.File]::ReadAllText($page) | Should -BeLike '*<b>3 servers</b>*'
        @($listed | ForEach-Object { $_.PSObject.Properties.Where({ $_.MemberType -eq 'NoteProperty' }).Name -join ' ' } | Select-Object -Unique) | Should -HaveCount 1
        ($listed.notAfter | Where-Object { $_ })[0] | Should -BeOfType [datetime]
    }

    It 'reads a folder of captures alike, and goes on after a file that is none' {
        $folder = New-Item -ItemType Directory -Path "$TestDrive/captures"
        $null = Invoke-Program capture "$folder/b.json" --lab $labs.web02.Folder
        [IO.File]::WriteAllText("$folder/a.json", '{}')
        $problems = $null
        $listed = Get-CertRebindInventory -Path $folder -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.FullyQualifiedErrorId | Should -Be 'bad-input,Get-CertRebindInventory'
        ($listed | Where-Object kind -EQ certificate).thumbprint | Sort-Object |
            Should -Be ((Invoke-Program usage --lab $labs.web02.Folder).certificates.thumbprint | Sort-Object)
        $listed.server | Select-Object -Unique | Should -Be (Get-Content -LiteralPath "$folder/b.json" -Raw | ConvertFrom-Json).server.name
    }
}

Describe 'text of a server' {
    It 'is never a path, an option or code' {
        $evil = "x'; `$(touch $TestDrive/pwned) `"`n;/../../y"
        $json = ConvertTo-Json -Compress -InputObject $evil
        $log = "$TestDrive/asked.log"
        $standIn = New-StandIn -Folder $TestDrive -Interpreter '/usr/bin/env node' -Script @"
const { appendFileSync, existsSync } = require('node:fs'); const words = process.argv.slice(2); const evil = $json;
if (words.includes('--version')) { console.log('$(& (Get-Module -Name CertRebind) { Get-CertRebindModuleVersion })'); process.exit(); }
appendFileSync('$log', JSON.stringify(words) + '\n');
const outcome = { schema: 'certrebind/outcome/1', run: evil, result: 'rebound', exitCode: 0, counts: { changed: 1 }, steps: [{ key: evil, error: { code: evil, message: evil, hint: evil } }], blocked: [], renewals: [] };
const document = words.includes('history') ? { schema: 'certrebind/history/1', runs: [] } : words.includes('undo') ? { ...outcome, result: 'undone', steps: [] } : outcome;
process.stdout.write(JSON.stringify(document));
"@
        Add-Server odd01 $labs.web01 -Program $standIn
        $odd = New-PSSession -HostName odd01
        try {
            $file = "$TestDrive/odd.json"
            $result = $odd | Invoke-CertRebindFleet -Action Sync -Campaign $file -Confirm:$false
            $result.State | Should -Be 'done'
            $result.Problems.message | Should -Not -Match '[\x00-\x1f]'
            ([IO.File]::ReadAllText($file) | ConvertFrom-Json).servers.asked.run | Should -BeExactly $evil
            ($odd | Invoke-CertRebindFleet -Action Undo -Campaign $file -Confirm:$false).State | Should -Be 'done'
            $undo = [IO.File]::ReadAllLines($log) | ForEach-Object { , ($_ | ConvertFrom-Json) } | Where-Object { $_ -contains 'undo' }
            $undo | Should -Contain $evil
            Get-ChildItem -LiteralPath $TestDrive -Filter 'pwned*' | Should -BeNullOrEmpty
        } finally { Remove-PSSession -Session $odd }
    }
}
