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
    if ($null -ne $Member.Place.Document) { $found.Outcome = $Member.Place.Document }
    $problems = @($Problem)
    if ($null -ne $Answer) {
        $found = ConvertTo-CertRebindFleetState -Action $Fleet.Action -Answer $Answer
        $problems = @($Answer.Problems)
    }
    if ($found.State -eq 'lost') {
        $unknown = switch ($Fleet.Action) { 'Install' { $script:messages.InstallUnknown } 'Delete' { $script:messages.DeletionUnknown } default { $script:messages.OutcomeUnknown } }
        $problems = @($Member.Settle.Lost) + $problems + @(New-CertRebindFleetProblem -Code 'outcome-unknown' -Message $unknown)
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
        if ($found.State -eq 'lost' -and $null -ne $Member.Settle.Part) { $part = $Member.Settle.Part }
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
    Clear-CertRebindFleetTurn -Turn $Member.Turn
}

# After the wave, so that -ErrorAction Stop leaves no server that was asked without an answer.
function Write-CertRebindFleetError {
    param([System.Management.Automation.PSCmdlet] $Caller, [psobject] $Result)

    $first = $Result.Problems | Select-Object -First 1
    # Not asked because somebody said no is no error; because others failed is one error for all.
    if (Test-CertRebindFleetRest -Result $Result) { return }
    if ($Result.State -notin 'failed', 'lost', 'unreachable' -and -not ($Result.State -eq 'not-started' -and $first)) { return }
    if ($null -eq $first) { $first = New-CertRebindFleetProblem -Code $Result.State -Message ('{0} {1}' -f $Result.State, $Result.Result) }
    $hint = $first.hint
    if ($Result.State -eq 'lost') { $hint = $Result.Problems[-1].message }
    # However a server could not be reached, nothing was asked there.
    $code = if ($Result.State -eq 'unreachable') { 'unreachable' } else { $first.code }
    $category = switch ($Result.State) { 'failed' { 'InvalidResult' } 'not-started' { 'OperationStopped' } default { 'ConnectionError' } }
    $Caller.WriteError((New-CertRebindErrorRecord -Code $code -Message ('{0}: {1}' -f $Result.Server, $first.message) -Hint $hint -Target $Result.Server -Category $category))
}

# Whether it was not asked because others had failed.
function Test-CertRebindFleetRest {
    param([psobject] $Result)

    @($Result.Problems | Where-Object -Property code -EQ 'not-asked').Count -gt 0
}

# One for all servers that were not asked because others had failed.
function Write-CertRebindFleetRest {
    param([System.Management.Automation.PSCmdlet] $Caller, [psobject] $Fleet, [object[]] $Result)

    $left = @($Result | Where-Object -FilterScript { $null -ne $_ -and (Test-CertRebindFleetRest -Result $_) })
    if ($left.Count -eq 0) { return }
    $names = $left.Server -join ', '
    $message = if ($left.Count -eq 1) { '{0}: {1}' -f $names, $left[0].Problems[0].message } else { $script:messages.AllNotAsked -f $left.Count, $Fleet.Failed, $names }
    $Caller.WriteError((New-CertRebindErrorRecord -Code 'not-asked' -Message $message -Hint $script:messages.NotAskedHint -Target $left.Server -TargetName $names -Category 'OperationStopped'))
}

function Clear-CertRebindFleetTurn {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([psobject] $Turn)

    if ($null -ne $Turn.Call) { [void]$Turn.Call.Shell.BeginStop($null, $null) }
    if ($null -ne $Turn.Runspace) { Close-CertRebindFleetRunspace -Runspace $Turn.Runspace }
    $Turn.Call = $null
    $Turn.Runspace = $null
}
