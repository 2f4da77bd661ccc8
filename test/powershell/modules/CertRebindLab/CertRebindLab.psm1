# What the lab's modules share: the pipe to the lab, the drive HKLM:, and the loader of each module's C#.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Compiled once for each text of the sources and each engine; starts at the same time may compile twice, and one wins.
function Import-LabAssembly {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Folder,
        [string[]] $Reference = @()
    )
    $sources = @([IO.Directory]::GetFiles($Folder, '*.cs') | Sort-Object)
    $hash = [Security.Cryptography.IncrementalHash]::CreateHash('SHA256')
    foreach ($text in @($sources | ForEach-Object { [IO.File]::ReadAllText($_) }) + $Reference + $PSVersionTable.PSVersion.ToString()) {
        $hash.AppendData([Text.Encoding]::UTF8.GetBytes($text))
    }
    $digest = [BitConverter]::ToString($hash.GetHashAndReset()).Replace('-', '').Substring(0, 16).ToLowerInvariant()
    $assembly = [IO.Path]::Combine($script:cache, "$Name-$digest.dll")
    if (-not [IO.File]::Exists($assembly)) {
        $null = [IO.Directory]::CreateDirectory($script:cache)
        $draft = [IO.Path]::Combine($script:cache, "$Name-$digest-$PID.draft.dll")
        $standard = [IO.Directory]::GetFiles([IO.Path]::Combine($PSHOME, 'ref'), '*.dll') + [psobject].Assembly.Location
        try {
            Add-Type -Path $sources -ReferencedAssemblies ($standard + $Reference) -OutputAssembly $draft -OutputType Library
            [IO.File]::Move($draft, $assembly, $true)
        } finally {
            [IO.File]::Delete($draft)
        }
    }
    $assembly
}

$script:cache = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '../../../../.cache/lab-assemblies'))
$script:core = Import-LabAssembly -Name CertRebindLab -Folder $PSScriptRoot
Import-Module -Name $script:core -Global

# The C# of one lab module, loaded into the module that calls.
function Get-LabAssembly {
    param([Parameter(Mandatory)] [string] $Folder)
    Import-LabAssembly -Name ([IO.Path]::GetFileName($Folder)) -Folder $Folder -Reference $script:core
}

# The script that gives a module its other commands: each throws and says its name, so that nothing passes by luck.
function Get-NotModelled {
    param([Parameter(Mandatory)] [string] $Module, [string[]] $Modelled = @())
    $fixtures = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '../../../fixtures/commands'))
    $file = if ($Module -eq 'WebAdministration') { 'webadministration.json' } else { 'windows-powershell-5.1.json' }
    $commands = ([IO.File]::ReadAllText([IO.Path]::Combine($fixtures, $file)) | ConvertFrom-Json -AsHashtable)[$Module].Keys
    [scriptblock]::Create((@($commands) | Where-Object { $Modelled -notcontains $_ } | ForEach-Object {
        "function $_ { throw [NotImplementedException]::new('Lab: $_ is not modelled.') }"
    }) -join "`n")
}

# One request to the lab from a hashtable; what Windows would refuse is thrown as the COMException of its number.
function Invoke-Lab {
    param([Parameter(Mandatory)] [hashtable] $Request)
    $json = [Text.Json.Nodes.JsonNode]::Parse((ConvertTo-Json -InputObject $Request -Depth 8 -Compress)).AsObject()
    try { [CertRebindLab.Pipe]::Ask($json) }
    catch [Management.Automation.MethodInvocationException] { throw $_.Exception.InnerException }
}

# For a parameter that Windows has and the lab does not act on.
function Assert-Modelled {
    param([Parameter(Mandatory)] [Management.Automation.InvocationInfo] $Call, [Parameter(Mandatory)] [string[]] $Parameter)
    foreach ($name in $Call.BoundParameters.Keys) {
        if ($Parameter -contains $name -or [Management.Automation.PSCmdlet]::CommonParameters -contains $name) { continue }
        throw [NotImplementedException]::new("Lab: $($Call.MyCommand.Name) -$name is not modelled.")
    }
}

Export-ModuleMember -Function Invoke-Lab, Assert-Modelled, Get-LabAssembly, Get-NotModelled
