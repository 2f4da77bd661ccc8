# The parts of a fleet that need no server.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    Import-CertRebind
    function Invoke-Part([scriptblock] $Part, [hashtable] $With) { InModuleScope CertRebind -Parameters $With $Part }
}

AfterAll { Remove-Module -Name CertRebind -Force }

Describe 'a server that says nothing new' {
    BeforeAll {
        function New-Turn([int] $ProgressSecondsAgo, [int] $ProgressCount, $Deadline = $null) {
            $progress = [Collections.Generic.List[object]]::new()
            [pscustomobject]@{
                ProgressCount = $ProgressCount; ProgressAt = [datetime]::UtcNow.AddSeconds(-$ProgressSecondsAgo); Deadline = $Deadline
                Call = [pscustomobject]@{ Shell = [pscustomobject]@{ Streams = [pscustomobject]@{ Progress = $progress } } }
            }
        }
        function Test-Silence($Turn) {
            Invoke-Part { param($Turn) Test-CertRebindFleetSilence -Fleet ([pscustomobject]@{ SilenceSeconds = 60 }) -Turn $Turn } @{ Turn = $Turn }
        }
    }

    It 'for as long as a server may is silent, and not before' {
        Test-Silence (New-Turn -ProgressSecondsAgo 61 -ProgressCount 0) | Should -BeTrue
        Test-Silence (New-Turn -ProgressSecondsAgo 30 -ProgressCount 0) | Should -BeFalse
    }

    It 'but reports progress is not silent, and has as long again' {
        $turn = New-Turn -ProgressSecondsAgo 61 -ProgressCount 0
        $turn.Call.Shell.Streams.Progress.Add('1/2')
        Test-Silence $turn | Should -BeFalse
        $turn.ProgressCount | Should -Be 1
        $turn.ProgressAt | Should -BeGreaterThan ([datetime]::UtcNow.AddSeconds(-30))
        $turn.ProgressAt = [datetime]::UtcNow.AddSeconds(-61)
        Test-Silence $turn | Should -BeTrue
    }

    It 'has until its deadline where it has one, whatever it reports' {
        $turn = New-Turn -ProgressSecondsAgo 0 -ProgressCount 0 -Deadline ([datetime]::UtcNow.AddSeconds(-1))
        $turn.Call.Shell.Streams.Progress.Add('1/2')
        Test-Silence $turn | Should -BeTrue
        Test-Silence (New-Turn -ProgressSecondsAgo 999 -ProgressCount 0 -Deadline ([datetime]::UtcNow.AddSeconds(60))) | Should -BeFalse
    }
}

Describe 'a server that is already as Install would leave it' {
    It 'is one only where <Why>' -ForEach @(
        @{ Why = 'it is enabled, and a proof was passed'; Status = @{}; Option = @(); Is = $true }
        @{ Why = 'it is enabled: it is not'; Status = @{ enabled = $false }; Option = @(); Is = $false }
        @{ Why = 'a proof was passed: none was'; Status = @{ proof = $null }; Option = @(); Is = $false }
        @{ Why = 'no proof is asked for'; Status = @{ proof = $null }; Option = @('--no-proof'); Is = $true }
        @{ Why = 'the task of IIS Manager may stay'; Status = @{ native = [pscustomobject]@{ enabled = $true } }; Option = @(); Is = $true }
        @{ Why = 'the task of IIS Manager is off: it is active'; Status = @{ native = [pscustomobject]@{ enabled = $true } }; Option = @('--replace-native'); Is = $false }
        @{ Why = 'the task of IIS Manager is off'; Status = @{}; Option = @('--replace-native'); Is = $true }
    ) {
        $known = @{ enabled = $true; proof = [pscustomobject]@{ version = '1.0.0' }; native = [pscustomobject]@{ enabled = $false } }
        foreach ($name in $Status.Keys) { $known[$name] = $Status[$name] }
        Invoke-Part { param($Status, $Option) Test-CertRebindFleetEnabled -Status $Status -EnableOption $Option } @{ Status = [pscustomobject]$known; Option = [string[]]$Option } | Should -Be $Is
    }
}

Describe 'the phases of a server' {
    It 'are each asked by one command, and followed by one of them' {
        $wrong = InModuleScope CertRebind {
            $member = [pscustomobject]@{ Place = [pscustomobject]@{ IsWindows = $true; Installed = 'i'; Staging = 's'; Copy = 'c'; Program = 'p' }; Parameter = @{} }
            $fleet = [pscustomobject]@{ Command = 'Sync-CertRebind'; EnableOption = @() }
            foreach ($phase in $fleetPhases.Keys) {
                $asked = @(Get-CertRebindFleetQuestion -Fleet $fleet -Member $member -Phase $phase -Parameter @{})
                # A copy is made here, and not asked there.
                if ($asked.Count -ne [int]($phase -ne 'copy')) { "$phase is asked $($asked.Count)" }
                $ends = $fleetPhases[$phase]
                if ($null -ne $ends.Next -and -not $fleetPhases.ContainsKey($ends.Next)) { "$phase goes on to $($ends.Next)" }
                if ($ends.Lost -notin 'unreachable', 'lost', 'settle', 'read' -or $ends.Silent -notin 'never', 'always', 'closed' -or $ends.Refused -notin 'failed', 'read') { "$phase ends unknown" }
            }
        }
        $wrong | Should -BeNullOrEmpty
    }
}

Describe 'a server that is done with' {
    It 'leaves no session that was opened for it, <What>' -ForEach @(
        @{ What = 'open'; Make = { $runspace = [runspacefactory]::CreateRunspace(); $runspace.Open(); $runspace } }
        @{ What = 'or never opened'; Make = { [runspacefactory]::CreateRunspace() } }
    ) {
        $runspace = & $Make
        Register-ObjectEvent -InputObject $runspace -EventName StateChanged -SourceIdentifier fleet-parts
        $turn = [pscustomobject]@{ Call = $null; Runspace = $runspace }
        Invoke-Part { param($Turn) Clear-CertRebindFleetTurn -Turn $Turn } @{ Turn = $turn }
        try {
            while ($runspace.RunspaceStateInfo.State -ne 'Closed' -and (Wait-Event -SourceIdentifier fleet-parts -Timeout 30)) { Remove-Event -SourceIdentifier fleet-parts }
        } finally { Unregister-Event -SourceIdentifier fleet-parts }
        $runspace.RunspaceStateInfo.State | Should -Be 'Closed'
        $turn.Runspace | Should -BeNullOrEmpty
    }

    It 'leaves no call that goes on' {
        $shell = [powershell]::Create().AddScript('Start-Sleep -Seconds 600')
        $null = $shell.BeginInvoke()
        $turn = [pscustomobject]@{ Call = [pscustomobject]@{ Shell = $shell }; Runspace = $null }
        Invoke-Part { param($Turn) Clear-CertRebindFleetTurn -Turn $Turn } @{ Turn = $turn }
        $shell.InvocationStateInfo.State | Should -BeIn 'Stopping', 'Stopped'
        $turn.Call | Should -BeNullOrEmpty
        $shell.Dispose()
    }
}

Describe 'a server whose session broke' {
    BeforeAll {
        function New-Member([hashtable] $Settle = @{}) {
            $known = @{ Part = $null; IsAskedAgain = $false; Answer = $null; Others = @(); Lost = @() }
            foreach ($name in $Settle.Keys) { $known[$name] = $Settle[$name] }
            [pscustomobject]@{
                Server = 'web-1'; Wave = 1; Began = $null; Ended = $null; Skip = ''; Entry = $null; Parameter = @{}
                Part = [pscustomobject]@{ state = 'asked'; wave = 1; before = 'run-1'; startedAt = $null }
                Settle = [pscustomobject]$known; Place = [pscustomobject]@{ Document = $null }
                Turn = [pscustomobject]@{ Phase = 'before'; Call = $null; Runspace = $null; Deadline = $null }
            }
        }
    }

    It 'and that is lost says first what broke it' {
        $broke = [pscustomobject]@{ code = 'session-broken' }
        $member = New-Member @{ Lost = @($broke) }
        Invoke-Part {
            param($Member)
            $fleet = [pscustomobject]@{ Action = 'Sync'; Changes = $false; Failed = 0; MaxFailure = 0 }
            Complete-CertRebindFleetMember -Fleet $fleet -Member $Member -State 'lost' -Problem ([pscustomobject]@{ code = 'no-answer' })
        } @{ Member = $member }
        $member.Ended.Problems.code | Should -Be 'session-broken', 'no-answer', 'outcome-unknown'
    }

    It 'keeps the run that it had before it was asked first: asked again is <IsAskedAgain>' -ForEach @(
        @{ IsAskedAgain = $true; Before = 'run-1' }
        @{ IsAskedAgain = $false; Before = 'run-2' }
    ) {
        $member = New-Member @{ IsAskedAgain = $IsAskedAgain }
        Invoke-Part {
            param($Member)
            Mock -CommandName Save-CertRebindCampaign
            Mock -CommandName Enter-CertRebindFleetPhase
            $run = [pscustomobject]@{ run = 'run-2' }
            $run.PSObject.TypeNames.Insert(0, 'Deserialized.CertRebind.Run')
            Step-CertRebindFleetRun -Fleet ([pscustomobject]@{ Campaign = [pscustomobject]@{} }) -Member $Member -Answer ([pscustomobject]@{ Output = @($run) })
        } @{ Member = $member }
        $member.Part.before | Should -Be $Before
    }
}

Describe 'a campaign that cannot be written' {
    It 'leaves what was there and nothing beside it, and says so' {
        # Nothing can take the place of a folder.
        $path = [IO.Path]::Combine($TestDrive, 'campaign')
        $null = [IO.Directory]::CreateDirectory($path)
        $campaign = [pscustomobject]@{ Path = $path; ReadOnly = $false; Document = [pscustomobject]@{ schema = 'certrebind/campaign/1' } }
        { Invoke-Part { param($Campaign) Save-CertRebindCampaign -Campaign $Campaign } @{ Campaign = $campaign } } | Should -Throw
        [IO.Directory]::GetFileSystemEntries($TestDrive) | Should -Be $path
        $campaign.Path = "$path/file"
        Invoke-Part { param($Campaign) Save-CertRebindCampaign -Campaign $Campaign; Save-CertRebindCampaign -Campaign $Campaign } @{ Campaign = $campaign }
        [IO.Directory]::GetFileSystemEntries($path) | Should -Be $campaign.Path
        [IO.File]::ReadAllText($campaign.Path) | Should -Be "{`"schema`":`"certrebind/campaign/1`"}`n"
    }
}

Describe 'a command of this console that fails' {
    It 'is a problem of the server that it is for, and its session is not lost' {
        $shell = [powershell]::Create().AddCommand('Copy-Item').AddParameter('LiteralPath', "$TestDrive/nowhere").AddParameter('Destination', "$TestDrive/copy").AddParameter('ErrorAction', 'Stop')
        $answer = Invoke-Part {
            param($Shell)
            $call = Start-CertRebindFleetShell -Shell $Shell
            while (-not (Test-CertRebindFleetCall -Call $call)) { $null = $call.Handle.AsyncWaitHandle.WaitOne(30000) }
            Receive-CertRebindFleetCall -Call $call
        } @{ Shell = $shell }
        $answer.IsRefused, $answer.IsLost | Should -Be $true, $false
        $answer.Problems.code | Should -Be 'PathNotFound'
        $answer.Output | Should -BeNullOrEmpty
    }
}

# The views of the module, as test/engine/findings/views.test.ts has those of the program: a finding of every code is in each.
Describe 'what is wrong with a server' {
    BeforeAll {
        $codes = (Invoke-Program explain).codes.Where({ $_.kind -eq 'finding' }).code
        $finding = '{{"code":"{0}","severity":"warning","since":"2026-06-01T12:00:00.000Z","key":"{0}.example.com:443","site":"Shop","message":"About {0}.","hint":"Hint.","commands":["certrebind reconcile","certrebind enable"]}}'
        $findings = ($codes | ForEach-Object { $finding -f $_ }) -join ','
        $actions = ($codes | ForEach-Object { '{{"severity":"warning","title":"About {0}.","commands":["certrebind reconcile"]}}' -f $_ }) -join ','
        function Read-Findings([string] $Schema) { Invoke-Part { param($Text) ConvertFrom-CertRebindJson -Text $Text } @{ Text = '{{"schema":"certrebind/{0}/1","findings":[{1}],"actions":[{2}]}}' -f $Schema, $findings, $actions } }
        $documents = @{ status = Read-Findings status; doctor = Read-Findings doctor }
        Mock -ModuleName CertRebind -CommandName Invoke-CertRebindExecutable -MockWith { [pscustomobject]@{ ExitCode = 9; Document = $documents[[string]$Command] } }
    }

    It 'is a line for each server, the worst first, within 120 columns' {
        $status = '{{"schema":"certrebind/status/1","server":{{"name":"{0}"}},"inUse":{{"nextEnd":null}},"rank":{1},"enabled":true,"actions":[{{"title":"{2}"}}]}}'
        $all = foreach ($one in @('WEB01', 2, ''), @('WEB02', 0, ('Shop is DOWN: no certificate ' * 5)), @('WEB03', 1, 'Wiki: renewal blocked')) {
            Invoke-Part { param($Text) ConvertFrom-CertRebindJson -Text $Text } @{ Text = $status -f $one }
        }
        $lines = @($all | Sort-Object | Format-Table | Out-String -Width 120 -Stream | Where-Object { $_.Trim() })
        ($lines | Measure-Object -Property Length -Maximum).Maximum | Should -BeLessOrEqual 120
        ($lines | Select-Object -Skip 2) -replace '\s+', ' ' | Should -BeLike 'WEB0[123] *'
        ($lines | Select-Object -Skip 2 | ForEach-Object { ($_ -split '\s+')[0, 1] -join ' ' }) | Should -Be 'WEB02 ERROR', 'WEB03 WARNING', 'WEB01 OK'
    }

    It 'is in every code of the program' { $codes.Count | Should -BeGreaterThan 50 }

    It 'is whole in <View>' -ForEach @(
        @{ View = 'Get-CertRebind'; Get = { (Get-CertRebind).findings } }
        @{ View = 'Test-CertRebind'; Get = { Test-CertRebind } }
        @{ View = 'Get-CertRebindInventory'; Get = { Invoke-Part { param($Found) ConvertTo-CertRebindInventory -Server web01 -Usage @() -Status $Found } @{ Found = $documents.status } | Where-Object -Property kind -EQ -Value finding } }
        @{ View = 'Invoke-CertRebindFleet -Action Test'; Get = {
                $answer = [pscustomobject]@{ IsLost = $false; IsRefused = $false; Problems = @(); Output = $documents.doctor.findings }
                $state = Invoke-Part { param($Answer) ConvertTo-CertRebindFleetState -Action Test -Answer $Answer } @{ Answer = $answer }
                $state.Result | Should -Be 'findings'
                $state.Outcome
            }
        }
    ) {
        $shown = & $Get
        $shown | ForEach-Object { '{0} {1} {2} {3:u} {4}' -f $_.code, $_.severity, $_.site, $_.since, $_.message } | Should -Be ($codes | ForEach-Object { "$_ warning Shop 2026-06-01 12:00:00Z About $_." })
        ($shown.commands | Select-Object -Unique) -join "`n" | Should -Be "Sync-CertRebind`nEnable-CertRebind"
    }

    It 'is <Result> where Test-CertRebind -Quiet asks' -ForEach @(@{ Result = $false }) { Test-CertRebind -Quiet | Should -Be $Result }

    It 'is whole in what Get-CertRebind prints' {
        $text = Get-CertRebind | Format-List | Out-String -Width 400
        foreach ($code in $codes) { $text | Should -Match ('warning: About {0}\.' -f $code) }
    }
}

Describe 'an inventory' {
    It 'names what uses a certificate, each once' {
        $used = '{"thumbprint":"A","store":"My","name":"a","issuer":"b","notBefore":null,"notAfter":null,"consumers":[{"kind":"iis-binding","site":"Shop"},{"kind":"iis-binding","site":"Shop"},{"kind":"sql"}]}'
        $status = '{"schema":"certrebind/status/1","findings":[]}'
        $listed = Invoke-Part { param($Found, $Used) ConvertTo-CertRebindInventory -Server web01 -Usage @($Used) -Status (ConvertFrom-CertRebindJson -Text $Found) } @{ Found = $status; Used = $used | ConvertFrom-Json }
        $listed | Where-Object -Property kind -EQ -Value 'certificate' | ForEach-Object { $_.usedBy } | Should -BeExactly 'Shop, sql'
    }

    It 'counts where the renewed certificates are, and knows nothing of a server that did not answer that' {
        $status = '{"schema":"certrebind/status/1","findings":[]}'
        $listed = foreach ($renewed in '{"certificates":[{"counts":{"new":9,"old":4,"kept":2},"places":[]},{"counts":{"new":1,"old":0,"kept":0},"places":[]}],"notLookedAt":["a","b"]}', $null) {
            Invoke-Part {
                param($Found, $Renewed)
                $with = if ($Renewed) { ConvertTo-CertRebindRenewed -Document $Renewed }
                ConvertTo-CertRebindInventory -Server web01 -Usage @() -Status (ConvertFrom-CertRebindJson -Text $Found) -Renewed $with
            } @{ Found = $status; Renewed = $(if ($renewed) { $renewed | ConvertFrom-Json }) }
        }
        $listed | ForEach-Object { '{0} {1} {2}' -f $_.onNew, $_.onOld, $_.notLookedAt } | Should -BeExactly '10 6 2', '  '
    }

    It 'says of a finding when it began, and the end of what it is about' {
        $finding = '{"code":"expiring","severity":"warning","since":"2026-06-01T12:00:00.000Z","endsAt":"2026-06-20T08:00:00.000Z","missingNames":["a.example","b.example"],"message":"Soon."}'
        $listed = Invoke-Part { param($Found) ConvertTo-CertRebindInventory -Server web01 -Usage @() -Status (ConvertFrom-CertRebindJson -Text $Found) } @{
            Found = '{{"schema":"certrebind/status/1","findings":[{0},{1}]}}' -f $finding, $finding.Replace('"endsAt":"2026-06-20T08:00:00.000Z",', '')
        }
        $listed | Where-Object -Property kind -EQ -Value 'finding' | ForEach-Object { '{0:u} | {1:u} | {2}' -f $_.since, $_.dueAt, $_.missingNames } |
            Should -BeExactly '2026-06-01 12:00:00Z | 2026-06-20 08:00:00Z | a.example, b.example', '2026-06-01 12:00:00Z |  | a.example, b.example'
    }
}

Describe 'sizes of waves' {
    It '<Wave> of <Count> are <Expected>' -ForEach @(
        @{ Wave = '1', '10', '25%'; Count = 100; Expected = 1, 10, 25, 25, 25, 14 }
        @{ Wave = '1', '10', '25%'; Count = 3; Expected = 1, 2 }
        @{ Wave = '1%', '100%'; Count = 5; Expected = 1, 4 }
        @{ Wave = , '50%'; Count = 3; Expected = 2, 1 }
        @{ Wave = , '2'; Count = 1; Expected = , 1 }
    ) {
        InModuleScope CertRebind -Parameters @{ Wave = $Wave; Count = $Count } { param($Wave, $Count) Get-CertRebindFleetWave -Wave $Wave -Count $Count } | Should -Be $Expected
    }

    It '<Text> failures of <Of> are <Expected>' -ForEach @(
        @{ Text = '0'; Of = 10; Expected = 0 }, @{ Text = '3'; Of = 10; Expected = 3 }
        @{ Text = '5%'; Of = 10; Expected = 0 }, @{ Text = '25%'; Of = 10; Expected = 2 }, @{ Text = '100%'; Of = 7; Expected = 7 }
    ) {
        InModuleScope CertRebind -Parameters @{ Text = $Text; Of = $Of } { param($Text, $Of) ConvertTo-CertRebindServerCount -Text $Text -Of $Of } | Should -Be $Expected
    }
}

Describe 'what an answer means' {
    BeforeAll {
        function Get-State([string] $Action, $Output, [switch] $Lost, [switch] $Refused, $Problems = @()) {
            $answer = [pscustomobject]@{ Output = @($Output); Problems = @($Problems); IsLost = [bool]$Lost; IsRefused = [bool]$Refused }
            InModuleScope CertRebind -Parameters @{ Action = $Action; Answer = $answer } { param($Action, $Answer) ConvertTo-CertRebindFleetState -Action $Action -Answer $Answer }
        }
        function New-Outcome($ExitCode, [string] $Type = 'Deserialized.CertRebind.Outcome') {
            [pscustomobject]@{ PSTypeName = $Type; run = 'r1'; result = "re`e[2Jbound"; exitCode = $ExitCode; counts = [pscustomobject]@{ changed = 2 } }
        }
    }

    It 'exit code <Exit> is <State>' -ForEach @(
        @{ Exit = 0; State = 'done' }, @{ Exit = 3; State = 'failed' }, @{ Exit = 4; State = 'failed' }, @{ Exit = 5; State = 'failed' }
        @{ Exit = $null; State = 'failed' }, @{ Exit = '0'; State = 'failed' }, @{ Exit = 'ok'; State = 'failed' }
    ) { (Get-State Rebind (New-Outcome $Exit)).State | Should -Be $State }

    It 'only an outcome counts, and only one that was heard to its end' {
        (Get-State Rebind (New-Outcome 0 'Deserialized.CertRebind.Plan')).State | Should -Be 'failed'
        (Get-State Rebind @()).State | Should -Be 'failed'
        (Get-State Rebind (New-Outcome 0) -Refused).State | Should -Be 'failed'
        (Get-State Rebind (New-Outcome 0) -Lost).State | Should -Be 'lost'
        (Get-State Test @() -Problems 'one').State | Should -Be 'failed'
        (Get-State Test @()).Result | Should -Be 'no-findings'
        (Get-State Test @([pscustomobject]@{ severity = 'info' })).Result | Should -Be 'no-findings'
        (Get-State Test @([pscustomobject]@{ severity = 'info' }, [pscustomobject]@{ severity = 'warning' })).Result | Should -Be 'findings'
    }

    It 'an end without an answer leaves open what happened, a refusal does not' {
        $find = { param($Answer) Test-CertRebindFleetUnknown -Answer $Answer }
        foreach ($case in @(
                @{ Unknown = $true; Output = @(); Problems = @(); IsLost = $false }
                @{ Unknown = $true; Output = @(New-Outcome 0); Problems = @(); IsLost = $true }
                @{ Unknown = $true; Output = @(); Problems = @([pscustomobject]@{ code = 'no-answer' }); IsLost = $false }
                @{ Unknown = $false; Output = @(); Problems = @([pscustomobject]@{ code = 'locked' }); IsLost = $false }
                @{ Unknown = $false; Output = @(New-Outcome 4); Problems = @(); IsLost = $false }
            )) { InModuleScope CertRebind -Parameters @{ Answer = [pscustomobject]$case } $find | Should -Be $case.Unknown }
    }

    It 'no text of a server moves the cursor' { (Get-State Rebind (New-Outcome 0)).Result | Should -BeExactly 're [2Jbound' }

    It 'the run that was asked for is the first of its kind after the last one before' {
        $history = foreach ($run in @('a', 'rebound'), @('b', 'undone'), @('c', 'rebound'), @('d', 'partly-undone')) {
            [pscustomobject]@{ PSTypeName = 'Deserialized.CertRebind.Run'; run = $run[0]; result = $run[1] }
        }
        $find = { param($History, $Before, $Action) Select-CertRebindLaterRun -History $History -Before $Before -Action $Action | ForEach-Object -MemberName run }
        InModuleScope CertRebind -Parameters @{ History = $history; Before = 'a'; Action = 'Rebind' } $find | Should -Be 'c'
        InModuleScope CertRebind -Parameters @{ History = $history; Before = ''; Action = 'Rebind' } $find | Should -Be 'a', 'c'
        InModuleScope CertRebind -Parameters @{ History = $history; Before = 'b'; Action = 'Undo' } $find | Should -Be 'd'
        InModuleScope CertRebind -Parameters @{ History = $history; Before = 'd'; Action = 'Sync' } $find | Should -BeNullOrEmpty
    }
}

Describe 'names instead of sessions' {
    It '-<_> is taken as Invoke-Command takes it' -ForEach 'ComputerName', 'Credential', 'UseSSL', 'Authentication' {
        $wanted = (Get-Command -Name Invoke-Command).Parameters[$_]
        $listing = [IO.File]::ReadAllText("$PSScriptRoot/../fixtures/commands/windows-powershell-5.1.json") | ConvertFrom-Json -AsHashtable
        $listing['Microsoft.PowerShell.Core']['New-PSSession'].Keys | Should -Contain $_
        foreach ($command in 'Invoke-CertRebindFleet', 'Get-CertRebindInventory') { (Get-Command -Name $command).Parameters[$_].ParameterType | Should -Be $wanted.ParameterType }
    }

    It 'are given to New-PSSession with the account and the way' {
        $account = [pscredential]::new('ops', (ConvertTo-SecureString -String secret -AsPlainText -Force))
        $told = InModuleScope CertRebind -Parameters @{ Account = $account } {
            param($Account)
            Mock Start-CertRebindFleetShell { $Shell.Commands.Commands }
            Start-CertRebindFleetConnection -ComputerName web01, web02 -Connection @{ Credential = $Account; UseSSL = [switch]$true; Authentication = 'Kerberos' }
        }
        $told.CommandText | Should -Be 'New-PSSession'
        $given = @{}
        foreach ($one in $told.Parameters) { $given[$one.Name] = $one.Value }
        $given.ComputerName | Should -Be 'web01', 'web02'
        "$($given.Credential.UserName) $($given.UseSSL) $($given.Authentication)" | Should -Be 'ops True Kerberos'
        $given.SessionOption | Should -BeOfType [Management.Automation.Remoting.PSSessionOption]
    }
}

Describe 'a fleet that was stopped' {
    It 'has one error for all servers that were not asked, and an object for each' {
        $stop = @{ ComputerName = 'web01', 'web02', 'web03', 'web04'; Connect = { throw 'no way there' }; Action = 'Sync'; Wave = '1', '2'; Confirm = $false }
        $result = Invoke-CertRebindFleet @stop -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems | ForEach-Object -Process { "$($_.FullyQualifiedErrorId -replace ',.*') $($_.CategoryInfo.Category) $($_.TargetObject)" } |
            Should -Be 'unreachable ConnectionError web01', 'not-asked OperationStopped web02 web03 web04'
        $problems[1].Exception.Message | Should -BeLike '3 servers were not asked, because 1 server(s) failed*: web02, web03, web04.'
        $result | ForEach-Object -Process { "$($_.Server) $($_.Wave) $($_.State) $($_.Problems.code)" } |
            Should -Be 'web01 1 unreachable unreachable', 'web02 2 not-started not-asked', 'web03 2 not-started not-asked', 'web04 3 not-started not-asked'
    }
}

Describe 'docs/fleet.md' {
    It 'shows commands that parse, with parameters that there are' {
        $page = [IO.File]::ReadAllText("$(Get-Root)/docs/fleet.md")
        $exported = (Get-Module -Name CertRebind).ExportedFunctions
        $called = foreach ($block in [regex]::Matches($page, '(?ms)^```powershell\n(.*?)^```$')) {
            $errors = $null
            $tree = [Management.Automation.Language.Parser]::ParseInput($block.Groups[1].Value, [ref]$null, [ref]$errors)
            $errors | Should -BeNullOrEmpty
            foreach ($call in $tree.FindAll({ param($node) $node -is [Management.Automation.Language.CommandAst] }, $true)) {
                $command = $exported[$call.GetCommandName()]
                if (-not $command) { continue }
                $command.Name
                foreach ($element in $call.CommandElements) {
                    if ($element -is [Management.Automation.Language.CommandParameterAst]) { $command.Parameters.Keys | Should -Contain $element.ParameterName }
                }
            }
        }
        $called | Select-Object -Unique | Sort-Object | Should -Be 'Export-CertRebindReport', 'Get-CertRebindInventory', 'Invoke-CertRebindFleet'
    }
}
