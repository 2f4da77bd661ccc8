# One wave: asks its servers, a few at a time, and returns one object a server as it ends. Each server goes through phases:
# version (is the program of this console there), before (which run was the last there), action, and after a lost session:
# reopen, history, outcome. Those of an installation are in Step-CertRebindFleetInstall.ps1.
function Invoke-CertRebindFleetWave {
    [CmdletBinding()]
    param(
        # What Invoke-CertRebindFleet made: the action, the limits, the campaign, and the number of failures so far.
        [Parameter(Mandatory = $true)] [psobject] $Fleet,
        [Parameter(Mandatory = $true)] [object[]] $Member
    )

    $waiting = [System.Collections.Generic.Queue[object]]::new([object[]]$Member)
    $running = [System.Collections.Generic.List[object]]::new()
    $activity = $script:messages.FleetWave -f $Member[0].Wave, $Member.Count
    try {
        while ($waiting.Count -gt 0 -or $running.Count -gt 0) {
            while ($waiting.Count -gt 0 -and $running.Count -lt $Fleet.ThrottleLimit -and $Fleet.Failed -le $Fleet.MaxFailure) {
                $next = $waiting.Dequeue()
                $running.Add($next)
                Start-CertRebindFleetMember -Fleet $Fleet -Member $next
                if ($next.Ended) { break }
            }
            foreach ($one in $running.ToArray()) {
                if (-not $one.Ended) { Step-CertRebindFleetMember -Fleet $Fleet -Member $one }
                if (-not $one.Ended) { continue }
                [void]$running.Remove($one)
                $one.Ended
            }
            if ($running.Count -eq 0) {
                if ($Fleet.Failed -gt $Fleet.MaxFailure) { break }
                continue
            }
            Show-CertRebindFleetProgress -Activity $activity -Running $running
            Start-Sleep -Milliseconds 100
        }
        while ($waiting.Count -gt 0) { Complete-CertRebindFleetMember -Fleet $Fleet -Member $waiting.Peek() -State 'not-started'; $waiting.Dequeue().Ended }
    } finally {
        Write-Progress -Activity $activity -Completed
        foreach ($one in $running) { Clear-CertRebindFleetMember -Member $one }
    }
}

function Show-CertRebindFleetProgress {
    param([string] $Activity, [System.Collections.Generic.List[object]] $Running)

    $said = foreach ($one in $Running) {
        $text = $one.Phase
        if ($null -ne $one.Call) {
            $told = Get-CertRebindFleetProgress -Call $one.Call
            if ($told) { $text = $told }
        }
        '{0}: {1}' -f $one.Server, $text
    }
    Write-Progress -Activity $Activity -Status ($said -join '; ')
}

function Start-CertRebindFleetMember {
    param([psobject] $Fleet, [psobject] $Member)

    $Member.Began = [datetime]::UtcNow
    if ($Member.Skip) {
        Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member
        return
    }
    if ($null -eq $Member.Session -or $Member.Session.State -ne 'Opened') {
        $why = if ($Member.Why) { $Member.Why } else { $script:messages.NoSession }
        Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'unreachable' -Problem (
            New-CertRebindFleetProblem -Code 'unreachable' -Message $why)
        return
    }
    if (-not $Fleet.Changes) {
        Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase version
        return
    }
    # It was asked earlier and the answer was lost: its history tells what happened.
    if ($Member.Entry.asked.state -in 'asked', 'lost' -or $Member.Part.state -in 'asked', 'lost') {
        $Member.Settling = if ($Member.Entry.asked.state -in 'asked', 'lost') { $Member.Entry.asked } else { $Member.Part }
        Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase history
        return
    }
    Enter-CertRebindFleetDrain -Fleet $Fleet -Member $Member
}

function Enter-CertRebindFleetDrain {
    param([psobject] $Fleet, [psobject] $Member)

    $Member.Settling = $null
    if ($Fleet.Action -eq 'Undo' -and $Fleet.IsOfCampaign) {
        if (-not $Member.Entry.asked.run -or $Member.Entry.asked.changed -le 0) {
            Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'nothing-to-do' -Result 'nothing-to-undo'
            return
        }
        $Member.Parameter.Run = [string]$Member.Entry.asked.run
    }
    $problem = Invoke-CertRebindFleetHook -Hook $Fleet.Drain -Server $Member.Server -Code 'drain-failed'
    if ($problem) {
        Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'failed' -Problem $problem
        return
    }
    Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $(if ($Fleet.Action -eq 'Install') { 'engine' } else { 'version' })
}

# A script block of the caller around a server. An error of any kind counts, also one that does not end it.
function Invoke-CertRebindFleetHook {
    param([AllowNull()] [scriptblock] $Hook, [string] $Server, [string] $Code)

    if ($null -eq $Hook) { return }
    $said = (Invoke-CertRebindFleetScript -Script $Hook -Server $Server).Problems
    if ($said.Count -gt 0) { New-CertRebindFleetProblem -Code $Code -Message $said[0] }
}

function Enter-CertRebindFleetPhase {
    param([psobject] $Fleet, [psobject] $Member, [string] $Phase, [hashtable] $Parameter = @{})

    $Member.Phase = $Phase
    $Member.ProgressAt = [datetime]::UtcNow
    $Member.ProgressCount = 0
    $runspace = $Member.Session.Runspace
    if ($null -ne $Member.Runspace) { $runspace = $Member.Runspace }
    switch ($Phase) {
        'version' { $Member.Call = Start-CertRebindFleetCall -Runspace $runspace -Name 'Get-Command' -Parameter @{ Name = $Fleet.Command } }
        'before' { $Member.Call = Start-CertRebindFleetCall -Runspace $runspace -Name 'Get-CertRebindHistory' -Parameter @{ Last = 1 } }
        'action' { $Member.Call = Start-CertRebindFleetCall -Runspace $runspace -Name $Fleet.Command -Parameter $Member.Parameter }
        'history' { $Member.Call = Start-CertRebindFleetCall -Runspace $runspace -Name 'Get-CertRebindHistory' }
        'outcome' { $Member.Call = Start-CertRebindFleetCall -Runspace $runspace -Name 'Get-CertRebindHistory' -Parameter $Parameter }
        'reopen' {
            # With the connection data of the session itself, so that credentials and options stay those of the caller.
            $Member.Call = $null
            if ($null -ne $Member.Runspace) { Close-CertRebindFleetRunspace -Runspace $Member.Runspace }
            $Member.Runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($Member.Session.Runspace.OriginalConnectionInfo)
            $Member.Runspace.OpenAsync()
        }
        default { Enter-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Phase $Phase }
    }
}

# Whether a server has been silent for too long; progress counts as an answer.
function Test-CertRebindFleetSilence {
    param([psobject] $Fleet, [psobject] $Member)

    if ($null -ne $Member.Deadline) { return [datetime]::UtcNow -gt $Member.Deadline }
    $progress = $Member.Call.Shell.Streams.Progress.Count
    if ($progress -ne $Member.ProgressCount) {
        $Member.ProgressCount = $progress
        $Member.ProgressAt = [datetime]::UtcNow
    }
    [datetime]::UtcNow -gt $Member.ProgressAt.AddSeconds($Fleet.SilenceSeconds)
}

# Checks whether a server has finished its phase, and begins the next one.
function Step-CertRebindFleetMember {
    param([psobject] $Fleet, [psobject] $Member)

    if ([datetime]::UtcNow -lt $Member.NotBefore) { return }
    $isLate = $null -ne $Member.Deadline -and [datetime]::UtcNow -gt $Member.Deadline
    if ($Member.Phase -eq 'reopen') {
        $state = $Member.Runspace.RunspaceStateInfo.State
        if ($state -eq 'Opened') {
            Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $(if ($Fleet.Action -eq 'Install') { 'engine' } else { 'history' })
        } elseif ($isLate) {
            Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'lost'
        } elseif ($state -in 'Broken', 'Closed') {
            $Member.NotBefore = [datetime]::UtcNow.AddSeconds(1)
            Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase reopen
        }
        return
    }
    if (Test-CertRebindFleetCall -Call $Member.Call) {
        $answer = Receive-CertRebindFleetCall -Call $Member.Call
    } elseif (Test-CertRebindFleetSilence -Fleet $Fleet -Member $Member) {
        $answer = Stop-CertRebindFleetCall -Call $Member.Call -Seconds ([datetime]::UtcNow - $Member.ProgressAt).TotalSeconds
    } else {
        return
    }
    $Member.Call = $null
    if ($Fleet.Action -eq 'Install') {
        Step-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Answer $answer
        return
    }
    switch ($Member.Phase) {
        'version' {
            $problem = Get-CertRebindFleetVersionProblem -Fleet $Fleet -Answer $answer
            if ($answer.IsLost -or (Test-CertRebindFleetNothing -Answer $answer)) {
                # Nothing was asked yet.
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'unreachable' -Problem $answer.Problems
            } elseif ($problem) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'failed' -Problem $problem
            } else {
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $(if ($Fleet.Changes) { 'before' } else { 'action' })
            }
        }
        'before' {
            if ($answer.IsLost -or ((Test-CertRebindFleetNothing -Answer $answer) -and $Member.Session.State -ne 'Opened')) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'unreachable' -Problem $answer.Problems
            } elseif ($answer.IsRefused -or $answer.Problems.Count -gt 0) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'failed' -Problem $answer.Problems
            } else {
                $last = $answer.Output | Where-Object -FilterScript { Test-CertRebindFleetType -Object $_ -Type 'CertRebind.Run' } | Select-Object -Last 1
                # A server that is asked again keeps the run it had before the first time: a run begun then may still
                # turn up.
                if (-not $Member.IsAskedAgain) { $Member.Part.before = if ($null -ne $last) { [string]$last.run } }
                $Member.Part.state = 'asked'
                $Member.Part.wave = $Member.Wave
                $Member.Part.startedAt = $Member.Began
                Save-CertRebindCampaign -Campaign $Fleet.Campaign
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase action
            }
        }
        'action' {
            if ($Fleet.Changes -and (Test-CertRebindFleetUnknown -Answer $answer)) {
                $Member.Lost = $answer.Problems
                $Member.Settling = $Member.Part
                $Member.Deadline = [datetime]::UtcNow.AddSeconds($Fleet.SettleSeconds)
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase reopen
            } elseif ($Member.IsAskedAgain -and (Test-CertRebindFleetBeaten -Answer $answer)) {
                # The run that the first request began may have continued unnoticed, and may be what blocked this one.
                $Member.Settling = $Member.Part
                $Member.Answer = $answer
                $Member.Deadline = [datetime]::UtcNow.AddSeconds($Fleet.SettleSeconds)
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase history
            } else {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -Answer $answer
            }
        }
        'history' {
            $of = if ($Member.Settling -eq $Member.Entry.undo) { 'Undo' } else { $Fleet.Campaign.Document.action }
            $run = Select-CertRebindLaterRun -History $answer.Output -Before $Member.Settling.before -Action $of |
                Where-Object -FilterScript { $Member.Others -cnotcontains $_.run } | Select-Object -First 1
            if ($null -ne $run) {
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase outcome -Parameter @{ Run = [string]$run.run }
            } elseif ($null -ne $Member.Answer -and -not (Test-CertRebindFleetLocked -Answer $Member.Answer)) {
                # No such run was found.
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -Answer $Member.Answer
            } elseif ($null -eq $Member.Deadline -and -not $answer.IsLost -and -not $answer.IsRefused) {
                # No run of this request is closed. Asking again shows whether one is still going on; an undo has to
                # wait for it.
                $Member.IsAskedAgain = $Member.Settling -eq $Member.Part
                if (-not $Member.IsAskedAgain -and $Member.Settling.startedAt -and [datetime]::UtcNow -lt $Member.Settling.startedAt.ToUniversalTime().AddSeconds($Fleet.SettleSeconds)) {
                    $Member.NotBefore = [datetime]::UtcNow.AddMilliseconds(500)
                    Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase history
                    return
                }
                $Member.Settling.state = 'not-started'
                Enter-CertRebindFleetDrain -Fleet $Fleet -Member $Member
            } elseif ($null -eq $Member.Deadline -or $isLate) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'lost' -Problem $answer.Problems
            } else {
                # The run may still be going on.
                $Member.NotBefore = [datetime]::UtcNow.AddMilliseconds(500)
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $(if ($answer.IsLost) { 'reopen' } else { 'history' })
            }
        }
        'outcome' {
            if ($answer.IsLost -or $answer.IsRefused) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'lost' -Problem $answer.Problems
            } elseif (-not (Test-CertRebindFleetOutcome -Answer $answer -Successor $Fleet.Campaign.Document.new)) {
                # Another run, for instance of a task.
                $Member.Others += @($answer.Output | ForEach-Object -Process { [string]$_.run })
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase history
            } elseif ($Member.Settling -eq $Member.Part) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -Answer $answer
            } else {
                # What the undo is about is known now.
                Set-CertRebindCampaignPart -Part $Member.Settling -State (ConvertTo-CertRebindFleetState -Action Rebind -Answer $answer)
                Save-CertRebindCampaign -Campaign $Fleet.Campaign
                Enter-CertRebindFleetDrain -Fleet $Fleet -Member $Member
            }
        }
    }
}

# Documents belong to one version. An endpoint that does not list its commands is asked anyway.
function Get-CertRebindFleetVersionProblem {
    param([psobject] $Fleet, [psobject] $Answer)

    if ($Answer.IsRefused) { return }
    $found = $Answer.Output | Select-Object -First 1
    if ($null -eq $found) {
        return New-CertRebindFleetProblem -Code 'not-installed' -Message ($script:messages.NotThere -f $Fleet.Command) -Hint ($script:messages.NotThereHint -f $Fleet.Command)
    }
    $there = ConvertTo-CertRebindPlainText -Text $found.Version
    $here = [string]$ExecutionContext.SessionState.Module.Version
    if ($there -and $there -ne $here) {
        New-CertRebindFleetProblem -Code 'other-version' -Message ($script:messages.OtherFleetVersion -f $there, $here) -Hint $script:messages.OtherFleetVersionHint
    }
}

function Set-CertRebindCampaignPart {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([psobject] $Part, [psobject] $State)

    $Part.state = $State.State
    $Part.result = $State.Result
    $Part.run = $State.Run
    $Part.exitCode = $State.ExitCode
    $Part.changed = $State.Changed
}

# Writes the result of a server into the campaign, counts it, and makes the object that is returned.
function Complete-CertRebindFleetMember {
    param(
        [psobject] $Fleet, [psobject] $Member, [AllowNull()] [psobject] $Answer, [string] $State, [string] $Result,
        [AllowEmptyCollection()] [object[]] $Problem = @()
    )

    # Known without asking, whether its wave began or not.
    if ($Member.Skip) { $State, $Result = $Member.SkipState, $Member.Skip }
    if ($Member.Skip -eq 'not-planned') {
        $Problem = New-CertRebindFleetProblem -Code 'not-planned' -Message $script:messages.NotPlanned -Hint $script:messages.NotPlannedHint
    } elseif ($State -eq 'not-started' -and $Fleet.Failed -gt $Fleet.MaxFailure) {
        $Problem = New-CertRebindFleetProblem -Code 'not-asked' -Message ($script:messages.NotAsked -f $Fleet.Failed) -Hint $script:messages.NotAskedHint
    }
    $found = [pscustomobject]@{ State = $State; Result = $null; Outcome = $null; Run = $null; ExitCode = $null; Changed = 0 }
    if ($Result) { $found.Result = $Result }
    if ($null -ne $Member.Document) { $found.Outcome = $Member.Document }
    $problems = @($Problem)
    if ($null -ne $Answer) {
        $found = ConvertTo-CertRebindFleetState -Action $Fleet.Action -Answer $Answer
        $problems = @($Answer.Problems)
    }
    if ($found.State -eq 'lost') {
        $unknown = if ($Fleet.Action -eq 'Install') { $script:messages.InstallUnknown } else { $script:messages.OutcomeUnknown }
        $problems = @($Member.Lost) + $problems + @(New-CertRebindFleetProblem -Code 'outcome-unknown' -Message $unknown)
    }
    if ($found.State -in 'done', 'nothing-to-do' -and $Fleet.Changes -and -not $Member.Skip) {
        # A server that failed stays out of its farm until somebody has looked at it.
        $problem = Invoke-CertRebindFleetHook -Hook $Fleet.Resume -Server $Member.Server -Code 'resume-failed'
        if ($problem) {
            $found.State = 'failed'
            $problems += $problem
        }
    }
    $problems = @($problems | Where-Object -FilterScript { $null -ne $_ })
    $took = if ($null -ne $Member.Began) { [datetime]::UtcNow - $Member.Began }
    if ($found.State -in 'failed', 'lost', 'unreachable') { $Fleet.Failed++ }
    # What is known of a server from an earlier time stays as it is.
    $isTold = $found.State -in 'nothing-to-do', 'failed', 'lost' -or ($found.State -eq 'done' -and -not $Member.Skip) -or ($found.State -eq 'unreachable' -and $Member.Part.state -notin 'asked', 'lost')
    if ($Fleet.Changes -and $isTold) {
        $part = $Member.Part
        if ($found.State -eq 'lost' -and $null -ne $Member.Settling) { $part = $Member.Settling }
        Set-CertRebindCampaignPart -Part $part -State $found
        $part.wave = $Member.Wave
        $part.problems = $problems
        if ($null -ne $took) { $part.seconds = [Math]::Round($took.TotalSeconds, 1) }
        Save-CertRebindCampaign -Campaign $Fleet.Campaign
    }
    $Member.Ended = [pscustomobject]@{
        PSTypeName = 'CertRebind.FleetResult'
        Server = $Member.Server; Wave = $Member.Wave; State = $found.State; Result = $found.Result; Outcome = $found.Outcome
        Problems = $problems; Took = $took
    }
    Clear-CertRebindFleetMember -Member $Member
}

# After the wave, so that -ErrorAction Stop leaves no server that was asked without an answer.
function Write-CertRebindFleetError {
    param([System.Management.Automation.PSCmdlet] $Caller, [psobject] $Result)

    $first = $Result.Problems | Select-Object -First 1
    # Not asked because somebody said no is no error.
    if ($Result.State -notin 'failed', 'lost', 'unreachable' -and -not ($Result.State -eq 'not-started' -and $first)) { return }
    if ($null -eq $first) { $first = New-CertRebindFleetProblem -Code $Result.State -Message ('{0} {1}' -f $Result.State, $Result.Result) }
    $hint = $first.hint
    if ($Result.State -eq 'lost') { $hint = $Result.Problems[-1].message }
    # However a server could not be reached, nothing was asked there.
    $code = if ($Result.State -eq 'unreachable') { 'unreachable' } else { $first.code }
    $category = switch ($Result.State) { 'failed' { 'InvalidResult' } 'not-started' { 'OperationStopped' } default { 'ConnectionError' } }
    $Caller.WriteError((New-CertRebindErrorRecord -Code $code -Message ('{0}: {1}' -f $Result.Server, $first.message) -Hint $hint -Target $Result.Server -Category $category))
}

function Clear-CertRebindFleetMember {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([psobject] $Member)

    if ($null -ne $Member.Call) { [void]$Member.Call.Shell.BeginStop($null, $null) }
    if ($null -ne $Member.Runspace) { Close-CertRebindFleetRunspace -Runspace $Member.Runspace }
    $Member.Call = $null
    $Member.Runspace = $null
}

# Does not wait for the other side, which may never answer.
function Close-CertRebindFleetRunspace {
    param([System.Management.Automation.Runspaces.Runspace] $Runspace)

    if ($Runspace.RunspaceStateInfo.State -eq 'Opened') { $Runspace.CloseAsync() } else { $Runspace.Dispose() }
}
