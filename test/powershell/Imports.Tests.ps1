# Modules of Windows are loaded by the adapter alone, so a command whose module was not imported before does not exist. Every lab has
# all of them from the beginning; what is missing is seen in the syntax.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Syntax.ps1'))
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    $modules = @{}
    foreach ($name in 'webadministration', 'windows-powershell-5.1') {
        $listing = ConvertFrom-Json -AsHashtable -InputObject ([IO.File]::ReadAllText([IO.Path]::Combine($PSScriptRoot, '..', 'fixtures', 'commands', "$name.json")))
        foreach ($module in $listing.Keys) { foreach ($command in @($listing[$module].Keys)) { $modules[$command] = $module } }
    }
    # What the first request imports, and what is part of the engine.
    $atFirst = 'Microsoft.PowerShell.Utility', 'Microsoft.PowerShell.Management'
    $script:functions = @{}
    $script:calls = @()
    function Add-Script([string] $Text) {
        $tree = [Management.Automation.Language.Parser]::ParseInput($Text, [ref]$null, [ref]$null)
        foreach ($function in Find-Node $tree ([Management.Automation.Language.FunctionDefinitionAst])) {
            $script:functions[$function.Name] = $function
            $script:calls += @(Find-Node $function ([Management.Automation.Language.CommandAst]) |
                    ForEach-Object { [pscustomobject]@{ In = $function.Name; Name = [string]$_.GetCommandName(); Node = $_ } })
        }
    }
    # Whether every way to a place passes an import of the module.
    function Test-Imported([string] $Module, [string] $Function, $Node) {
        $imports = $script:calls | Where-Object { $_.In -eq $Function -and $_.Name -eq 'Import-Part' -and $_.Node.CommandElements[1].Extent.Text.Trim("'") -eq $Module }
        foreach ($import in $imports) {
            $block = $import.Node.Parent.Parent
            for ($outer = $Node.Parent; $null -ne $outer; $outer = $outer.Parent) {
                if ($outer -eq $block -and $import.Node.Extent.StartOffset -lt $Node.Extent.StartOffset) { return $true }
            }
        }
        $callers = @($script:calls | Where-Object { $_.Name -eq $Function -and $_.In -ne $Function })
        if ($callers.Count -eq 0) { return $false }
        foreach ($caller in $callers) { if (-not (Test-Imported $Module $caller.In $caller.Node)) { return $false } }
        $true
    }
    function Get-NotImported {
        foreach ($call in $script:calls) {
            $module = $modules[$call.Name]
            # The drive of certificates comes with a module too.
            if ($call.Node.Extent.Text -match '[''"]Cert:' -and $call.Name -like 'Get-*Item*') { $module = 'Microsoft.PowerShell.Security' }
            if ($null -eq $module -or $module -in $atFirst -or $module -eq 'Microsoft.PowerShell.Core') { continue }
            if (-not (Test-Imported $module $call.In $call.Node)) { "$($call.In): $($call.Name)" }
        }
    }
}

Describe 'the modules of Windows' {
    It 'are imported on every way to each of their commands' {
        foreach ($file in @([IO.Directory]::GetFiles($adapter, '*.ps1')) + [IO.Directory]::GetFiles([IO.Path]::Combine($adapter, '..', '..', '..', 'kinds'), '*.ps1', 'AllDirectories')) { Add-Script ([IO.File]::ReadAllText($file)) }
        @($script:calls | Where-Object { $modules[$_.Name] -in 'ScheduledTasks', 'WebAdministration', 'CimCmdlets', 'PKI' }).Count | Should -BeGreaterThan 20
        Get-NotImported | Should -BeNullOrEmpty
        $first = @($script:calls | Where-Object { $_.In -eq 'Initialize-Adapter' -and $_.Name -eq 'Import-Part' } | ForEach-Object { $_.Node.CommandElements[1].Value })
        $first | Should -Be $atFirst
    }

    It 'would be missed <Where>' -ForEach @(
        @{ Where = 'in a function'; Text = 'function Get-A { Get-ScheduledTask }' }
        @{ Where = 'where they are imported later'; Text = "function Get-A { Get-ScheduledTask; Import-Part 'ScheduledTasks' }" }
        @{ Where = 'where they are imported on another way'; Text = "function Get-A { if (`$b) { Import-Part 'ScheduledTasks' }; Get-ScheduledTask }" }
        @{ Where = 'where one caller does not import them'; Text = "function Get-A { Get-ScheduledTask }; function Get-B { Import-Part 'ScheduledTasks'; Get-A }; function Get-C { Get-A }" }
    ) {
        $script:functions = @{}
        $script:calls = @()
        Add-Script $Text
        Get-NotImported | Should -Be 'Get-A: Get-ScheduledTask'
    }
}
