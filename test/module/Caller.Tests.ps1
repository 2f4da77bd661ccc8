# What a caller brings with it: the preferences of a script or a function, and objects that crossed a session or a file.

BeforeDiscovery {
    $changing = @(
        @{ Command = 'Disable-CertRebind'; Call = 'Disable-CertRebind' }
        @{ Command = 'Enable-CertRebind'; Call = 'Enable-CertRebind' }
        @{ Command = 'Export-CertRebindReport'; Call = "Export-CertRebindReport -Path '<drive>/report.html'" }
        @{ Command = 'Export-CertRebindSnapshot'; Call = "Export-CertRebindSnapshot -Path '<drive>/snapshot.json'" }
        @{ Command = 'Export-CertRebindSupport'; Call = "Export-CertRebindSupport -Path '<drive>/support.json'" }
        @{ Command = 'Hide-CertRebindFinding'; Call = 'Hide-CertRebindFinding -Code task-missing' }
        @{ Command = 'Import-CertRebindCertificate'; Call = "Import-CertRebindCertificate -FilePath '<pfx>' -Password (ConvertTo-SecureString secret -AsPlainText -Force) -Replace <old> -Allow trust-lost" }
        @{ Command = 'Invoke-CertRebind'; Call = 'Invoke-CertRebind -OldThumbprint <old> -NewThumbprint <new>' }
        @{ Command = 'Invoke-CertRebindRehearsal'; Call = 'Invoke-CertRebindRehearsal' }
        @{ Command = 'New-CertRebindPlan'; Call = "New-CertRebindPlan -Path '<drive>/plan.json'" }
        @{ Command = 'Register-CertRebindTrigger'; Call = 'Register-CertRebindTrigger -On replaced -Program /bin/true -Id caller' }
        @{ Command = 'Register-CertRebindWatch'; Call = "Register-CertRebindWatch -Path '<drive>'" }
        @{ Command = 'Invoke-CertRebindRetirement'; Call = 'Invoke-CertRebindRetirement' }
        @{ Command = 'Repair-CertRebind'; Call = 'Repair-CertRebind -Code task-missing' }
        @{ Command = 'Set-CertRebindConfiguration'; Call = '$c = Get-CertRebindConfiguration; $c.undo = ''run''; $c | Set-CertRebindConfiguration' }
        @{ Command = 'Sync-CertRebind'; Call = 'Sync-CertRebind' }
        @{ Command = 'Undo-CertRebind'; Call = 'Undo-CertRebind' }
        @{ Command = 'Unregister-CertRebindTrigger'; Call = 'Unregister-CertRebindTrigger -Id existing' }
        @{ Command = 'Unregister-CertRebindWatch'; Call = "Unregister-CertRebindWatch -Path '<drive>'" }
    )
    # Caller.Slow.Tests.ps1 tries the others.
    $tried = $changing | Where-Object { [bool]$slow -ne ($_.Command -in 'Enable-CertRebind', 'Invoke-CertRebind') }
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
    $null = Register-CertRebindTrigger -On replaced -Program /bin/true -Id existing
    function Complete-Call([string] $Call) { $Call.Replace('<old>', $old).Replace('<new>', $new).Replace('<drive>', [string]$TestDrive).Replace('<pfx>', "$PSScriptRoot/../fixtures/pfx/rsa-3des.pfx") }
}

AfterAll {
    Stop-Lab $lab
    Remove-Module -Name CertRebind -Force
}

Describe 'the preferences of a caller' {
    It 'are tried with every command that changes something' -ForEach @{ Tried = $changing.Command } {
        $supporting = (Get-Module -Name CertRebind).ExportedFunctions.Values |
            # A fleet needs sessions, so Fleet.Slow.Tests.ps1 tries it.
            Where-Object { [Management.Automation.CommandMetadata]::new($_).SupportsShouldProcess -and $_.Name -ne 'Invoke-CertRebindFleet' }
        $Tried | Sort-Object | Should -Be ($supporting.Name | Sort-Object)
    }

    It '$WhatIfPreference of a function keeps <Command> from changing anything' -ForEach $tried {
        $before = Get-Everything $lab
        $files = Get-ChildItem -LiteralPath $TestDrive -Recurse | Select-Object -ExpandProperty FullName
        $null = Invoke-Apart "function Invoke-Mine { `$WhatIfPreference = `$true; $(Complete-Call $Call) }; Invoke-Mine"
        Get-Everything $lab | Should -Be $before
        Get-ChildItem -LiteralPath $TestDrive -Recurse | Select-Object -ExpandProperty FullName | Should -Be $files
    }

    It '$WhatIfPreference gives way to -WhatIf:$false' {
        $before = Get-Everything $lab
        $null = Invoke-Apart "function Invoke-Mine { `$WhatIfPreference = `$true; Register-CertRebindTrigger -On expired -Program /bin/true -Id given -WhatIf:`$false }; Invoke-Mine"
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
        $verbose = Invoke-Apart "function Invoke-Mine { `$VerbosePreference = 'Continue'; Unregister-CertRebindTrigger -Id existing; Sync-CertRebind }; Invoke-Mine 4>&1"
        $verbose | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | Should -Not -BeNullOrEmpty
        Get-CertRebindTrigger | Select-Object -ExpandProperty id | Should -Not -Contain 'existing'
    }
}

if ($slow) { return }

Describe 'a refused configuration' {
    It 'is an error of Set-CertRebindConfiguration, and the next one in the pipeline is set' {
        $before, $bad = (Get-CertRebindConfiguration), (Get-CertRebindConfiguration)
        $bad.undo = 'sometimes'
        $set = $bad, $before | Set-CertRebindConfiguration -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems.FullyQualifiedErrorId | Should -Be 'bad-configuration,Set-CertRebindConfiguration'
        $set | ConvertTo-Json | Should -Be ($before | ConvertTo-Json)
    }
}

Describe 'what is handed to the program' {
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

Describe 'texts that name a certificate' {
    It 'belong to the certificate that they name or that replaced it, and one of no certificate is a warning' {
        $warnings = InModuleScope CertRebind {
            $script:named = [pscustomobject]@{ thumbprint = 'B'; replaces = @('A') }
            $found = foreach ($pair in ('A', $null), ('B', $null), ('0', 'B'), ('C', 'D')) { [pscustomobject]@{ where = "C:\$($pair[0]).json"; line = 7; thumbprint = $pair[0]; replacedBy = $pair[1] } }
            Add-CertRebindWritten -Certificate $script:named -Written ([pscustomobject]@{ found = $found; notRead = @('files of more than 2 MB: 1') }) 3>&1
        }
        "$warnings" | Should -Be 'C:\C.json:7 names the certificate C, which no place uses.'
        $named = InModuleScope CertRebind { $script:named }
        $named.written.thumbprint | Should -Be 'A', 'B', '0'
        $named.notSearched | Should -Be 'files of more than 2 MB: 1'
    }
}
