function Invoke-CertRebindFleet {
    <#
    .SYNOPSIS
    Installs, plans, rebinds, tests, verifies or rolls back on many servers, in waves, and stops if too many fail.

    .DESCRIPTION
    Works over PowerShell sessions that you opened, over WinRM or SSH, or opens them by the names of the servers. Each
    server must have the same version of CertRebind as this console. -Action Install installs it. The first wave is
    one server, the canary. If more servers fail than -MaxFailure allows, no further server is changed. Plan, Test and
    Verify only look, and ask every server.

    One object is returned for each server when it ends, and after each wave one non-terminating error for each server
    that failed, was lost or was unreachable, with the server as its target. One more, at the end, names all servers that
    were not asked because of these. The State of an object is done; nothing-to-do; failed (see its Problems); lost (the
    session broke and the history of the server does not show how the run ended); unreachable (nothing was started); or
    not-started (it was not asked). If a session breaks during a run, CertRebind opens a new session and reads the result
    from the history of the server.

    With -Campaign, a file keeps what each server was asked and answered. The same command with the same file
    continues where it stopped: finished servers are not asked again, and a server that did not answer is checked in its own
    history first.

    .PARAMETER Session
    Sessions of New-PSSession, one for each server.

    .PARAMETER ComputerName
    Names of servers. The sessions of a wave are opened before it, over WinRM unless you give -Connect, and closed
    after it.

    .PARAMETER Credential
    The account for -ComputerName, as Invoke-Command takes it.

    .PARAMETER UseSSL
    Use HTTPS for -ComputerName, as Invoke-Command does.

    .PARAMETER Authentication
    How to authenticate for -ComputerName, as Invoke-Command takes it.

    .PARAMETER Connect
    A script block that gets the names of one wave and returns their sessions, for example over SSH.

    .PARAMETER Action
    Install copies the program to servers that do not have it, checks its hash there, installs it and enables it
    with proof. Plan, Test and Verify only read: Test finds problems, Verify compares what endpoints serve. Rebind replaces one pair, or applies what -Plan contains. Sync applies all
    pending renewals of each server. Undo rolls back the last run of each server, or with -Campaign the runs of that
    campaign. Delete is Invoke-CertRebindRetirement -Delete on each server, and final.

    .PARAMETER OldThumbprint
    The certificate to replace, the same on all servers. For Plan and Rebind.

    .PARAMETER NewThumbprint
    Its renewal. For Plan and Rebind.

    .PARAMETER Plan
    For Rebind: the result of -Action Plan. Each server gets its own plan, and refuses it if it no longer fits. A
    server without a planned step has nothing to do; one without a plan is an error and is not asked.

    .PARAMETER Package
    For Install: certrebind.exe, or the zip file that contains it. Default: the program of this module.

    .PARAMETER ReplaceNative
    For Install: disable the certificate rebind task of IIS Manager, as Enable-CertRebind -ReplaceNative does.

    .PARAMETER Alongside
    For Install: keep the task of IIS Manager active.

    .PARAMETER NoProof
    For Install: register the tasks without the proof, where no tasks run: in a container or an image. Cannot be
    used with -ReplaceNative.

    .PARAMETER Wave
    How many servers are in each wave, as numbers or as a percentage of all. The last value repeats.

    .PARAMETER ThrottleLimit
    How many servers of a wave work at the same time. Use 1 for a farm that can only do without one server.

    .PARAMETER MaxFailure
    How many servers may fail, get lost or be unreachable before no further server is changed: a number, or a
    percentage of all. Plan, Test and Verify ask every server.

    .PARAMETER Campaign
    The file that keeps the state of the campaign, for Rebind, Sync and Undo. It is created if it does not exist.

    .PARAMETER Drain
    A script block that takes a server out of its farm before the change. It gets the name of the server. If it
    writes an error, the server is not changed and counts as failed. For Rebind, Sync and Undo.

    .PARAMETER Resume
    A script block that returns a server to its farm after the change. It gets the name of the server. A failed
    server stays out of the farm until you return it.

    .PARAMETER SettleSeconds
    How long CertRebind asks for the result of a run on a server whose session broke.

    .PARAMETER SilenceSeconds
    How long a server may send nothing, neither progress nor an answer, before its session counts as broken. A run reports its
    progress before each part, which has at most 10,000 bindings.

    .EXAMPLE
    $fleet | Invoke-CertRebindFleet -Action Install -ReplaceNative

    Installs the program of this module on servers that do not have it, and enables it there with proof: first on
    one server, then on the rest.

    .EXAMPLE
    $fleet = New-PSSession -ComputerName web01, web02, web03
    $plans = $fleet | Invoke-CertRebindFleet -Action Plan
    $fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Campaign autumn.json

    Makes the plan of each server. After you have checked the plans, applies them: first on one server, then on the
    rest.

    .EXAMPLE
    Get-Content -Path servers.txt | Invoke-CertRebindFleet -Action Sync -UseSSL -Wave 1,10,25% -MaxFailure 5%

    Opens sessions wave by wave, and continues as long as no more than 5% of the servers fail.

    .EXAMPLE
    $fleet | Invoke-CertRebindFleet -Action Undo -Campaign autumn.json

    Rolls back what the campaign changed, and nothing else.

    .INPUTS
    System.Management.Automation.Runspaces.PSSession
    System.String
    The name of a server

    .OUTPUTS
    CertRebind.FleetResult

    .LINK
    Get-CertRebindInventory

    .LINK
    Invoke-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'Session')]
    [OutputType('CertRebind.FleetResult')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Session', ValueFromPipeline = $true)]
        [ValidateNotNullOrEmpty()]
        [System.Management.Automation.Runspaces.PSSession[]] $Session,

        [Parameter(Mandatory = $true, ParameterSetName = 'Computer', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'Connect', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Cn', 'Server')]
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'Computer')]
        [System.Management.Automation.PSCredential] $Credential,

        [Parameter(ParameterSetName = 'Computer')]
        [switch] $UseSSL,

        [Parameter(ParameterSetName = 'Computer')]
        [System.Management.Automation.Runspaces.AuthenticationMechanism] $Authentication,

        [Parameter(Mandatory = $true, ParameterSetName = 'Connect')]
        [scriptblock] $Connect,

        [Parameter(Mandatory = $true)]
        [ValidateSet('Delete', 'Install', 'Plan', 'Rebind', 'Sync', 'Test', 'Undo', 'Verify')]
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
        $named = [System.Collections.Generic.List[string]]::new()
    }
    process {
        if ($PSCmdlet.ParameterSetName -ne 'Session') {
            $named.AddRange($ComputerName)
            return
        }
        foreach ($one in $Session) { if ($null -ne $one) { $sessions.Add($one) } }
    }
    end {
        $given = @{ Action = $Action; Old = $OldThumbprint; New = $NewThumbprint; Plan = $Plan; Campaign = $Campaign }
        $install = @{ Package = $Package; ReplaceNative = $ReplaceNative; Alongside = $Alongside; NoProof = $NoProof }
        $request = New-CertRebindFleetRequest -Caller $PSCmdlet @given @install
        if (-not $request) { return }
        $names = if ($PSCmdlet.ParameterSetName -eq 'Session') { $sessions | ForEach-Object -Process { $_.ComputerName } } else { $named }
        $connection = @{}
        foreach ($key in 'Credential', 'UseSSL', 'Authentication') { if ($PSBoundParameters.ContainsKey($key)) { $connection[$key] = $PSBoundParameters[$key] } }
        $twice = @($names | Group-Object | Where-Object -Property Count -GT -Value 1)
        if ($twice.Count -gt 0) {
            $PSCmdlet.WriteError((New-CertRebindErrorRecord -Code 'server-twice' -Category 'InvalidArgument' -Message (
                        $script:messages.ServerTwice -f ($twice.Name -join ', ')) -Hint $script:messages.ServerTwiceHint -Target $null))
            return
        }
        if (@($names).Count -eq 0) { return }
        $file = if ($Campaign) { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Campaign) } else { '' }
        $remembered = Open-CertRebindCampaign -Caller $PSCmdlet -Path $file -Action $Action -Old $request.Old -New $request.New -ReadOnly:$WhatIfPreference
        if (-not $remembered) { return }
        try {
            $fleet = [pscustomobject]@{
                Action = $Action; Command = $request.Command; Changes = $request.Changes; Campaign = $remembered; IsOfCampaign = [bool]$file
                Old = $request.Old; New = $request.New; Planned = $request.Planned; ThrottleLimit = $ThrottleLimit; SettleSeconds = $SettleSeconds; SilenceSeconds = $SilenceSeconds; Drain = $Drain; Resume = $Resume
                Package = $request.Package; EnableOption = $request.EnableOption; Failed = 0
                # To look does no harm, so every server is asked.
                MaxFailure = if ($request.Changes) { ConvertTo-CertRebindServerCount -Text $MaxFailure -Of @($names).Count } else { [int]::MaxValue }
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
                    foreach ($member in $wanted) { Write-CertRebindFleetError -Caller $PSCmdlet -Result $member.Ended }
                    continue
                }
                $opened = $null
                try {
                    if ($PSCmdlet.ParameterSetName -ne 'Session' -and $asked.Count -gt 0) { $opened = Open-CertRebindFleetSession -Connect $Connect -Connection $connection -Member $asked }
                    Invoke-CertRebindFleetWave -Fleet $fleet -Member $wanted
                } finally {
                    Close-CertRebindFleetSession -Opened $opened
                }
                foreach ($member in $wanted) { Write-CertRebindFleetError -Caller $PSCmdlet -Result $member.Ended }
            }
            Write-CertRebindFleetRest -Caller $PSCmdlet -Fleet $fleet -Result $members.Ended
        } finally {
            Close-CertRebindCampaign -Campaign $remembered
        }
    }
}
