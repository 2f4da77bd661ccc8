# The module stays inside Windows PowerShell 5.1 and the manners of this project; read from the syntax trees of its files.

BeforeDiscovery {
    $folder = [IO.Path]::GetFullPath("$PSScriptRoot/../../module")
    $public = Get-ChildItem -LiteralPath "$folder/CertRebind/Public" -File | ForEach-Object { @{ Name = $_.BaseName; Path = $_.FullName } }
}

BeforeAll {
    . "$PSScriptRoot/../powershell/Syntax.ps1"
    $folder = [IO.Path]::GetFullPath("$PSScriptRoot/../../module")
    $usage = @{}
    $trees = @{}
    foreach ($file in Get-ChildItem -LiteralPath $folder -Recurse -File -Include *.ps1, *.psm1) {
        $usage[$file.FullName] = Get-Usage $file.FullName
        $trees[$file.FullName] = Read-Tree $file.FullName
    }
    $own = $usage.Values.own
    $known = @{}
    $listing = Get-Content -LiteralPath "$PSScriptRoot/../fixtures/commands/windows-powershell-5.1.json" -Raw | ConvertFrom-Json -AsHashtable
    foreach ($module in $listing.Values) { foreach ($name in $module.Keys) { $known[$name] = $module[$name] } }
    $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
    # What is wrong in each script, with its name before it.
    function Find-Wrong([scriptblock] $Wrong) { foreach ($path in $trees.Keys) { & $Wrong $path | ForEach-Object { '{0}: {1}' -f [IO.Path]::GetFileName($path), $_ } } }
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    Import-CertRebind
    $exported = (Get-Module -Name CertRebind).ExportedFunctions
}

AfterAll { Remove-Module -Name CertRebind -Force }

Describe 'the scripts of the module' {
    It 'parse and use no syntax that came after 5.1' {
        $usage.Count | Should -BeGreaterThan 50
        Find-Wrong { param($path) $usage[$path].errors; $usage[$path].newer } | Should -BeNullOrEmpty
    }

    It 'call only what 5.1 or the module has, by its own name and with parameters that exist' {
        Find-Wrong {
            param($path)
            foreach ($command in $usage[$path].commands) {
                if ($own -contains $command.name) { continue }
                if (-not $known.ContainsKey($command.name)) { $command.name; continue }
                $parameters = @($known[$command.name].Keys) + $common
                $command.parameters | Where-Object { $parameters -notcontains $_ } | ForEach-Object { '{0} -{1}' -f $command.name, $_ }
            }
        } | Should -BeNullOrEmpty
    }

    It 'name every parameter' {
        Find-Wrong { param($path) $usage[$path].positional } | Should -BeNullOrEmpty
    }

    It 'write nothing to the host and evaluate no text' {
        Find-Wrong {
            param($path)
            $usage[$path].commands.name | Where-Object { $_ -in 'Write-Host', 'Invoke-Expression', 'Out-Host', 'Read-Host' }
            $usage[$path].static | Where-Object { $_ -match 'scriptblock\]::Create' }
        } | Should -BeNullOrEmpty
    }

    It 'are ASCII, since 5.1 reads a file without mark in the code page of the machine' {
        Find-Wrong { param($path) [regex]::Match([IO.File]::ReadAllText($path), '[^\t\n\x20-\x7e]') | Where-Object Success | ForEach-Object Value } | Should -BeNullOrEmpty
    }

    It 'have functions with approved verbs' {
        $verbs = (Get-Verb).Verb
        Find-Wrong { param($path) $usage[$path].own | Where-Object { $_ -match '-' -and ($_ -split '-')[0] -notin $verbs } } | Should -BeNullOrEmpty
    }
}

Describe 'opening a file' {
    It 'says how the file is shared, because Windows enforces that and Linux does not' {
        $silent = foreach ($path in @($trees.Keys) + (Get-ChildItem -Path "$folder/../src/server/windows/adapter/*.ps1", "$folder/../src/kinds/*/*.ps1").FullName) {
            foreach ($call in Find-Node (Read-Tree $path) ([Management.Automation.Language.InvokeMemberExpressionAst])) {
                if (-not $call.Static) { continue }
                $said = @($call.Arguments)
                $isSilent = switch -Regex ($call.Expression.TypeName.Name) {
                    '(^|\.)File$' { $call.Member.Value -match '^(Open|Create|Read|Write|Append)' -and $said.Count -lt 4 }
                    '(^|\.)FileStream$' { $said.Count -lt 4 }
                    '(^|\.)Stream(Reader|Writer)$' { $said[0] -isnot [Management.Automation.Language.InvokeMemberExpressionAst] }
                }
                if ($isSilent) { '{0}: {1}' -f [IO.Path]::GetFileName($path), $call.Extent.Text }
            }
        }
        $silent | Should -BeNullOrEmpty
    }
}

Describe 'starting a program' {
    It 'happens in one place' {
        $starters = foreach ($path in $trees.Keys) {
            $types = Find-Node $trees[$path] ([Management.Automation.Language.TypeExpressionAst]) | Where-Object { $_.TypeName.FullName -match '(^|\.)(Process|ProcessStartInfo)$' }
            $calls = Find-Node $trees[$path] ([Management.Automation.Language.CommandAst]) | Where-Object {
                $_.GetCommandName() -in 'Start-Process', 'Invoke-Command', 'Start-Job', 'Invoke-CimMethod', 'Invoke-WmiMethod', 'cmd', 'powershell', 'pwsh' -or $_.GetCommandName() -match '\.(exe|cmd|bat|com)$' }
            if (@($types).Count + @($calls).Count -gt 0) { [IO.Path]::GetFileName($path) }
        }
        $starters | Should -Be 'Start-CertRebindProcess.ps1'
    }

    It 'on another server happens in one place, by the name of a command and never by a text' {
        $askers = foreach ($path in $trees.Keys) {
            $types = Find-Node $trees[$path] ([Management.Automation.Language.TypeExpressionAst]) | Where-Object { $_.TypeName.FullName -match '(^|\.)powershell$' }
            if (@($types).Count -gt 0) { [IO.Path]::GetFileName($path) }
        }
        $askers | Should -Be 'Start-CertRebindFleetCall.ps1'
        $usage.Values.members | Should -Not -Contain 'AddScript'
    }

    It 'is not done by calling a variable, except callbacks and the loader' {
        $called = foreach ($path in $trees.Keys) {
            Find-Node $trees[$path] ([Management.Automation.Language.CommandAst]) | Where-Object { $null -eq $_.GetCommandName() } |
                ForEach-Object { '{0}: {1}' -f [IO.Path]::GetFileName($path), $_.Extent.Text }
        }
        $called | Sort-Object | Should -Be 'CertRebind.psm1: . $file.FullName', 'CertRebindDsc.psm1: & $module { param($Given) Invoke-CertRebindDsc @Given } @{ Verb = $Verb; Wanted = $Wanted; PolicyFile = $PolicyFile }', 'Start-CertRebindFleetCall.ps1: & $Script $Server', 'Start-CertRebindProcess.ps1: & $OnLine $line.Result'
    }

    It 'never takes the program from the environment on Windows' {
        InModuleScope CertRebind {
            Mock Test-CertRebindWindows { $true }
            Mock Get-ProgramFilesFolder { 'C:\Program Files' }
            $before = $env:CERTREBIND_EXECUTABLE
            $env:CERTREBIND_EXECUTABLE = '/planted/certrebind.exe'
            try { Get-CertRebindExecutableCandidate | Should -Not -Contain '/planted/certrebind.exe' } finally { $env:CERTREBIND_EXECUTABLE = $before }
        }
    }
}

# Linux has one encoding, and locks only whole files; so these are held by what is written.
Describe 'what Windows does not forgive' {
    It 'a program is handed bytes and read in UTF-8, not in the code page of the console' {
        $path = @($trees.Keys) -like '*Start-CertRebindProcess.ps1' | Select-Object -First 1
        $set = @{}
        Find-Node $trees[$path] ([Management.Automation.Language.AssignmentStatementAst]) | Where-Object { $_.Left -is [Management.Automation.Language.MemberExpressionAst] } |
            ForEach-Object { $set[$_.Left.Member.Value] = $_.Right.Extent.Text }
        foreach ($stream in 'Output', 'Error') {
            $set["RedirectStandard$stream"] | Should -Be '$true'
            $set["Standard${stream}Encoding"] | Should -Be '[System.Text.UTF8Encoding]::new($false)'
        }
        # 5.1 cannot be told an encoding for what is written, so bytes are.
        $written = Find-Node $trees[$path] ([Management.Automation.Language.MemberExpressionAst]) | Where-Object { $_.Expression.Extent.Text -eq '$process.StandardInput' }
        $written.Member.Value | Sort-Object | Should -Be 'BaseStream', 'Close'
    }

    It 'keeps others from writing to a file that it writes' {
        Find-Wrong {
            param($path)
            $opened = Find-Node $trees[$path] ([Management.Automation.Language.InvokeMemberExpressionAst]) | Where-Object {
                $_.Static -and ($_.Expression.Extent.Text -match 'FileStream\]$' -or ($_.Expression.Extent.Text -match 'IO\.File\]$' -and $_.Member.Value -match '^(Open|Create)')) }
            foreach ($one in $opened) {
                $said = @($one.Arguments)
                if ($said.Count -gt 2 -and $said[2].Value -eq 'Read') { continue }
                if ($said.Count -le 3 -or $said[3].Value -notin 'Read', 'None') { $one.Extent.Text }
            }
        } | Should -BeNullOrEmpty
    }

    It 'flushes a file to the disk before it takes the place of another' {
        Find-Wrong {
            param($path)
            $placed = Find-Node $trees[$path] ([Management.Automation.Language.InvokeMemberExpressionAst]) | Where-Object { $_.Expression.Extent.Text -match 'IO\.File\]$' -and $_.Member.Value -in 'Replace', 'Move' }
            foreach ($one in $placed) {
                $function = $one
                while ($function -isnot [Management.Automation.Language.FunctionDefinitionAst]) { $function = $function.Parent }
                $flushed = Find-Node $function ([Management.Automation.Language.InvokeMemberExpressionAst]) | Where-Object { $_.Member.Value -eq 'Flush' -and "$($_.Arguments)" -eq '$true' }
                if (@($flushed | Where-Object { $_.Extent.StartOffset -lt $one.Extent.StartOffset }).Count -ne 1) { $one.Extent.Text }
            }
        } | Should -BeNullOrEmpty
    }

    It 'and the campaign is such a file' {
        @($usage.Values.static) | Where-Object { $_ -match 'File\]::(Replace|Move)$' } | Sort-Object | Should -Be '[System.IO.File]::Move', '[System.IO.File]::Replace'
    }
}

Describe '<Name>' -ForEach $public {
    BeforeAll {
        $help = Get-Help -Name $Name -Full
        $command = Get-Command -Name $Name
    }

    It 'is alone in a file of its name' {
        $usage[$Path].own | Should -Be $Name
    }

    It 'takes the preferences of its caller before it does anything else' {
        $body = $trees[$Path].EndBlock.Statements[0].Body
        $first = @($body.BeginBlock, $body.ProcessBlock, $body.EndBlock | Where-Object { $_ })[0].Statements[0]
        $first.Extent.Text | Should -Be 'Use-CertRebindCallerPreference -Caller $PSCmdlet'
    }

    It 'has a synopsis, a description, two examples with remarks, and what it returns' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match "^\s*$Name"
        ($help.description | Out-String).Trim() | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.examples.example) {
            $example.code | Should -Not -BeNullOrEmpty
            ($example.remarks | Out-String).Trim() | Should -Not -BeNullOrEmpty
        }
        $help.returnValues | Should -Not -BeNullOrEmpty
        $help.inputTypes | Should -Not -BeNullOrEmpty
        $takesInput = @($command.Parameters.Values | ForEach-Object { $_.Attributes } | Where-Object { $_ -is [Parameter] -and ($_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName) }).Count -gt 0
        ($help.inputTypes | Out-String).Trim() -eq 'None' | Should -Be (-not $takesInput)
    }

    It 'has a view for every type that it returns' {
        foreach ($type in $command.OutputType.Name | Where-Object { $_ -like 'CertRebind.*' }) { Get-FormatData -TypeName $type | Should -Not -BeNullOrEmpty -Because $type }
    }

    It 'has help for every parameter' {
        $described = @($help.parameters.parameter | Where-Object { $_.description.Text } | ForEach-Object { $_.name })
        $command.Parameters.Keys | Where-Object { $_ -notin $common -and $_ -notin $described } | Should -BeNullOrEmpty
    }

    It 'shows examples that parse and use parameters that exist' {
        foreach ($example in $help.examples.example) {
            $errors = $null
            $tree = [Management.Automation.Language.Parser]::ParseInput($example.code, [ref]$null, [ref]$errors)
            $errors | Should -BeNullOrEmpty
            foreach ($call in Find-Node $tree ([Management.Automation.Language.CommandAst])) {
                # Not by Get-Command, which would look through all modules of the machine for the others.
                $called = $exported[$call.GetCommandName()]
                if (-not $called) { continue }
                foreach ($element in $call.CommandElements) {
                    if ($element -is [Management.Automation.Language.CommandParameterAst]) { $called.Parameters.Keys | Should -Contain $element.ParameterName }
                }
            }
        }
    }

    It 'asks before it changes something, by its impact' {
        $metadata = [Management.Automation.CommandMetadata]::new($command)
        $expected = switch -Regex ($Name) {
            '^(Undo|Disable|Remove)-|-CertRebind(Rehearsal|Retirement|Fleet)$' { 'High' }
            '^(Enable|Hide|Import(?=-CertRebindCertificate$)|Invoke(?!-CertRebind(Rehearsal|Retirement|Fleet))|Register|Repair|Set|Sync|Unregister)-' { 'Medium' }
            '^(Export|New)-' { 'Low' }
            default { 'None' }
        }
        $metadata.ConfirmImpact | Should -Be $expected
        $metadata.SupportsShouldProcess | Should -Be ($expected -ne 'None')
    }
}
