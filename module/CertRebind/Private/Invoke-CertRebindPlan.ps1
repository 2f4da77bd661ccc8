# Carries out what one plan chose, or shows it with -WhatIf. An object goes by its digest: whoever pipes it has it in hand, and
# whatever becomes of the file on its way to the program is refused. A file goes by its own name, so that the program judges
# where it lies, unless a digest was named for it.
function Invoke-CertRebindPlan {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [psobject] $Plan,
        [AllowEmptyCollection()] [string[]] $More = @(),
        [AllowEmptyString()] [string] $Path = ''
    )

    if ($WhatIfPreference) {
        Show-CertRebindPlan -Caller $Caller -Plan $Plan
        return
    }
    $action = $script:messages.RunPlan -f @($Plan.steps).Count
    if (-not $Caller.ShouldProcess($Plan.server.name, $action)) { return }
    if ($Path) {
        Invoke-CertRebindRun -Caller $Caller -Command 'apply' -Word $Path -Option $More -Target $Plan
        return
    }
    $file = New-CertRebindTemporaryFile -Text (ConvertTo-CertRebindJson -InputObject $Plan)
    try {
        $named = @{ TemporaryFile = $file.Name; TemporaryFileHolds = $script:messages.ThePlan }
        Invoke-CertRebindRun -Caller $Caller -Command 'apply' -Word $file.Name -Option ($More + "--digest=$($Plan.digest)") -Target $Plan -More $named
    } finally {
        $file.Dispose()
    }
}

# One line a step in the manner of PowerShell, and the plan itself for whoever wants to look closer.
function Show-CertRebindPlan {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [psobject] $Plan
    )

    foreach ($step in $Plan.steps) {
        switch ($step.action) {
            'swap' { $key = $step.before.key; $action = $script:messages.StepSwap -f $step.before.thumbprint, $step.after.thumbprint }
            'restore' { $key = $step.record.key; $action = $script:messages.StepRestore }
            'remove' { $key = $step.before.key; $action = $script:messages.StepRemove }
            default { $key = $Plan.server.name; $action = $step.action }
        }
        [void]$Caller.ShouldProcess($key, $action)
    }
    $Plan
}
