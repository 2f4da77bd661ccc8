# How the module talks with its program: what goes in, what comes out, and what it makes of a program that is not as it
# should be. The program is a stand-in of a few lines of shell.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $before = $env:CERTREBIND_EXECUTABLE
    Import-CertRebind
    $version = & (Get-Module -Name CertRebind) { Get-CertRebindModuleVersion }
    function Set-StandIn([string] $Script) {
        $env:CERTREBIND_EXECUTABLE = New-StandIn -Folder $TestDrive -Script "[ `"`$1`" = --version ] && { echo '$version'; exit; }`n$Script"
    }
    # One that prints a document, whatever it is asked, after it did something else.
    function Set-Answer([string] $Document, [string] $First = '', [int] $Exit = 0) {
        [IO.File]::WriteAllText("$TestDrive/answer", $Document)
        Set-StandIn "$First`ncat '$TestDrive/answer'`nexit $Exit"
    }
    function Get-Problem([scriptblock] $Act) {
        try { $null = & $Act } catch { return $_ }
        throw 'there was no error'
    }
}

AfterAll {
    $env:CERTREBIND_EXECUTABLE = $before
    Remove-Module -Name CertRebind -Force
}

Describe 'arguments' {
    It 'arrive as they were given: <_>' -ForEach @(
        'plain', '', ' ', 'with blanks', 'quote"inside', '"', '""', '\', 'ends with backslash\', 'ends with two\\', 'C:\Program Files\x\', '\"', 'a\\"b c', '$(calc)', '`n', "line`nbreak", "tab`there",
        '%PATH%', 'a&b|c>d<e^f', "O'Brien", '東京 オフィス', "lock `u{1F512}", '--json', '@args', '*', '~'
    ) {
        $file = New-StandIn -Folder $TestDrive -Script 'printf "%s\0" "$@"'
        $answer = & (Get-Module -Name CertRebind) { Start-CertRebindProcess -Path $args[0] -Argument 'first', $args[1], 'last' } $file $_
        # A NUL after each.
        $received = $answer.Output.Split("`0")
        $received | Should -BeExactly 'first', $_, 'last', ''
    }

    It 'are never taken for options: <Line>' -ForEach @(
        @{ Line = "Get-CertRebindUsage -Thumbprint '--help'"; Value = '--help' }
        @{ Line = "Undo-CertRebind -Run '--force' -Confirm:`$false"; Value = '--force' }
        @{ Line = "Get-CertRebindHistory -Run '--json'"; Value = '--json' }
        @{ Line = "Get-CertRebindCode -Code '-y'"; Value = '-y' }
        @{ Line = "Register-CertRebindTrigger -Id '--json' -On installed -Program /bin/true"; Value = '--json' }
        @{ Line = "Unregister-CertRebindTrigger -Id '--help'"; Value = '--help' }
    ) {
        $started = "$TestDrive/started-$([Guid]::NewGuid().ToString('N'))"
        Set-Answer '{"schema":"certrebind/triggers/1","triggers":[]}' "case `"`$*`" in *list*) ;; *) : > '$started' ;; esac"
        & ([scriptblock]::Create("$Line -ErrorVariable script:problems -ErrorAction SilentlyContinue"))
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -Be "bad-argument,$($Line.Split(' ')[0])"
        $problems[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        $problems[0].TargetObject | Should -Be $Value
        "$($problems[0])" | Should -BeLike "$Value begins with a hyphen*"
        Test-Path -LiteralPath $started | Should -BeFalse
    }

    It 'are never taken for options as values of one: <Line>' -ForEach @(
        @{ Line = "Register-CertRebindTrigger -On installed -Program /bin/true -Issuer '--help' -Name '--json' -Eku '-y'"; Options = '--issuer=--help', '--names=--json', '--eku=-y' }
        @{ Line = "New-CertRebindPlan -OldThumbprint '--help' -NewThumbprint '-x'"; Options = '--old=--help', '--new=-x' }
        @{ Line = "Repair-CertRebind -Code '--help' -Confirm:`$false"; Options = @('--fix=--help') }
    ) {
        Set-Answer '{"schema":"certrebind/triggers/1","triggers":[]}' "printf '%s\n' `"`$@`" > '$TestDrive/words'"
        $null = & ([scriptblock]::Create($Line))
        $words = [IO.File]::ReadAllText("$TestDrive/words").Split("`n")
        foreach ($option in $Options) { $words | Should -Contain $option }
        $words | Should -Not -Contain '--help'
    }

    It 'never hold a NUL' {
        Set-StandIn ''
        (Get-Problem { Get-CertRebindCode -Code "a`0b" }).FullyQualifiedErrorId | Should -Be 'bad-argument,Get-CertRebindCode'
    }
}

Describe 'input' {
    It 'arrives in UTF-8 with nothing before it, and has an end' {
        $file = New-StandIn -Folder $TestDrive -Script "od -An -tx1 | tr -d ' \n'"
        $answer = & (Get-Module -Name CertRebind) { Start-CertRebindProcess -Path $args[0] -Argument 'import' -InputText "ä東`n" } $file
        $answer.Output | Should -Be 'c3a4e69db10a'
    }
}

Describe 'output' {
    It 'is read whole, however long, while the other stream is full' {
        # A pipe holds 64 KiB.
        [IO.File]::WriteAllLines("$TestDrive/noise", [string[]]@(0..99 | ForEach-Object { "$('noise ' * 200)$_" }))
        $codes = 0..99 | ForEach-Object { '{{"code":"c{0}","kind":"note","text":"{1}","hint":"","exit":null}}' -f $_, ('x' * 1000) }
        Set-Answer "{`"schema`":`"certrebind/codes/1`",`"codes`":[$($codes -join ',')]}" "cat '$TestDrive/noise' >&2"
        @(Get-CertRebindCode).Count | Should -Be 100
    }

    It 'keeps text as it is, also what looks like a date, and makes moments of moments' {
        Set-Answer @'
{"schema":"certrebind/history/1","runs":[
  {"run":"2026-01-31T09:15:00.000Z","at":"2026-01-31T09:15:00.123Z","result":"東京 🔒 \u0000 \"\\","counts":{"changed":5000000000,"already":-1,"blocked":1.5,"skipped":true,"undone":null,"failed":[]}}]}
'@
        $run = Get-CertRebindHistory
        $run.run | Should -BeOfType [string]
        $run.at | Should -Be ([DateTime]::new(2026, 1, 31, 9, 15, 0, 123, [DateTimeKind]::Utc))
        $run.result | Should -BeExactly "東京 `u{1F512} `0 `"\"
        $run.counts.changed | Should -Be 5000000000
        $run.counts.already | Should -BeOfType [int]
        $run.counts.blocked | Should -Be 1.5
        $run.counts.skipped | Should -BeTrue
        $run.counts.undone | Should -BeNullOrEmpty
        , $run.counts.failed | Should -BeOfType [array]
        $run.PSObject.TypeNames[0] | Should -Be 'CertRebind.Run'
    }

    It 'has a time of this machine in UTC' -Skip:($env:OS -eq 'Windows_NT') {
        $zone = $env:TZ
        try {
            $env:TZ = 'Asia/Kolkata'
            [TimeZoneInfo]::ClearCachedData()
            $written = & (Get-Module -Name CertRebind) { ConvertTo-CertRebindJson -InputObject ([datetime]::new(2030, 1, 1, 12, 0, 0, [DateTimeKind]::Local)) }
        } finally {
            $env:TZ = $zone
            [TimeZoneInfo]::ClearCachedData()
        }
        $written | Should -Be '"2030-01-01T06:30:00.000Z"'
    }

    It 'survives reading and writing: <_>' -ForEach @(
        '{"schema":"x/y/1","a":[],"b":{},"c":[[]],"d":[1],"e":null,"f":true,"g":"","h":-5,"i":"\u0000\ud83d\udd12\"\\/"}', '{"a":[]}', '{}', '{"a":[null,[],{}]}', '{"item":{"item":[{"item":1}]}}', '{"raw":{"":{"type":"REG_SZ"},"a b":1,"A B":2}}', '{"at":"2026-01-31T09:15:00.120Z"}', '{"name":"2026-01-31T09:15:00Z"}'
    ) {
        $again = & (Get-Module -Name CertRebind) { ConvertTo-CertRebindJson -InputObject (ConvertFrom-CertRebindJson -Text $args[0]) } $_
        $expected = [Text.Json.Nodes.JsonNode]::Parse($_)
        [Text.Json.Nodes.JsonNode]::DeepEquals([Text.Json.Nodes.JsonNode]::Parse($again), $expected) | Should -BeTrue -Because $again
    }
}

Describe 'a program that is not as it should be' {
    It '<Code>: <What>' -ForEach @(
        @{ Code = 'executable-missing'; Category = 'NotInstalled'; What = 'it is not there'; Set = { $env:CERTREBIND_EXECUTABLE = "$TestDrive/nowhere" } }
        @{ Code = 'cannot-start'; Category = 'ResourceUnavailable'; What = 'it may not be started'; Set = { Set-StandIn ''; [IO.File]::SetUnixFileMode($env:CERTREBIND_EXECUTABLE, 'UserRead') } }
        @{ Code = 'other-version'; Category = 'ResourceUnavailable'; What = 'it is of another version'; Set = { $env:CERTREBIND_EXECUTABLE = New-StandIn -Folder $TestDrive -Script 'echo 9.9.9' } }
        @{ Code = 'no-answer'; Category = 'InvalidResult'; What = 'it dies'; Set = { Set-StandIn "echo 'out of luck' >&2; exit 134" } }
        @{ Code = 'no-answer'; Category = 'InvalidResult'; What = 'its answer is cut off'; Set = { Set-Answer '{"schema":"certrebind/sta' } }
    ) {
        & $Set
        $problem = Get-Problem { Get-CertRebind }
        $problem.FullyQualifiedErrorId | Should -Be "$Code,Get-CertRebind"
        $problem.CategoryInfo.Category | Should -Be $Category
        $problem.ErrorDetails.RecommendedAction | Should -Match 'Install the module again'
        "$problem" | Should -Not -Match '\bat [\w-]+, '
        $problem.InvocationInfo.MyCommand.Name | Should -Be 'Get-CertRebind'
    }

    It 'is too new only for a Windows before 8.1: <Version>' -ForEach @(
        @{ Version = '6.1.7601'; IsOld = $true; Hint = 'needs Windows Server 2012 R2' }
        @{ Version = '6.2.9200'; IsOld = $true; Hint = 'needs Windows Server 2012 R2' }
        @{ Version = '6.3.9600'; IsOld = $false; Hint = 'Install the module again' }
        @{ Version = '10.0.14393'; IsOld = $false; Hint = 'Install the module again' }
    ) {
        InModuleScope CertRebind -Parameters @{ Version = $Version; IsOld = $IsOld; Hint = $Hint } {
            Mock Test-CertRebindWindows { $true }
            Test-OldWindows -Version $Version | Should -Be $IsOld
            Mock Test-OldWindows { $IsOld }
            (New-ExecutableError -Code 'no-answer' -Category 'InvalidResult' -Message 'x').ErrorDetails.RecommendedAction | Should -Match $Hint
        }
    }

    It 'of another version is refused by each command that starts it' {
        $env:CERTREBIND_EXECUTABLE = New-StandIn -Folder $TestDrive -Script 'echo 9.9.9'
        foreach ($time in 1, 2) { (Get-Problem { Get-CertRebindCode }).FullyQualifiedErrorId | Should -Be 'other-version,Get-CertRebindCode' }
    }

    It 'is told by its last words when it dies' {
        Set-StandIn "echo 'out of luck' >&2; exit 134"
        "$(Get-Problem { Get-CertRebind })" | Should -Match '134.*out of luck'
    }

    It 'is asked for its version once, and again when <What>' -ForEach @(
        @{ What = 'another file of its length takes its place'; Change = { param($file) [IO.File]::WriteAllText($file, [IO.File]::ReadAllText($file).Replace('# one', '# two')); [IO.File]::SetLastWriteTimeUtc($file, $was.AddSeconds(1)) } }
        @{ What = 'another file of its time takes its place'; Change = { param($file) [IO.File]::AppendAllText($file, '# more'); [IO.File]::SetLastWriteTimeUtc($file, $was) } }
        @{ What = 'another file is the program'; Change = { param($file) [IO.File]::Copy($file, "$file.other"); [IO.File]::SetLastWriteTimeUtc("$file.other", $was); $env:CERTREBIND_EXECUTABLE = "$file.other" } }
    ) {
        $asked = "$TestDrive/asked-$([Guid]::NewGuid())"
        $script = "# one`n[ `"`$1`" = --version ] && { printf . >> '$asked'; echo '$version'; exit; }`necho '{`"schema`":`"certrebind/codes/1`",`"codes`":[]}'"
        $file = $env:CERTREBIND_EXECUTABLE = New-StandIn -Folder $TestDrive -Script $script
        $was = [IO.File]::GetLastWriteTimeUtc($file)
        $null = Get-CertRebindCode
        $null = Get-CertRebindCode
        [IO.File]::ReadAllText($asked) | Should -Be '.'
        & $Change $file
        $null = Get-CertRebindCode
        [IO.File]::ReadAllText($asked) | Should -Be '..'
    }
}

Describe 'an error document' {
    BeforeAll {
        function Set-Refusal([string] $Code, [int] $Exit) {
            # The schema is the first in every document.
            Set-Answer -Exit $Exit -Document "{`"schema`":`"certrebind/error/1`",`"exitCode`":$Exit,`"error`":{`"code`":`"$Code`",`"message`":`"No.`",`"hint`":`"Do this.`",`"where`":`"there`"}}"
        }
    }

    It 'of exit <Exit> is one error of category <Category>, which <Ends>' -ForEach @(
        @{ Exit = 1; Code = 'internal'; Category = 'NotSpecified'; Ends = 'ends the pipeline' }
        @{ Exit = 2; Code = 'bad-input'; Category = 'InvalidArgument'; Ends = 'lets the pipeline go on' }
        @{ Exit = 2; Code = 'no-such-run'; Category = 'ObjectNotFound'; Ends = 'lets the pipeline go on' }
        @{ Exit = 2; Code = 'no-such-certificate'; Category = 'ObjectNotFound'; Ends = 'lets the pipeline go on' }
        @{ Exit = 2; Code = 'no-such-trigger'; Category = 'ObjectNotFound'; Ends = 'lets the pipeline go on' }
        @{ Exit = 3; Code = 'native-active'; Category = 'ResourceExists'; Ends = 'ends the pipeline' }
        @{ Exit = 6; Code = 'locked'; Category = 'ResourceBusy'; Ends = 'ends the pipeline' }
        @{ Exit = 7; Code = 'server-unreachable'; Category = 'ResourceUnavailable'; Ends = 'ends the pipeline' }
        @{ Exit = 7; Code = 'module-missing'; Category = 'NotInstalled'; Ends = 'ends the pipeline' }
        @{ Exit = 7; Code = 'not-elevated'; Category = 'PermissionDenied'; Ends = 'ends the pipeline' }
        @{ Exit = 7; Code = 'unsafe-folder'; Category = 'SecurityError'; Ends = 'ends the pipeline' }
        @{ Exit = 8; Code = 'plan-stale'; Category = 'InvalidOperation'; Ends = 'lets the pipeline go on' }
    ) {
        Set-Refusal $Code $Exit
        $errors = @()
        $ended = $false
        try { 'a', 'b' | Get-CertRebindHistory -ErrorVariable errors -ErrorAction SilentlyContinue } catch { $ended = $true; $errors = @($_) }
        $ended | Should -Be ($Ends -eq 'ends the pipeline')
        $errors.Count | Should -Be $(if ($ended) { 1 } else { 2 })
        $errors[0].FullyQualifiedErrorId | Should -Be "$Code,Get-CertRebindHistory"
        $errors[0].CategoryInfo.Category | Should -Be $Category
        $errors[0].TargetObject | Should -Be 'a'
        $errors[0].ErrorDetails.Message | Should -Be 'No.'
        $errors[0].ErrorDetails.RecommendedAction | Should -Be 'Do this.'
    }
}

Describe 'stopping the pipeline' {
    BeforeAll {
        # Starts a command in another runspace, stops it once the program is at work, and returns how long that took.
        function Stop-Midway([string] $Command, [string] $Mark) {
            $shell = [PowerShell]::Create()
            try {
                $null = $shell.AddScript("Import-Module '$(Get-Root)/module/CertRebind/CertRebind.psd1'; $Command")
                $null = $shell.BeginInvoke()
                while (-not (Test-Path -LiteralPath $Mark)) { [Threading.Thread]::Sleep(20) }
                $clock = [Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $clock.Elapsed.TotalSeconds
            } finally { $shell.Dispose() }
        }
    }

    It 'waits for a program that changes the server, since only its end tells what state that is in' {
        Set-StandIn ": > '$TestDrive/changing'; sleep 1; : > '$TestDrive/changed'"
        $null = Stop-Midway 'Sync-CertRebind' "$TestDrive/changing"
        Test-Path -LiteralPath "$TestDrive/changed" | Should -BeTrue
    }

    It 'ends a program that only reads' {
        Set-StandIn "echo `$`$ > '$TestDrive/reading'; exec sleep 60"
        Stop-Midway 'Test-CertRebindEndpoint' "$TestDrive/reading" | Should -BeLessThan 10
        # It may be gone already.
        $left = Get-Process -Id ([IO.File]::ReadAllText("$TestDrive/reading")) -ErrorAction Ignore
        if ($left) { $left.WaitForExit(10000) | Should -BeTrue }
    }
}
