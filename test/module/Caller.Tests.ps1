# What a caller brings with it: the preferences of a script or a function, and objects that crossed a session or a file.

BeforeDiscovery {
    $changing = @(
        @{ Command = 'Disable-CertRebind'; Call = 'Disable-CertRebind' }
        @{ Command = 'Enable-CertRebind'; Call = 'Enable-CertRebind' }
        @{ Command = 'Export-CertRebindReport'; Call = "Export-CertRebindReport -Path '<drive>/report.html'" }
        @{ Command = 'Export-CertRebindSnapshot'; Call = "Export-CertRebindSnapshot -Path '<drive>/snapshot.json'" }
        @{ Command = 'Export-CertRebindSupport'; Call = "Export-CertRebindSupport -Path '<drive>/support.json'" }
        @{ Command = 'Hide-CertRebindFinding'; Call = 'Hide-CertRebindFinding -Code task-missing' }
        @{ Command = 'Import-CertRebindCertificate'; Call = "Import-CertRebindCertificate -FilePath '<pfx>' -Password (ConvertTo-SecureString secret -AsPlainText -Force) -Replace <old>" }
        @{ Command = 'Invoke-CertRebind'; Call = 'Invoke-CertRebind -OldThumbprint <old> -NewThumbprint <new>' }
        @{ Command = 'Invoke-CertRebindRehearsal'; Call = 'Invoke-CertRebindRehearsal' }
        @{ Command = 'New-CertRebindPlan'; Call = "New-CertRebindPlan -Path '<drive>/plan.json'" }
        @{ Command = 'Register-CertRebindTrigger'; Call = 'Register-CertRebindTrigger -On replaced -Run reconcile -Id caller' }
        @{ Command = 'Repair-CertRebind'; Call = 'Repair-CertRebind -Code task-missing' }
        @{ Command = 'Set-CertRebindConfiguration'; Call = '$c = Get-CertRebindConfiguration; $c.undo = ''run''; $c | Set-CertRebindConfiguration' }
        @{ Command = 'Sync-CertRebind'; Call = 'Sync-CertRebind' }
        @{ Command = 'Undo-CertRebind'; Call = 'Undo-CertRebind' }
        @{ Command = 'Unregister-CertRebindTrigger'; Call = 'Unregister-CertRebindTrigger -Id existing' }
    )
}

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    Import-CertRebind
    $old = $lab.Certificates[0].thumbprint
    $other = $lab.Certificates[1].thumbprint
    $new = (New-Renewal $old).new
    # Something to undo, something to unregister, and something that is pending.
    $null = Invoke-CertRebind -OldThumbprint $other -NewThumbprint (New-Renewal $other).new
    $null = Register-CertRebindTrigger -On replaced -Run status-check -Id existing
    function Complete-Call([string] $Call) { $Call.Replace('<old>', $old).Replace('<new>', $new).Replace('<drive>', [string]$TestDrive).Replace('<pfx>', "$PSScriptRoot/../fixtures/pfx/rsa-3des.pfx") }
}

AfterAll {
    Stop-Lab $lab
    Remove-Module -Name CertRebind -Force
}

Describe 'the preferences of a caller' {
    It 'are tried with every command that changes something' -ForEach @{ Tried = $changing.Command } {
        $supporting = (Get-Module -Name CertRebind).ExportedFunctions.Values |
            # A fleet needs sessions, so Fleet.Tests.ps1 tries it.
            Where-Object { [Management.Automation.CommandMetadata]::new($_).SupportsShouldProcess -and $_.Name -ne 'Invoke-CertRebindFleet' }
        $Tried | Sort-Object | Should -Be ($supporting.Name | Sort-Object)
    }

    It '$WhatIfPreference of a function keeps <Command> from changing anything' -ForEach $changing {
        $before = Get-Everything $lab
        $files = Get-ChildItem -LiteralPath $TestDrive -Recurse | Select-Object -ExpandProperty FullName
        $null = Invoke-Apart "function Invoke-Mine { `$WhatIfPreference = `$true; $(Complete-Call $Call) }; Invoke-Mine"
        Get-Everything $lab | Should -Be $before
        Get-ChildItem -LiteralPath $TestDrive -Recurse | Select-Object -ExpandProperty FullName | Should -Be $files
    }

    It '$WhatIfPreference gives way to -WhatIf:$false' {
        $before = Get-Everything $lab
        $null = Invoke-Apart "function Invoke-Mine { `$WhatIfPreference = `$true; Register-CertRebindTrigger -On expired -Run status-check -Id given -WhatIf:`$false }; Invoke-Mine"
        Get-Everything $lab | Should -Not -Be $before
    }

    It '$ErrorActionPreference of a script stops it at a refusal' {
        $script = "`$ErrorActionPreference = 'Continue'; function Invoke-Mine { `$ErrorActionPreference = 'Stop'; Undo-CertRebind -Run nonsense -Confirm:`$false; 'went on' }; try { Invoke-Mine } catch { `$_.FullyQualifiedErrorId }"
        Invoke-Apart $script | Should -Be 'no-such-run,Undo-CertRebind'
        $script = "`$ErrorActionPreference = 'SilentlyContinue'; function Invoke-Mine { Undo-CertRebind -Run nonsense -Confirm:`$false; 'went on' }; Invoke-Mine"
        Invoke-Apart $script | Should -Be 'went on'
    }

    # $ConfirmPreference: Starts.Tests.ps1.
    It '$VerbosePreference of a function holds' {
        $heard = Invoke-Apart "function Invoke-Mine { `$VerbosePreference = 'Continue'; Unregister-CertRebindTrigger -Id existing; Sync-CertRebind }; Invoke-Mine 4>&1"
        $heard | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | Should -Not -BeNullOrEmpty
        Get-CertRebindTrigger | Select-Object -ExpandProperty id | Should -Not -Contain 'existing'
    }
}

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
        { $c = Get-CertRebindConfiguration; $c.undo = 'sometimes'; $c | Set-CertRebindConfiguration -WhatIf } | Should -Throw -ErrorId 'bad-configuration,*'
    }
}

Describe 'a refused configuration' {
    It 'ends Set-CertRebindConfiguration, whatever the preference for errors is' {
        $configuration = Get-CertRebindConfiguration
        $configuration.undo = 'sometimes'
        { $configuration | Set-CertRebindConfiguration -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'bad-configuration,Set-CertRebindConfiguration'
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

    It 'a value that is not a number, boolean or null is quoted' {
        $json = InModuleScope CertRebind {
            ConvertTo-CertRebindJson -InputObject ([ordered]@{
                    guid = [guid]'b6c3f0c4-5d0e-4a3b-9a1e-7f0d2c6b8e15'; span = [timespan]'1.00:00:00'; day = [DayOfWeek]'Monday'
                    number = 1.5; whole = 7L; yes = $true; nothing = $null
                })
        }
        $json | Should -BeExactly ('{"guid":"b6c3f0c4-5d0e-4a3b-9a1e-7f0d2c6b8e15","span":"1.00:00:00","day":"Monday",' +
            '"number":1.5,"whole":7,"yes":true,"nothing":null}')
    }
}
