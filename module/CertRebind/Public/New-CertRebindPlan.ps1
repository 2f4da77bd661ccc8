function New-CertRebindPlan {
    <#
    .SYNOPSIS
    Shows what would change and why, and what would not. Changes nothing.

    .DESCRIPTION
    Without parameters, the plan is for all pending renewals. Check its steps, blocked and skipped, then pipe it to
    Invoke-CertRebind, which applies exactly this plan or nothing. If the plan or one of its records was changed in
    the meantime, it is refused.

    .PARAMETER OldThumbprint
    The certificate to replace: a thumbprint in any copied form, or the certificate itself.

    .PARAMETER NewThumbprint
    Its renewal, given in the same ways. From the pipeline: certificates, thumbprints, or objects with both.

    .PARAMETER Reapply
    Set the same certificate again, for example after its chain changed. Both thumbprints must be equal.

    .PARAMETER EventRecordId
    Make the plan for one event 1001 of the certificate lifecycle log.

    .PARAMETER Renewal
    A renewal of Get-CertRebind or of another plan. A renewal from an event is identified by the record number of
    the event. A renewal that is not trusted stays blocked by its guard.

    .PARAMETER Snapshot
    Make the plan for a captured server instead of this one: an object of Import-CertRebindSnapshot. Its file is
    read again.

    .PARAMETER Now
    Include changes that wait for the change window.

    .PARAMETER Path
    Also save the plan to this file. Invoke-CertRebind -PlanPath applies it.

    .EXAMPLE
    New-CertRebindPlan

    Shows what is pending on this server.

    .EXAMPLE
    New-CertRebindPlan -OldThumbprint 3F2A6F0B1C9D4E5F8A7B6C5D4E3F2A1B0C9D8E7F -NewThumbprint 9C41D2E3F4A5B6C7D8E9F0A1B2C3D4E5F6A7B8C9 | Select-Object -ExpandProperty blocked

    Shows why records would not be changed.

    .INPUTS
    CertRebind.Renewal
    CertRebind.Snapshot
    A certificate, or the event of a renewal

    .OUTPUTS
    CertRebind.Plan

    .LINK
    Invoke-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low', DefaultParameterSetName = 'Pending')]
    [OutputType('CertRebind.Plan')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Pair', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'Snapshot')]
        [Alias('OldCertHash', 'OldCert')]
        [string] $OldThumbprint,

        [Parameter(Mandatory = $true, ParameterSetName = 'Pair', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'Snapshot')]
        [Alias('NewCertHash', 'NewCert', 'Thumbprint')]
        [string] $NewThumbprint,

        [Parameter(ParameterSetName = 'Pair')]
        [Parameter(ParameterSetName = 'Snapshot')]
        [switch] $Reapply,

        [Parameter(Mandatory = $true, ParameterSetName = 'Event', ValueFromPipelineByPropertyName = $true)]
        [Alias('RecordId')]
        [ValidateRange(1, [long]::MaxValue)]
        [long] $EventRecordId,

        [Parameter(Mandatory = $true, ParameterSetName = 'Renewal', ValueFromPipeline = $true)]
        [PSTypeName('Deserialized.CertRebind.Renewal')]
        [psobject] $Renewal,

        [Parameter(Mandatory = $true, ParameterSetName = 'Snapshot', ValueFromPipeline = $true)]
        [PSTypeName('Deserialized.CertRebind.Snapshot')]
        [psobject] $Snapshot,

        [switch] $Now,

        [string] $Path
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $more = @()
        if ($Path) {
            $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
            if ($PSCmdlet.ShouldProcess($file, $script:messages.SavePlan)) { $more += "--out=$file" }
        }
        if ($Now) { $more += '--now' }
        if ($Renewal) {
            New-CertRebindRenewalPlan -Caller $PSCmdlet -Renewal $Renewal -More $more
            return
        }
        $option = $more
        if ($OldThumbprint) { $option += '--old={0}' -f (Resolve-CertRebindThumbprint -Text $OldThumbprint) }
        if ($NewThumbprint) { $option += '--new={0}' -f (Resolve-CertRebindThumbprint -Text $NewThumbprint) }
        if ($Reapply) { $option += '--reapply' }
        if ($EventRecordId) { $option += "--record=$EventRecordId" }
        if ($Snapshot) { $option += '--replay={0}' -f $Snapshot.SnapshotPath }
        $target = @($NewThumbprint, $EventRecordId, $Snapshot) | Where-Object -FilterScript { $_ } | Select-Object -First 1
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'plan' -Option $option -Target $target
        if ($answer) { $answer.Document }
    }
}
