# How a request is taken apart, how its reply is put together, what is said of an error, and that changes wait for one another.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    foreach ($part in 'call', 'parts') { . ([IO.Path]::Combine($adapter, "$part.ps1")) }
    . ([IO.Path]::Combine($PSScriptRoot, 'Syntax.ps1'))
    # One of the functions that a request may name; what it does is the test's.
    function Read-Paths { param([string[][]]$Request) $script:asked = $Request; & $script:act }
    function Get-Reply([string] $Name, [string] $Text = '') {
        $console = [Console]::Out
        $written = [IO.StringWriter]::new()
        [Console]::SetOut($written)
        try { Invoke-AdapterCall 'f00d' $Name ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Text))) } finally { [Console]::SetOut($console) }
        $mark, $packed, $end = $written.ToString().TrimEnd().Split(':')
        @($mark, $end) | Should -Be @('f00d', 'f00d')
        $memory = [IO.MemoryStream]::new([Convert]::FromBase64String($packed))
        $unpacked = [IO.StreamReader]::new([IO.Compression.GZipStream]::new($memory, [IO.Compression.CompressionMode]::Decompress)).ReadToEnd()
        $unpacked.Split([char]10)
    }
}

Describe 'a request and its reply' {
    BeforeEach { $script:asked = $null; $script:act = { } }

    It 'has rows of fields: <Text>' -ForEach @(
        @{ Text = 'path'; Rows = , @('path') }
        @{ Text = "a`tb`nc"; Rows = @('a', 'b'), @('c') }
        @{ Text = "a`t`nb"; Rows = @('a', ''), @('b') }
        @{ Text = 'a\tb\nc\rd\\te'; Rows = , @("a`tb`nc`rd\te") }
        @{ Text = "C:\\one`tplain"; Rows = , @('C:\one', 'plain') }
        @{ Text = 'a\qb\'; Rows = , @('aqb\') }
        @{ Text = 'its end\n'; Rows = , @("its end`n") }
    ) {
        $null = Get-Reply 'Read-Paths' $Text
        $asked.Count | Should -Be $Rows.Count
        for ($at = 0; $at -lt $Rows.Count; $at++) { $asked[$at] | Should -Be $Rows[$at] }
    }

    It 'may be empty' {
        Get-Reply 'Read-Paths' | Should -Be 'ok'
        $asked.Count | Should -Be 0
    }

    It 'is told in one line for each row, whatever is in it' {
        $script:act = { Add-Row 'plain', 'text'; Add-Row 'C:\one', "two`tthree`nfour`r"; Add-Row 'a' ; Add-Row 'b', $null; Add-Row 'c', "d`te" }
        Get-Reply 'Read-Paths' | Should -Be @('ok', "plain`ttext", "C:\\one`ttwo\tthree\nfour\r", 'a', "b`t", "c`td\te")
    }

    It 'is nothing that a function prints beside' {
        $script:act = { 'printed'; Add-Row 'row' }
        Get-Reply 'Read-Paths' | Should -Be @('ok', 'row')
    }

    It 'is an error for any other name, and calls nothing: <_>' -ForEach 'read-paths', 'Get-Item', 'Add-Row', '' {
        $reply = @(Get-Reply $_)
        $reply[0] | Should -BeLike "error`t`tthe adapter has no function $_`t*"
        $asked | Should -BeNullOrEmpty
    }
}

Describe 'an error' {
    It 'of Windows is told in its own words: <Told>' -ForEach @(
        @{ Act = { throw [Runtime.InteropServices.COMException]::new('It is in use.', 0x80070020) }; Told = 'It is in use. (0x80070020)'; Id = '' }
        @{ Act = { throw [Runtime.InteropServices.COMException]::new('Failed: 0x80070020.', 0x80070020) }; Told = 'Failed: 0x80070020.'; Id = '' }
        @{ Act = { [IO.File]::ReadAllText('/nowhere/at/all') }; Told = "Could not find a part of the path '/nowhere/at/all'."; Id = '' }
        @{ Act = { throw [InvalidOperationException]::new('outer', [Exception]::new('inner')) }; Told = 'outer'; Id = '' }
        @{ Act = { throw [UnauthorizedAccessException]::new('Zugriff verweigert') }; Told = 'Zugriff verweigert'; Id = 'access-denied' }
        @{ Act = { throw [Security.SecurityException]::new('Zugriff verweigert') }; Told = 'Zugriff verweigert'; Id = 'access-denied' }
        @{ Act = { throw [Exception]::new('outer', [UnauthorizedAccessException]::new('inner')) }; Told = 'outer'; Id = 'access-denied' }
        @{ Act = { throw [Management.Automation.ErrorRecord]::new([Exception]::new('nein'), 'any', 'PermissionDenied', $null) }; Told = 'nein'; Id = 'access-denied' }
        @{ Act = { throw [Management.Automation.ErrorRecord]::new([Exception]::new('nein'), 'any', 'ObjectNotFound', $null) }; Told = 'nein'; Id = '' }
    ) {
        $script:act = $Act
        $fields = @(Get-Reply 'Read-Paths')[0].Split([char]9)
        $fields[0..2] | Should -Be @('error', $Id, $Told)
        # Where it arose, and only that.
        $fields[3] | Should -Match '^at [^\\]+line \d+$'
    }

    It 'of the adapter has its id, its words and what it is about, and no rows from before it' {
        $script:act = { Add-Row 'row'; throw (New-AdapterError 'module-missing' 'PKI' "two`nlines") }
        Get-Reply 'Read-Paths' | Should -Be "error`tmodule-missing`tPKI`ttwo\nlines"
    }
}

Describe 'the adapter' {
    It 'decides itself about errors, questions and modules, whoever starts it' {
        $names = 'ErrorActionPreference', 'PSModuleAutoLoadingPreference', 'ConfirmPreference', 'DebugPreference', 'InformationPreference', 'ProgressPreference', 'VerbosePreference', 'WarningPreference'
        $told = & {
            foreach ($name in $names) { Set-Variable -Name $name -Value 'Continue' }
            $ConfirmPreference = 'Low'
            Set-StrictMode -Off
            $modules = $env:PSModulePath
            try {
                . ([IO.Path]::Combine($adapter, 'call.ps1'))
                $env:PSModulePath
            } finally { $env:PSModulePath = $modules }
            foreach ($name in $names) { [string](Get-Variable -Name $name -ValueOnly) }
            try { $neverSet; 'lax' } catch { 'strict' }
        }
        $told | Should -Be @("$PSHOME\Modules", 'Stop', 'None', 'None', 'SilentlyContinue', 'SilentlyContinue', 'SilentlyContinue', 'SilentlyContinue', 'SilentlyContinue', 'strict')
    }

    It 'gives each of its variables a value from the beginning, and none to what only a lab tells' {
        $holders = [IO.Path]::Combine($adapter, '..', '..', '..', 'kinds')
        $trees = foreach ($part in [IO.Directory]::GetFiles($adapter, '*.ps1') + [IO.Directory]::GetFiles($holders, 'windows.ps1', 'AllDirectories')) {
            Read-Tree $part
        }
        $isVariable = { param($node) $node -is [Management.Automation.Language.VariableExpressionAst] -and $node.VariablePath.UserPath -like 'script:*' }
        $set = @{ }
        foreach ($one in $trees.EndBlock.Statements) {
            if ($one -is [Management.Automation.Language.AssignmentStatementAst] -and (& $isVariable $one.Left)) { $set[$one.Left.VariablePath.UserPath] = $one.Right.Extent.Text }
        }
        $used = @($trees | ForEach-Object { Find-Node $_ ([Management.Automation.Language.VariableExpressionAst]) } | ForEach-Object { $_.VariablePath.UserPath } | Where-Object { $_ -like 'script:*' } | Sort-Object -Unique)
        $used.Count | Should -BeGreaterThan 20
        @($used | Where-Object { -not $set.ContainsKey($_) }) | Should -Be @()
        $set['script:Identity', 'script:ProgramData', 'script:KeyProvider', 'script:DataProtection'] | Should -Be '@()', "''", "''", "''"
    }

    It 'starts a program with an input of its own, which is at its end' {
        $script:SystemRoot = $TestDrive
        $program = Get-SystemPath 'netsh.exe'
        $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($program))
        [IO.File]::WriteAllText($program, "#!/bin/sh`nreadlink /proc/self/fd/0`ncat`n")
        [IO.File]::SetUnixFileMode($program, 'UserRead, UserWrite, UserExecute')
        (Invoke-SystemProgram 'netsh.exe' 'http').Text | Should -Match '^pipe:\[\d+\]$'
    }
}

Describe 'a module of Windows' {
    It 'comes from the folder of the engine, for every part of the adapter' {
        Mock Get-Module { }
        Mock Import-Module { }
        Import-Part 'Microsoft.PowerShell.Security'
        Should -Invoke Import-Module -Times 1 -Exactly -ParameterFilter { $Name -eq [IO.Path]::Combine($PSHOME, 'Modules', 'Microsoft.PowerShell.Security', 'Microsoft.PowerShell.Security.psd1') -and $Global }
    }

    It 'that is there already is left as it is' {
        Mock Get-Module { 'loaded' }
        Mock Import-Module { }
        Import-Part 'Microsoft.PowerShell.Security'
        Should -Invoke Import-Module -Times 0 -Exactly
    }

    It 'that is <What> is named' -ForEach @(
        @{ What = 'missing'; Name = 'NoSuchModule'; Why = '' }
        @{ What = 'broken'; Name = 'Microsoft.PowerShell.Security'; Why = 'kaputt' }
    ) {
        Mock Get-Module { }
        Mock Import-Module { throw 'kaputt' }
        $thrown = { Import-Part $Name } | Should -Throw -ErrorId 'CertRebind.module-missing' -PassThru
        "$thrown", $thrown.TargetObject | Should -Be $Name, $Why
    }
}

Describe 'changes' {
    BeforeEach {
        $script:ChangingFile = [IO.Path]::Combine($TestDrive, "changing-$([guid]::NewGuid())")
        $script:ChangingWaitMs = 0
        function Test-Held { try { [IO.File]::Open($ChangingFile, 'Open', 'Read', 'None').Dispose(); $false } catch [IO.IOException] { $true } }
    }

    It 'hold the file of the machine as long as they last, those within them too' {
        Invoke-Alone { Test-Held; Invoke-Alone { Test-Held }; Test-Held } | Should -Be @($true, $true, $true)
        Test-Held | Should -BeFalse
    }

    It 'let go of it when they fail' {
        { Invoke-Alone { throw 'refused' } } | Should -Throw 'refused'
        Test-Held | Should -BeFalse
        Invoke-Alone { Test-Held } | Should -BeTrue
    }

    It 'of another process are an error when they last, and no hindrance after that' {
        $other = Open-ChangingFile
        try {
            $script:act = { Invoke-Alone { throw 'begun' } }
            $fields = @(Get-Reply 'Read-Paths')[0].Split([char]9)
            $fields[0..2] | Should -Be @('error', 'busy', $ChangingFile)
            $fields[3] | Should -Not -BeNullOrEmpty
        } finally { $other.Dispose() }
        Invoke-Alone { 'done' } | Should -Be 'done'
    }

    It 'of another process that ends in time are waited for' {
        $script:ChangingWaitMs = 600000
        $other = Open-ChangingFile
        $soon = [Threading.CancellationTokenSource]::new(50)
        $null = $soon.Token.Register([Delegate]::CreateDelegate([Action], $other, 'Dispose'))
        Invoke-Alone { Test-Held } | Should -BeTrue
    }

    It 'wait for nobody where no run has made the folder yet' {
        $script:ChangingFile = [IO.Path]::Combine($TestDrive, 'none', 'changing')
        Invoke-Alone { 'done' } | Should -Be 'done'
    }
}

Describe 'a file of requests' {
    BeforeAll {
        $mark = '0123456789abcdef' * 2
        # What is written to both outputs, from a start with these lines.
        function Read-Lines([string[]] $Lines) {
            function Invoke-AdapterCall { param($Mark, $Name, $Request) $script:called += "$Mark $Name $Request" }
            $before = [Console]::In, [Console]::Out, [Console]::Error
            $told = [IO.StringWriter]::new(), [IO.StringWriter]::new()
            [Console]::SetIn([IO.StringReader]::new(($Lines -join "`n"))); [Console]::SetOut($told[0]); [Console]::SetError($told[1])
            try { $null = . ([IO.Path]::Combine($adapter, 'serve.ps1')) } finally { [Console]::SetIn($before[0]); [Console]::SetOut($before[1]); [Console]::SetError($before[2]) }
            $told | ForEach-Object { "$_".TrimEnd() }
        }
    }
    BeforeEach { $script:called = @() }

    It 'is answered line after line, to its end' {
        Read-Lines "Invoke-AdapterCall '$mark' 'Read-Paths' 'QUJD'", '', "Invoke-AdapterCall '$mark' 'Read-Tasks' ''" | Should -Be '', ''
        $called | Should -Be "$mark Read-Paths QUJD", "$mark Read-Tasks "
    }

    It 'has its beginnings and ends repeated where they are wanted' {
        Read-Lines '[Console]::Out.WriteLine("BEGIN1")', '[Console]::Error.WriteLine("END2")' | Should -Be 'BEGIN1', 'END2'
    }

    It 'has nothing evaluated: <_>' -ForEach @(
        '$script:called += "evaluated"'
        "Invoke-AdapterCall '0123456789abcdef0123456789abcdef' 'Read-Paths' 'QUJD'; exit"
        "; Invoke-AdapterCall '0123456789abcdef0123456789abcdef' 'Read-Paths' 'QUJD'"
        "invoke-adaptercall '0123456789abcdef0123456789abcdef' 'Read-Paths' 'QUJD'"
        "Invoke-AdapterCall '0123' 'Read-Paths' 'QUJD'"
        "Invoke-AdapterCall '0123456789abcdef0123456789abcdef' 'Read Paths' 'QUJD'"
        "Invoke-AdapterCall '0123456789abcdef0123456789abcdef' 'Read-Paths' `$env:PATH"
        '[console]::Out.WriteLine("BEGIN")'
        '[Console]::Out.WriteLine("$PID")'
        '[Console]::Out.WriteLine("BEGIN"); exit'
    ) {
        Read-Lines $_ | Should -Be '', ''
        $called | Should -BeNullOrEmpty
    }
}
