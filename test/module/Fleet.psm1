# Servers that are reached over real sessions. PowerShell reaches a host by starting a program `ssh` from PATH and talking
# over its pipes; here that is a script which starts the engine on the lab of that name, so no server listens.
Set-StrictMode -Version 3
$root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
$script:before = $null

function Start-Network {
    param([string] $Folder)
    $script:before = @{ PATH = $env:PATH; FLEET = $env:FLEET }
    # A server that fails is an error, and Pester ends a test at the first one.
    $global:PSDefaultParameterValues['Invoke-CertRebindFleet:ErrorAction'] = 'SilentlyContinue'
    $env:FLEET = $Folder
    if ($env:FLEET_SSH) {
        # Real servers, for `npm run evidence -- fleet`.
        $null = New-Item -ItemType Directory -Path $Folder
        [IO.File]::WriteAllText("$env:FLEET_SSH/current", $Folder)
        $env:PATH = "$env:FLEET_SSH/bin$([IO.Path]::PathSeparator)$env:PATH"
        return
    }
    $null = New-Item -ItemType Directory -Path "$Folder/bin"
    # The session ends when the first part of the pipe does, as that of a server whose connection breaks; while that part is
    # stopped, the server is silent. A host with a file NAME.silent is silent from the start. A refusal waits for what the console
    # says first, without which PowerShell tells one of two reasons by chance, and then until the console lets go: PowerShell ends
    # with an unhandled exception where it writes to a client that has gone.
    [IO.File]::WriteAllText("$Folder/bin/ssh", @"
#!/bin/bash
refuse() { read -r -N 1 -t 10; echo "`$1" >&2; exec 2>&-; timeout 10 cat >/dev/null; exit 255; }
host=`${@: -2:1}
echo "`$host" >> "`$FLEET/asked"
[ -f "`$FLEET/`$host.wrong-key" ] && refuse 'Host key verification failed.'
[ -f "`$FLEET/`$host.silent" ] && exec cat >/dev/null
[ -f "`$FLEET/`$host" ] || refuse "no route to `$host"
{ read -r CERTREBIND_LAB; read -r CERTREBIND_EXECUTABLE; read -r PSModulePath; } < "`$FLEET/`$host"
export CERTREBIND_LAB CERTREBIND_EXECUTABLE PSModulePath POWERSHELL_TELEMETRY_OPTOUT=1
{ echo `$BASHPID > "`$FLEET/`$host.pid"; exec cat; } | '$([Environment]::ProcessPath)' -NoLogo -NoProfile -sshs
"@)
    [IO.File]::SetUnixFileMode("$Folder/bin/ssh", 'UserRead, UserWrite, UserExecute')
    $env:PATH = "$Folder/bin$([IO.Path]::PathSeparator)$env:PATH"
}

function Stop-Network {
    if ($null -eq $script:before) { return }
    $env:PATH = $script:before.PATH
    $env:FLEET = $script:before.FLEET
    $global:PSDefaultParameterValues.Remove('Invoke-CertRebindFleet:ErrorAction')
}

# Gives a lab a name in the network. Bare: nothing is there but what is installed later.
function Add-Server {
    param([string] $Name, $Lab, [string] $Program = "$root/dist/certrebind-lab.cjs", [string] $Modules = "$root/module", [switch] $Bare)
    if ($Bare) {
        $files = "$($Lab.Folder)/Program Files"
        $Program = "$files/CertRebind/certrebind.cjs"
        $Modules = "$files/WindowsPowerShell/Modules"
    }
    [IO.File]::WriteAllText("$env:FLEET/$Name", "$($Lab.Folder)`n$Program`n$Modules`n")
}

# Sends a signal to the connection of a server: TERM breaks it, STOP makes it silent, CONT lets it speak again.
function Send-Connection {
    param([string] $Name, [string] $Signal)
    & '/bin/kill' "-$Signal" ([IO.File]::ReadAllText("$env:FLEET/$Name.pid").Trim())
}

# Server, wave, state and result of each, as one line.
function Get-Story($Result) { $Result | ForEach-Object { '{0} {1} {2} {3}' -f $_.Server, $_.Wave, $_.State, $_.Result } }

# Does something as soon as something is so; both are lines of bash. Ends by itself after two minutes.
function Start-When([string] $Condition, [string] $Then) {
    [Diagnostics.Process]::Start('bash', [string[]]@('-c', "for i in {1..2400}; do if $Condition; then $Then; exit 0; fi; sleep 0.05; done; exit 1"))
}

function Wait-When($Process) {
    $null = $Process.WaitForExit(130000)
    try { $Process.ExitCode | Should -Be 0 -Because 'what was waited for was so' } finally { $Process.Dispose() }
}
