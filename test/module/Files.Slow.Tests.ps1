# Files that are handed to the module, each in a session of its own.

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
        @{ Text = '{"schema":"certrebind/<Kind>/9","steps":[]}'; Code = 'later-schema' }
    ) {
        foreach ($kind in 'plan', 'snapshot') {
            $schema = @{ plan = 'certrebind/plan/2'; snapshot = 'certrebind/snapshot/3' }[$kind]
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
