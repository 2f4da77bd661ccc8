function Set-CertRebindConfiguration {
    <#
    .SYNOPSIS
    Replaces the configuration, if the new one is valid.

    .DESCRIPTION
    Accepts a file, or an object of Get-CertRebindConfiguration that you changed. If the configuration is not valid,
    the error names the mistake and the current configuration stays. Returns the new configuration, with defaults.

    .PARAMETER Configuration
    A configuration as an object.

    .PARAMETER Path
    A configuration as a JSON file.

    .EXAMPLE
    Set-CertRebindConfiguration -Path policy.json

    Uses the configuration in a file.

    .EXAMPLE
    $configuration = Get-CertRebindConfiguration; $configuration.undo = 'run'; $configuration | Set-CertRebindConfiguration

    Rolls back the whole run when one of its steps fails.

    .INPUTS
    CertRebind.Configuration

    .OUTPUTS
    CertRebind.Configuration

    .LINK
    Get-CertRebindConfiguration
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Object')]
    [OutputType('CertRebind.Configuration')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Object', ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject] $Configuration,

        [Parameter(Mandatory = $true, ParameterSetName = 'File')]
        [string] $Path
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        if (-not $WhatIfPreference -and -not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $script:messages.SetConfiguration)) { return }
        $written = $null
        $named = @{}
        if ($PSCmdlet.ParameterSetName -eq 'File') {
            $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
            $named = @{ Target = $file }
        } else {
            $written = New-CertRebindTemporaryFile -Text (ConvertTo-CertRebindJson -InputObject $Configuration)
            $file = $written.Name
            $named = @{ TemporaryFile = $file; TemporaryFileHolds = $script:messages.TheConfiguration }
        }
        try {
            if ($WhatIfPreference) {
                # Only the configuration part of what the program would do; the rest is not mentioned.
                $difference = (Invoke-CertRebindDsc -Verb test -Wanted @{ _exist = $true } -PolicyFile $file).differences |
                    Where-Object -Property code -Like -Value 'configuration-*'
                foreach ($one in $difference) {
                    [void]$PSCmdlet.ShouldProcess([System.Environment]::MachineName, ('{0}. {1}' -f $script:messages.SetConfiguration, $one.text.TrimEnd('.')))
                }
                return
            }
            $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'config', 'set' -Word $file -Changes -Terminating @named
            if ($answer) { $answer.Document }
        } finally {
            if ($written) { $written.Dispose() }
        }
    }
}
