# What the lab's modules share: the pipe to the lab, the drive HKLM:, and the loader of each module's C#.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
# The lab's programs end this engine when the lab lets it die.
$env:CERTREBIND_LAB_ENGINE = $PID

# Compiled once for each text of the sources and each engine. Starts at the same time may compile twice; the first one
# to finish is kept, because every compilation has its own name, which the assemblies that refer to it expect.
function Import-LabAssembly {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Folder,
        [string[]] $Reference = @()
    )
    $sources = [IO.Directory]::GetFiles($Folder, '*.cs')
    [array]::Sort($sources, [StringComparer]::Ordinal)
    $hash = [Security.Cryptography.IncrementalHash]::CreateHash('SHA256')
    foreach ($source in $sources) { $hash.AppendData([IO.File]::ReadAllBytes($source)) }
    $hash.AppendData([Text.Encoding]::UTF8.GetBytes("$Name $Reference $($PSVersionTable.PSVersion)"))
    $digest = [BitConverter]::ToString($hash.GetHashAndReset()).Replace('-', '').Substring(0, 16).ToLowerInvariant()
    $folder = [IO.Path]::Combine($script:cache, $digest)
    $assembly = [IO.Path]::Combine($folder, "$Name.dll")
    if (-not [IO.File]::Exists($assembly)) {
        $drafts = [IO.Directory]::CreateDirectory([IO.Path]::Combine($script:cache, "draft-$PID"))
        $draft = [IO.Path]::Combine($drafts.FullName, "$Name.dll")
        $standard = [IO.Directory]::GetFiles([IO.Path]::Combine($PSHOME, 'ref'), '*.dll') + [psobject].Assembly.Location
        try {
            Add-Type -Path $sources -ReferencedAssemblies ($standard + $Reference) -OutputAssembly $draft -OutputType Library
            $null = [IO.Directory]::CreateDirectory($folder)
            try { [IO.File]::Move($draft, $assembly) }
            catch [IO.IOException] { if (-not [IO.File]::Exists($assembly)) { throw } }
        } finally {
            $drafts.Delete($true)
        }
    }
    $assembly
}

$script:cache = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '../../../../../.cache/lab-assemblies'))
$script:core = Import-LabAssembly -Name CertRebindLab -Folder $PSScriptRoot
Import-Module -Name $script:core -Global

# `[adsi]` and `[adsisearcher]`, which PowerShell has on Windows only.
$script:accelerators = [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')
$script:accelerators::Add('adsi', [CertRebindLab.RootDse])
$script:accelerators::Add('adsisearcher', [CertRebindLab.ConnectorSearcher])

# The C# of one lab module, loaded into the module that calls.
function Get-LabAssembly {
    param([Parameter(Mandatory)] [string] $Folder)
    Import-LabAssembly -Name ([IO.Path]::GetFileName($Folder)) -Folder $Folder -Reference $script:core
}

$script:fixtures = @{}

# The script that gives a module its remaining commands: each throws an error with its name, so that no test passes by
# luck.
function Get-NotModelled {
    param([Parameter(Mandatory)] [string] $Module, [string[]] $Modelled = @())
    $fixtures = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '../../../../../test/fixtures/commands'))
    $file = if ($Module -eq 'WebAdministration') { 'webadministration.json' } else { 'windows-powershell-5.1.json' }
    # Not by ConvertFrom-Json, which alone would cost a third of the start.
    if ($null -eq $script:fixtures[$file]) {
        $script:fixtures[$file] = [Text.Json.Nodes.JsonNode]::Parse([IO.File]::ReadAllText([IO.Path]::Combine($fixtures, $file)))
    }
    $commands = $script:fixtures[$file][$Module]
    $text = [Text.StringBuilder]::new()
    foreach ($command in $commands) {
        if ($Modelled -contains $command.Key) { continue }
        $null = $text.AppendLine("function $($command.Key) { throw [NotImplementedException]::new('Lab: $($command.Key) is not modelled.') }")
    }
    [scriptblock]::Create($text.ToString())
}

# One request to the lab from a hashtable; what Windows would refuse is thrown as the COMException of its number.
function Invoke-Lab {
    param([Parameter(Mandatory)] [hashtable] $Request)
    try { [CertRebindLab.Pipe]::Ask([CertRebindLab.Plain]::ToJson($Request)) }
    catch [Management.Automation.MethodInvocationException] { throw $_.Exception.InnerException }
}

# A certificate of the lab's authority, whose key the lab keeps; in no store yet.
function New-LabCertificate {
    param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [string] $FriendlyName)
    $request = [CertRebindLab.Plain]::ToJson(@{ ask = 'issue'; name = $Name; friendlyName = $FriendlyName })
    [CertRebindLab.Plain]::Of([CertRebindLab.Pipe]::AskHost($request))
}

# An event of the lifecycle log, written by the account that uses this Windows.
function Write-LabEvent {
    param([int] $EventId, [string] $Action, $Old = $null, $New = $null, $Certificate = $null)
    $isSystem = [CertRebindLab.Pipe]::Account -eq 'system'
    $null = Invoke-Lab @{
        kind = 'write-event'; eventId = $EventId; action = $Action; old = $Old; new = $New; certificate = $Certificate
        writtenBy = if ($isSystem) { 'S-1-5-18' } else { 'S-1-5-21-1000000001-1000000002-1000000003-1001' }
        processName = 'powershell.exe'
        accountName = if ($isSystem) { 'NT AUTHORITY\SYSTEM' } else { 'LAB\ada' }
    }
}

$script:common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters

# For a parameter that Windows has and the lab does not act on.
function Assert-Modelled {
    param([Parameter(Mandatory)] [Management.Automation.InvocationInfo] $Call, [string[]] $Parameter = @())
    foreach ($name in $Call.BoundParameters.Keys) {
        if ($Parameter -contains $name -or $script:common -contains $name) { continue }
        throw [NotImplementedException]::new("Lab: $($Call.MyCommand.Name) -$name is not modelled.")
    }
}

Export-ModuleMember -Function Invoke-Lab, New-LabCertificate, Write-LabEvent, Assert-Modelled, Get-LabAssembly, Get-NotModelled
