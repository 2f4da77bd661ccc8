# One wave: asks its servers, a few at a time, and returns one object a server as it ends.
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
        foreach ($one in $running) { Clear-CertRebindFleetTurn -Turn $one.Turn }
    }
}

function Show-CertRebindFleetProgress {
    param([string] $Activity, [System.Collections.Generic.List[object]] $Running)

    $said = foreach ($one in $Running) {
        $text = $one.Turn.Phase
        if ($null -ne $one.Turn.Call) {
            $told = Get-CertRebindFleetProgress -Call $one.Turn.Call
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
        $Member.Settle.Part = if ($Member.Entry.asked.state -in 'asked', 'lost') { $Member.Entry.asked } else { $Member.Part }
        Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase history
        return
    }
    Enter-CertRebindFleetDrain -Fleet $Fleet -Member $Member
}

function Enter-CertRebindFleetDrain {
    param([psobject] $Fleet, [psobject] $Member)

    $Member.Settle.Part = $null
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
