function Unregister-CertRebindTrigger {
    <#
    .SYNOPSIS
    Removes a trigger and its task.

    .DESCRIPTION
    The program of the trigger is not changed.

    .PARAMETER Id
    The name of the trigger.

    .EXAMPLE
    Unregister-CertRebindTrigger -Id mail

    Removes one trigger.

    .EXAMPLE
    Get-CertRebindTrigger | Unregister-CertRebindTrigger -WhatIf

    Shows what removing all triggers would do.

    .INPUTS
    CertRebind.Trigger

    .OUTPUTS
    None

    .LINK
    Register-CertRebindTrigger
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [ValidateNotNullOrEmpty()]
        [string] $Id
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        if (-not $PSCmdlet.ShouldProcess($Id, $script:messages.UnregisterTrigger)) { return }
        $null = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'trigger', 'remove' -Word $Id -Target $Id -Changes
    }
}
