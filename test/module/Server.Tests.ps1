# The whole job through the module, on a lab server that is really served.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    Import-CertRebind
    $old = $lab.Certificates[0].thumbprint
    $other = $lab.Certificates[1].thumbprint
}

AfterAll {
    Stop-Lab $lab
    Remove-Module -Name CertRebind -Force
}

Describe 'certificate rebind through the module' {
    It 'is off, is switched on once, and stays as it is when switched on again' {
        (Get-CertRebind).enabled | Should -BeFalse
        $status = Enable-CertRebind
        $status.PSObject.TypeNames[0] | Should -Be 'CertRebind.Status'
        $status.enabled | Should -BeTrue
        $before = Get-Everything $lab
        (Enable-CertRebind).enabled | Should -BeTrue
        Get-Everything $lab | Should -Be $before
    }

    It 'binds a renewed certificate by itself, and says so' {
        $renewed = New-Renewal $old -Event
        $deadline = [DateTime]::UtcNow.AddSeconds(60)
        # The task of the lab is a process of its own; its end is seen in what it wrote.
        while (-not (Test-Path -Path "$($lab.Folder)/certrebind/runs/*/outcome.json")) {
            [DateTime]::UtcNow | Should -BeLessThan $deadline -Because 'the run should have ended'
            Start-Sleep -Milliseconds 50
        }
        $status = Get-CertRebind
        $status.lastRun.result | Should -Be 'rebound'
        $status.lastRun.at | Should -BeOfType [datetime]
        $status.lastRun.at.Kind | Should -Be 'Utc'
        $status.pending | Should -BeNullOrEmpty
        $run = Get-CertRebindHistory | Select-Object -Last 1
        $outcome = $run | Get-CertRebindHistory
        $outcome.renewals[0].new | Should -Be $renewed.new
        $outcome.counts.changed | Should -Be $outcome.steps.Count
        # Another program keeps the old certificate on a port of its own.
        Test-CertRebindEndpoint -Quiet | Should -BeFalse
        $served = Test-CertRebindEndpoint | Where-Object { $_.endpoint.serverName -eq 'shop.example.com' }
        $served.thumbprint | Should -Be $renewed.new
        $served.notAfter | Should -BeOfType [datetime]

        $update = 'http update sslcert ipport=0.0.0.0:443 certhash={0} appid={{4dc3e181-e14b-4a21-b022-59fc669b0914}} certstorename=My'
        $null = Invoke-Program lab netsh ($update -f $old) --lab $lab.Folder
        Test-CertRebindEndpoint -Quiet | Should -BeFalse -Because 'the old certificate is back after its renewal'
        $endpoints = Test-CertRebindEndpoint -WarningVariable warned -WarningAction SilentlyContinue
        $endpoints.Count | Should -BeGreaterThan 5
        "$warned" | Should -BeLike 'old-certificate-back: *0.0.0.0:443*'
        "$warned" | Should -BeLike "*`nSync-CertRebind`n*" -Because 'a line to type stands for itself'
        $null = Invoke-Program lab netsh ($update -f $renewed.new) --lab $lab.Folder
    }

    It 'undoes the last run when told to, and nothing with -WhatIf' {
        $before = Get-Everything $lab
        $shown = Invoke-Apart 'Undo-CertRebind -WhatIf'
        $shown.dryRun | Should -BeTrue
        $shown.steps.Count | Should -BeGreaterThan 5
        Get-Everything $lab | Should -Be $before
        $undone = Get-CertRebindHistory | Select-Object -Last 1 | Undo-CertRebind -Confirm:$false
        $undone.result | Should -Be 'undone'
        @((Get-CertRebindUsage -Thumbprint $old).consumers | Where-Object kind -EQ 'iis-binding').Count | Should -BeGreaterThan 5
    }

    It 'is switched off again' {
        (Disable-CertRebind -Confirm:$false).enabled | Should -BeFalse
        (Get-CertRebind).findings.code | Should -Contain 'task-missing'
    }
}

Describe 'Sync-CertRebind' {
    It 'shows what is pending with -WhatIf, takes it without, and then has nothing to do' {
        $renewed = Invoke-CertRebind -OldThumbprint $other -NewThumbprint (New-Renewal $other).new
        $renewed.result | Should -Be 'rebound'
        $again = New-Renewal ($renewed.renewals[0].new) -Event
        $before = Get-Everything $lab
        $plan = Invoke-Apart 'Sync-CertRebind -WhatIf'
        $plan.renewals.new | Should -Contain $again.new
        Get-Everything $lab | Should -Be $before
        $done = Sync-CertRebind -ErrorAction SilentlyContinue
        $done.renewals.new | Should -Contain $again.new
        (Get-CertRebind).pending.new | Should -Not -Contain $again.new
    }
}

Describe 'snapshots' {
    It 'are captured, read, and planned for elsewhere' {
        $captured = Export-CertRebindSnapshot -Path "$TestDrive/server.json"
        $snapshot = $captured | Import-CertRebindSnapshot
        $snapshot.PSObject.TypeNames[0] | Should -Be 'CertRebind.Snapshot'
        $snapshot.records.Count | Should -Be $captured.records
        $snapshot.records[0].PSObject.TypeNames[0] | Should -Be 'CertRebind.TlsRecord'
        $snapshot.takenAt | Should -BeOfType [datetime]
        $plan = $snapshot | New-CertRebindPlan
        $plan.PSObject.TypeNames[0] | Should -Be 'CertRebind.Plan'
        $plan.asOf | Should -Be $snapshot.takenAt
    }

    It 'are shown to people elsewhere on one page, of a captured server too' {
        $page = "$TestDrive/server.html"
        $written = Export-CertRebindReport -Path $page
        $written.PSObject.TypeNames[0] | Should -Be 'CertRebind.ReportWritten'
        $written.file | Should -Be $page
        Get-Content -LiteralPath $page -Raw | Should -BeLike '*<b>LAB-WEB01</b>*'
        $capture = "$TestDrive/for-page.json"
        $null = Export-CertRebindSnapshot -Path $capture
        $null = Import-CertRebindSnapshot -Path $capture | Export-CertRebindReport -Path "$TestDrive/captured.html"
        Get-Content -LiteralPath "$TestDrive/captured.html" -Raw | Should -BeLike '*A capture has no endpoints to test.*'
    }

    It 'are not written with -WhatIf' {
        Invoke-Apart "Export-CertRebindSnapshot -Path '$TestDrive/none.json' -WhatIf"
        Test-Path -LiteralPath "$TestDrive/none.json" | Should -BeFalse
    }
}

Describe 'a file that is no plan' {
    It 'is told apart from a plan of another version, which is to be made again' {
        $bad = "$TestDrive/bad.json"
        [IO.File]::WriteAllText($bad, '{"schema":"certrebind/plan/2","server":{},"steps":[]}')
        Invoke-CertRebind -PlanPath $bad -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[-1].FullyQualifiedErrorId | Should -Be 'other-version,Invoke-CertRebind'
        $problem[-1].ErrorDetails.RecommendedAction | Should -BeLike '*New-CertRebindPlan*'
    }
}

Describe 'configuration' {
    AfterAll {
        Remove-Item -LiteralPath "$($lab.Folder)/certrebind/config.json" -ErrorAction Ignore
    }

    It 'is changed as an object and in force at once' {
        $configuration = Get-CertRebindConfiguration
        $configuration.exclude.sites += "O'Brien `"`$(calc)`" 東京 `u{1F512}"
        $configuration.undo = 'run'
        $set = $configuration | Set-CertRebindConfiguration
        $set.undo | Should -Be 'run'
        (Get-CertRebindConfiguration).exclude.sites | Should -Be $configuration.exclude.sites
    }
}

Describe 'codes, findings and usage' {
    It 'explains what an error says' {
        (Get-CertRebindCode -Code names-lost).hint | Should -Not -BeNullOrEmpty
        (Get-CertRebindCode -Code task-missing).lines.line | Should -Be 'Enable-CertRebind'
        (Get-CertRebind).findings | Get-CertRebindCode | Should -Not -BeNullOrEmpty
    }

    It 'examines the server, and repairs what can be repaired' {
        Test-CertRebind -Quiet | Should -BeFalse
        $found = Test-CertRebind
        $found.code | Should -Contain 'task-missing'
        $before = Get-Everything $lab
        $null = Invoke-Apart 'Repair-CertRebind -Code task-missing -WhatIf'
        Get-Everything $lab | Should -Be $before
        $found | Where-Object -Property code -EQ -Value 'task-missing' | Repair-CertRebind | Select-Object -ExpandProperty enabled | Should -BeTrue
        (Test-CertRebind).code | Should -Not -Contain 'task-missing'
        $null = Disable-CertRebind -Confirm:$false
    }

    It 'tells who uses which certificate' {
        $used = Get-CertRebindUsage -Site 'Partner*'
        $used.names | Should -Contain 'api.example.org'
        $used.consumers[0].PSObject.TypeNames[0] | Should -Be 'CertRebind.Consumer'
        Get-CertRebindUsage -Site 'no such site' | Should -BeNullOrEmpty
    }

    It 'tells which texts name a certificate, unless it is not to search' {
        $named = Get-CertRebindUsage -Renewed | Where-Object { $_.written }
        $named.written.where | Sort-Object -Unique | Split-Path -Leaf | Should -Contain 'appsettings.json'
        $named.written.kind | Sort-Object -Unique | Should -Be 'file'
        $thumbprint = $named.written[0].thumbprint
        (Get-CertRebindUsage -Thumbprint $thumbprint).written.line | Should -Be $named.written.line
        (Get-CertRebindUsage -Thumbprint $thumbprint -NoSearch).PSObject.Properties['written'] | Should -BeNullOrEmpty
        @(Get-CertRebindUsage).Where({ $_.PSObject.Properties['written'] }) | Should -BeNullOrEmpty
    }

    It 'tells whether everything uses the renewed certificates, with what was not looked at' {
        $renewed = Get-CertRebindUsage -Renewed
        $renewed.Count | Should -BeGreaterThan 1
        $renewed[0].PSObject.TypeNames[0] | Should -Be 'CertRebind.RenewedCertificate'
        $renewed[0].places[0].PSObject.TypeNames[0] | Should -Be 'CertRebind.RenewedPlace'
        $one = Get-CertRebindUsage -Renewed -Thumbprint $renewed[0].thumbprint
        $one.thumbprint | Should -Be $renewed[0].thumbprint
        $renewed.new | Should -Be $renewed.ForEach({ @($_.places | Where-Object -Property is -EQ -Value 'new').Count })
        $typed = $renewed.places.commands
        $typed | Where-Object { $_ -match '^certrebind ' } | Should -BeNullOrEmpty
        # Where a renewal was taken back there is nothing to type.
        foreach ($place in $renewed.places) { if ($place.is -eq 'kept') { $place.commands | Should -BeNullOrEmpty } }
        $renewed | Out-String -Width 200 | Should -Match '(?m)^\S+ +\d{4}-\d\d-\d\d +\d+ +\d+ +\d+ '
        Get-CertRebindUsage -Renewed -Thumbprint ('A' * 40) 3>&1 | Should -BeLike 'No use of a certificate was found: A*'
    }
}

Describe 'triggers' {
    It 'are registered, listed and removed, and the arguments of a program stay its own' {
        $made = Register-CertRebindTrigger -On installed -Program /bin/true
        $made.id | Should -Be 'installed'
        $made.PSObject.TypeNames[0] | Should -Be 'CertRebind.Trigger'
        $program = Register-CertRebindTrigger -Id ops -On replaced -Name mail.example.com, '*.example.org' -Program /usr/bin/env -ArgumentList '--json', 'two words', '' -TimeLimit 0:01:30
        $program.action.args | Should -Be '--json', 'two words', ''
        $program.action.timeLimitSeconds | Should -Be 90
        $program.names.Count | Should -Be 2
        $program.createdAt | Should -BeOfType [datetime]
        @(Get-CertRebindTrigger).id | Should -Be 'installed', 'ops'
        (Get-CertRebindTrigger -Id o*).id | Should -Be 'ops'
        Get-CertRebindTrigger | Unregister-CertRebindTrigger
        Get-CertRebindTrigger | Should -BeNullOrEmpty
        Unregister-CertRebindTrigger -Id ops -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[-1].FullyQualifiedErrorId | Should -Be 'no-such-trigger,Unregister-CertRebindTrigger'
    }
}

Describe 'watches' {
    It 'are registered, listed and removed' {
        $folder = New-Item -ItemType Directory -Path "$TestDrive/certs"
        if ($IsLinux) { chmod 700 $folder.FullName }
        $made = Register-CertRebindWatch -Path $folder.FullName -Name shop.example.com, b.example.com -Password secret:pfx
        $made.PSObject.TypeNames[0] | Should -Be 'CertRebind.Watch'
        $made.path, $made.password | Should -Be $folder.FullName, 'secret:pfx'
        $made.names | Should -Be 'shop.example.com', 'b.example.com'
        (Get-CertRebindWatch -Path '*certs').path | Should -Be $folder.FullName
        (Get-CertRebindConfiguration).watch.Count | Should -Be 1
        Get-CertRebindWatch | Unregister-CertRebindWatch
        Get-CertRebindWatch | Should -BeNullOrEmpty
        Unregister-CertRebindWatch -Path $folder.FullName -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[-1].FullyQualifiedErrorId | Should -Be 'no-such-watch,Unregister-CertRebindWatch'
    }
}

Describe 'certificates that were replaced' {
    It 'stay on a day to which the clock jumped' {
        $looked = [ordered]@{ schema = 'certrebind/looked/1'; day = '2020-01-01'; days = 0; jumpedFrom = $null; since = @{ } }
        Set-Content -LiteralPath "$($lab.Folder)/certrebind/looked.json" -Value (ConvertTo-Json $looked)
        Invoke-CertRebindRetirement -After 0 -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[-1].FullyQualifiedErrorId | Should -Be 'retire-refused,Invoke-CertRebindRetirement'
    }
}

Describe 'Set-CertRebindConfiguration' {
    It 'sets the change window and mail by parameters, and leaves the rest' {
        $before = Get-CertRebindConfiguration
        $null = Set-CertRebindConfiguration -Setting ([ordered]@{ window = '22:00-04:00'; 'window.days' = 'Saturday', 'Sunday' })
        $set = Set-CertRebindConfiguration -MailServer mail.example.com -MailFrom web01@example.com -MailTo ops@example.com, you@example.com
        $set.PSObject.TypeNames[0] | Should -Be 'CertRebind.Configuration'
        "$($set.window)" | Should -Be 'from: 22:00; to: 04:00; days: Saturday, Sunday'
        $set.notify.mail.server, $set.notify.mail.from | Should -Be 'mail.example.com', 'web01@example.com'
        $set.notify.mail.to | Should -Be 'ops@example.com', 'you@example.com'
        { Set-CertRebindConfiguration -Setting @{ window = '22:00-22:30' } -ErrorAction Stop } | Should -Throw -ErrorId 'bad-configuration,Set-CertRebindConfiguration'
        $before | Set-CertRebindConfiguration | ConvertTo-Json | Should -Be ($before | ConvertTo-Json)
    }
}

Describe 'what is not there' {
    It 'is an error of its own about what was typed, and the only one: <Id>, <About>' -ForEach @(
        @{ Call = { Get-CertRebindCode -Code nosuch }; Id = 'no-such-code,Get-CertRebindCode'; About = 'nosuch'; Hint = "Check the name of the code.`nSee all codes:`n  Get-CertRebindCode" }
        @{ Call = { Hide-CertRebindFinding -Code nosuch }; Id = 'no-such-finding,Hide-CertRebindFinding'; About = 'nosuch'; Hint = "Check the code and the place.`nSee the findings with their places:`n  Test-CertRebind" }
        @{ Call = { Hide-CertRebindFinding -Code nosuch -All }; Id = 'no-such-finding,Hide-CertRebindFinding'; About = 'nosuch'; Hint = "Check the code and the place.`nSee the findings with their places:`n  Test-CertRebind" }
        @{ Call = { Repair-CertRebind -Code nosuch }; Id = 'no-such-finding,Repair-CertRebind'; About = 'nosuch'; Hint = "Check the code and the place.`nSee the findings with their places:`n  Test-CertRebind" }
        @{ Call = { Import-CertRebindSnapshot -Path "$TestDrive/none.json" }; Id = 'no-such-file,Import-CertRebindSnapshot'; About = '<file>'; Hint = 'Check its name and its folder.' }
        @{ Call = { Invoke-CertRebind -PlanPath "$TestDrive/none.json" }; Id = 'no-such-file,Invoke-CertRebind'; About = '<file>'; Hint = 'Check its name and its folder.' }
        @{ Call = { Get-CertRebindInventory -Path "$TestDrive/none.json" }; Id = 'no-such-file,Get-CertRebindInventory'; About = '<file>'; Hint = 'Check its name and its folder.' }
        @{ Call = { Import-CertRebindCertificate -FilePath "$TestDrive/none.json" }; Id = 'no-such-file,Import-CertRebindCertificate'; About = '<file>'; Hint = 'Check its name and its folder.' }
        @{ Call = { Set-CertRebindConfiguration -Path "$TestDrive/none.json" }; Id = 'no-such-file,Set-CertRebindConfiguration'; About = '<file>'; Hint = 'Check its name and its folder.' }
        @{ Call = { Set-CertRebindConfiguration -Path "$TestDrive/none.json" -WhatIf }; Id = 'no-such-file,Set-CertRebindConfiguration'; About = '<file>'; Hint = 'Check its name and its folder.' }
        @{ Call = { Import-CertRebindSnapshot -Path "$TestDrive/none.json" }; Id = 'no-such-file,Import-CertRebindSnapshot'; About = '<file>'; Hint = 'Check its name and its folder.' }
        @{ Call = { Unregister-CertRebindWatch -Path "$TestDrive/none.json" }; Id = 'no-such-watch,Unregister-CertRebindWatch'; About = '<file>'; Hint = "Check the name of the folder.`nSee the watched folders:`n  Get-CertRebindWatch" }
    ) {
        # An exception that the module catches would be here too, once for each function that it went through.
        $global:Error.Clear()
        & { $ErrorActionPreference = 'SilentlyContinue'; & $Call; 'the next statement' } | Should -Be 'the next statement'
        $problems = @($global:Error)
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -Be $Id
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $problems[0].TargetObject | Should -Be $About.Replace('<file>', "$TestDrive/none.json")
        $problems[0].ErrorDetails.RecommendedAction | Should -Be $Hint
    }

    It 'is said of a watch on a drive that is gone' {
        Unregister-CertRebindWatch -Path 'Q:\Certs' -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems.FullyQualifiedErrorId | Should -Be 'no-such-watch,Unregister-CertRebindWatch'
    }

    It 'is said of a certificate that nothing uses, with what was not looked at: <Asked>' -ForEach @(
        @{ Call = { Get-CertRebindUsage -Thumbprint ('A' * 40) }; Asked = 'A' * 40 }
        @{ Call = { Get-CertRebindUsage -Site nosuch }; Asked = 'nosuch' }
    ) {
        $warned = & $Call 3>&1
        "$warned" | Should -BeLike "No use of a certificate was found: $Asked. Not looked at: *programs with their own TLS library*."
        Get-CertRebindUsage -Thumbprint $old -WarningVariable warned | Should -Not -BeNullOrEmpty
        $warned | Should -BeNullOrEmpty
    }
}

Describe 'words' {
    It 'are those of PowerShell in every code, and nothing of the command line is left' {
        $codes = Get-CertRebindCode
        $codes.Count | Should -BeGreaterThan 80
        $left = $codes | ForEach-Object { $_.text, $_.hint } | ForEach-Object { $_ -replace 'certrebind\.exe [a-z ]+(--[a-z-]+( <[a-z]+>| (names|trust)-lost| revoked)? ?)*', '' }
        $left -cmatch '(^|[^\w.\\])certrebind [a-z]|(^| )--[a-z]' | Should -BeNullOrEmpty
    }

    It 'name only commands and parameters that there are' {
        $table = InModuleScope CertRebind { $script:spokenWords }
        foreach ($said in $table.Values) {
            if ($said -notmatch '^(?<command>[A-Z]\w+-CertRebind\w*)(?: -(?<parameter>\w+))?') { continue }
            $command = Get-Command -Name $Matches.command -Module CertRebind -ErrorAction Stop
            if ($Matches['parameter']) { $command.Parameters.Keys | Should -Contain $Matches.parameter -Because $said }
        }
    }

    It 'are lines that work where they set settings' {
        $line = InModuleScope CertRebind { ConvertTo-CertRebindWord -Text 'certrebind config set holders.ftp.policy replace keyAccess copy' }
        & ([scriptblock]::Create($line))
        $set = Get-CertRebindConfiguration
        $set.holders.ftp.policy, $set.keyAccess | Should -Be 'replace', 'copy'
        Set-CertRebindConfiguration -Setting @{ 'holders.ftp.policy' = 'report'; keyAccess = 'report' }
    }

    It 'are those of PowerShell in errors and findings' {
        Undo-CertRebind -Run nonsense -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[-1].ErrorDetails.RecommendedAction | Should -Be "Runs that changed nothing are not kept.`nSee the runs:`n  Get-CertRebindHistory"
        $finding = Test-CertRebind | Where-Object -Property code -EQ -Value task-missing
        $finding.commands | Should -Be 'Enable-CertRebind'
    }

    It '<Said> becomes <Here>' -ForEach @(
        @{ Said = 'certrebind rebind --old <old> --new <new>.'; Here = 'Invoke-CertRebind -OldThumbprint <old> -NewThumbprint <new>.' }
        @{ Said = 'Once: certrebind rebind --old <old> --new <new> --allow names-lost.'; Here = 'Once: certrebind.exe rebind --old <old> --new <new> --allow names-lost.' }
        @{ Said = 'certrebind history last shows'; Here = 'Get-CertRebindHistory -Run last shows' }
        @{ Said = 'Keep both: certrebind enable --alongside'; Here = 'Keep both: Enable-CertRebind -Alongside' }
        @{ Said = 'Run certrebind notify mail <host> --from <address> --to <address>.'; Here = 'Run Set-CertRebindConfiguration -MailServer <host> -MailFrom <address> -MailTo <address>.' }
        @{ Said = 'certrebind config set keyAccess copy'; Here = "Set-CertRebindConfiguration -Setting @{ keyAccess = 'copy' }" }
        @{ Said = "Type:`n  certrebind config set holders.sql replace window 22:00-04:00`nThen look."; Here = "Type:`n  Set-CertRebindConfiguration -Setting @{ 'holders.sql' = 'replace'; window = '22:00-04:00' }`nThen look." }
        @{ Said = 'certrebind config set new-config.json'; Here = 'certrebind.exe config set new-config.json' }
        @{ Said = 'C:\certrebind plan, certrebind plans and x--wait stay'; Here = 'C:\certrebind plan, certrebind plans and x--wait stay' }
        @{ Said = ''; Here = '' }
    ) {
        InModuleScope CertRebind -Parameters @{ Said = $Said } { param($Said) ConvertTo-CertRebindWord -Text $Said } | Should -Be $Here
    }
}

Describe 'objects' {
    # What each command returns, asked for once: these tests only look.
    BeforeAll {
        Confirm-History $old
        $captured = Export-CertRebindSnapshot -Path "$TestDrive/objects.json"
        $snapshot = $captured | Import-CertRebindSnapshot
        $plan = New-CertRebindPlan -OldThumbprint $old -NewThumbprint $other
        $runs = Get-CertRebindHistory
        $outcome = $runs | Select-Object -Last 1 | Get-CertRebindHistory
        $status = Get-CertRebind
        $findings = Test-CertRebind
        $endpoints = Test-CertRebindEndpoint
        $bindings = Get-CertRebindBinding
        $usage = Get-CertRebindUsage
        $renewed = Get-CertRebindUsage -Renewed
        $codes = Get-CertRebindCode
        $configuration = Get-CertRebindConfiguration
    }

    It 'have the properties that are completed: <Type>' -ForEach @(
        @{ Type = 'Binding'; Get = { $bindings } }
        @{ Type = 'Blocked'; Get = { $plan.blocked } }
        @{ Type = 'Captured'; Get = { $captured } }
        @{ Type = 'CertificateUsage'; Get = { $usage | Where-Object { $_.PSObject.TypeNames[0] -eq 'CertRebind.CertificateUsage' } } }
        @{ Type = 'Code'; Get = { $codes } }
        @{ Type = 'Configuration'; Get = { $configuration } }
        @{ Type = 'EndpointResult'; Get = { $endpoints } }
        @{ Type = 'Finding'; Get = { $findings } }
        @{ Type = 'Outcome'; Get = { $outcome } }
        @{ Type = 'Plan'; Get = { $plan } }
        @{ Type = 'Renewal'; Get = { $plan.renewals } }
        @{ Type = 'RenewedCertificate'; Get = { $renewed } }
        @{ Type = 'RenewedPlace'; Get = { $renewed.places } }
        @{ Type = 'Run'; Get = { $runs } }
        @{ Type = 'Snapshot'; Get = { $snapshot } }
        @{ Type = 'Status'; Get = { $status } }
        @{ Type = 'StepOutcome'; Get = { $outcome.steps } }
    ) {
        $objects = @(& $Get)
        $objects.Count | Should -BeGreaterThan 0
        $types = ([xml][IO.File]::ReadAllText("$(Get-Root)/module/CertRebind/CertRebind.Types.ps1xml")).Types.Type
        $listed = ($types | Where-Object Name -EQ "CertRebind.$Type").Members.ScriptProperty.Name
        $always = $objects | ForEach-Object { $object = $_; $object.PSObject.Properties.Name } | Group-Object | Where-Object Count -EQ $objects.Count
        $always = @($always.Name | Where-Object { $_ -cnotin 'SnapshotPath', 'lineage', 'owed' })
        $always | Where-Object { $listed -cnotcontains $_ } | Should -BeNullOrEmpty -Because 'CertRebind.Types.ps1xml lists them'
        $listed | Where-Object { $always -cnotcontains $_ } | Should -BeNullOrEmpty -Because 'no object has them'
    }

    It 'are completed before anything runs: <Line>' -ForEach @(
        @{ Line = 'Get-CertRebindHistory | Select-Object -Property res'; Offered = 'result' }
        @{ Line = 'Get-CertRebindBinding | Where-Object notA'; Offered = 'notAfter' }
        @{ Line = '(Get-CertRebind).find'; Offered = 'findings' }
    ) {
        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText | Should -Contain $Offered
    }

    It 'are a table where there are many <Type>' -ForEach @(
        @{ Type = 'steps'; Get = { $plan.blocked }; Head = 'Holder +Obstacles +Why' }
        @{ Type = 'runs'; Get = { $runs }; Head = 'Run +At +Result +Changed +Blocked' }
        @{ Type = 'endpoints'; Get = { $endpoints }; Head = 'Holder +Name +Result +Matches +Chain +Serves +Until +Reason' }
        @{ Type = 'findings'; Get = { $findings }; Head = 'Code +Severity +Message' }
        @{ Type = 'codes'; Get = { $codes }; Head = 'Code +Kind +Meaning' }
        @{ Type = 'step outcomes'; Get = { $outcome.steps }; Head = 'Id +Holder +State +Holds' }
    ) {
        & $Get | Out-String -Width 160 | Should -Match $Head
    }

    It 'are a list where there is one <Type>' -ForEach @(
        @{ Type = 'status'; Get = { $status }; Head = '(?m)^Enabled +: (True|False)' }
        @{ Type = 'plan'; Get = { $plan }; Head = '(?m)^Blocked +: \S+ names-lost' }
        @{ Type = 'configuration'; Get = { $configuration }; Head = '(?m)^Handshake +: \d+ attempts of \d+ ms' }
        @{ Type = 'capture'; Get = { $captured }; Head = '(?m)^Records +: \d+' }
        @{ Type = 'snapshot'; Get = { $snapshot }; Head = '(?m)^IIS +: 10' }
        @{ Type = 'outcome'; Get = { $outcome }; Head = '(?m)^Counts +: \d+ changed' }
    ) {
        & $Get | Out-String -Width 160 | Should -Match $Head
    }

    It 'are text within others, as a script or a CSV shows them' {
        "$($status.server) $($status.tasks[0])" | Should -Be 'LAB-WEB01 CertRebind: missing'
        "$($status.native)" | Should -Be 'present: False; enabled: False'
        "$($plan.blocked[0])" | Should -Be "$($plan.blocked[0].key) names-lost: $($plan.blocked[0].obstacles[0].text)"
        "$($plan.renewals)" | Should -Be "$old -> $other (given)"
        "$($outcome.counts)" | Should -Match '^\d+ changed'
        "$($endpoints[0].endpoint)" | Should -Match '^[\d.]+:\d+'
        $csv = $outcome | ConvertTo-Csv -NoTypeInformation
        foreach ($shown in $csv, ($status | Format-List -Property * | Out-String)) { "$shown" | Should -Not -BeLike '*@{*' }
    }

    It 'tell moments in UTC, and by the clock of the console beside it where that is another' {
        $berlin = & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command "`$env:TZ = 'Europe/Berlin'; [TimeZoneInfo]::ClearCachedData(); Import-Module '$(Get-Root)/module/CertRebind/CertRebind.psd1'; Get-CertRebindHistory" | Out-String
        $at = $runs[0].at
        $here = [TimeZoneInfo]::ConvertTimeBySystemTimeZoneId($at, 'Europe/Berlin')
        $berlin | Should -BeLike ('*{0:u} ({1:HH:mm} +0?:00)*' -f $at, $here)
        $runs | Out-String | Should -BeLike ('*{0:u} *' -f $at)
        $runs | Out-String | Should -Not -BeLike '*+0?:00)*'
    }

    It 'are shown by their properties alone: no view leaves an error' {
        $global:Error.Clear()
        foreach ($thing in $status, $plan, $outcome, $usage, $endpoints) {
            $thing | Format-List | Out-String | Should -Not -BeNullOrEmpty
            $thing | Format-Table | Out-String | Should -Not -BeNullOrEmpty
        }
        $global:Error | Should -BeNullOrEmpty
    }
}

Describe 'completion' {
    BeforeAll { Confirm-History $old }

    It 'offers <What>' -ForEach @(
        @{ What = 'thumbprints with subject and end'; Line = 'Invoke-CertRebind -OldThumbprint '; Text = '^[0-9A-F]{40}$'; List = 'example\..*, until \d{4}-\d\d-\d\d' }
        @{ What = 'thumbprints as far as they are typed'; Line = 'New-CertRebindPlan -NewThumbprint {0}'; Text = '^{0}'; List = '.' }
        @{ What = 'runs, the last one first'; Line = 'Undo-CertRebind -Run '; Text = '^\d{8}-\d{9}-[0-9a-f]{4}$'; List = '.' }
        @{ What = 'codes'; Line = 'Get-CertRebindCode -Code names'; Text = '^names-'; List = '^names-' }
        @{ What = 'what can be repaired, and nothing else'; Line = 'Repair-CertRebind -Code '; Text = '^(task-missing|task-changed|task-disabled|log-disabled|orphaned-record|binding-without-record|binding-falls-back|certificate-elsewhere|not-restored)$'; List = '-' }
        @{ What = 'findings'; Line = 'Hide-CertRebindFinding -Code task'; Text = '^task-'; List = '^task-' }
        @{ What = 'sites, in quotes where they need them'; Line = 'Get-CertRebindUsage -Site Def'; Text = "^'Default Web Site'$"; List = '^Default Web Site$' }
    ) {
        $line = $Line.Replace('{0}', $old.Substring(0, 4))
        $offers = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches
        $offers | Should -Not -BeNullOrEmpty
        foreach ($offer in $offers) {
            $offer.CompletionText | Should -Match $Text.Replace('{0}', $old.Substring(0, 4))
            $offer.ListItemText | Should -Match $List
        }
    }

    It 'offers no files of the folder where there is nothing to offer' {
        InModuleScope CertRebind { Mock Get-CertRebindHistory { } }
        foreach ($line in 'Undo-CertRebind -Run ', 'Undo-CertRebind -Run nosuch') {
            $offers = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches
            $offers | ForEach-Object { "$($_.ResultType) $($_.CompletionText.Trim())".Trim() } | Should -Be "Text $($line.Substring(21))".Trim()
        }
    }

    It 'offers nothing, and no error, when there is no server to ask' {
        $folder = $env:CERTREBIND_LAB
        $env:CERTREBIND_LAB = "$TestDrive/no-lab"
        $count = $global:Error.Count
        try {
            $line = 'Undo-CertRebind -Run 2'
            (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches | Where-Object ResultType -EQ 'ParameterValue' | Should -BeNullOrEmpty
        } finally { $env:CERTREBIND_LAB = $folder }
        $global:Error.Count | Should -BeLessOrEqual ($count + 1)
    }
}

Describe 'Get-CertRebindBinding' {
    It 'tells for every HTTPS binding the record and the certificate, in flat objects' {
        $bindings = @(Get-CertRebindBinding)
        $facts = Export-CertRebindSnapshot -Path "$TestDrive/all.json" | Import-CertRebindSnapshot
        $bindings.Count | Should -Be @($facts.sites.bindings | Where-Object -Property protocol -EQ -Value https).Count
        $shop = Get-CertRebindBinding -Site Shop | Where-Object -Property binding -EQ -Value '*:443:shop.example.com'
        $record = $facts.records | Where-Object -Property key -EQ -Value 'shop.example.com:443'
        $shop.record | Should -Be $record.key
        $shop.thumbprint | Should -Be $record.thumbprint
        $shop.store | Should -Be $record.store
        $shop.subject | Should -Be ($facts.certificates | Where-Object -Property thumbprint -EQ -Value $record.thumbprint)[0].commonName
        $shop.notAfter | Should -BeOfType [datetime]
        foreach ($property in $shop.PSObject.Properties) { $property.Value | Should -Not -BeOfType [psobject[]] }
        ($bindings | Where-Object -Property site -EQ -Value Central).thumbprint | Should -BeNullOrEmpty
        ($bindings | ConvertTo-Csv -NoTypeInformation)[0] | Should -Be '"site","state","binding","record","store","thumbprint","subject","notAfter"'
    }
}

Describe 'Import-CertRebindCertificate' {
    BeforeAll {
        $file = "$PSScriptRoot/../fixtures/pfx/rsa-3des.pfx"
        $password = [securestring]::new()
        foreach ($letter in [char[]]'secret') { $password.AppendChar($letter) }
        $successor = 'A6C20B3EAC08A78E420388A5FB4998993EE38887'
        $held = (Get-CertRebindBinding | Where-Object -Property record -EQ -Value 'shop.example.com:443').thumbprint
    }

    It 'shows the plan with -WhatIf, and brings nothing in' {
        $before = Get-Everything $lab
        $shown = Invoke-Apart "Import-CertRebindCertificate '$file' -Password (ConvertTo-SecureString secret -AsPlainText -Force) -Replace $held -Allow trust-lost -WhatIf"
        $shown.result | Should -Be 'would-rebind'
        Get-Everything $lab | Should -Be $before
    }

    It 'only imports without -Replace, and rebinds with it' {
        $imported = Import-CertRebindCertificate -FilePath $file -Password $password
        $imported.PSObject.TypeNames[0] | Should -Be 'CertRebind.Imported'
        $imported.thumbprint, $imported.store | Should -Be $successor, 'My'
        $outcome = Import-CertRebindCertificate -FilePath $file -Password $password -Replace $held -Allow trust-lost
        $outcome.result | Should -Be 'imported'
        (Get-CertRebindBinding | Where-Object -Property record -EQ -Value 'shop.example.com:443').thumbprint | Should -Be $successor
    }

    It 'refuses a file without its password, and one that the password does not open' {
        { Import-CertRebindCertificate -FilePath $file -ErrorAction Stop } | Should -Throw '*it has a password, and none was given*'
        $wrong = [System.Net.NetworkCredential]::new('', 'wrong').SecurePassword
        { Import-CertRebindCertificate -FilePath $file -Password $wrong -ErrorAction Stop } | Should -Throw '*the password does not open it*'
    }
}
