# The phases that a server goes through, and what ends each of them. `Lost`: the state of a server whose session is lost there;
# 'settle': the server is asked in a new session what became of it; 'read': the phase reads that itself. `Silent`: whether an
# answer with neither output nor an error counts as a lost session: 'never', 'always', or 'closed', where the session is not open.
# `Refused`: 'failed' where an error of the server ends it, 'read' where the phase reads it. `Next`: where nothing else is
# decided (Step-CertRebindFleetRun.ps1, Step-CertRebindFleetInstall.ps1). Constrained language refuses classes.
$script:fleetPhases = @{
    # Is the program of this console there; which run was the last there; the action; and after a lost session its history, and
    # the outcome of a run.
    version   = @{ Lost = 'unreachable'; Silent = 'always'; Refused = 'read'; Next = 'action' }
    before    = @{ Lost = 'unreachable'; Silent = 'closed'; Refused = 'failed'; Next = 'action' }
    action    = @{ Lost = 'read'; Silent = 'never'; Refused = 'read'; Next = $null }
    history   = @{ Lost = 'read'; Silent = 'never'; Refused = 'read'; Next = 'outcome' }
    outcome   = @{ Lost = 'lost'; Silent = 'never'; Refused = 'read'; Next = $null }
    # An installation: looks what is there, copies the package, compares its hash there, and only then starts it.
    engine    = @{ Lost = 'settle'; Silent = 'always'; Refused = 'failed'; Next = 'folder' }
    folder    = @{ Lost = 'settle'; Silent = 'always'; Refused = 'failed'; Next = 'installed' }
    installed = @{ Lost = 'settle'; Silent = 'always'; Refused = 'read'; Next = 'staged' }
    status    = @{ Lost = 'settle'; Silent = 'always'; Refused = 'read'; Next = 'enable' }
    staged    = @{ Lost = 'settle'; Silent = 'always'; Refused = 'read'; Next = 'make' }
    make      = @{ Lost = 'settle'; Silent = 'never'; Refused = 'failed'; Next = 'copy' }
    copy      = @{ Lost = 'settle'; Silent = 'never'; Refused = 'failed'; Next = 'compare' }
    compare   = @{ Lost = 'settle'; Silent = 'always'; Refused = 'failed'; Next = 'refuse' }
    refuse    = @{ Lost = 'settle'; Silent = 'never'; Refused = 'failed'; Next = $null }
    unpack    = @{ Lost = 'settle'; Silent = 'never'; Refused = 'failed'; Next = 'permit' }
    permit    = @{ Lost = 'settle'; Silent = 'never'; Refused = 'failed'; Next = 'install' }
    install   = @{ Lost = 'settle'; Silent = 'always'; Refused = 'read'; Next = 'enable' }
    enable    = @{ Lost = 'settle'; Silent = 'always'; Refused = 'read'; Next = 'tidy' }
    tidy      = @{ Lost = 'settle'; Silent = 'never'; Refused = 'read'; Next = 'forget' }
    forget    = @{ Lost = 'settle'; Silent = 'never'; Refused = 'read'; Next = $null }
}

function Enter-CertRebindFleetPhase {
    param([psobject] $Fleet, [psobject] $Member, [string] $Phase, [hashtable] $Parameter = @{})

    $turn = $Member.Turn
    $turn.Phase = $Phase
    $turn.ProgressAt = [datetime]::UtcNow
    $turn.ProgressCount = 0
    if ($Phase -eq 'reopen') {
        # With the connection data of the session itself, so that credentials and options stay those of the caller.
        $turn.Call = $null
        if ($null -ne $turn.Runspace) { Close-CertRebindFleetRunspace -Runspace $turn.Runspace }
        $turn.Runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($Member.Session.Runspace.OriginalConnectionInfo)
        $turn.Runspace.OpenAsync()
        return
    }
    if ($Phase -eq 'copy') {
        $turn.Call = Start-CertRebindFleetCopy -Session $Member.Session -Path $Fleet.Package.Path -Destination $Member.Place.Copy
        return
    }
    $runspace = $Member.Session.Runspace
    if ($null -ne $turn.Runspace) { $runspace = $turn.Runspace }
    $question = Get-CertRebindFleetQuestion -Fleet $Fleet -Member $Member -Phase $Phase -Parameter $Parameter
    $turn.Call = Start-CertRebindFleetCall -Runspace $runspace @question
}

# What a server is asked in a phase: one command, by its name.
function Get-CertRebindFleetQuestion {
    [OutputType([hashtable])]
    param([psobject] $Fleet, [psobject] $Member, [string] $Phase, [hashtable] $Parameter)

    $place = $Member.Place
    switch ($Phase) {
        'version' { @{ Name = 'Get-Command'; Parameter = @{ Name = $Fleet.Command } } }
        'before' { @{ Name = 'Get-CertRebindHistory'; Parameter = @{ Last = 1 } } }
        'action' { @{ Name = $Fleet.Command; Parameter = $Member.Parameter } }
        'history' { @{ Name = 'Get-CertRebindHistory' } }
        'outcome' { @{ Name = 'Get-CertRebindHistory'; Parameter = $Parameter } }
        'engine' { @{ Name = 'Get-Variable'; Parameter = @{ Name = 'PSVersionTable'; ValueOnly = $true } } }
        'folder' {
            if ($place.IsWindows) {
                # The same folder in sessions of 64 and 32 bits; from the registry, because others can set an
                # environment.
                @{ Name = 'Get-ItemProperty'; Parameter = @{ LiteralPath = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'; Name = 'ProgramW6432Dir' } }
            } else {
                @{ Name = 'Get-Item'; Parameter = @{ LiteralPath = 'Env:CERTREBIND_LAB' } }
            }
        }
        'installed' { @{ Name = 'Get-FileHash'; Parameter = @{ LiteralPath = $place.Installed; Algorithm = 'SHA256' } } }
        'status' { @{ Name = $place.Installed; Argument = 'status', '--json' } }
        { $_ -in 'staged', 'compare' } { @{ Name = 'Get-FileHash'; Parameter = @{ LiteralPath = $place.Copy; Algorithm = 'SHA256' } } }
        'make' { @{ Name = 'New-Item'; Parameter = @{ Path = $place.Staging; ItemType = 'Directory'; Force = $true } } }
        { $_ -in 'refuse', 'tidy' } { @{ Name = 'Remove-Item'; Parameter = @{ LiteralPath = $place.Staging; Recurse = $true; Force = $true } } }
        'unpack' { @{ Name = 'Expand-Archive'; Parameter = @{ LiteralPath = $place.Copy; DestinationPath = $place.Staging; Force = $true } } }
        # On a lab the copied file must first be made executable.
        'permit' { @{ Name = 'chmod'; Argument = 'u+x', $place.Program } }
        'install' { @{ Name = $place.Program; Argument = 'install', '--yes', '--wait', '--json' } }
        'enable' { @{ Name = $place.Installed; Argument = @('enable', '--yes', '--wait', '--json') + $Fleet.EnableOption } }
        # So that this session takes the module that was just installed.
        'forget' { @{ Name = 'Remove-Module'; Parameter = @{ Name = 'CertRebind'; Force = $true; ErrorAction = 'Ignore' } } }
    }
}

# Checks whether a server has finished its phase, and begins the next one.
function Step-CertRebindFleetMember {
    param([psobject] $Fleet, [psobject] $Member)

    $turn = $Member.Turn
    if ([datetime]::UtcNow -lt $turn.NotBefore) { return }
    if ($turn.Phase -eq 'reopen') {
        Step-CertRebindFleetReopening -Fleet $Fleet -Member $Member
        return
    }
    if (Test-CertRebindFleetCall -Call $turn.Call) {
        $answer = Receive-CertRebindFleetCall -Call $turn.Call
    } elseif (Test-CertRebindFleetSilence -Fleet $Fleet -Turn $turn) {
        $answer = Stop-CertRebindFleetCall -Call $turn.Call -Seconds ([datetime]::UtcNow - $turn.ProgressAt).TotalSeconds
    } else {
        return
    }
    $turn.Call = $null
    $ends = $script:fleetPhases[$turn.Phase]
    $isNothing = Test-CertRebindFleetNothing -Answer $answer
    $isLost = $answer.IsLost -or ($isNothing -and ($ends.Silent -eq 'always' -or ($ends.Silent -eq 'closed' -and $Member.Session.State -ne 'Opened')))
    if ($isLost -and $ends.Lost -eq 'settle') {
        Resolve-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Problem $answer.Problems
    } elseif ($isLost -and $ends.Lost -ne 'read') {
        Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State $ends.Lost -Problem $answer.Problems
    } elseif ($ends.Refused -eq 'failed' -and ($answer.IsRefused -or $answer.Problems.Count -gt 0)) {
        Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'failed' -Problem (Get-CertRebindFleetRefusal -Fleet $Fleet -Answer $answer)
    } elseif ($Fleet.Action -eq 'Install') {
        Step-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Answer $answer
    } else {
        Step-CertRebindFleetRun -Fleet $Fleet -Member $Member -Answer $answer
    }
}

# A new session in place of one that was lost.
function Step-CertRebindFleetReopening {
    param([psobject] $Fleet, [psobject] $Member)

    $turn = $Member.Turn
    $state = $turn.Runspace.RunspaceStateInfo.State
    if ($state -eq 'Opened') {
        Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $(if ($Fleet.Action -eq 'Install') { 'engine' } else { 'history' })
    } elseif (Test-CertRebindFleetLate -Turn $turn) {
        Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'lost'
    } elseif ($state -in 'Broken', 'Closed') {
        $turn.NotBefore = [datetime]::UtcNow.AddSeconds(1)
        Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase reopen
    }
}

function Test-CertRebindFleetLate {
    [OutputType([bool])]
    param([psobject] $Turn)

    $null -ne $Turn.Deadline -and [datetime]::UtcNow -gt $Turn.Deadline
}

# A constrained endpoint has none of the commands that copy and start a file.
function Get-CertRebindFleetRefusal {
    param([psobject] $Fleet, [psobject] $Answer)

    $isConstrained = @($Answer.Problems | Where-Object -FilterScript { $_.code -in 'CommandNotFoundException', 'SessionIsNotInFullLanguageMode', 'ScriptsNotAllowed' }).Count -gt 0
    if ($Fleet.Action -ne 'Install' -or -not $isConstrained) { return $Answer.Problems }
    New-CertRebindFleetProblem -Code 'constrained-endpoint' -Message $script:messages.ConstrainedEndpoint -Hint $script:messages.ConstrainedEndpointHint
}

# Whether a server has been silent for too long; progress counts as an answer.
function Test-CertRebindFleetSilence {
    [OutputType([bool])]
    param([psobject] $Fleet, [psobject] $Turn)

    if ($null -ne $Turn.Deadline) { return Test-CertRebindFleetLate -Turn $Turn }
    $progress = $Turn.Call.Shell.Streams.Progress.Count
    if ($progress -ne $Turn.ProgressCount) {
        $Turn.ProgressCount = $progress
        $Turn.ProgressAt = [datetime]::UtcNow
    }
    [datetime]::UtcNow -gt $Turn.ProgressAt.AddSeconds($Fleet.SilenceSeconds)
}
