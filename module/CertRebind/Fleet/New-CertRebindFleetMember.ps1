# One server on its way through a wave.
function New-CertRebindFleetMember {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([psobject] $Fleet, [string] $Server, [AllowNull()] [object] $Session)

    $entry = Get-CertRebindCampaignEntry -Campaign $Fleet.Campaign -Server $Server
    $part = $entry.asked
    $isUndoOfCampaign = $Fleet.Action -eq 'Undo' -and $Fleet.IsOfCampaign
    if ($isUndoOfCampaign) {
        if ($null -eq $entry.undo) { $entry.undo = New-CertRebindCampaignPart }
        $part = $entry.undo
    }
    $parameter = @{}
    if ($Fleet.Changes) { $parameter.Confirm = $false }
    if ($Fleet.Action -eq 'Delete') { $parameter.Delete = $true }
    if ($Fleet.Old) {
        $parameter.OldThumbprint = $Fleet.Old
        $parameter.NewThumbprint = $Fleet.New
    }
    # Why it is not asked, and with which state it ends then.
    $skip = ''
    $state = 'nothing-to-do'
    if ($part.state -eq 'done') {
        $skip = 'done-before'
        $state = 'done'
    } elseif ($null -ne $Fleet.Planned) {
        $plan = $Fleet.Planned[$Server]
        if ($null -eq $plan) {
            $skip = 'not-planned'
            $state = 'not-started'
        } elseif (@($plan.steps).Count -eq 0) {
            $skip = 'nothing-planned'
        } else {
            $parameter.Plan = $plan
        }
    } elseif ($part.state -eq 'nothing-to-do') {
        $skip = 'nothing-to-do'
    } elseif ($isUndoOfCampaign -and $entry.asked.state -notin 'asked', 'lost' -and ($null -eq $entry.asked.run -or $entry.asked.changed -le 0)) {
        $skip = 'nothing-to-undo'
    }
    [pscustomobject]@{
        Server = $Server; Session = $Session; Why = ''; Wave = $null; Began = $null; Ended = $null
        Entry = $entry; Part = $part; Parameter = $parameter; Skip = $skip; SkipState = $state
        # The phase that it is in (FleetPhases.ps1), and what it is asked there.
        Turn = [pscustomobject]@{ Phase = ''; Call = $null; Runspace = $null; ProgressAt = $null; ProgressCount = 0; Deadline = $null; NotBefore = [datetime]::MinValue }
        # What became of a request whose answer was lost: of which part of the campaign.
        Settle = [pscustomobject]@{ Part = $null; IsAskedAgain = $false; Answer = $null; Others = @(); Lost = @() }
        # Where -Action Install puts the program.
        Place = [pscustomobject]@{ IsWindows = $false; Installed = $null; Staging = $null; Copy = $null; Program = $null; Result = $null; Document = $null }
    }
}
