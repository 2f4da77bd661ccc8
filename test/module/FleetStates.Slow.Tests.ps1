# A campaign on six servers that end in six ways, through its file, the errors, the page, the same command again, and its undo.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    Import-Module -Name "$PSScriptRoot/Fleet.psm1"
    Import-CertRebind
    Start-Network "$TestDrive/fleet"
    $labs = [ordered]@{}
    foreach ($name in 'slow01', 'refuses01', 'killed01', 'idle01', 'waits01') {
        $labs[$name] = Start-Lab
        Add-Server $name $labs[$name]
        # With its property, so that it is pending, and without its event, so that no task takes it.
        if ($name -ne 'idle01') { $null = Invoke-Program lab renew $labs[$name].Certificates[0].thumbprint '--no-event' }
    }
    $names = 'slow01', 'refuses01', 'gone01', 'killed01', 'idle01', 'waits01'
    $campaign = "$TestDrive/autumn.json"
    $connect = { param($names) New-PSSession -HostName $names -ErrorAction SilentlyContinue }
    $given = @{ Connect = $connect; Campaign = $campaign; Confirm = $false; SettleSeconds = 2 }

    function Set-Fault($Name, [string[]] $Words) { $null = Invoke-Program lab fault @Words '--lab' $labs[$Name].Folder }
    function Get-States($Result) { $Result | Sort-Object -Property Server | ForEach-Object { "$($_.Server) $($_.State) $($_.Result)".Trim() } }
    function Get-Kept($Part = 'asked') { ([IO.File]::ReadAllText($campaign) | ConvertFrom-Json).servers | ForEach-Object { "$($_.server) $($_.$Part.state)" } | Sort-Object }
    function Get-Page {
        $rows = foreach ($name in $names) { [pscustomobject]@{ PSTypeName = 'CertRebind.InventoryEntry'; server = $name; kind = 'server' } }
        $null = $rows | Export-CertRebindReport -Path "$TestDrive/page.html" -Campaign $campaign -Force
        [IO.File]::ReadAllText("$TestDrive/page.html")
    }
}

AfterAll {
    Stop-Network
    foreach ($lab in @($labs.Values)[($labs.Count - 1)..0]) { Stop-Lab $lab }
    Remove-Module -Name CertRebind -Force
}

Describe 'what only looks' {
    It '<Action> asks every server, whatever failed before, and each that did not answer is one error about it' -ForEach @(
        @{ Action = 'Test'; Says = 'findings' }
        @{ Action = 'Verify'; Says = 'as-set' }
    ) {
        $result = 'gone01', 'gone02', 'idle01' | Invoke-CertRebindFleet -Action $Action -Connect $connect -Wave 1 -ErrorVariable problems
        Get-States $result | Should -Be 'gone01 unreachable', 'gone02 unreachable', "idle01 done $Says"
        $problems | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.TargetObject)" } | Should -Be 'unreachable,Invoke-CertRebindFleet gone01', 'unreachable,Invoke-CertRebindFleet gone02'
    }

    It 'an inventory opens its sessions by the same script, with one error a server' {
        $open = @(Get-PSSession).Count
        $listed = 'gone01', 'idle01' | Get-CertRebindInventory -Connect $connect -ErrorAction SilentlyContinue -ErrorVariable problems
        $listed | Where-Object -Property kind -EQ -Value server | ForEach-Object { "$($_.server) $($_.code)".Trim() } | Sort-Object | Should -Be 'gone01 unreachable', 'idle01'
        $problems | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.TargetObject)" } | Should -Be 'unreachable,Get-CertRebindInventory gone01'
        Get-PSSession | Should -HaveCount $open
    }

    It 'what a script of the caller throws is no error of its own' {
        $result = 'idle01' | Invoke-CertRebindFleet -Action Sync -Connect { throw 'no way' } -Confirm:$false -ErrorVariable problems
        $result.Problems.message | Should -BeLike '*no way*'
        $problems | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.TargetObject)" } | Should -Be 'unreachable,Invoke-CertRebindFleet idle01'
        foreach ($drain in { throw 'no way' }, { Write-Error 'no way' }) {
            $null = 'idle01' | Invoke-CertRebindFleet -Action Sync -Connect $connect -Drain $drain -Confirm:$false -ErrorVariable problems
            $problems | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.TargetObject)" } | Should -Be 'drain-failed,Invoke-CertRebindFleet idle01'
        }
    }
}

Describe 'a plan that a server has not' {
    It 'is an error about it, and the others get theirs' {
        $plans = 'gone01', 'idle01' | Invoke-CertRebindFleet -Action Plan -Connect $connect
        Get-States $plans | Should -Be 'gone01 unreachable', 'idle01 done nothing-to-do'
        $file = "$TestDrive/planned.json"
        $result = 'gone01', 'idle01' | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Connect $connect -Campaign $file -Wave 1 -Confirm:$false -ErrorVariable problems
        Get-States $result | Should -Be 'gone01 not-started not-planned', 'idle01 nothing-to-do nothing-planned'
        $problems | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.CategoryInfo.Category) $($_.TargetObject)" } | Should -Be 'not-planned,Invoke-CertRebindFleet OperationStopped gone01'
        ([IO.File]::ReadAllText($file) | ConvertFrom-Json).servers.asked.state | Should -Be 'not-started', 'nothing-to-do'
    }
}

Describe 'what was replaced' {
    BeforeAll {
        $old = $labs.idle01.Certificates | Where-Object { $_.names -contains 'api.example.org' }
        $null = Invoke-Program lab renew $old.thumbprint '--no-event' '--keep-old' '--lab' $labs.idle01.Folder
        $null = Invoke-Program reconcile '--yes' '--lab' $labs.idle01.Folder
        $null = Invoke-Program config set retire.after 0 '--lab' $labs.idle01.Folder
        $delete = @{ Action = 'Delete'; Connect = $connect; Wave = 3; Confirm = $false }
    }

    It 'is archived, deleted when it is asked again, and no error where there is none' {
        $result = 'slow01', 'idle01', 'gone01' | Invoke-CertRebindFleet @delete -ErrorVariable problems
        Get-States $result | Should -Be 'gone01 unreachable', 'idle01 done archived', 'slow01 nothing-to-do nothing-to-delete'
        $problems.TargetObject | Should -Be 'gone01'
        $result = 'idle01' | Invoke-CertRebindFleet @delete
        Get-States $result | Should -Be 'idle01 done deleted'
        "$($result.Outcome.thumbprint) $($result.Outcome.becomes)" | Should -Be "$($old.thumbprint) deleted"
        Get-States ('idle01' | Invoke-CertRebindFleet @delete) | Should -Be 'idle01 nothing-to-do nothing-to-delete'
    }

    It 'is of no campaign' {
        { 'idle01' | Invoke-CertRebindFleet @delete -Campaign "$TestDrive/none.json" -ErrorAction Stop } | Should -Throw -ErrorId 'bad-argument,Invoke-CertRebindFleet'
        "$TestDrive/none.json" | Should -Not -Exist
    }
}

Describe 'a server that has nothing to do' {
    It 'is taken out of its farm and put back' {
        $events = [Collections.Generic.List[string]]::new()
        $hooks = @{ Drain = { param($server) $events.Add("drain $server") }; Resume = { param($server) $events.Add("resume $server") } }
        $result = 'idle01' | Invoke-CertRebindFleet -Action Sync -Connect $connect @hooks -Confirm:$false
        Get-States $result | Should -Be 'idle01 nothing-to-do nothing-to-do'
        $events | Should -Be 'drain idle01', 'resume idle01'
    }
}

Describe 'a campaign on six servers' {
    It 'tells apart who is done, had nothing to do, failed, was lost, could not be reached, and was not asked' {
        Set-Fault slow01 'binding-method', 'delay', '--ms', '1500'
        foreach ($on in 'binding-method', 'netsh') { Set-Fault refuses01 $on, 'fail', '--times', 'all' }
        Set-Fault killed01 'binding-method', 'delay', '--ms', '3000'
        $runs = "$($labs.killed01.Folder)/certrebind/runs"
        # With it goes the engine that would tell its end: first it stands still, then nobody is left to be told.
        $lost = "p=`$(grep -o '[0-9]*' '$($labs.killed01.Folder)/certrebind/lock' | head -1); kill -STOP `$p; kill -9 `$(ps -o ppid= `$p); kill `$(cat '$env:FLEET/killed01.pid'); kill -9 `$p"
        $kill = Start-When "tail -qn 1 `$(ls -d '$runs'/*/ 2>/dev/null | head -1)journal* 2>/dev/null | grep -q 'type...changing'" $lost
        $result = $names | Invoke-CertRebindFleet -Action Sync @given -Wave 5, 1 -MaxFailure 2 -ErrorVariable problems
        Wait-When $kill
        Get-States $result | Should -Be 'gone01 unreachable', 'idle01 nothing-to-do nothing-to-do', 'killed01 lost', 'refuses01 failed undone', 'slow01 done rebound', 'waits01 not-started' -Because ($result.Problems | Out-String)
        $problems | ForEach-Object { "$($_.FullyQualifiedErrorId -replace ',.*') $($_.CategoryInfo.Category) $($_.TargetObject)" } | Sort-Object |
            Should -Be 'not-asked OperationStopped waits01', 'replace-failed InvalidResult refuses01', 'session-lost ConnectionError killed01', 'unreachable ConnectionError gone01'
        Get-Kept | Should -Be 'gone01 unreachable', 'idle01 nothing-to-do', 'killed01 lost', 'refuses01 failed', 'slow01 done', 'waits01 not-started'
    }

    It 'is so on the page' {
        $page = Get-Page
        $page | Should -BeLike '*Campaign Sync stopped: *did not succeed; 1 of its 6 servers done, 1 with nothing to do, 1 not asked*'
        foreach ($tile in 'Failed', 'Answer lost', 'No session', 'Done', 'Nothing to do', 'Not asked') { $page | Should -Match ('{0}</dt><dd>1<' -f $tile) }
    }

    It 'goes on with the same command: only with what is not done' {
        foreach ($name in 'slow01', 'refuses01', 'killed01') { $null = Invoke-Program lab fault '--clear' '--lab' $labs[$name].Folder }
        [IO.File]::WriteAllText("$env:FLEET/asked", '')
        $result = $names | Invoke-CertRebindFleet -Action Sync @given -Wave 5, 1 -MaxFailure 2 -ErrorVariable problems
        Get-States $result | Should -Be 'gone01 unreachable', 'idle01 nothing-to-do nothing-to-do', 'killed01 done rebound', 'refuses01 done rebound', 'slow01 done done-before', 'waits01 done rebound' -Because ($result.Problems | Out-String)
        [IO.File]::ReadAllLines("$env:FLEET/asked") | Sort-Object -Unique | Should -Be 'gone01', 'killed01', 'refuses01', 'waits01'
        $problems.TargetObject | Should -Be 'gone01'
        Get-Kept | Should -Be 'gone01 unreachable', 'idle01 nothing-to-do', 'killed01 done', 'refuses01 done', 'slow01 done', 'waits01 done'
        Get-Page | Should -BeLike '*Campaign Sync ended: 4 of its 6 servers done, 1 with nothing to do, gone01 has no session*'
    }

    It 'is rolled back where it changed something' {
        $result = $names | Invoke-CertRebindFleet -Action Undo @given -Wave 6
        Get-States $result | Should -Be 'gone01 nothing-to-do nothing-to-undo', 'idle01 nothing-to-do nothing-to-undo', 'killed01 done undone', 'refuses01 done undone', 'slow01 done undone', 'waits01 done undone' -Because ($result.Problems | Out-String)
        Get-Kept undo | Should -Be 'gone01 nothing-to-do', 'idle01 nothing-to-do', 'killed01 done', 'refuses01 done', 'slow01 done', 'waits01 done'
        Get-Page | Should -BeLike '*Campaign Sync, its rollback, is done on 4 servers, 2 with nothing to do.*'
        if ($env:KEEP_CAMPAIGN) { Copy-Item -LiteralPath $campaign -Destination $env:KEEP_CAMPAIGN }
    }
}
