function Repair-CertRebind {
    <#
    .SYNOPSIS
    Repairs all findings with one code.

    .DESCRIPTION
    Repairs of certificate bindings are planned, recorded and tested like any change, and Undo-CertRebind rolls them back.
    Tasks and the lifecycle log are set as Enable-CertRebind sets them. Findings with the same code from the
    pipeline are repaired together.

    .PARAMETER Code
    The code of a finding of Test-CertRebind.

    .PARAMETER Wait
    Wait for an active run instead of failing.

    .EXAMPLE
    Repair-CertRebind -Code orphaned-record -WhatIf

    Shows what the repair would change.

    .EXAMPLE
    Test-CertRebind | Where-Object -Property repair -EQ -Value plan | Repair-CertRebind

    Repairs the certificate bindings that can be repaired.

    .INPUTS
    CertRebind.Finding

    .OUTPUTS
    CertRebind.Outcome
    CertRebind.Status for tasks and the lifecycle log

    .LINK
    Test-CertRebind

    .LINK
    Undo-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType('CertRebind.Outcome', 'CertRebind.Status')]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [ValidateNotNullOrEmpty()]
        [string] $Code,

        [switch] $Wait
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
        $done = @()
    }
    process {
        if ($done -contains $Code) { return }
        $done += $Code
        $option = @("--fix=$Code")
        if ($Wait) { $option += '--wait' }
        $action = $script:messages.Repair -f $Code
        if (-not $WhatIfPreference) {
            if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $action)) { return }
            Invoke-CertRebindRun -Caller $PSCmdlet -Command 'doctor' -Option $option -Target $Code
            return
        }
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'doctor' -Option ($option + '--dry-run') -Target $Code
        if (-not $answer) { return }
        $records = @($answer.Document | Where-Object -FilterScript { $_.PSObject.TypeNames[0] -eq 'CertRebind.Outcome' } |
                ForEach-Object -Process { $_.steps } | ForEach-Object -Process { $_.key })
        if ($records.Count -eq 0) { $records = @([System.Environment]::MachineName) }
        foreach ($record in $records) { [void]$PSCmdlet.ShouldProcess($record, $action) }
        $answer.Document
    }
}
