# What the servers are asked, from the parameters of Invoke-CertRebindFleet; ends the caller where they do not fit together.
function New-CertRebindFleetRequest {
    [CmdletBinding()]
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [string] $Action,
        [AllowNull()] [AllowEmptyString()] [string] $Old,
        [AllowNull()] [AllowEmptyString()] [string] $New,
        [AllowNull()] [AllowEmptyCollection()] [object[]] $Plan,
        [AllowNull()] [AllowEmptyString()] [string] $Campaign,
        # Of -Action Install: the file, and how to enable.
        [AllowNull()] [AllowEmptyString()] [string] $Package,
        [switch] $ReplaceNative,
        [switch] $Alongside,
        [switch] $NoProof
    )

    $hasPair = $Old -and $New
    $hasPlan = $null -ne $Plan
    $wrong = $null
    if ([bool]$Old -ne [bool]$New) {
        $wrong = $script:messages.FleetHalfPair
    } elseif ($hasPair -and $Action -notin 'Plan', 'Rebind') {
        $wrong = $script:messages.FleetPairUnused -f $Action
    } elseif ($hasPlan -and $Action -ne 'Rebind') {
        $wrong = $script:messages.FleetPlanUnused -f $Action
    } elseif ($Action -eq 'Rebind' -and $hasPair -eq $hasPlan) {
        $wrong = $script:messages.FleetWhat
    } elseif ($Campaign -and ($Action -eq 'Install' -or -not $script:fleetActions[$Action].Changes)) {
        $wrong = $script:messages.FleetCampaignUnused -f $Action
    } elseif ($Action -ne 'Install' -and ($Package -or $ReplaceNative -or $Alongside -or $NoProof)) {
        $wrong = $script:messages.FleetInstallUnused -f $Action
    } elseif ($ReplaceNative -and ($Alongside -or $NoProof)) {
        $wrong = if ($NoProof) { $script:messages.FleetNoProof } else { $script:messages.FleetNativeTask }
    }
    if ($wrong) { $Caller.ThrowTerminatingError((New-CertRebindErrorRecord -Code 'bad-argument' -Category 'InvalidArgument' -Message $wrong -Hint $null -Target $null)) }

    $planned = $null
    if ($hasPlan) {
        $planned = @{}
        foreach ($one in $Plan) {
            if (Test-CertRebindFleetType -Object $one.Outcome -Type 'CertRebind.Plan') { $planned[$one.Server] = $one.Outcome }
        }
    }
    if ($hasPair) {
        $Old = Resolve-CertRebindThumbprint -Text $Old
        $New = Resolve-CertRebindThumbprint -Text $New
    }
    $bring = $null
    if ($Action -eq 'Install') { $bring = Get-CertRebindPackage -Caller $Caller -Path $Package }
    $text = if ($bring) { $script:messages.FleetInstall -f $bring.Path, $bring.Sha256 } elseif ($Action -eq 'Rebind' -and $hasPair) { $script:messages.SwapPair -f $Old, $New } elseif ($Action -eq 'Undo' -and $Campaign) { $script:messages.FleetUndo } else { $script:messages["Fleet$Action"] }
    [pscustomobject]@{
        Command = $script:fleetActions[$Action].Command; Changes = $script:fleetActions[$Action].Changes; Old = $Old; New = $New; Planned = $planned; Text = $text
        Package = $bring; EnableOption = @(if ($ReplaceNative) { '--replace-native' }; if ($Alongside) { '--alongside' }; if ($NoProof) { '--no-proof' })
    }
}

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
        Server = $Server; Session = $Session; Wave = $null; Entry = $entry; Part = $part; Parameter = $parameter; Skip = $skip; SkipState = $state; Why = ''
        Place = [pscustomobject]@{ IsWindows = $false; Installed = $null; Staging = $null; Copy = $null; Program = $null; Result = $null }; Document = $null
        Phase = ''; Call = $null; ProgressAt = $null; ProgressCount = 0; Runspace = $null; Began = $null; Deadline = $null; NotBefore = [datetime]::MinValue
        Settling = $null; IsAskedAgain = $false; Answer = $null; Others = @(); Lost = @(); Ended = $null
    }
}

# Opens the sessions of one wave, by the script block of the caller where there is one. What is said about a server becomes
# the reason why it has no session. Returns the sessions, and the engine that has to be kept for them.
function Open-CertRebindFleetSession {
    param([AllowNull()] [scriptblock] $Connect, [AllowNull()] [hashtable] $Connection, [object[]] $Member)

    $opened = [pscustomobject]@{ Session = @(); Engine = $null }
    if ($null -ne $Connect) {
        $answer = Invoke-CertRebindFleetScript -Script $Connect -Server $Member.Server
        $output = $answer.Output | ForEach-Object -Process { $_.PSObject.BaseObject }
        $said = $answer.Problems
    } else {
        $call = Start-CertRebindFleetConnection -ComputerName $Member.Server -Connection $Connection
        while (-not (Test-CertRebindFleetCall -Call $call)) { Start-Sleep -Milliseconds 100 }
        $answer = Receive-CertRebindFleetCall -Call $call -KeepEngine
        $opened.Engine = $call.Shell
        $output = $answer.Output
        $said = @($answer.Problems | ForEach-Object -Process { $_.message })
    }
    $opened.Session = @($output | Where-Object -FilterScript { $_ -is [System.Management.Automation.Runspaces.PSSession] })
    foreach ($one in $Member) {
        $one.Session = $opened.Session | Where-Object -Property ComputerName -EQ -Value $one.Server | Select-Object -First 1
        if ($null -ne $one.Session) { continue }
        # New-PSSession begins with the name in brackets where it is about one server.
        $mine = @($said | Where-Object -FilterScript { $_.StartsWith("[$($one.Server)]", [System.StringComparison]::OrdinalIgnoreCase) })
        if ($mine.Count -eq 0) { $mine = $said }
        $one.Why = ('{0} {1}' -f $script:messages.NotOpened, (ConvertTo-CertRebindPlainText -Text (@($mine | Select-Object -Unique) -join ' '))).Trim()
    }
    $opened
}

# A busy session still belongs to a silent server: closing it would take a minute, so nobody waits for that.
function Close-CertRebindFleetSession {
    param([AllowNull()] [psobject] $Opened)

    if ($null -eq $Opened) { return }
    foreach ($one in $Opened.Session) {
        if ($one.Availability -eq 'Available' -or $one.State -ne 'Opened') {
            Remove-PSSession -Session $one -Confirm:$false -WhatIf:$false
        } else {
            $one.Runspace.CloseAsync()
        }
    }
    if ($null -ne $Opened.Engine) { $Opened.Engine.Runspace.CloseAsync() }
}
