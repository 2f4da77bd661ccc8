# A function of a script module sees the preferences of its module and of the session, not those that its caller has set
# for a script or a function. Every public function begins with this line, so that $WhatIfPreference, $ErrorActionPreference
# and the others hold as they do for a cmdlet. What was given as a parameter wins.
function Use-CertRebindCallerPreference {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller)

    # Constrained language allows none of the following, and each command would fail with an error that names no way
    # out.
    if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
        Write-Error -Message $script:messages.ConstrainedLanguage -ErrorId 'constrained-language' -Category SecurityError -ErrorAction Stop
    }
    $parameterOf = @{
        ConfirmPreference     = 'Confirm'
        DebugPreference       = 'Debug'
        ErrorActionPreference = 'ErrorAction'
        InformationPreference = 'InformationAction'
        ProgressPreference    = 'ProgressAction'
        VerbosePreference     = 'Verbose'
        WarningPreference     = 'WarningAction'
        WhatIfPreference      = 'WhatIf'
    }
    foreach ($name in $parameterOf.Keys) {
        if ($Caller.MyInvocation.BoundParameters.ContainsKey($parameterOf[$name])) { continue }
        $variable = $Caller.SessionState.PSVariable.Get($name)
        # In the scope of the public function, where its own commands and those of this module look for it.
        if ($null -ne $variable) { Set-Variable -Name $name -Value $variable.Value -Scope 1 -WhatIf:$false -Confirm:$false }
    }
}
