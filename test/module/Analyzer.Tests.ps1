# What PSScriptAnalyzer says of the scripts that are shipped. Images of hosted Windows have it, package registries do not, so a
# rule that ever reported something is a test of its own here.

BeforeDiscovery {
    $isInstalled = $null -ne (Get-Module -ListAvailable -Name PSScriptAnalyzer)
    if (-not $isInstalled) { Write-Host 'PSScriptAnalyzer is not installed here and does not run.' }
}

BeforeAll {
    $root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
    $folders = @('module', 'src/server/windows/adapter', 'src/kinds', 'packaging' | ForEach-Object { "$root/$_" })
}

Describe 'the scripts that are shipped' {
    It 'assign to no variable that PowerShell sets itself' {
        . "$root/test/powershell/Syntax.ps1"
        $automatic = 'args', 'ConsoleFileName', 'Error', 'Event', 'EventArgs', 'EventSubscriber', 'ExecutionContext', 'false', 'foreach', 'HOME', 'Host', 'input', 'Matches',
            'MyInvocation', 'NestedPromptLevel', 'null', 'PID', 'PROFILE', 'PSBoundParameters', 'PSCmdlet', 'PSCommandPath', 'PSHOME', 'PSItem', 'PSScriptRoot', 'PSVersionTable',
            'PWD', 'Sender', 'ShellId', 'StackTrace', 'switch', 'this', 'true'
        $assigned = foreach ($path in (Get-ChildItem -LiteralPath $folders -Recurse -Include *.ps1, *.psm1).FullName) {
            $tree = Read-Tree $path
            $targets = @(
                (Find-Node $tree ([Management.Automation.Language.AssignmentStatementAst])).Left
                (Find-Node $tree ([Management.Automation.Language.ForEachStatementAst])).Variable
                (Find-Node $tree ([Management.Automation.Language.ParameterAst])).Name
            )
            $targets |
                Where-Object { $_ -is [Management.Automation.Language.VariableExpressionAst] -and $_.VariablePath.UserPath -in $automatic } | ForEach-Object { "$([IO.Path]::GetFileName($path)): $_" }
        }
        $assigned | Where-Object { $_ -notlike '*: $null' } | Should -BeNullOrEmpty
    }

    if ($isInstalled) {
        It 'give PSScriptAnalyzer nothing to report' {
            # These rules are about cmdlets, which only the public functions are.
            $ofCmdlets = 'PSShouldProcess', 'PSUseShouldProcessForStateChangingFunctions', 'PSUseSupportsShouldProcess', 'PSUseSingularNouns', 'PSReviewUnusedParameter'
            $reported = @(
                Invoke-ScriptAnalyzer -Path "$root/module/CertRebind/Public" -Severity Error, Warning
                foreach ($folder in $folders) { Invoke-ScriptAnalyzer -Path $folder -Recurse -Severity Error, Warning -ExcludeRule $ofCmdlets }
            )
            $reported | ForEach-Object { "$($_.ScriptName) $($_.Line) $($_.RuleName)" } | Should -BeNullOrEmpty
        }
    }
}
