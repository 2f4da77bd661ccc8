# mutants.ps1 -Folder <root> -ListFile <scripts, one a line>: every small change that a careless hand could make to these scripts,
# by their syntax trees, as JSON on standard output. Beside the changes of a script stand the places where its blocks begin:
# what is put there tells which tests reach a change.
param([Parameter(Mandatory)] [string] $Folder, [Parameter(Mandatory)] [string] $ListFile)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

# Operators that are easily taken for one another.
$others = @{
    Ieq = '-ne'; Ine = '-eq'; Ceq = '-cne'; Cne = '-ceq'; Ilt = '-le'; Ile = '-lt'; Igt = '-ge'; Ige = '-gt'
    Ilike = '-notlike'; Inotlike = '-like'; Clike = '-cnotlike'; Cnotlike = '-clike'
    Imatch = '-notmatch'; Inotmatch = '-match'; Cmatch = '-cnotmatch'; Cnotmatch = '-cmatch'
    Icontains = '-notcontains'; Inotcontains = '-contains'; Ccontains = '-cnotcontains'; Cnotcontains = '-ccontains'
    Iin = '-notin'; Inotin = '-in'; Cin = '-cnotin'; Cnotin = '-cin'; Is = '-isnot'; IsNot = '-is'
    And = '-or'; Or = '-and'; Band = '-bor'; Bor = '-band'; Plus = '-'; Minus = '+'; Multiply = '/'; Divide = '*'
}
# The same for texts that an interface knows: kinds of registry values, ways to open a file, stores, what to do after an error.
$words = @{
    DWord = 'String'; QWord = 'DWord'; Binary = 'String'; String = 'ExpandString'; ExpandString = 'String'; MultiString = 'String'
    Open = 'OpenOrCreate'; OpenOrCreate = 'Open'; Create = 'OpenOrCreate'; CreateNew = 'Create'; Append = 'Create'
    Read = 'ReadWrite'; ReadWrite = 'Read'; Write = 'ReadWrite'; None = 'ReadWrite'; Delete = 'ReadWrite'
    LocalMachine = 'CurrentUser'; CurrentUser = 'LocalMachine'; MachineKeySet = 'UserKeySet'; UserKeySet = 'MachineKeySet'
    Stop = 'SilentlyContinue'; SilentlyContinue = 'Stop'; Ignore = 'Stop'; Continue = 'Stop'
    High = 'Low'; Medium = 'Low'; Low = 'High'
}

$script:found = [Collections.Generic.List[object]]::new()
function Add-Change($Kind, $Start, $End, [string] $Text) {
    $changed = $source.Substring(0, $Start) + $Text + $source.Substring($End)
    $errors = $null
    $null = [Management.Automation.Language.Parser]::ParseInput($changed, [ref]$null, [ref]$errors)
    if ($changed -ceq $source -or $errors.Count -gt 0) { return }
    $line = $source.Substring(0, $Start).Split("`n").Length
    $script:found.Add([ordered]@{ kind = $Kind; start = $Start; end = $End; line = $line; old = $source.Substring($Start, $End - $Start); new = $Text })
}
function Add-Replacement($Kind, $Node, [string] $Text) { Add-Change $Kind $Node.Extent.StartOffset $Node.Extent.EndOffset $Text }

# The text of a value in the same quotes.
function Get-Quoted($Node, [string] $Text) { $quote = $Node.Extent.Text[0]; "$quote$Text$quote" }

# A parameter with its argument; `-Name:$value` is one already.
function Remove-Parameter($Command) {
    $elements = $Command.CommandElements
    for ($i = 1; $i -lt $elements.Count; $i++) {
        if ($elements[$i] -isnot [Management.Automation.Language.CommandParameterAst]) { continue }
        $last = $elements[$i]
        $next = if ($i + 1 -lt $elements.Count) { $elements[$i + 1] }
        if ($null -eq $last.Argument -and $null -ne $next -and $next -isnot [Management.Automation.Language.CommandParameterAst]) { $last = $next }
        $kind = if ($elements[$i].ParameterName -eq 'ErrorAction') { 'error action' } else { 'parameter' }
        Add-Change $kind $elements[$i].Extent.StartOffset $last.Extent.EndOffset ''
    }
}

function Test-Simple($Statement) {
    $Statement -is [Management.Automation.Language.PipelineAst] -or $Statement -is [Management.Automation.Language.AssignmentStatementAst]
}

# Whether it does something that others may see, besides setting variables.
function Test-Effect($Statement) {
    $null -ne $Statement.Find({ param($node) $node -is [Management.Automation.Language.CommandAst] -or $node -is [Management.Automation.Language.InvokeMemberExpressionAst] }, $true)
}

# Whether the order of the two can matter: what one sets the other reads, or both do something.
function Test-Order($First, $Second) {
    if ((Test-Effect $First) -and (Test-Effect $Second)) { return $true }
    $set = foreach ($one in $First, $Second) { if ($one -is [Management.Automation.Language.AssignmentStatementAst]) { $one.Left.Extent.Text } }
    @($set | Where-Object { $First.Extent.Text.Contains($_) -and $Second.Extent.Text.Contains($_) }).Count -gt 0
}

function Add-Statements($Block) {
    $statements = @($Block.Statements)
    for ($i = 0; $i -lt $statements.Count; $i++) {
        $one = $statements[$i]
        $isEnd = $one -is [Management.Automation.Language.ReturnStatementAst] -or $one -is [Management.Automation.Language.ThrowStatementAst] -or
            $one -is [Management.Automation.Language.BreakStatementAst] -or $one -is [Management.Automation.Language.ContinueStatementAst] -or
            $one -is [Management.Automation.Language.ExitStatementAst]
        if ((Test-Simple $one) -or $isEnd) { Add-Replacement 'statement' $one '' }
        if ($i + 1 -ge $statements.Count -or -not (Test-Simple $one) -or -not (Test-Simple $statements[$i + 1])) { continue }
        $next = $statements[$i + 1]
        if (-not (Test-Order $one $next)) { continue }
        $between = $source.Substring($one.Extent.EndOffset, $next.Extent.StartOffset - $one.Extent.EndOffset)
        Add-Change 'order' $one.Extent.StartOffset $next.Extent.EndOffset ($next.Extent.Text + $between + $one.Extent.Text)
    }
}

function Add-Constant($Node) {
    # Names of commands and members are no values, and the words of attributes are read before anything runs.
    for ($outer = $Node.Parent; $null -ne $outer; $outer = $outer.Parent) { if ($outer -is [Management.Automation.Language.AttributeAst]) { return } }
    if ($Node.Parent -is [Management.Automation.Language.MemberExpressionAst] -and $Node.Parent.Member -eq $Node) { return }
    if ($Node -is [Management.Automation.Language.ExpandableStringExpressionAst]) { if ($Node.Value -ne '') { Add-Replacement 'constant' $Node '""' }; return }
    if ($Node -is [Management.Automation.Language.StringConstantExpressionAst]) {
        $isBare = $Node.StringConstantType -eq 'BareWord'
        if ($words.ContainsKey($Node.Value)) { Add-Replacement 'flag' $Node $(if ($isBare) { $words[$Node.Value] } else { Get-Quoted $Node $words[$Node.Value] }) }
        elseif (-not $isBare -and $Node.StringConstantType -notlike '*HereString') { Add-Replacement 'constant' $Node (Get-Quoted $Node $(if ($Node.Value -eq '') { 'x' } else { '' })) }
        return
    }
    if ($Node.Value -is [ValueType]) { Add-Replacement 'constant' $Node ([string]($Node.Value + 1)) }
}

# Another member of the same enumeration.
function Add-Flag($Node) {
    $type = $Node.Expression.TypeName.GetReflectionType()
    if ($null -eq $type -or -not $type.IsEnum) { return }
    $names = [Enum]::GetNames($type)
    $at = [Array]::IndexOf($names, $Node.Member.Value)
    if ($at -lt 0) { return }
    Add-Change 'flag' $Node.Member.Extent.StartOffset $Node.Member.Extent.EndOffset $names[($at + 1) % $names.Length]
}

function Add-Conditions($Clauses) { foreach ($clause in $Clauses) { foreach ($value in '$true', '$false') { Add-Replacement 'condition' $clause.Item1 $value } } }

function Add-Node($Node) {
    switch ($Node.GetType().Name) {
        'IfStatementAst' { Add-Conditions $Node.Clauses }
        'WhileStatementAst' { Add-Replacement 'condition' $Node.Condition '$false' }
        'DoWhileStatementAst' { Add-Replacement 'condition' $Node.Condition '$false' }
        'ForStatementAst' { if ($null -ne $Node.Condition) { Add-Replacement 'condition' $Node.Condition '$false' } }
        'BinaryExpressionAst' {
            $name = [string]$Node.Operator
            if ($others.ContainsKey($name)) { Add-Change 'comparison' $Node.ErrorPosition.StartOffset $Node.ErrorPosition.EndOffset $others[$name] }
        }
        'UnaryExpressionAst' { if ($Node.TokenKind -in 'Not', 'Exclaim') { Add-Replacement 'condition' $Node $Node.Child.Extent.Text } }
        'VariableExpressionAst' {
            $other = @{ true = '$false'; false = '$true' }[$Node.VariablePath.UserPath]
            if ($other) { Add-Replacement 'constant' $Node $other }
        }
        'ConstantExpressionAst' { Add-Constant $Node }
        'StringConstantExpressionAst' { Add-Constant $Node }
        'ExpandableStringExpressionAst' { Add-Constant $Node }
        'MemberExpressionAst' { if ($Node.Static -and $Node.Expression -is [Management.Automation.Language.TypeExpressionAst]) { Add-Flag $Node } }
        'CommandAst' { Remove-Parameter $Node }
        'PipelineAst' {
            # A step between the first and the last only passes on.
            for ($i = 1; $i -lt $Node.PipelineElements.Count; $i++) {
                Add-Change 'step' $Node.PipelineElements[$i - 1].Extent.EndOffset $Node.PipelineElements[$i].Extent.EndOffset ''
            }
        }
        'TryStatementAst' { if ($null -ne $Node.Finally) { Add-Replacement 'finally' $Node.Finally '{ }' } }
        'CatchClauseAst' { Add-Replacement 'catch' $Node.Body '{ }' }
        'StatementBlockAst' { if ($Node.Parent -isnot [Management.Automation.Language.ArrayExpressionAst]) { Add-Statements $Node } }
        'NamedBlockAst' { Add-Statements $Node }
        'NamedAttributeArgumentAst' {
            if ($Node.ArgumentName -in 'SupportsShouldProcess', 'Mandatory', 'ValueFromPipeline', 'ValueFromPipelineByPropertyName', 'ConfirmImpact') {
                $rest = [regex]::Match($source.Substring($Node.Extent.EndOffset), '^\s*,\s*')
                $before = [regex]::Match($source.Substring(0, $Node.Extent.StartOffset), ',\s*$')
                if ($rest.Success) { Add-Change 'flag' $Node.Extent.StartOffset ($Node.Extent.EndOffset + $rest.Length) '' }
                else { Add-Change 'flag' ($Node.Extent.StartOffset - $before.Length) $Node.Extent.EndOffset '' }
            }
        }
    }
}

# Where what tells that a block was reached can stand: before its first statement.
function Get-Blocks($Tree) {
    $blocks = $Tree.FindAll({
            param($node)
            ($node -is [Management.Automation.Language.NamedBlockAst] -or $node -is [Management.Automation.Language.StatementBlockAst]) -and
            $node.Parent -isnot [Management.Automation.Language.ArrayExpressionAst] -and $node.Parent -isnot [Management.Automation.Language.SubExpressionAst] -and $node.Statements.Count -gt 0
        }, $true)
    foreach ($block in $blocks) {
        $first = $block.Statements[0].Extent.StartOffset
        # A block without words of its own begins where its first statement does.
        $start = [Math]::Min($block.Extent.StartOffset, $first)
        [ordered]@{ start = $start; end = $block.Extent.EndOffset; first = $first }
    }
}

$result = [ordered]@{}
foreach ($file in [IO.File]::ReadAllLines($ListFile)) {
    $source = [IO.File]::ReadAllText([IO.Path]::Combine($Folder, $file))
    $script:found.Clear()
    $errors = $null
    $tree = [Management.Automation.Language.Parser]::ParseInput($source, [ref]$null, [ref]$errors)
    if ($errors.Count -gt 0) { throw "$file does not parse: $($errors[0].Message)" }
    foreach ($node in $tree.FindAll({ $true }, $true)) { Add-Node $node }
    $result[$file] = [ordered]@{ mutants = $script:found.ToArray(); blocks = @(Get-Blocks $tree) }
}
ConvertTo-Json -InputObject $result -Depth 5 -Compress
