function Hide-CertRebindFinding {
    <#
    .SYNOPSIS
    Hides a warning at a place, or gives up a renewal that was rolled back or mistyped.

    .DESCRIPTION
    A hidden finding is in no command, page, mail or number of this server. It is shown again once something changes
    there: the certificate, its renewal, or what the finding says; and once you would be warned of the end of the
    certificate. Errors, and what is said of a certificate that must be replaced now, cannot be hidden. With -Thumbprint, a renewal that was
    rolled back is given up: CertRebind does not try it again by itself, and Invoke-CertRebind applies it. So is one that
    you gave and no run has used, as after a mistyped thumbprint.

    .PARAMETER Code
    The code of a finding of Test-CertRebind.

    .PARAMETER Holder
    Only the finding at this place: a certificate binding or another holder. Needed, or -All, where several places have
    this finding.

    .PARAMETER All
    Hide it at every place that has it.

    .PARAMETER Undo
    Show again what was hidden.

    .PARAMETER Thumbprint
    The old or the new certificate of a renewal that was rolled back, or that you gave and no run has used.

    .PARAMETER Wait
    Wait for an active run instead of failing.

    .EXAMPLE
    Hide-CertRebindFinding -Code names-lost -Holder 0.0.0.0:443

    Hides this warning until something changes there.

    .EXAMPLE
    Test-CertRebind | Where-Object -Property code -EQ -Value trusted-account | Hide-CertRebindFinding -WhatIf

    Shows which findings would be hidden.

    .EXAMPLE
    Hide-CertRebindFinding -Code change-by-hand -All

    Hides a warning at every place that has it.

    .EXAMPLE
    Hide-CertRebindFinding -Thumbprint 2255C145A0C3E6B80D9F1A2B3C4D5E6F70819203 -Confirm:$false

    Gives up a renewal without asking.

    .INPUTS
    CertRebind.Finding

    .OUTPUTS
    CertRebind.Finding
    CertRebind.Renewal with -Thumbprint

    .LINK
    Test-CertRebind

    .LINK
    Get-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Finding')]
    [OutputType('CertRebind.Finding', 'CertRebind.Renewal')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true, ParameterSetName = 'Finding')]
        [ValidatePattern('^[a-z][a-z-]*$')]
        [string] $Code,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName = $true, ParameterSetName = 'Finding')]
        [Alias('key')]
        [AllowEmptyString()]
        [string] $Holder,

        [Parameter(ParameterSetName = 'Finding')]
        [switch] $All,

        [Parameter(ParameterSetName = 'Finding')]
        [switch] $Undo,

        [Parameter(Mandatory = $true, ParameterSetName = 'Renewal')]
        [Alias('CertHash')]
        [ValidateNotNullOrEmpty()]
        [string] $Thumbprint,

        [switch] $Wait
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
        $done = @()
    }
    process {
        $option = @(if ($All) { '--all' }) + @(if ($Undo) { '--undo' }) + @(if ($Wait) { '--wait' })
        if ($PSCmdlet.ParameterSetName -eq 'Renewal') {
            $meant = Resolve-CertRebindThumbprint -Text $Thumbprint
            if (-not $PSCmdlet.ShouldProcess($meant, $script:messages.GiveUp)) { return }
            $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'dismiss' -Word $meant -Option $option -Target $meant -Changes
            if ($answer) { $answer.Document.renewal }
            return
        }
        # One without a place stands for all of its code.
        if ($done -contains $Code -or $done -contains "$Code $Holder") { return }
        $done += "$Code $Holder".Trim()
        $action = $(if ($Undo) { $script:messages.ShowAgain } elseif ($All) { $script:messages.HideAll } else { $script:messages.Hide }) -f $Code
        if (-not $PSCmdlet.ShouldProcess($(if ($Holder) { $Holder } else { [System.Environment]::MachineName }), $action)) { return }
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'dismiss', $Code -Word $Holder -Option $option -Target $Code -Changes
        if ($answer) { $answer.Document.findings }
    }
}
