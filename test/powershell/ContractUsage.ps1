# Prints as JSON what a script uses of its surroundings, taken from its syntax tree: commands with their parameters,
# static members of .NET, properties and methods, drive paths; and what Windows PowerShell 5.1 would not understand.
param([Parameter(Mandatory)] [string] $Path)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$tokens = $null
$errors = $null
$tree = [Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$errors)
# One walk of the tree for all: a walk for each type would take most of the time.
$nodes = @{}
foreach ($node in $tree.FindAll({ $true }, $true)) {
    $kind = $node.GetType()
    if (-not $nodes.ContainsKey($kind)) { $nodes[$kind] = [Collections.Generic.List[object]]::new() }
    $nodes[$kind].Add($node)
}
function Find-Node { param([type] $Type) foreach ($kind in $nodes.Keys) { if ($Type.IsAssignableFrom($kind)) { $nodes[$kind] } } }

$own = @(Find-Node ([Management.Automation.Language.FunctionDefinitionAst]) | ForEach-Object { $_.Name })
$commands = @{}
$positional = @()
foreach ($call in Find-Node ([Management.Automation.Language.CommandAst])) {
    $name = $call.GetCommandName()
    if ($null -eq $name -or $own -contains $name) { continue }
    if (-not $commands.ContainsKey($name)) { $commands[$name] = @() }
    $takesValue = $false
    foreach ($element in @($call.CommandElements | Select-Object -Skip 1)) {
        if ($element -is [Management.Automation.Language.CommandParameterAst]) {
            $commands[$name] += $element.ParameterName
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
    Find-Node ([Management.Automation.Language.TernaryExpressionAst])
    Find-Node ([Management.Automation.Language.PipelineChainAst])
    Find-Node ([Management.Automation.Language.PipelineAst]) | Where-Object { $_.Background }
    Find-Node ([Management.Automation.Language.MemberExpressionAst]) | Where-Object { $_.NullConditional }
    Find-Node ([Management.Automation.Language.IndexExpressionAst]) | Where-Object { $_.NullConditional }
    Find-Node ([Management.Automation.Language.BinaryExpressionAst]) | Where-Object { $_.Operator -eq 'QuestionQuestion' }
    Find-Node ([Management.Automation.Language.AssignmentStatementAst]) | Where-Object { $_.Operator -eq 'QuestionQuestionEquals' }
    Find-Node ([Management.Automation.Language.VariableExpressionAst]) | Where-Object { $_.VariablePath.UserPath -match '^Is(Windows|Linux|MacOS|CoreCLR)$' }
    Find-Node ([Management.Automation.Language.ConstantExpressionAst]) | Where-Object {
        $_ -isnot [Management.Automation.Language.StringConstantExpressionAst] -and $_.Extent.Text -match '^0b|^\d.*(?<!0x[0-9a-f]*)(u|y|n|us|ul|uy)$' }
    Find-Node ([Management.Automation.Language.ExpandableStringExpressionAst]) | Where-Object { $_.Extent.Text -match '`(e|u\{)' }
    Find-Node ([Management.Automation.Language.NamedBlockAst]) | Where-Object { $_.BlockKind -eq 'Clean' }
)

$members = Find-Node ([Management.Automation.Language.MemberExpressionAst])
$strings = Find-Node ([Management.Automation.Language.StringConstantExpressionAst]) | ForEach-Object { $_.Value }
$expandable = Find-Node ([Management.Automation.Language.ExpandableStringExpressionAst]) | ForEach-Object { $_.Value }
ConvertTo-Json -Compress -Depth 5 -InputObject @{
    errors = @($errors | ForEach-Object { "$($_.Extent.StartLineNumber): $($_.Message)" })
    own = $own
    commands = @($commands.Keys | Sort-Object | ForEach-Object { @{ name = $_; parameters = @($commands[$_] | Sort-Object -Unique) } })
    positional = $positional
    newer = @($new | ForEach-Object { "$($_.Extent.StartLineNumber): $($_.Extent.Text)" })
    static = @($members | Where-Object { $_.Static } | ForEach-Object { "$($_.Expression.Extent.Text)::$($_.Member.Extent.Text)" } | Sort-Object -Unique)
    members = @($members | Where-Object { -not $_.Static } | ForEach-Object { $_.Member.Extent.Text } | Sort-Object -Unique)
    drives = @(@($strings) + @($expandable) | Where-Object { $_ -match '^(HKLM|Cert|IIS|WSMan|Env|Registry):' } | Sort-Object -Unique)
}
