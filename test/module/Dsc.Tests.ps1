# The class for DSC says of a server what the program says of it, whatever differs.

BeforeDiscovery {
    # Dsc.Slow.Tests.ps1 has the others tried.
    # What is done to a server that is on as it should be, or to one where nothing was ever done.
    $situations = @(
        @{ Situation = 'nothing was ever enabled'; On = $false; Requests = @() }
        @{ Situation = 'all is as it should be'; On = $true; Requests = @() }
        @{ Situation = 'a task is gone'; On = $true; Requests = @(@{ kind = 'unregister-task'; name = 'CertRebind' }) }
        @{ Situation = 'a task was changed'; On = $true; Requests = @(@{ kind = 'register-task'; name = 'CertRebind-Reconcile'; xml = 'native'; force = $true }) }
        @{ Situation = 'the log is disabled'; On = $true; Requests = @(@{ kind = 'enable-log'; enabled = $false }) }
        @{ Situation = 'the task of IIS Manager is active beside ours'; On = $true; Requests = @('native') }
        @{ Situation = 'the task of IIS Manager is disabled by somebody else'; On = $true; Requests = @('native', @{ kind = 'set-task-enabled'; name = 'IIS-AutoCertRebind'; enabled = $false }) }
        @{ Situation = 'the task of IIS Manager was replaced by us'; On = $true; Replacing = $true; Requests = @() }
        @{ Situation = 'another configuration is in force'; On = $true; Configuration = '{"undo":"run"}'; Requests = @() }
        @{ Situation = 'the configuration in place is broken'; On = $true; Configuration = '{"undo":'; Requests = @() }
    ) | Where-Object { [bool]$slow -ne ($_.Situation -in 'nothing was ever enabled', 'a task is gone') }
}

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    Import-CertRebind
    $modulePath, $env:PSModulePath = $env:PSModulePath, "$(Get-Root)/module$([IO.Path]::PathSeparator)$env:PSModulePath"
    [IO.File]::WriteAllText("$TestDrive/policy.json", '{ "undo": "run" }')
    [IO.File]::WriteAllText("$TestDrive/plain.json", '{ }')
    [IO.File]::WriteAllText("$TestDrive/broken.json", '{ "undo": "perhaps" }')

    # Listed and made as engines of DSC do, from a module of their own.
    $engine = {
        function New-Listed {
            if (-not $script:listed) { $script:listed = Get-Module -ListAvailable -Name CertRebindDsc | Where-Object ExportedDscResources -Contains 'CertRebind' }
            if (-not $script:listed) { throw 'the resource is not listed' }
            [powershell]::Create('CurrentRunspace').AddScript("using module $($script:listed.Path)`nreturn [CertRebind]::new()").Invoke() | Select-Object -First 1
        }
    }
    $null = New-Module -Name DscEngine -ScriptBlock $engine
    function New-Resource([hashtable] $Wanted) {
        $resource = New-Listed
        $resource.IsSingleInstance = 'Yes'
        foreach ($name in $Wanted.Keys) { $resource.$name = $Wanted[$name] }
        $resource
    }

    # Each way to want something, as the class has it and as the program has it.
    $wantedStates = @(
        @{ Class = @{ }; Program = '{"_exist":true}' }
        @{ Class = @{ Ensure = 'Absent' }; Program = '{"_exist":false}' }
    )
    $more = @{
        Native        = @(
            @{ Class = @{ Ensure = 'Present'; ReplaceNative = $true }; Program = '{"_exist":true,"replaceNative":true}' }
            @{ Class = @{ Ensure = 'Present'; Alongside = $true }; Program = '{"_exist":true,"alongside":true}' }
            @{ Class = @{ Ensure = 'Absent'; RestoreNative = $true }; Program = '{"_exist":false,"restoreNative":true}' }
        )
        Configuration = @(
            @{ Class = @{ PolicyFile = "$TestDrive/policy.json" }; Program = '{"policy":{"undo":"run"}}' }
            @{ Class = @{ PolicyFile = "$TestDrive/plain.json"; ReplaceNative = $true }; Program = '{"policy":{},"replaceNative":true}' }
        )
    }

    $native = [regex]::Match([IO.File]::ReadAllText("$(Get-Root)/test/fixtures/native-task.ts"), '(?s)`(.*)`').Groups[1].Value.Replace('\\', '\')
    $ours = 'CertRebind', 'CertRebind-Reconcile', 'IIS-AutoCertRebind'
    $addNative = @{ kind = 'register-task'; name = 'IIS-AutoCertRebind'; xml = $native; force = $true }
    $file = [IO.Path]::Combine($lab.Folder, 'certrebind', 'config.json')
    function Reset-Server([switch] $Native) {
        Remove-Item -LiteralPath $file -Force -ErrorAction Ignore
        $requests = @($ours | ForEach-Object { @{ kind = 'unregister-task'; name = $_ } }) + @{ kind = 'enable-log'; enabled = $true } + @(if ($Native) { $addNative })
        Send-LabRequest $lab $requests -Any
    }
    function Complete-Request([hashtable] $Request) {
        $whole = $Request.Clone()
        if ($whole.Contains('xml')) { $whole.xml = $native }
        $whole
    }
    function Get-FromProgram([string] $Verb, [string] $Wanted) {
        & node "$(Get-Root)/dist/certrebind-lab.cjs" dsc $Verb --input $Wanted 2>$null | ConvertFrom-Json
    }
}

AfterAll {
    Remove-Module -Name DscEngine, CertRebindDsc, CertRebind -Force
    $env:PSModulePath = $modulePath
    Stop-Lab $lab
}

Describe 'the class for DSC, where <Situation>' -ForEach $situations {
    BeforeAll {
        Reset-Server -Native:([bool]$_['Replacing'])
        # What was verified once is not verified again.
        if ($On) { $null = Get-FromProgram set ($_['Replacing'] ? '{"replaceNative":true}' : '{}') }
        if ($_['Configuration']) { [IO.File]::WriteAllText($file, $Configuration) }
        if ($Requests) { Send-LabRequest $lab @($Requests | ForEach-Object { $_ -is [string] ? $addNative : (Complete-Request $_) }) }
    }

    It 'says what the program says, to each request' {
        foreach ($wantedState in $wantedStates + @(if ($Situation -like '*IIS Manager*') { $more.Native } elseif ($Situation -like '*configuration*') { $more.Configuration })) {
            $said = Get-FromProgram test $wantedState.Program
            $resource = New-Resource $wantedState.Class
            if ($wantedState.Class.Count -eq 0) { $resource.Test() | Should -Be $said._inDesiredState }
            $now = $resource.Get()
            $now.Ensure -eq 'Present' | Should -Be $said._exist
            $now.NativeTask | Should -Be $said.nativeTask
            @($now.Reasons).Count -eq 0 | Should -Be $said._inDesiredState -Because $wantedState.Program
            @($now.Reasons | ForEach-Object { $_.Code, $_.Phrase }) | Should -Be @($said.differences | ForEach-Object { "CertRebind:CertRebind:$($_.code)", $_.text }) -Because $wantedState.Program
            $now.Enabled | Should -Be ($said.lifecycleLog -eq 'enabled' -and @($said.tasks | Where-Object is -NE 'ours').Count -eq 0)
            $now.PolicyInForce | Should -Be (@($said.differences | Where-Object code -Like 'configuration-*').Count -eq 0)
            foreach ($name in $wantedState.Class.Keys) { if ($name -ne 'Ensure') { $now.$name | Should -Be $wantedState.Class[$name] } }
        }
    }
}

if ($slow) { return }

Describe 'what the class for DSC does' {
    BeforeAll {
        Reset-Server -Native
    }

    It 'brings a server into the wanted state, once: <Wanted.Ensure>' -ForEach @(
        @{ Wanted = @{ Ensure = 'Present'; PolicyFile = 'policy.json'; ReplaceNative = $true }; Native = 'disabled' }
        @{ Wanted = @{ Ensure = 'Absent'; RestoreNative = $true }; Native = 'enabled' }
    ) {
        if ($Wanted.PolicyFile) { $Wanted.PolicyFile = "$TestDrive/$($Wanted.PolicyFile)" }
        $resource = New-Resource $Wanted
        $resource.Test() | Should -BeFalse
        $resource.Set()
        $resource.Test() | Should -BeTrue
        $before = Get-Everything $lab
        $resource.Set()
        Get-Everything $lab | Should -Be $before
        $now = $resource.Get()
        $now.Ensure | Should -Be $Wanted.Ensure
        $now.NativeTask | Should -Be $Native
        $now.Reasons | Should -BeNullOrEmpty
        $now.Findings | ForEach-Object { "$($_.Code) $($_.Severity) $($_.Message)" } | Should -Be @((Get-FromProgram get '{}').findings | ForEach-Object { "$($_.code) $($_.severity) $($_.message)" })
        if ($Wanted.PolicyFile) { (Get-CertRebindConfiguration).undo | Should -Be 'run' }
    }

    It 'ends with the refusal of the program, and registers nothing' {
        $refused = { (New-Resource @{ }).Set() } | Should -Throw -PassThru
        $refused.FullyQualifiedErrorId | Should -BeLike 'native-active,*'
        $broken = { (New-Resource @{ PolicyFile = "$TestDrive/broken.json"; Alongside = $true }).Set() } | Should -Throw -PassThru
        $broken.Exception.Message | Should -BeLike '*broken.json*undo is none of*'
        { (New-Resource @{ PolicyFile = "$TestDrive/nothing.json" }).Test() } | Should -Throw '*nothing.json*'
        (Get-CertRebind).enabled | Should -BeFalse
    }

    It 'works in an engine that has imported neither module' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("`$null = New-Module -ScriptBlock { $engine }; (New-Listed).Test()")
            $shell.Invoke() | Should -Be $false
            $shell.Streams.Error | Should -BeNullOrEmpty
        } finally { $shell.Dispose() }
    }

    It 'is told apart from a program that <What>' -ForEach @(
        @{ What = 'fails and says nothing'; Ends = 'exit 1' }
        @{ What = 'fails with an answer'; Ends = "echo '{`"_inDesiredState`":true}'; exit 1" }
        @{ What = 'ends well and says nothing'; Ends = 'exit 0' }
    ) {
        $version = & (Get-Module -Name CertRebind) { Get-CertRebindModuleVersion }
        $env:CERTREBIND_EXECUTABLE, $kept = (New-StandIn $TestDrive "[ `"`$1`" = --version ] && { echo '$version'; exit; }`n$Ends"), $env:CERTREBIND_EXECUTABLE
        try { { (New-Resource @{ }).Test() } | Should -Throw -ErrorId 'no-answer,*' } finally { $env:CERTREBIND_EXECUTABLE = $kept }
    }
    It 'asks the program with each of its properties: <Property>' -ForEach @(
        @{ Property = 'Ensure'; Value = 'Absent'; Member = '_exist'; Is = $false }
        @{ Property = 'ReplaceNative'; Value = $true; Member = 'replaceNative'; Is = $true }
        @{ Property = 'Alongside'; Value = $true; Member = 'alongside'; Is = $true }
        @{ Property = 'RestoreNative'; Value = $true; Member = 'restoreNative'; Is = $true }
        @{ Property = 'NoProof'; Value = $true; Member = 'noProof'; Is = $true }
    ) {
        $version = & (Get-Module -Name CertRebind) { Get-CertRebindModuleVersion }
        $script = "[ `"`$1`" = --version ] && { echo '$version'; exit; }`ncat > '$TestDrive/asked'`necho '{`"_inDesiredState`":true}'"
        $env:CERTREBIND_EXECUTABLE, $kept = (New-StandIn $TestDrive $script), $env:CERTREBIND_EXECUTABLE
        try { (New-Resource @{ $Property = $Value }).Test() | Should -BeTrue } finally { $env:CERTREBIND_EXECUTABLE = $kept }
        $expected = @{ _exist = $true; replaceNative = $false; alongside = $false; restoreNative = $false; noProof = $false }
        $expected[$Member] = $Is
        $asked = [IO.File]::ReadAllText("$TestDrive/asked") | ConvertFrom-Json -AsHashtable
        foreach ($name in $asked.Keys) { $asked[$name] | Should -Be $expected[$name] -Because $name }
        $asked.Count | Should -Be $expected.Count
    }
}
