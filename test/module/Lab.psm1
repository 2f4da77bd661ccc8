# A lab of its own for a test file, served by a process of its own, with the module's program pointed at it.
Set-StrictMode -Version 3
$root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
$program = [IO.Path]::Combine($root, 'dist', 'certrebind-lab.cjs')

function Start-Lab {
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-module-$([Guid]::NewGuid().ToString('N'))")
    $lab = [pscustomobject]@{
        Folder       = $folder
        Certificates = $null
        Process      = $null
        Previous     = @{ CERTREBIND_LAB = $env:CERTREBIND_LAB; CERTREBIND_EXECUTABLE = $env:CERTREBIND_EXECUTABLE }
    }
    $env:CERTREBIND_EXECUTABLE = $program
    $env:CERTREBIND_LAB = $folder
    $lab.Certificates = (Invoke-Program lab create $folder).certificates
    $start = [Diagnostics.ProcessStartInfo]::new('node')
    $program, 'lab', 'serve', $folder, '--json' | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardInput = $true
    $lab.Process = [Diagnostics.Process]::Start($start)
    if ($null -eq $lab.Process.StandardOutput.ReadLine()) { throw 'the lab is not served' }
    $lab
}

function Stop-Lab {
    param($Lab)
    foreach ($name in $Lab.Previous.Keys) { [Environment]::SetEnvironmentVariable($name, $Lab.Previous[$name]) }
    if ($Lab.Process) {
        # Ctrl-C's gentler sister, to this one process.
        & '/bin/kill' '-TERM' $Lab.Process.Id
        if (-not $Lab.Process.WaitForExit(10000)) { $Lab.Process.Kill() }
        $Lab.Process.Dispose()
    }
    Remove-Item -LiteralPath $Lab.Folder -Recurse -Force
}

# The program itself, past the module.
function Invoke-Program {
    $text = & node $program @args --json
    if ($LASTEXITCODE -notin 0, 3, 9) { throw "certrebind $args ended with ${LASTEXITCODE}: $text" }
    $text | ConvertFrom-Json -DateKind String
}

# A few lines of JavaScript that may import the sources of this project.
function Invoke-Source {
    param([string] $Script, [Parameter(ValueFromRemainingArguments)] [string[]] $Arguments)
    & node --import "$root/scripts/dev/register.mjs" --input-type=module --eval $Script @Arguments
    if ($LASTEXITCODE -ne 0) { throw "a script of a test ended with $LASTEXITCODE" }
}

# What somebody does to the lab's Windows; tasks without a path are those of the certificate client. With -Any a refusal is fine.
function Send-LabRequest {
    param($Lab, [hashtable[]] $Request, [switch] $Any)
    $whole = foreach ($one in $Request) { if ($one.kind -like '*task*' -and -not $one.Contains('path')) { $one + @{ path = '\Microsoft\Windows\CertificateServicesClient\' } } else { $one } }
    Invoke-Source -Script @"
import { openLab } from '$root/src/lab/host/channel.ts';
const lab = await openLab(process.argv[1]);
for (const request of JSON.parse(process.argv[2])) {
  const { result } = await lab.send(request);
  if (result.kind !== 'done' && process.argv[3] !== 'any') throw new Error(JSON.stringify(result));
}
await lab.close();
"@ $Lab.Folder (ConvertTo-Json -InputObject @($whole) -Compress -Depth 5) ($Any ? 'any' : 'none')
}

# Renews a certificate of the lab; without -Event nothing is started by it.
function New-Renewal {
    param($Thumbprint, [switch] $Event, [string[]] $More = @())
    $switches = @(if (-not $Event) { '--no-event'; '--no-property' }) + $More
    Invoke-Program lab renew $Thumbprint @switches
}

# For blocks that need runs, and those that undo them: makes them where no other test has.
function Confirm-History {
    param($Old)
    if (@(Get-CertRebindHistory -Result undone).Count -gt 0) { return }
    $new = (New-Renewal $Old).new
    $null = Invoke-CertRebind -OldThumbprint $Old -NewThumbprint $new
    $null = Undo-CertRebind -Confirm:$false
    $null = Invoke-CertRebind -OldThumbprint $Old -NewThumbprint $new
    $null = Invoke-CertRebind -OldThumbprint $new -NewThumbprint $Old -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
}

# Whatever a run could change: records as HTTP.SYS holds them, and every file of what is remembered.
function Get-Everything {
    param($Lab)
    $snapshot = [IO.Path]::Combine($Lab.Folder, 'snapshot-of-a-test.json')
    $null = Invoke-Program capture $snapshot
    $facts = Get-Content -LiteralPath $snapshot -Raw | ConvertFrom-Json -DateKind String
    Remove-Item -LiteralPath $snapshot
    $state = [IO.Path]::Combine($Lab.Folder, 'certrebind')
    $files = if (Test-Path -LiteralPath $state) {
        Get-ChildItem -LiteralPath $state -Recurse -File | Where-Object Name -NotLike '*lock*' | Sort-Object FullName |
            ForEach-Object { '{0} {1}' -f $_.FullName, (Get-FileHash -LiteralPath $_.FullName).Hash }
    }
    ConvertTo-Json -Depth 20 -InputObject @{ holders = $facts.holders; tasks = $facts.tasks; files = @($files) }
}

# Makes a program of a few lines of JavaScript, to stand for certrebind.
function New-StandIn {
    param([string] $Folder, [string] $Script)
    $file = [IO.Path]::Combine($Folder, "stand-in-$([Guid]::NewGuid().ToString('N')).cjs")
    [IO.File]::WriteAllText($file, "#!/usr/bin/env node`n$Script`n")
    [IO.File]::SetUnixFileMode($file, 'UserRead, UserWrite, UserExecute')
    $file
}

function Import-CertRebind {
    Get-Module -Name CertRebind | Remove-Module -Force
    Import-Module -Name ([IO.Path]::Combine($root, 'module', 'CertRebind', 'CertRebind.psd1')) -Global -Force
}

# Runs a command where nobody watches: what -WhatIf prints goes past every stream to the host. Errors are thrown.
function Invoke-Apart {
    param([string] $Command)
    $shell = [PowerShell]::Create()
    try {
        $null = $shell.AddScript("`$ErrorActionPreference = 'Stop'; Import-Module '$root/module/CertRebind/CertRebind.psd1'; $Command")
        $shell.Invoke()
    } finally { $shell.Dispose() }
}

function Get-Root { $root }
