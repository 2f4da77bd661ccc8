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
        if ($null -eq $step.wanted) {
            $action = $script:messages.StepRemove
        } elseif ($null -eq $step.before -or $step.before.value.thumbprint -eq $step.wanted.value.thumbprint) {
            $action = $script:messages.StepRestore
        } else {
            $action = $script:messages.StepSwap -f $step.before.value.thumbprint, $step.wanted.value.thumbprint
        }
        [void]$Caller.ShouldProcess($step.key, $action)
    }
    $Plan
}
