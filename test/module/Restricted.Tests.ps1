# The module in an endpoint of JEA, opened by the files of the module themselves: no language, and functions of PowerShell in place
# of some cmdlets.

BeforeDiscovery {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $changes = 'Hide-CertRebindFinding', 'Invoke-CertRebind', 'Invoke-CertRebindRehearsal', 'Invoke-CertRebindRetirement', 'Repair-CertRebind', 'Sync-CertRebind', 'Undo-CertRebind'
}

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    $old = $lab.Certificates[0].thumbprint
    $new = (Invoke-Program lab renew $old '--no-event').new
    $modules = $env:PSModulePath
    $env:PSModulePath = "$(Get-Root)/module:$modules"
    $module = "$(Get-Root)/module/CertRebind"
    function Open-Endpoint([string] $Group) {
        $state = [initialsessionstate]::CreateFromSessionConfigurationFile("$module/CertRebind.pssc", { param($name) $name -eq "CONTOSO\CertRebind $Group" }.GetNewClosure())
        $space = [runspacefactory]::CreateRunspace($state)
        $space.Open()
        $space
    }
    $spaces = @{ Readers = Open-Endpoint Readers; Operators = Open-Endpoint Operators }
    function Invoke-There([string] $Name, [hashtable] $Parameter = @{}, [string] $Group = 'Operators') {
        $shell = [powershell]::Create()
        $shell.Runspace = $spaces[$Group]
        $shell.AddCommand($Name).AddParameters($Parameter).Invoke()
        $shell.Streams.Error
    }
    function Get-Allowed([string] $Group) { Invoke-There Get-Command @{} $Group | Where-Object -Property Name -Like '*-CertRebind*' }
}

AfterAll {
    foreach ($space in $spaces.Values) { $space.Dispose() }
    $env:PSModulePath = $modules
    Stop-Lab $lab
}

Describe 'an endpoint of JEA' {
    It 'plans and changes for an operator, with the run that a fleet asks for before each change' {
        (Invoke-There New-CertRebindPlan).steps.Count | Should -BeGreaterThan 0
        (Invoke-There Sync-CertRebind @{ Confirm = $false }).result | Should -Be 'rebound'
        (Invoke-There Get-CertRebindHistory @{ Last = 1 }).result | Should -Be 'rebound'
        (Invoke-There Undo-CertRebind @{ Confirm = $false }).result | Should -Be 'undone'
        $plan = Invoke-There New-CertRebindPlan @{ OldThumbprint = $old; NewThumbprint = $new }
        (Invoke-There Invoke-CertRebind @{ Plan = $plan; Confirm = $false }).result | Should -Be 'rebound'
    }

    It 'says what is wrong by its own codes' {
        (Invoke-There Undo-CertRebind @{ Run = 'nonsense'; Confirm = $false }).FullyQualifiedErrorId | Should -Be 'no-such-run,Undo-CertRebind'
        (Invoke-There New-CertRebindPlan @{ OldThumbprint = 'AB' * 20; NewThumbprint = 'CD' * 20 }).FullyQualifiedErrorId | Should -Match '^no-such-certificate,'
        (Invoke-There Invoke-CertRebind @{ OldThumbprint = 'AB' * 20; NewThumbprint = 'CD' * 20; Confirm = $false }).FullyQualifiedErrorId | Should -Match '^no-such-certificate,'
    }

    It 'shows a reader all, and lets a reader change nothing' {
        (Invoke-There Get-CertRebind @{} Readers).PSObject.TypeNames | Should -Contain 'CertRebind.Status'
        foreach ($command in 'Get-CertRebindBinding', 'Get-CertRebindConfiguration', 'Get-CertRebindUsage', 'New-CertRebindPlan', 'Test-CertRebind', 'Test-CertRebindEndpoint') {
            Invoke-There $command @{} Readers | Should -Not -BeNullOrEmpty -Because $command
        }
    }

    It 'refuses a reader <_>' -ForEach $changes {
        { Invoke-There $_ @{} Readers } | Should -Throw "*'$_' is not recognized*"
    }

    It 'lets nobody steer what runs as SYSTEM, or name a file' {
        $all = (Import-PowerShellDataFile -LiteralPath "$module/CertRebind.psd1").FunctionsToExport
        $allowed = (Get-Allowed Operators).Name
        $all | Where-Object { $_ -notin $allowed } | Should -Be @(
            'Disable-CertRebind', 'Enable-CertRebind', 'Export-CertRebindReport', 'Export-CertRebindSnapshot', 'Export-CertRebindSupport', 'Get-CertRebindInventory'
            'Import-CertRebindCertificate', 'Import-CertRebindSnapshot', 'Invoke-CertRebindFleet', 'Register-CertRebindTrigger', 'Register-CertRebindWatch'
            'Set-CertRebindConfiguration', 'Unregister-CertRebindTrigger', 'Unregister-CertRebindWatch'
        )
        # The path of a watched folder only chooses among those that are registered.
        $files = Get-Allowed Operators | Where-Object -Property Name -NE 'Get-CertRebindWatch' | ForEach-Object { $_.Parameters.Keys } | Where-Object { $_ -match 'Path|File|Snapshot' }
        $files | Should -Be 'Snapshot'
        $snapshot = [pscustomobject]@{ PSTypeName = 'Deserialized.CertRebind.Snapshot'; SnapshotPath = "$TestDrive/snapshot.json" }
        { Invoke-There New-CertRebindPlan @{ Snapshot = $snapshot } } | Should -Throw "*'Snapshot'*does not match*"
        { Invoke-There New-CertRebindPlan @{ Path = "$TestDrive/plan.json" } } | Should -Throw "*'Path'*"
        { Invoke-There Invoke-CertRebind @{ PlanPath = "$TestDrive/plan.json" } } | Should -Throw "*'PlanPath'*"
        $spaces.Operators.SessionStateProxy.LanguageMode | Should -Be 'NoLanguage'
    }

    It 'has no other of those functions in the place of a cmdlet that the module uses' {
        $there = [initialsessionstate]::CreateRestricted('RemoteServer').Commands.Where({ $_.CommandType -eq 'Function' -and $_.Visibility -eq 'Public' }).Name
        $there | Should -Contain 'Select-Object'
        . "$(Get-Root)/test/powershell/Syntax.ps1"
        $used = (Get-ChildItem -LiteralPath $module -Recurse -Include *.ps1, *.psm1).FullName | ForEach-Object { (Get-Usage $_).commands.name }
        $used | Where-Object { $_ -in $there } | Sort-Object -Unique | Should -Be 'Select-Object'
    }
}
