# Caller.Tests.ps1 with the other commands, and what goes through processes of its own.

$slow = $true
. "$PSScriptRoot/Caller.Tests.ps1"

Describe '-WhatIf' {
    BeforeAll {
        # What is printed goes to the host alone, so a process of its own prints it.
        function Get-Printed([string] $Script) {
            $module = Join-Path -Path (Get-Module -Name CertRebind).ModuleBase -ChildPath CertRebind.psd1
            & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command "Import-Module '$module'; $Script" 3>&1
        }
        $machine = [regex]::Escape([Environment]::MachineName)
    }

    It 'of Enable-CertRebind names each task and this machine, of Disable-CertRebind what it would remove' {
        $before = Get-Everything $lab
        $printed = Get-Printed 'Disable-CertRebind -WhatIf; Enable-CertRebind -WhatIf'
        $printed | Should -HaveCount 2
        $printed[0] | Should -Match "`"Register the task .*CertRebind`" on target `"$machine`""
        $printed[1] | Should -Match "`"Register the task .*CertRebind-Reconcile`" on target `"$machine`""
        Get-Everything $lab | Should -Be $before
        $null = Enable-CertRebind
        Get-Printed 'Enable-CertRebind -WhatIf' | Should -BeNullOrEmpty
        Get-Printed 'Disable-CertRebind -WhatIf' | Should -HaveCount 2
        $null = Disable-CertRebind -Confirm:$false
    }

    It 'of Set-CertRebindConfiguration names what differs, and nothing where nothing does' {
        $printed = Get-Printed '$c = Get-CertRebindConfiguration; $c.undo = ''run''; $c.keepRuns = 9; $c | Set-CertRebindConfiguration -WhatIf'
        $printed | Should -Match "differs in undo, keepRuns`" on target `"$machine`""
        Get-Printed 'Get-CertRebindConfiguration | Set-CertRebindConfiguration -WhatIf' | Should -BeNullOrEmpty
        { $c = Get-CertRebindConfiguration; $c.undo = 'sometimes'; $c | Set-CertRebindConfiguration -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'bad-configuration,*'
    }
}

Describe 'documents that crossed a session or a file' {
    BeforeAll {
        $again = (New-Renewal $new).new
        $module = Join-Path -Path (Get-Module -Name CertRebind).ModuleBase -ChildPath CertRebind.psd1
        function Invoke-InJob([scriptblock] $Script, [object[]] $Arguments) {
            $job = Start-Job -ScriptBlock $Script -ArgumentList $Arguments
            try { Receive-Job -Job $job -Wait -ErrorAction Stop } finally { Remove-Job -Job $job -Force }
        }
    }

    It 'a plan made in a job, kept in a file, reviewed here and carried out in another job changes what it says' {
        $plan = Invoke-InJob { param($module, $old, $new) Import-Module $module; New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new } $module, $old, $new
        $plan.PSObject.TypeNames[0] | Should -Be 'Deserialized.CertRebind.Plan'
        $plan | Export-Clixml -LiteralPath "$TestDrive/plan.clixml" -Depth 9
        $reviewed = Import-Clixml -LiteralPath "$TestDrive/plan.clixml"
        $reviewed.steps.Count | Should -BeGreaterThan 0
        $outcome = Invoke-InJob { param($module, $plan) Import-Module $module; Invoke-CertRebind -Plan $plan -Confirm:$false } $module, $reviewed
        $outcome.counts.changed | Should -Be $reviewed.steps.Count
        $outcome.result | Should -Be 'rebound'
    }

    It 'a <What> is written as the program gave it' -ForEach @(
        @{ What = 'plan'; Get = { New-CertRebindPlan -OldThumbprint $new -NewThumbprint $again } }
        @{ What = 'configuration'; Get = { Get-CertRebindConfiguration } }
        @{ What = 'snapshot'; Get = { Export-CertRebindSnapshot -Path "$TestDrive/here.json" | Import-CertRebindSnapshot } }
    ) {
        $document = & $Get
        $document | Export-Clixml -LiteralPath "$TestDrive/document.clixml" -Depth 9
        $received = Import-Clixml -LiteralPath "$TestDrive/document.clixml"
        $received | Add-Member -NotePropertyMembers @{ PSComputerName = 'elsewhere'; PSShowComputerName = $true; RunspaceId = [guid]::NewGuid(); PSSourceJobInstanceId = [guid]::NewGuid() }
        $one, $two = InModuleScope CertRebind -Parameters @{ Pair = @($document, $received) } {
            param($Pair)
            $Pair | ForEach-Object { ConvertTo-CertRebindJson -InputObject $_ }
        }
        # A table of registry values has no order.
        ($two | ConvertFrom-Json -AsHashtable | ConvertTo-Json -Depth 30 | ConvertFrom-Json -AsHashtable | ConvertTo-Json -Depth 30).Length |
            Should -Be ($one | ConvertFrom-Json -AsHashtable | ConvertTo-Json -Depth 30).Length
        $two.Contains('elsewhere') | Should -BeFalse
    }

    It 'a renewal and a snapshot are taken under both names' {
        $renewal = Invoke-InJob { param($module, $old, $new) Import-Module $module; (New-CertRebindPlan -OldThumbprint $old -NewThumbprint $new).renewals } $module, $new, $again
        ($renewal | New-CertRebindPlan).renewals.new | Should -Be $again
        $snapshot = Invoke-InJob { param($module, $file) Import-Module $module; Export-CertRebindSnapshot -Path $file -Confirm:$false | Import-CertRebindSnapshot } $module, "$TestDrive/there.json"
        ($snapshot | New-CertRebindPlan).server.name | Should -Be $snapshot.server.name
    }
}
