# What a server answered that is asked for a run, and which phase comes next.
function Step-CertRebindFleetRun {
    param([psobject] $Fleet, [psobject] $Member, [psobject] $Answer)

    $turn = $Member.Turn
    $settle = $Member.Settle
    $next = $script:fleetPhases[$turn.Phase].Next
    switch ($turn.Phase) {
        'version' {
            $problem = Get-CertRebindFleetVersionProblem -Fleet $Fleet -Answer $Answer
            if ($problem) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'failed' -Problem $problem
            } else {
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $(if ($Fleet.Changes) { 'before' } else { $next })
            }
        }
        'before' {
            $last = $Answer.Output | Where-Object -FilterScript { Test-CertRebindFleetType -Object $_ -Type 'CertRebind.Run' } | Select-Object -Last 1
            # A server that is asked again keeps the run it had before the first time: a run begun then may still
            # turn up.
            if (-not $settle.IsAskedAgain) { $Member.Part.before = if ($null -ne $last) { [string]$last.run } }
            $Member.Part.state = 'asked'
            $Member.Part.wave = $Member.Wave
            $Member.Part.startedAt = $Member.Began
            Save-CertRebindCampaign -Campaign $Fleet.Campaign
            Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $next
        }
        'action' {
            if ($Fleet.Action -eq 'Delete') {
                # A deletion leaves no run that a new session could find. Asked again, the server deletes what is left.
                $isLost = $Answer.IsLost -or ((Test-CertRebindFleetNothing -Answer $Answer) -and $Member.Session.State -ne 'Opened')
                $end = if ($isLost) { @{ State = 'lost'; Problem = $Answer.Problems } } else { @{ Answer = $Answer } }
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member @end
            } elseif ($Fleet.Changes -and (Test-CertRebindFleetUnknown -Answer $Answer)) {
                $settle.Lost = $Answer.Problems
                $settle.Part = $Member.Part
                $turn.Deadline = [datetime]::UtcNow.AddSeconds($Fleet.SettleSeconds)
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase reopen
            } elseif ($settle.IsAskedAgain -and (Test-CertRebindFleetBeaten -Answer $Answer)) {
                # The run that the first request began may have continued unnoticed, and may be what blocked this one.
                $settle.Part = $Member.Part
                $settle.Answer = $Answer
                $turn.Deadline = [datetime]::UtcNow.AddSeconds($Fleet.SettleSeconds)
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase history
            } else {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -Answer $Answer
            }
        }
        'history' {
            $of = if ($settle.Part -eq $Member.Entry.undo) { 'Undo' } else { $Fleet.Campaign.Document.action }
            $run = Select-CertRebindLaterRun -History $Answer.Output -Before $settle.Part.before -Action $of |
                Where-Object -FilterScript { $settle.Others -cnotcontains $_.run } | Select-Object -First 1
            if ($null -ne $run) {
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $next -Parameter @{ Run = [string]$run.run }
            } elseif ($null -ne $settle.Answer -and -not (Test-CertRebindFleetLocked -Answer $settle.Answer)) {
                # No such run was found.
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -Answer $settle.Answer
            } elseif ($null -eq $turn.Deadline -and -not $Answer.IsLost -and -not $Answer.IsRefused) {
                # No run of this request is closed. Asking again shows whether one is still going on; an undo has to
                # wait for it.
                $settle.IsAskedAgain = $settle.Part -eq $Member.Part
                if (-not $settle.IsAskedAgain -and $settle.Part.startedAt -and [datetime]::UtcNow -lt $settle.Part.startedAt.ToUniversalTime().AddSeconds($Fleet.SettleSeconds)) {
                    $turn.NotBefore = [datetime]::UtcNow.AddMilliseconds(500)
                    Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase history
                    return
                }
                $settle.Part.state = 'not-started'
                Enter-CertRebindFleetDrain -Fleet $Fleet -Member $Member
            } elseif ($null -eq $turn.Deadline -or (Test-CertRebindFleetLate -Turn $turn)) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'lost' -Problem $Answer.Problems
            } else {
                # The run may still be going on.
                $turn.NotBefore = [datetime]::UtcNow.AddMilliseconds(500)
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $(if ($Answer.IsLost) { 'reopen' } else { 'history' })
            }
        }
        'outcome' {
            if ($Answer.IsRefused) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'lost' -Problem $Answer.Problems
            } elseif (-not (Test-CertRebindFleetOutcome -Answer $Answer -Successor $Fleet.Campaign.Document.new)) {
                # Another run, for instance of a task.
                $settle.Others += @($Answer.Output | ForEach-Object -Process { [string]$_.run })
                Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase history
            } elseif ($settle.Part -eq $Member.Part) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -Answer $Answer
            } else {
                # What the undo is about is known now.
                Set-CertRebindCampaignPart -Part $settle.Part -State (ConvertTo-CertRebindFleetState -Action Rebind -Answer $Answer)
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
