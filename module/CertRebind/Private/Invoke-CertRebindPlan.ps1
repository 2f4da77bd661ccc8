# Carries out what one plan chose, or shows it with -WhatIf. A plan object is named to the program by its digest: the
# caller already holds it, and the program refuses the file if it was changed on the way. A plan file goes by its own
# name, so that the program checks the folder it is in, unless a digest was given for it.
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

# One line per step in the style of PowerShell, and the plan itself for a closer look.
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
