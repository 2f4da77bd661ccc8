function Invoke-CertRebindFleet {
    <#
    .SYNOPSIS
    Asks many servers to install, plan, rebind, test or undo, in waves, and stops by itself when something goes wrong.

    .DESCRIPTION
    Works over PowerShell sessions that you opened, over WinRM or SSH; credentials and endpoints are yours. CertRebind has to
    be on each server in the version of this console, which -Action Install brings there. A first wave of one server is the
    canary. When more servers failed than -MaxFailure allows, no further server is asked.

    One object is returned for each server as it ends. Its State is done; failed (its Problems say why); lost (the session broke
    and the server's history does not tell what became of it); unreachable (nothing was asked); not-started; or skipped. When
    a session breaks during a run, the server is asked over a new one what happened, so that a run which went on to its end
    counts as what it was.

    With -Campaign a file remembers what each server was asked and answered. The same command with the same file goes on where
    it was: servers that are done are skipped, one that was asked and not heard is looked up in its own history first.

    .PARAMETER Session
    Sessions of New-PSSession, one for each server.

    .PARAMETER Server
    Names of servers, when sessions shall be opened wave by wave with -Connect.

    .PARAMETER Connect
    A script block that gets the names of one wave and returns their sessions. They are closed after the wave.

    .PARAMETER Action
    Install copies the program to servers that do not have it, compares its hash there before it is started, installs it, and
    enables it with proof; a server that is so already says already. Plan and Test only read. Rebind swaps one pair, or what -Plan says. Sync takes whatever is pending on each server. Undo puts
    back the last run of each server, or with -Campaign the runs of that campaign.

    .PARAMETER OldThumbprint
    The certificate to replace, the same on all servers. For Plan and Rebind.

    .PARAMETER NewThumbprint
    Its successor. For Plan and Rebind.

    .PARAMETER Plan
    For Rebind: what -Action Plan returned. Each server gets exactly the plan that it made, and refuses it when it does not fit
    any more. A server without a planned step is skipped.

    .PARAMETER Package
    For Install: certrebind.exe, or the zip that holds it. The program of this module when it is left out.

    .PARAMETER ReplaceNative
    For Install: disable the task of IIS Manager's own certificate rebind and take over, as Enable-CertRebind -ReplaceNative does.

    .PARAMETER Alongside
    For Install: leave that task active beside ours.

    .PARAMETER NoProof
    For Install: register the tasks though nothing has shown that they work, where nothing starts tasks: in a container or an
    image. Not together with ReplaceNative.

    .PARAMETER Wave
    How many servers are asked in each wave, as numbers or in per cent of all. The last one repeats.

    .PARAMETER ThrottleLimit
    How many servers of a wave work at the same time. 1 for a farm that can do without one server only.

    .PARAMETER MaxFailure
    How many servers may fail, get lost or be unreachable before no further one is asked: a number, or per cent of all.

    .PARAMETER Campaign
    The file that remembers the campaign, for Rebind, Sync and Undo. It is made when it is not there.

    .PARAMETER Drain
    A script block that takes a server out of its farm before it is asked. It gets the name of the server. When it writes an
    error, the server is not asked and counts as failed. For Rebind, Sync and Undo.

    .PARAMETER Resume
    A script block that puts a server back into its farm after it was done. It gets the name of the server. One that failed
    stays out until somebody looked at it.

    .PARAMETER SettleSeconds
    How long a server whose session broke is asked what became of its run.

    .PARAMETER SilenceSeconds
    How long a server may say nothing, neither progress nor an answer, before its session counts as broken.

    .EXAMPLE
    $fleet | Invoke-CertRebindFleet -Action Install -ReplaceNative

    Brings the program of this module to servers that do not have it, and enables it there with proof: first on one server,
    then on the rest.

    .EXAMPLE
    $fleet = New-PSSession -ComputerName web01, web02, web03
    $plans = $fleet | Invoke-CertRebindFleet -Action Plan
    $fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Campaign autumn.json

    Lets each server plan what is pending there, and after you looked at it carries out these plans: first on one server, then
    on the rest.

    .EXAMPLE
    Invoke-CertRebindFleet -Server (Get-Content -Path servers.txt) -Connect { param($names) New-PSSession -ComputerName $names } -Action Sync -Wave 1,10,25% -MaxFailure 5%

    Opens sessions wave by wave, and goes on as long as no more than one server in twenty fails.

    .EXAMPLE
    $fleet | Invoke-CertRebindFleet -Action Undo -Campaign autumn.json

    Puts back what the campaign changed, and nothing else.

    .INPUTS
    System.Management.Automation.Runspaces.PSSession

    .OUTPUTS
    CertRebind.FleetResult

    .LINK
    Get-CertRebindInventory

    .LINK
    Invoke-CertRebind
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/fleet.md', SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'Session')]
    [OutputType('CertRebind.FleetResult')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Session', ValueFromPipeline = $true)]
        [ValidateNotNullOrEmpty()]
        [System.Management.Automation.Runspaces.PSSession[]] $Session,

        [Parameter(Mandatory = $true, ParameterSetName = 'Server')]
        [ValidateNotNullOrEmpty()]
        [string[]] $Server,

        [Parameter(Mandatory = $true, ParameterSetName = 'Server')]
        [scriptblock] $Connect,

        [Parameter(Mandatory = $true)]
        [ValidateSet('Install', 'Plan', 'Rebind', 'Sync', 'Test', 'Undo')]
        [string] $Action,

        [Alias('OldCertHash', 'OldCert')]
        [string] $OldThumbprint,

        [Alias('NewCertHash', 'NewCert')]
        [string] $NewThumbprint,

        [PSTypeName('CertRebind.FleetResult')]
        [psobject[]] $Plan,

        [ValidateNotNullOrEmpty()]
        [string] $Package,

        [switch] $ReplaceNative,

        [switch] $Alongside,

        [switch] $NoProof,

        [ValidatePattern('^([1-9]\d{0,5}|(100|[1-9]\d?)%)$')]
        [string[]] $Wave = @('1', '10', '25%'),

        [ValidateRange(1, 1000)]
        [int] $ThrottleLimit = 32,

        [ValidatePattern('^(\d{1,6}|(100|\d{1,2})%)$')]
        [string] $MaxFailure = '0',

        [ValidateNotNullOrEmpty()]
        [string] $Campaign,

        [scriptblock] $Drain,

        [scriptblock] $Resume,

        [ValidateRange(0, 3600)]
        [int] $SettleSeconds = 60,

        [ValidateRange(1, 86400)]
        [int] $SilenceSeconds = 600
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
        $sessions = [System.Collections.Generic.List[object]]::new()
    }
    process {
        foreach ($one in $Session) { if ($null -ne $one) { $sessions.Add($one) } }
    }
    end {
        $given = @{ Action = $Action; Old = $OldThumbprint; New = $NewThumbprint; Plan = $Plan; Campaign = $Campaign }
        $install = @{ Package = $Package; ReplaceNative = $ReplaceNative; Alongside = $Alongside; NoProof = $NoProof }
        $request = New-CertRebindFleetRequest -Caller $PSCmdlet @given @install
        $names = if ($PSCmdlet.ParameterSetName -eq 'Server') { $Server } else { $sessions | ForEach-Object -Process { $_.ComputerName } }
        $twice = @($names | Group-Object | Where-Object -Property Count -GT -Value 1)
        if ($twice.Count -gt 0) {
            $PSCmdlet.ThrowTerminatingError((New-CertRebindErrorRecord -Code 'server-twice' -Category 'InvalidArgument' -Message (
                        $script:messages.ServerTwice -f ($twice.Name -join ', ')) -Hint $script:messages.ServerTwiceHint -Target $null))
        }
        if (@($names).Count -eq 0) { return }
        $file = if ($Campaign) { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Campaign) } else { '' }
        $remembered = Open-CertRebindCampaign -Caller $PSCmdlet -Path $file -Action $Action -Old $request.Old -New $request.New -ReadOnly:$WhatIfPreference
        if (-not $remembered) { return }
        try {
            $fleet = [pscustomobject]@{
                Action = $Action; Command = $request.Command; Changes = $request.Changes; Campaign = $remembered; IsOfCampaign = [bool]$file
                Old = $request.Old; New = $request.New; Planned = $request.Planned; ThrottleLimit = $ThrottleLimit; SettleSeconds = $SettleSeconds; SilenceSeconds = $SilenceSeconds; Drain = $Drain; Resume = $Resume
                Package = $request.Package; EnableOption = $request.EnableOption; Failed = 0; MaxFailure = ConvertTo-CertRebindServerCount -Text $MaxFailure -Of @($names).Count
            }
            $members = @(foreach ($name in $names) {
                    New-CertRebindFleetMember -Fleet $fleet -Server $name -Session ($sessions | Where-Object -Property ComputerName -EQ -Value $name)
                })
            $next = 0
            $number = 0
            $isStopped = $false
            foreach ($size in Get-CertRebindFleetWave -Wave $Wave -Count $members.Count) {
                $number++
                $wanted = @($members[$next..($next + $size - 1)])
                $next += $size
                foreach ($member in $wanted) { $member.Wave = $number }
                $asked = @($wanted | Where-Object -FilterScript { -not $_.Skip })
                if (-not $isStopped -and $asked.Count -gt 0 -and ($fleet.Changes -or $WhatIfPreference)) {
                    $text = $script:messages.FleetAsk -f $number, $request.Text
                    $isStopped = -not $PSCmdlet.ShouldProcess(($asked.Server -join ', '), $text) -and -not $WhatIfPreference
                }
                if ($WhatIfPreference) { continue }
                if ($isStopped -or $fleet.Failed -gt $fleet.MaxFailure) {
                    foreach ($member in $wanted) {
                        Complete-CertRebindFleetMember -Fleet $fleet -Member $member -State 'not-started'
                        $member.Ended
                    }
                    continue
                }
                $opened = @()
                try {
                    if ($Connect) { $opened = @(Open-CertRebindFleetSession -Connect $Connect -Member $asked) }
                    Invoke-CertRebindFleetWave -Fleet $fleet -Member $wanted
                } finally {
                    Close-CertRebindFleetSession -Session $opened
                }
            }
        } finally {
            Close-CertRebindCampaign -Campaign $remembered
        }
    }
}
