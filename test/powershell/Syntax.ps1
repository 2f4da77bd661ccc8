# The nodes of a syntax tree that are of a type, dot-sourced by tests. FindAll with a script block would call it for each node, which
# takes many times as long: a set takes every node and says yes to it without a line of PowerShell.
function Find-Node($Tree, [type] $Type) {
    $all = [Collections.Generic.HashSet[object]]::new()
    $nodes = $Tree.FindAll([Func[Management.Automation.Language.Ast, bool]]$all.Add, $true)
    [Linq.Enumerable].GetMethod('OfType').MakeGenericMethod($Type).Invoke($null, @(, $nodes))
}

function Read-Tree([string] $Path) { [Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$null) }

# What a script uses of its surroundings: commands with their parameters, static members of .NET, properties and methods, drive paths;
# and what Windows PowerShell 5.1 would not understand.
function Get-Usage([string] $Path) {
    Set-StrictMode -Version 3
    $errors = $null
    $tree = [Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$errors)

    $own = @(Find-Node $tree ([Management.Automation.Language.FunctionDefinitionAst]) | ForEach-Object { $_.Name })
    $commands = @{}
    $positional = @()
    foreach ($call in Find-Node $tree ([Management.Automation.Language.CommandAst])) {
        $name = $call.GetCommandName()
        if ($null -eq $name -or $own -contains $name) { continue }
        if (-not $commands.ContainsKey($name)) { $commands[$name] = [Collections.Generic.SortedSet[string]]::new([StringComparer]::InvariantCultureIgnoreCase) }
        # The first is the name.
        $takesValue = $true
        foreach ($element in $call.CommandElements) {
            if ($element -is [Management.Automation.Language.CommandParameterAst]) {
                $null = $commands[$name].Add($element.ParameterName)
                $takesValue = $null -eq $element.Argument
            } elseif ($element -is [Management.Automation.Language.VariableExpressionAst] -and $element.Splatted) {
                $takesValue = $false
            } elseif ($takesValue) {
                $takesValue = $false
            } else {
                $positional += "$($call.Extent.StartLineNumber): $($call.Extent.Text)"
            }
        }
    }

    $new = @(
        Find-Node $tree ([Management.Automation.Language.TernaryExpressionAst])
        Find-Node $tree ([Management.Automation.Language.PipelineChainAst])
        Find-Node $tree ([Management.Automation.Language.PipelineAst]) | Where-Object { $_.Background }
        Find-Node $tree ([Management.Automation.Language.MemberExpressionAst]) | Where-Object { $_.NullConditional }
        Find-Node $tree ([Management.Automation.Language.IndexExpressionAst]) | Where-Object { $_.NullConditional }
        Find-Node $tree ([Management.Automation.Language.BinaryExpressionAst]) | Where-Object { $_.Operator -eq 'QuestionQuestion' }
        Find-Node $tree ([Management.Automation.Language.AssignmentStatementAst]) | Where-Object { $_.Operator -eq 'QuestionQuestionEquals' }
        Find-Node $tree ([Management.Automation.Language.VariableExpressionAst]) | Where-Object { $_.VariablePath.UserPath -match '^Is(Windows|Linux|MacOS|CoreCLR)$' }
        Find-Node $tree ([Management.Automation.Language.ConstantExpressionAst]) | Where-Object {
            $_ -isnot [Management.Automation.Language.StringConstantExpressionAst] -and $_.Extent.Text -match '^0b|^\d.*(?<!0x[0-9a-f]*)(u|y|n|us|ul|uy)$' }
        Find-Node $tree ([Management.Automation.Language.ExpandableStringExpressionAst]) | Where-Object { $_.Extent.Text -match '`(e|u\{)' }
        Find-Node $tree ([Management.Automation.Language.NamedBlockAst]) | Where-Object { $_.BlockKind -eq 'Clean' }
    )

    $members = Find-Node $tree ([Management.Automation.Language.MemberExpressionAst])
    $texts = @(Find-Node $tree ([Management.Automation.Language.StringConstantExpressionAst])) + @(Find-Node $tree ([Management.Automation.Language.ExpandableStringExpressionAst]))
    [pscustomobject]@{
        errors = @($errors | ForEach-Object { "$($_.Extent.StartLineNumber): $($_.Message)" })
        own = $own
        commands = @($commands.Keys | Sort-Object | ForEach-Object { [pscustomobject]@{ name = $_; parameters = @($commands[$_]) } })
        positional = $positional
        newer = @($new | ForEach-Object { "$($_.Extent.StartLineNumber): $($_.Extent.Text)" })
        static = @($members | Where-Object { $_.Static } | ForEach-Object { "$($_.Expression.Extent.Text)::$($_.Member.Extent.Text)" } | Sort-Object -Unique)
        members = @($members | Where-Object { -not $_.Static } | ForEach-Object { $_.Member.Extent.Text } | Sort-Object -Unique)
        drives = @(@($texts.Value) -match '^(HKLM|Cert|IIS|WSMan|Env|Registry):' | Sort-Object -Unique)
    }
}
