# What the module does on a lab server that is really served, beside the stories of Server.Tests.ps1.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    Import-CertRebind
    $old = $lab.Certificates[0].thumbprint
}

AfterAll {
    Stop-Lab $lab
    Remove-Module -Name CertRebind -Force
}

Describe 'snapshots and pages' {
    It 'go to the developers in a file without names, which is not written over' {
        $file = "$TestDrive/support.json"
        $written = Export-CertRebindSupport -Path $file
        $written.PSObject.TypeNames[0] | Should -Be 'CertRebind.SupportWritten'
        $written.server | Should -BeTrue
        (Get-Content -LiteralPath $file -Raw | ConvertFrom-Json).schema | Should -Be 'certrebind/support/1'
        Get-Content -LiteralPath $file -Raw | Should -Not -Match 'LAB-WEB01|example|Intranet'
        (Export-CertRebindSupport -Path $file -Force).file | Should -Be $written.file
    }

    It '<_> leaves a file that is there, without -Force' -ForEach 'Export-CertRebindReport', 'Export-CertRebindSnapshot', 'Export-CertRebindSupport' {
        $file = "$TestDrive/there"
        [IO.File]::WriteAllText($file, 'mine')
        { & $_ -Path $file -ErrorAction Stop } | Should -Throw '*already exists*' -ErrorId "not-writable,$_"
        [IO.File]::ReadAllText($file) | Should -Be 'mine'
        (& $_ -Path $file -Force).file | Should -Be $file
        [IO.File]::ReadAllText($file) | Should -Not -Be 'mine'
    }
}

Describe 'configuration' {
    It 'stays as it was when a new one is invalid, or with -WhatIf' {
        $before = (Get-CertRebindConfiguration).undo
        $configuration = Get-CertRebindConfiguration
        $configuration.undo = 'sometimes'
        { $configuration | Set-CertRebindConfiguration -ErrorAction Stop } |
            Should -Throw -ErrorId 'bad-configuration,Set-CertRebindConfiguration' -ExpectedMessage 'The configuration: undo is none of*'
        Invoke-Apart "`$c = Get-CertRebindConfiguration; `$c.undo = 'step'; `$c | Set-CertRebindConfiguration -WhatIf"
        (Get-CertRebindConfiguration).undo | Should -Be $before
    }
}

Describe 'findings' {
    It 'hides a finding until it is shown again, and gives up no renewal that there is not' {
        # What was seen of each endpoint is kept, with its time.
        $null = Test-CertRebind
        $before = Get-Everything $lab
        $null = Invoke-Apart 'Get-CertRebind | ForEach-Object findings | Hide-CertRebindFinding -WhatIf'
        Get-Everything $lab | Should -Be $before
        $hidden = Test-CertRebind | Where-Object -Property code -EQ -Value 'task-missing' | Hide-CertRebindFinding
        "$($hidden.PSObject.TypeNames[0]) $($hidden.code)" | Should -Be 'CertRebind.Finding task-missing'
        (Get-CertRebind).findings.code | Should -Not -Contain 'task-missing'
        (Hide-CertRebindFinding -Code task-missing -Undo).code | Should -Be 'task-missing'
        (Get-CertRebind).findings.code | Should -Contain 'task-missing'
        Hide-CertRebindFinding -Thumbprint ABCD0123 -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -Be 'no-such-certificate,Hide-CertRebindFinding'
    }
}

Describe 'Get-CertRebindHistory' {
    BeforeAll { Confirm-History $old }

    It 'chooses runs by number, moment and result' {
        $all = @(Get-CertRebindHistory)
        $all.Count | Should -BeGreaterThan 2
        (Get-CertRebindHistory -Last 1).run | Should -Be $all[-1].run
        @(Get-CertRebindHistory -After $all[0].at.ToLocalTime()).run | Should -Be @($all | Where-Object { $_.at -gt $all[0].at }).run
        Get-CertRebindHistory -After ([datetime]::UtcNow.AddDays(1)) | Should -BeNullOrEmpty
        @(Get-CertRebindHistory -Result undone).run | Should -Be @($all | Where-Object result -EQ undone).run
        @(Get-CertRebindHistory -Result 'undone', 're*').run | Should -Be @($all | Where-Object { $_.result -eq 'undone' -or $_.result -like 're*' }).run
        @(Get-CertRebindHistory -Result 'undone' -Last 1).Count | Should -Be 1
    }
}
