function Get-CertRebindTrigger {
    <#
    .SYNOPSIS
    Lists your own programs that run when something happens to a certificate.

    .DESCRIPTION
    Each trigger has the state of its task and its last runs.

    .PARAMETER Id
    Only triggers with this name. Wildcards are allowed.

    .EXAMPLE
    Get-CertRebindTrigger

    Lists every trigger.

    .EXAMPLE
    (Get-CertRebindTrigger -Id mail).runs

    Shows the last runs of one trigger.

    .INPUTS
    CertRebind.Trigger

    .OUTPUTS
    CertRebind.Trigger

    .LINK
    Register-CertRebindTrigger
    #>
    [CmdletBinding()]
    [OutputType('CertRebind.Trigger')]
    param(
        [Parameter(ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [SupportsWildcards()]
        [string] $Id = '*'
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'trigger', 'list'
        if (-not $answer) { return }
        $found = @($answer.Document.triggers | Where-Object -FilterScript { $_.id -like $Id })
        $found
        if ($found.Count -eq 0 -and -not [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($Id)) {
            $PSCmdlet.WriteError((New-CertRebindErrorRecord -Code 'no-such-trigger' -Category 'ObjectNotFound' -Target $Id -Message (
                        $script:messages.NoSuchTrigger -f $Id) -Hint $script:messages.SeeTriggers))
        }
    }
}
