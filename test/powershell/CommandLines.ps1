# What this engine's own host makes of command lines: an array of arrays of words in, an array of facts out, both JSON.
# Only what differs from an engine that is started without a word is named.
param([string]$Path)
$parserType = [Microsoft.PowerShell.UnmanagedPSEntry].Assembly.GetType('Microsoft.PowerShell.CommandLineParameterParser')
$flags = [Reflection.BindingFlags]'Instance, NonPublic, Public'

function Get-Fact($Parser, [string]$Name) { $parserType.GetProperty($Name, $flags).GetValue($Parser) }

function Read-CommandLine([string[]]$Words) {
    $parser = [Activator]::CreateInstance($parserType, $true)
    $null = $parserType.GetMethod('Parse', $flags).Invoke($parser, @(, $Words))
    $facts = [ordered]@{}
    if ((Get-Fact $parser 'AbortStartup') -and (Get-Fact $parser 'ExitCode') -ne 0) { return @{ refused = $true } }
    if (Get-Fact $parser 'AbortStartup') { return @{ help = $true } }
    if (Get-Fact $parser 'ShowVersion') { return @{ version = $true } }
    if (Get-Fact $parser 'File') { $facts.file = Get-Fact $parser 'File' }
    $arguments = @(foreach ($argument in (Get-Fact $parser 'Args')) { , @($argument.Name, $argument.Value) })
    if ($arguments.Count -gt 0) { $facts.arguments = $arguments }
    foreach ($name in 'InitialCommand', 'ExecutionPolicy', 'ConfigurationName') {
        if ($null -ne (Get-Fact $parser $name)) { $facts[$name] = Get-Fact $parser $name }
    }
    foreach ($name in 'WasInitialCommandEncoded', 'ExplicitReadCommandsFromStdin', 'NoPrompt', 'SkipProfiles', 'NonInteractive') {
        if (Get-Fact $parser $name) { $facts[$name] = $true }
    }
    foreach ($name in 'NoExit', 'ShowBanner') { if (-not (Get-Fact $parser $name)) { $facts[$name] = $false } }
    foreach ($name in 'InputFormat', 'OutputFormat') {
        if ([string](Get-Fact $parser $name) -ne 'Text') { $facts[$name] = [string](Get-Fact $parser $name) }
    }
    $facts
}

$rows = [Text.Json.JsonSerializer]::Deserialize([IO.File]::ReadAllText($Path), [string[][]])
ConvertTo-Json -Compress -Depth 5 -InputObject @(foreach ($row in $rows) { Read-CommandLine $row })
