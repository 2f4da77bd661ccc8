# The whole adapter over a Windows that this file makes up, dot-sourced by tests. Every command has the parameters that it
# has on Windows and notes with which of them it was called; each can be made to deny. Programs are real processes.

$adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
$parts = [IO.Directory]::GetFiles($adapter, '*.ps1') | Where-Object { $_ -notlike '*serve.ps1' }
$ofKinds = [IO.Directory]::GetFiles([IO.Path]::Combine($adapter, '..', '..', '..', 'kinds'), 'windows.ps1', 'AllDirectories')
# All but what reads requests; the kinds add to the tables of the parts.
$adapterParts = @($parts | Sort-Object) + @($ofKinds | Sort-Object)
$modulePath = $env:PSModulePath
foreach ($part in $adapterParts) { . $part }
. ([IO.Path]::Combine($PSScriptRoot, 'Syntax.ps1'))
# [adsi] is on Windows only.
function Update-LdapsService { Invoke-StandIn $null 'RootDse.CommitChanges' @{ } }
# The other files of this engine find modules as before.
$env:PSModulePath = $modulePath

# What the adapter calls of the engine itself; everything else is Windows.
$engineCommands = @('Add-Type', 'ConvertFrom-Json', 'ConvertTo-Json', 'ForEach-Object', 'Get-Command', 'Get-Module', 'Import-Module', 'Set-StrictMode', 'Sort-Object',
    'Start-Sleep', 'Where-Object')

function Import-Part { param($Name) }
function Start-Sleep { param($Seconds) $script:pauses += $Seconds }

# Begins with nothing: no call yet, nothing denied, no answer. The message of a denial is not in English.
function Reset-StandIns([string] $Folder) {
    $script:calls = [Collections.Generic.List[object]]::new()
    $script:pauses = @()
    $script:denied = ''
    $script:denial = 'Zugriff verweigert', 'PermissionDenied', 'CimException'
    $script:answers = @{}
    $script:registry = @{}
    [CertRebindKey]::Denied = ''
    [CertRebindKey]::Open.Clear()
    $script:Account = $null
    $script:Identity = @('S-1-5-18')
    $script:Bindings = $null
    $script:BindingsStamp = 'unreadable'
    $script:ChangingFile = [IO.Path]::Combine($Folder, 'changing')
    $script:SystemRoot = $Folder
    $script:ProgramData = $Folder
    $null = [IO.Directory]::CreateDirectory([IO.Path]::Combine($Folder, 'System32', 'inetsrv', 'config'))
    foreach ($program in 'netsh.exe', 'icacls.exe') { Set-Program $program 'done' }
}

# A program that reads its input to the end, notes its arguments, and says one text after another, each with its exit code.
function Set-Program([string] $Name, [string[]] $Says, [int[]] $Codes = @(0)) {
    $file = Get-SystemPath $Name
    $null = [IO.File]::Delete("$file.calls")
    for ($at = 0; $at -lt $Says.Count; $at++) {
        [IO.File]::WriteAllText("$file.$($at + 1)", "cat '$file.text.$($at + 1)'; exit $($Codes[[Math]::Min($at, $Codes.Count - 1)])")
        [IO.File]::WriteAllText("$file.text.$($at + 1)", $Says[$at])
    }
    [IO.File]::WriteAllText($file, "#!/bin/sh`ncat > /dev/null`necho `"`$*`" >> '$file.calls'`nat=`$(wc -l < '$file.calls')`n[ `$at -gt $($Says.Count) ] && at=$($Says.Count)`n. '$file.'`$((at))`n")
    [IO.File]::SetUnixFileMode($file, 'UserRead, UserWrite, UserExecute')
}

# The arguments of each start of a program.
function Get-Starts([string] $Name) {
    $file = "$(Get-SystemPath $Name).calls"
    if ([IO.File]::Exists($file)) { [IO.File]::ReadAllLines($file) }
}

function New-Denial([string] $Of) {
    $message, $category, $id = $script:denial
    [Management.Automation.ErrorRecord]::new([InvalidOperationException]::new($message), $id, $category, $Of)
}

# Called by every stand-in: the note, then a denial as commands of Windows give it, or the answer.
function Invoke-StandIn($Cmdlet, [string] $Name, [hashtable] $Passed) {
    $script:calls.Add([pscustomobject]@{ Name = $Name; Passed = $Passed })
    if ($script:denied -eq $Name) {
        if ($null -eq $Cmdlet) { throw (New-Denial $Name) }
        $Cmdlet.WriteError((New-Denial $Name))
        return
    }
    if ($script:answers.ContainsKey($Name)) { & $script:answers[$Name] $Passed }
}

function Get-Calls([string] $Name) { $script:calls | Where-Object { $_.Name -eq $Name } }

# An object whose methods are stand-ins too, by the name `<Kind>.<Method>`.
$methods = @{}
function New-WindowsObject([string] $Kind, [hashtable] $Values, [string[]] $MethodNames) {
    $object = [pscustomobject]$Values
    foreach ($method in $MethodNames) {
        $body = $methods["$Kind.$method"]
        if ($null -eq $body) { $body = $methods["$Kind.$method"] = [scriptblock]::Create("Invoke-StandIn `$null '$Kind.$method' @{ Arguments = @(`$args) }") }
        Add-Member -InputObject $object -MemberType ScriptMethod -Name $method -Value $body
    }
    $object
}

function Find-InAdapter([type] $Type) { foreach ($part in $adapterParts) { Find-Node (Read-Tree $part) $Type } }

# The commands that the adapter calls and does not define, with every parameter that some call passes.
function Get-WindowsCommands {
    $own = @(Find-InAdapter ([Management.Automation.Language.FunctionDefinitionAst]) | ForEach-Object { $_.Name })
    $commands = @{}
    foreach ($call in Find-InAdapter ([Management.Automation.Language.CommandAst])) {
        $name = $call.GetCommandName()
        if ($null -eq $name -or $own -contains $name -or $engineCommands -contains $name) { continue }
        $commands[$name] = @($commands[$name]) + @($call.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] } |
                ForEach-Object { $_.ParameterName }) | Where-Object { $_ } | Sort-Object -Unique
    }
    $commands
}

# Functions of these names, with the parameters of the real commands.
function Get-StandInText($Commands) {
    $switches = 'Force', 'Recurse', 'PassThru', 'Ssl', 'NotifyOnly', 'AsJob'
    $known = @{}
    foreach ($file in 'webadministration', 'windows-powershell-5.1') {
        $listing = ConvertFrom-Json -AsHashtable -InputObject ([IO.File]::ReadAllText([IO.Path]::Combine($PSScriptRoot, '..', 'fixtures', 'commands', "$file.json")))
        foreach ($module in $listing.Keys) { foreach ($name in @($listing[$module].Keys)) { $known[$name] = $listing[$module][$name] } }
    }
    $text = foreach ($name in $Commands.Keys) {
        $parameters = @($known[$name].Keys | Where-Object { $_ -notin 'Confirm', 'WhatIf' } | ForEach-Object { "$(if ($switches -contains $_) { '[switch] ' })`$$_" })
        "function $name { [CmdletBinding(SupportsShouldProcess)] param($($parameters -join ', ')) Invoke-StandIn `$PSCmdlet '$name' ([hashtable]`$PSBoundParameters) }"
    }
    $text -join "`n"
}

# Once for all test files of this engine: to look through the syntax takes longer than most tests.
if ($null -eq (Get-Variable -Name CertRebindWindows -Scope Global -ErrorAction Ignore)) {
    $commands = Get-WindowsCommands
    $global:CertRebindWindows = @{ Commands = $commands; StandIns = [scriptblock]::Create((Get-StandInText $commands)) }
}
$windowsCommands = $global:CertRebindWindows.Commands
. $global:CertRebindWindows.StandIns

# A key of the registry, from a table of values: a text, a number, bytes or texts; `@{ Expand = ...; As = ... }` for one that
# Windows expands unless it is told not to.
class CertRebindKey {
    static [string] $Denied = ''
    static [Collections.Generic.List[string]] $Open = [Collections.Generic.List[string]]::new()
    [string] $Path
    [Collections.IDictionary] $All
    [int] $SubKeyCount
    [bool] $IsClosed
    CertRebindKey([string] $path, [Collections.IDictionary] $all) {
        $this.Path = $path
        $this.All = $all
        $this.SubKeyCount = $this.GetSubKeyNames().Count
    }
    [string[]] GetSubKeyNames() {
        $below = foreach ($key in $this.All.Keys) { if ($key -like "$($this.Path.Replace('[', '``['))\*") { $key.Substring($this.Path.Length + 1).Split('\')[0] } }
        return [string[]]@($below | Sort-Object -Unique)
    }
    [string[]] GetValueNames() { return [string[]]@($this.All[$this.Path].Keys | Sort-Object) }
    [object] GetValueKind([string] $name) {
        $value = $this.All[$this.Path][$name]
        if ($value -is [Collections.IDictionary]) { if ($value.Contains('Expand')) { return 2 } return 0 }
        if ($value -is [byte[]]) { return 3 }
        if ($value -is [string[]]) { return 7 }
        if ($value -is [long]) { return 11 }
        if ($value -is [int]) { return 4 }
        return 1
    }
    [object] GetValue([string] $name, [object] $default) { return $this.GetValue($name, $default, 'None') }
    [object] GetValue([string] $name, [object] $default, [object] $options) {
        if ($this.IsClosed) { throw [ObjectDisposedException]::new($this.Path) }
        $values = $this.All[$this.Path]
        if (-not $values.Contains($name)) { return $default }
        $value = $values[$name]
        if ($value -is [Collections.IDictionary]) {
            if (-not $value.Contains('Expand')) { return $value['Odd'] }
            if ([string]$options -eq 'DoNotExpandEnvironmentNames') { return $value['Expand'] }
            return $value['As']
        }
        return $value
    }
    [object] OpenSubKey([string] $name) {
        # An empty name opens the key itself once more.
        $full = if ($name -eq '') { $this.Path } else { "$($this.Path)\$name" }
        if ($full -eq [CertRebindKey]::Denied) { throw [Security.SecurityException]::new('Der angeforderte Registrierungszugriff ist unzulaessig') }
        if (-not $this.All.ContainsKey($full)) { return $null }
        [CertRebindKey]::Open.Add($full)
        return [CertRebindKey]::new($full, $this.All)
    }
    [void] Close() { $this.IsClosed = $true; $null = [CertRebindKey]::Open.Remove($this.Path) }
}

# `Get-Item` of a key, of a store, or of a real file.
function Get-WindowsItem($Passed) {
    $path = $Passed.LiteralPath
    if ($path.StartsWith('Cert:')) { return $script:store }
    if ($path.StartsWith('HKLM:')) { if ($script:registry.ContainsKey($path)) { return [CertRebindKey]::new($path, $script:registry) } }
    else { $found = Microsoft.PowerShell.Management\Get-Item -LiteralPath $path -Force -ErrorAction SilentlyContinue; if ($null -ne $found) { return $found } }
    $script:absent = [Management.Automation.ErrorRecord]::new([InvalidOperationException]::new('Der Pfad fehlt'), 'PathNotFound', 'ObjectNotFound', $path)
    throw $script:absent
}

# Asks the adapter as the program does, and returns the rows of its reply as texts.
function Get-Answer([string] $Name, [string[][]] $Request) {
    $rows = @(foreach ($row in $Request) { if ($null -ne $row) { ConvertTo-RowText $row } }) -join "`n"
    $console = [Console]::Out
    $written = [IO.StringWriter]::new()
    [Console]::SetOut($written)
    try { Invoke-AdapterCall 'mark' $Name ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($rows))) } finally { [Console]::SetOut($console) }
    $packed = [IO.MemoryStream]::new([Convert]::FromBase64String($written.ToString().Split(':')[1]))
    $reader = [IO.StreamReader]::new([IO.Compression.GZipStream]::new($packed, [IO.Compression.CompressionMode]::Decompress))
    $reader.ReadToEnd().Split("`n")
}
