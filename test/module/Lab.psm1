# A lab of its own for a test file, served by a process of its own, with the module's program pointed at it.
Set-StrictMode -Version 3
$root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
$program = [IO.Path]::Combine($root, 'dist', 'certrebind-lab.cjs')
$script:apart = $null

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

# Asks the process that serves a lab, without a program that would have to be started: a line of JSON each way.
function Read-Lab {
    param($Lab, [hashtable] $Request)
    $pipe = ([IO.File]::ReadAllText("$($Lab.Folder)/serving.json") | ConvertFrom-Json).pipe
    $socket = [Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
    try {
        $socket.Connect([Net.Sockets.UnixDomainSocketEndPoint]::new($pipe))
        $stream = [Net.Sockets.NetworkStream]::new($socket)
        $writer = [IO.StreamWriter]::new($stream)
        $writer.WriteLine((ConvertTo-Json -Compress -Depth 5 -InputObject @{ id = 1; ask = 'lab'; request = $Request }))
        $writer.Flush()
        $line = [IO.StreamReader]::new($stream).ReadLine()
        if ($line -notlike '{"id":1,"reply":*') { throw "the lab answered: $line" }
        $line
    } finally { $socket.Dispose() }
}

# What somebody does to the lab's Windows; tasks without a path are those of the certificate client. With -Any a refusal is fine.
function Send-LabRequest {
    param($Lab, [hashtable[]] $Request, [switch] $Any)
    foreach ($one in $Request) {
        $whole = if ($one.kind -like '*task*' -and -not $one.Contains('path')) { $one + @{ path = '\Microsoft\Windows\CertificateServicesClient\' } } else { $one }
        $answer = Read-Lab $Lab $whole
        $kind = ($answer | ConvertFrom-Json).reply.result.kind
        if ($kind -ne 'done' -and ($kind -ne 'failed' -or -not $Any)) { throw $answer }
    }
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
    if (Get-ChildItem -Path "$env:CERTREBIND_LAB/certrebind/runs/*/outcome.json" -ErrorAction Ignore | Select-String -Pattern '"result": *"undone"' -Quiet) { return }
    $new = (New-Renewal $Old).new
    $null = Invoke-CertRebind -OldThumbprint $Old -NewThumbprint $new
    $null = Undo-CertRebind -Confirm:$false
    $null = Invoke-CertRebind -OldThumbprint $Old -NewThumbprint $new
    $null = Invoke-CertRebind -OldThumbprint $new -NewThumbprint $Old -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
}

# Whatever a run could change: the lab's Windows, and every file of what is remembered.
function Get-Everything {
    param($Lab)
    $state = [IO.Path]::Combine($Lab.Folder, 'certrebind')
    $files = if (Test-Path -LiteralPath $state) {
        Get-ChildItem -LiteralPath $state -Recurse -File | Where-Object Name -NotLike '*lock*' | Sort-Object FullName |
            ForEach-Object { '{0} {1}' -f $_.FullName, (Get-FileHash -LiteralPath $_.FullName).Hash }
    }
    @(Read-Lab $Lab @{ kind = 'read'; only = 'httpSys', 'applicationHost', 'certificates', 'tasks', 'lifecycle', 'applicationLog', 'others', 'roles', 'registry', 'keyAccess' }) + $files -join "`n"
}

# The certificate bindings alone.
function Get-Records {
    param($Lab)
    Read-Lab $Lab @{ kind = 'read'; only = , 'httpSys' }
}

# Makes a program that stands for certrebind: a script of the shell, which starts much faster than Node, or of another interpreter.
function New-StandIn {
    param([string] $Folder, [string] $Script, [string] $Interpreter = '/bin/sh')
    $file = [IO.Path]::Combine($Folder, "stand-in-$([Guid]::NewGuid().ToString('N'))")
    [IO.File]::WriteAllText($file, "#!$Interpreter`n$Script`n")
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
    if (-not $script:apart) {
        $script:apart = [runspacefactory]::CreateRunspace()
        $script:apart.Open()
        $null = [PowerShell]::Create($script:apart).AddScript("Import-Module '$root/module/CertRebind/CertRebind.psd1'").Invoke()
    }
    $shell = [PowerShell]::Create($script:apart)
    try {
        # In a scope of its own, so that the next command finds nothing of this one.
        $null = $shell.AddScript("`$ErrorActionPreference = 'Stop'; $Command", $true)
        $shell.Invoke()
    } finally { $shell.Dispose() }
}

# The function certrebind of docs/getting-started.md, for this checkout.
function Get-ShellFunction {
    [regex]::Match([IO.File]::ReadAllText("$root/docs/getting-started.md"), '(?ms)^function certrebind \{.*?^\}').Value.Replace('C:\path\to', $root).Replace('\', '/')
}

function Get-Root { $root }
