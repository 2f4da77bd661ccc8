function Invoke-CertRebind {
    <#
    .SYNOPSIS
    Replaces an old certificate with its renewal in every certificate binding of IIS, tests it, and rolls back what got
    worse.

    .DESCRIPTION
    Accepts a pair of certificates, a renewal or its event in the lifecycle log, or a plan that you have checked.
    Returns one outcome for each. A record that a guard blocked, or that failed, is a non-terminating error with
    that record as its target, so you can use -ErrorAction and -ErrorVariable.

    With -WhatIf, the plan is returned and nothing is written, neither to the server nor to the state of CertRebind.

    .PARAMETER OldThumbprint
    The certificate to replace: a thumbprint in any copied form, or the certificate itself.

    .PARAMETER NewThumbprint
    Its renewal, given in the same ways. From the pipeline: certificates, thumbprints, or objects with both.

    .PARAMETER Reapply
    Set the same certificate again, for example after its chain changed. Both thumbprints must be equal.

    .PARAMETER EventRecordId
    The record number of an event 1001 of the certificate lifecycle log.

    .PARAMETER Renewal
    A renewal of Get-CertRebind or of a plan. A renewal from an event is identified by the record number of the
    event. A renewal that is not trusted stays blocked by its guard.

    .PARAMETER Plan
    A plan of New-CertRebindPlan. Only its records and certificates are used. Everything else, including the guards,
    is checked again on this server, and a plan that does not fit is refused.

    .PARAMETER PlanPath
    A file from New-CertRebindPlan -Path or certrebind plan --out. Without -Digest, it must be in a folder that only
    administrators can write to.

    .PARAMETER Digest
    The digest of the plan, as shown when the plan was made.

    .PARAMETER Force
    Apply the plan to the records that still fit it, even if others have changed.

    .PARAMETER Now
    Also outside the change window.

    .PARAMETER Wait
    Wait for an active run instead of failing.

    .EXAMPLE
    Invoke-CertRebind -OldThumbprint 3F2A6F0B1C9D4E5F8A7B6C5D4E3F2A1B0C9D8E7F -NewThumbprint 9C41D2E3F4A5B6C7D8E9F0A1B2C3D4E5F6A7B8C9 -WhatIf

    Shows the plan.

    .EXAMPLE
    Get-Item -LiteralPath Cert:\LocalMachine\My\9C41D2E3F4A5B6C7D8E9F0A1B2C3D4E5F6A7B8C9 | Invoke-CertRebind -OldThumbprint 3F2A6F0B1C9D4E5F8A7B6C5D4E3F2A1B0C9D8E7F

    Uses a certificate that was just imported.

    .EXAMPLE
    New-CertRebindPlan | Invoke-CertRebind -Confirm

    Asks once and then carries out what was planned.

    .INPUTS
    CertRebind.Plan
    CertRebind.Renewal
    A certificate, or the event of a renewal

    .OUTPUTS
    CertRebind.Outcome
    CertRebind.Plan with -WhatIf

    .LINK
    New-CertRebindPlan

    .LINK
    Undo-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Pair')]
    [OutputType('CertRebind.Outcome', 'CertRebind.Plan')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Pair', ValueFromPipelineByPropertyName = $true)]
        [Alias('OldCertHash', 'OldCert')]
        [string] $OldThumbprint,

        [Parameter(Mandatory = $true, ParameterSetName = 'Pair', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('NewCertHash', 'NewCert', 'Thumbprint')]
        [string] $NewThumbprint,

        [Parameter(ParameterSetName = 'Pair')]
        [switch] $Reapply,

        [Parameter(Mandatory = $true, ParameterSetName = 'Event', ValueFromPipelineByPropertyName = $true)]
        [Alias('RecordId')]
        [ValidateRange(1, [long]::MaxValue)]
        [long] $EventRecordId,

        [Parameter(Mandatory = $true, ParameterSetName = 'Renewal', ValueFromPipeline = $true)]
        [PSTypeName('Deserialized.CertRebind.Renewal')]
        [psobject] $Renewal,

        [Parameter(Mandatory = $true, ParameterSetName = 'Plan', ValueFromPipeline = $true)]
        [PSTypeName('Deserialized.CertRebind.Plan')]
        [psobject] $Plan,

        [Parameter(Mandatory = $true, ParameterSetName = 'PlanFile', ValueFromPipelineByPropertyName = $true)]
        [Alias('FullName')]
        [string] $PlanPath,

        [Parameter(ParameterSetName = 'PlanFile')]
        [ValidatePattern('^[0-9A-Fa-f]{64}$')]
        [string] $Digest,

        [Parameter(ParameterSetName = 'Event')]
        [Parameter(ParameterSetName = 'Renewal')]
        [Parameter(ParameterSetName = 'Plan')]
        [Parameter(ParameterSetName = 'PlanFile')]
        [switch] $Force,

        [switch] $Now,

        [switch] $Wait
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $more = @()
        if ($Force) { $more += '--force' }
        if ($Wait) { $more += '--wait' }
        $planning = @()
        if ($Now) { $planning += '--now' }
        $more += $planning
        switch ($PSCmdlet.ParameterSetName) {
            'Pair' {
                $old = Resolve-CertRebindThumbprint -Text $OldThumbprint
                $new = Resolve-CertRebindThumbprint -Text $NewThumbprint
                $pair = @("--old=$old", "--new=$new")
                if ($Reapply) { $pair += '--reapply' }
                if ($WhatIfPreference) {
                    $planned = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'plan' -Option ($pair + $planning) -Target $new
                    if ($planned) { Show-CertRebindPlan -Caller $PSCmdlet -Plan $planned.Document }
                    return
                }
                $action = $script:messages.SwapPair -f $old, $new
                if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $action)) { return }
                $run = @{ Command = 'rebind'; Option = $pair + $more; Target = $new }
                Invoke-CertRebindRun -Caller $PSCmdlet @run
            }
            'Event' {
                $planned = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'plan' -Option ($planning + "--record=$EventRecordId") -Target (
                    $EventRecordId)
                if ($planned) { Invoke-CertRebindPlan -Caller $PSCmdlet -Plan $planned.Document -More $more }
            }
            'Renewal' {
                $planned = New-CertRebindRenewalPlan -Caller $PSCmdlet -Renewal $Renewal -More $planning
                if ($planned) { Invoke-CertRebindPlan -Caller $PSCmdlet -Plan $planned -More $more }
            }
            'Plan' { Invoke-CertRebindPlan -Caller $PSCmdlet -Plan $Plan -More $more }
            'PlanFile' {
                $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($PlanPath)
                $read = Import-CertRebindDocument -Caller $PSCmdlet -Path $file -Schema 'certrebind/plan/1' -Holding 'server', 'steps' -MadeBy (
                    'New-CertRebindPlan')
                if ($Digest) { $more += "--digest=$Digest" }
                if ($read) { Invoke-CertRebindPlan -Caller $PSCmdlet -Plan $read -Path $file -More $more }
            }
        }
    }
}
