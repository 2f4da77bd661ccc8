# Everything that Invoke-CertRebind takes, and files that are handed to the module, on a lab server that is really served.

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

Describe 'Invoke-CertRebind' {
    BeforeAll {
        $new = (New-Renewal $old).new
    }

    AfterEach {
        # Back to the old one, whatever the test did.
        $null = Invoke-CertRebind -OldThumbprint $new -NewThumbprint $old -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
    }

    It 'shows the plan with -WhatIf and moves nothing' {
        $before = Get-Everything $lab
        $plan = Invoke-Apart "Invoke-CertRebind -OldThumbprint $old -NewThumbprint $new -WhatIf"
        $plan.PSObject.TypeNames[0] | Should -Be 'CertRebind.Plan'
        $plan.steps.Count | Should -BeGreaterThan 5
        Invoke-Apart "New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new | Invoke-CertRebind -WhatIf" | Should -Not -BeNullOrEmpty
        Get-Everything $lab | Should -Be $before
    }

    It 'can be shown to move something, or the test before would prove nothing' {
        $before = Get-Everything $lab
        $null = Invoke-CertRebind -OldThumbprint $old -NewThumbprint $new
        Get-Everything $lab | Should -Not -Be $before
    }

    It 'takes <What>' -ForEach @(
        @{ What = 'a pair by the names of the native event'; How = { Invoke-CertRebind -OldCertHash $old -NewCertHash $new } }
        @{ What = 'thumbprints as a console copies them, with a mark in front'; How = { Invoke-CertRebind -OldCert ([char]0x200e + $old.ToLowerInvariant()) -NewCert ([char]0x200e + ($new -replace '..(?!$)', '$0 ')) } }
        @{ What = 'new thumbprints from the pipeline'; How = { $new | Invoke-CertRebind -OldThumbprint $old } }
        @{ What = 'objects with both, by property name'; How = { [pscustomobject]@{ OldThumbprint = $old; NewThumbprint = $new } | Invoke-CertRebind } }
        @{ What = 'rows of a file'; How = { "OldCertHash,NewCertHash`n$old,$new" | ConvertFrom-Csv | Invoke-CertRebind } }
        @{ What = 'renewals of a plan'; How = { (New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new).renewals | Invoke-CertRebind } }
        @{ What = 'a plan'; How = { New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new | Invoke-CertRebind } }
        @{ What = 'a plan from a file'; How = {
                $null = New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new -Path "$TestDrive/plan.json"
                Get-Item -LiteralPath "$TestDrive/plan.json" | Invoke-CertRebind
            }
        }
        @{ What = 'a plan made elsewhere in PowerShell and written with >'; How = {
                $null = New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new -Path "$TestDrive/plan.json"
                [IO.File]::WriteAllText("$TestDrive/plan16.json", [IO.File]::ReadAllText("$TestDrive/plan.json"), [Text.Encoding]::Unicode)
                Invoke-CertRebind -PlanPath "$TestDrive/plan16.json"
            }
        }
    ) {
        $outcome = @(& $How)
        $outcome.Count | Should -Be 1
        $outcome[0].PSObject.TypeNames[0] | Should -Be 'CertRebind.Outcome'
        $outcome[0].result | Should -Be 'rebound'
        $outcome[0].startedAt | Should -BeOfType [datetime]
        Test-CertRebindEndpoint -Quiet | Should -BeTrue
    }

    It 'takes certificates, from the pipeline and as parameters' {
        $key = [Security.Cryptography.RSA]::Create(2048)
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=a', $key, 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $certificate = $request.CreateSelfSigned([DateTimeOffset]::UtcNow, [DateTimeOffset]::UtcNow.AddDays(1))
        (New-CertRebindPlan -OldThumbprint $old -NewThumbprint $certificate).renewals[0].new | Should -Be $certificate.Thumbprint
        ($certificate | New-CertRebindPlan -OldThumbprint $old).renewals[0].new | Should -Be $certificate.Thumbprint
    }

    It 'takes a plan file that others can write only by the digest of the plan that is meant' -Skip:($env:OS -eq 'Windows_NT') {
        $open = "$TestDrive/open"
        $null = New-Item -ItemType Directory -Path $open
        chmod 777 $open
        $plan = New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new -Path "$open/plan.json"
        foreach ($digest in @{}, @{ Digest = '0' * 64 }) {
            Invoke-CertRebind -PlanPath "$open/plan.json" @digest -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $problems[0].FullyQualifiedErrorId | Should -Be 'plan-unconfirmed,Invoke-CertRebind'
        }
        (Invoke-CertRebind -PlanPath "$open/plan.json" -Digest $plan.digest).result | Should -Be 'rebound'
    }

    It 'takes the event that told of a renewal, from the pipeline as Get-WinEvent gives it' {
        $renewed = New-Renewal $old -Event
        $outcome = [pscustomobject]@{ RecordId = [long]$renewed.eventRecordId } | Invoke-CertRebind
        $outcome.renewals.new | Should -Contain $renewed.new
        $outcome.result | Should -Be 'rebound'
        Invoke-CertRebind -OldThumbprint $renewed.new -NewThumbprint $old | Select-Object -ExpandProperty counts | Select-Object -ExpandProperty changed | Should -BeGreaterThan 5
    }

    It 'keeps a renewal what it is: an event that nothing corroborates, piped as <What>, is no pair that was given' -ForEach @(
        @{ What = 'what is pending'; Get = { (Get-CertRebind).pending | Where-Object -Property new -EQ -Value $forged.new } }
        @{ What = 'the renewals of a plan'; Get = { (New-CertRebindPlan -EventRecordId $forged.eventRecordId).renewals } }
        @{ What = 'an object of JSON'; Get = { (Get-CertRebind).pending | Where-Object -Property new -EQ -Value $forged.new | ConvertTo-Json | ConvertFrom-Json } }
    ) {
        $forged = Invoke-Program lab renew $other --no-property --written-by S-1-5-20
        $renewal = & $Get
        foreach ($plan in ($renewal | New-CertRebindPlan), ($renewal | Invoke-CertRebind -WhatIf)) {
            $plan.renewals.source | Should -Be 'event'
            $plan.renewals.corroborated | Should -BeFalse
            $plan.steps | Should -BeNullOrEmpty
            $plan.blocked[0].obstacles[0].code | Should -Be 'uncorroborated'
        }
        $before = (Test-CertRebindEndpoint).thumbprint
        $outcome = $renewal | Invoke-CertRebind -ErrorVariable problems -ErrorAction SilentlyContinue
        $outcome.counts.changed | Should -Be 0
        $problems.FullyQualifiedErrorId | Should -Contain 'uncorroborated,Invoke-CertRebind'
        (Test-CertRebindEndpoint).thumbprint | Should -Be $before
    }

    It 'refuses a renewal <What>, and takes the next' -ForEach @(
        @{ What = 'that nothing corroborates and no event tells of'; Change = { param($renewal) $renewal.eventRecordId = $null }; Id = 'uncorroborated'; Text = 'No event and no certificate property shows*' }
        @{ What = 'whose event tells of another pair'; Change = { param($renewal) $renewal.new = $other }; Id = 'bad-input'; Text = 'Event * is not about*' }
    ) {
        $forged = Invoke-Program lab renew $old --no-property --written-by S-1-5-20
        $wrong = (New-CertRebindPlan -EventRecordId $forged.eventRecordId).renewals[0]
        & $Change $wrong
        $right = (New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new).renewals[0]
        $plans = @($wrong, $right | Invoke-CertRebind -WhatIf -ErrorVariable problems -ErrorAction SilentlyContinue)
        $plans.Count | Should -Be 1
        $plans[0].renewals.new | Should -Be $new
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -Be "$Id,Invoke-CertRebind"
        $problems[0].TargetObject | Should -Be $wrong
        $problems[0].ErrorDetails.RecommendedAction | Should -Match 'Sync-CertRebind'
        "$($problems[0])" | Should -BeLike $Text
        $wrong, $right | New-CertRebindPlan -ErrorVariable problems -ErrorAction SilentlyContinue | Select-Object -ExpandProperty renewals | Select-Object -ExpandProperty new | Should -Be $new
        $problems[0].FullyQualifiedErrorId | Should -Be "$Id,New-CertRebindPlan"
    }

    It 'reports each blocked record as an error of its own with that record as target, after the outcome' {
        $outcome = Invoke-CertRebind -OldThumbprint $old -NewThumbprint $other -ErrorVariable problems -ErrorAction SilentlyContinue
        $outcome.exitCode | Should -Be 3
        $outcome.blocked.Count | Should -BeGreaterThan 3
        $mine = @($problems | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
        $mine.Count | Should -Be $outcome.blocked.Count
        $mine[0].TargetObject.PSObject.TypeNames[0] | Should -Be 'CertRebind.Blocked'
        $mine[0].TargetObject.key | Should -Be $outcome.blocked[0].key
        $mine[0].FullyQualifiedErrorId | Should -Be 'names-lost,Invoke-CertRebind'
        $mine[0].CategoryInfo.TargetName | Should -Be $outcome.blocked[0].key
        $mine[0].ErrorDetails.RecommendedAction | Should -Match 'Get-CertRebindCode names-lost'
        $outcome.counts.changed | Should -Be 0 -Because 'it shares no name with the old one, wherever it would go'
    }

    It 'reports a mistyped certificate once, however many records it would have gone to' {
        $typo = 'A' * 40
        $outcome = Invoke-CertRebind -OldThumbprint $old -NewThumbprint $typo -ErrorVariable problems -ErrorAction SilentlyContinue
        $outcome.blocked.Count | Should -BeGreaterThan 3
        $mine = @($problems | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
        $mine.Count | Should -Be 1
        $mine[0].FullyQualifiedErrorId | Should -Be 'certificate-missing,Invoke-CertRebind'
        @($mine[0].TargetObject).Count | Should -Be $outcome.blocked.Count
        "$($mine[0])" | Should -BeLike "*$($outcome.blocked[-1].key)*$typo*"
    }

    It 'goes on with the next input after one that is wrong' {
        $outcomes = @('rubbish', $new | Invoke-CertRebind -OldThumbprint $old -ErrorVariable problems -ErrorAction SilentlyContinue)
        $outcomes.Count | Should -Be 1
        $outcomes[0].result | Should -Be 'rebound'
        $problems[0].FullyQualifiedErrorId | Should -Be 'no-such-certificate,Invoke-CertRebind'
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $problems[0].TargetObject | Should -Be 'rubbish'
        $problems[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        "$($problems[0])" | Should -Not -Match '\bat .*:\d+'
        $typo = '0' * 40
        Invoke-CertRebind -OldThumbprint $typo -NewThumbprint ('1' * 40) -ErrorVariable problems -ErrorAction SilentlyContinue
        "$($problems[0].FullyQualifiedErrorId) $($problems[0].TargetObject)" | Should -Be "no-such-certificate,Invoke-CertRebind $typo" -Because 'the old one is what the server does not have'
    }

    It 'refuses a plan whose records have changed since, and one that was edited, and touches nothing' {
        $plan = New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new
        $null = $plan | Invoke-CertRebind
        $before = Get-Everything $lab
        $plan | Invoke-CertRebind -ErrorVariable stale -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $stale[0].FullyQualifiedErrorId | Should -Be 'plan-stale,Invoke-CertRebind'
        $stale[0].TargetObject.digest | Should -Be $plan.digest
        $edited = New-CertRebindPlan -OldThumbprint $new -NewThumbprint $old
        $edited.steps = @($edited.steps[0])
        $edited | Invoke-CertRebind -ErrorVariable changed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $changed[0].FullyQualifiedErrorId | Should -Be 'plan-edited,Invoke-CertRebind'
        "$($changed[0])" | Should -BeLike 'The plan was changed*'
        Get-Everything $lab | Should -Be $before
    }

    It 'leaves no file of a plan behind' {
        $before = $env:TMPDIR
        $env:TMPDIR = (New-Item -Path "$TestDrive/temporary" -ItemType Directory).FullName
        try {
            New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new | Invoke-CertRebind | Select-Object -ExpandProperty result | Should -Be 'rebound'
            Get-ChildItem -LiteralPath $env:TMPDIR | Should -BeNullOrEmpty
        } finally { $env:TMPDIR = $before }
    }

    It 'tells how far it is while it runs' {
        $shell = [PowerShell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$(Get-Root)/module/CertRebind/CertRebind.psd1'; Invoke-CertRebind -OldThumbprint $old -NewThumbprint $new -Verbose")
            $outcome = $shell.Invoke()
            $outcome.result | Should -Be 'rebound'
            $shell.Streams.Progress.StatusDescription -join "`n" | Should -Match 'Reading the server'
            $shell.Streams.Progress.PercentComplete | Should -Contain 100
            $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
            $shell.Streams.Verbose.Message -join "`n" | Should -Match 'Changing the rest \d+/\d+'
        } finally { $shell.Dispose() }
    }
}

Describe 'files that are no plan and no snapshot' {
    BeforeAll {
        $null = New-CertRebindPlan -OldThumbprint $old -NewThumbprint $other -Path "$TestDrive/good-plan.json"
        $null = Export-CertRebindSnapshot -Path "$TestDrive/good-snapshot.json"
        $bad = "$TestDrive/bad.json"
    }

    It 'are one error each, and the next file has its turn: <Text>' -ForEach @(
        @{ Text = ''; Code = 'bad-input' }
        @{ Text = '1'; Code = 'bad-input' }
        @{ Text = 'null'; Code = 'bad-input' }
        @{ Text = '"x"'; Code = 'bad-input' }
        @{ Text = '[1]'; Code = 'bad-input' }
        @{ Text = '{}'; Code = 'bad-input' }
        @{ Text = '{"a":-}'; Code = 'bad-input' }
        @{ Text = '{"schema":"certrebind/'; Code = 'bad-input' }
        @{ Text = '{"schema":"certrebind/ledger/1"}'; Code = 'bad-input' }
        @{ Text = '{"schema":"<Schema>"}'; Code = 'bad-input' }
        @{ Text = '{"schema":"certrebind/<Kind>/9","steps":[]}'; Code = 'other-version' }
    ) {
        foreach ($kind in 'plan', 'snapshot') {
            $schema = @{ plan = 'certrebind/plan/1'; snapshot = 'certrebind/snapshot/1' }[$kind]
            [IO.File]::WriteAllText($bad, $Text.Replace('<Kind>', $kind).Replace('<Schema>', $schema))
            $shell = [PowerShell]::Create()
            try {
                $act = @{ plan = 'Invoke-CertRebind -WhatIf'; snapshot = 'Import-CertRebindSnapshot' }[$kind]
                $null = $shell.AddScript("Import-Module '$(Get-Root)/module/CertRebind/CertRebind.psd1'; Get-Item -LiteralPath '$bad', '$TestDrive/good-$kind.json' | $act")
                $read = $shell.Invoke()
                $read.schema | Should -Be $schema
                # What is shown to somebody; a variable also has what was caught on the way.
                $shell.Streams.Error.Count | Should -Be 1
                $shell.Streams.Error[0].FullyQualifiedErrorId | Should -Be "$Code,$($act.Split(' ')[0])"
                $shell.Streams.Error[0].TargetObject | Should -Be $bad
                $shell.Streams.Error[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            } finally { $shell.Dispose() }
        }
    }
}
