function Set-CertRebindConfiguration {
    <#
    .SYNOPSIS
    Replaces the configuration, or sets the change window or mail in it, if the new one is valid.

    .DESCRIPTION
    Accepts a file, or an object of Get-CertRebindConfiguration that you changed, or the change window or mail alone, and
    then the rest stays. If the configuration is not valid, the error names the mistake and the current configuration
    stays. Returns the new configuration, with defaults.

    .PARAMETER Configuration
    A configuration as an object.

    .PARAMETER Path
    A configuration as a JSON file.

    .PARAMETER WindowFrom
    When the change window begins, such as 22:00.

    .PARAMETER WindowTo
    When the change window ends, such as 04:00. If that is not later than -WindowFrom, on the next day.

    .PARAMETER WindowDay
    The days on which the window begins. Without it, as set before, or every day.

    .PARAMETER MailServer
    The mail server or relay through which messages are sent.

    .PARAMETER MailFrom
    The address of the sender.

    .PARAMETER MailTo
    The addresses of the recipients.

    .EXAMPLE
    Set-CertRebindConfiguration -Path policy.json

    Uses the configuration in a file.

    .EXAMPLE
    $configuration = Get-CertRebindConfiguration; $configuration.undo = 'run'; $configuration | Set-CertRebindConfiguration

    Rolls back the whole run when one of its steps fails.

    .EXAMPLE
    Set-CertRebindConfiguration -WindowFrom 22:00 -WindowTo 04:00 -WindowDay Saturday, Sunday

    Makes changes only in the nights after Saturday and Sunday.

    .EXAMPLE
    Set-CertRebindConfiguration -MailServer mail.example.com -MailFrom web01@example.com -MailTo ops@example.com

    Sends mail. certrebind.exe notify test tries it.

    .INPUTS
    CertRebind.Configuration

    .OUTPUTS
    CertRebind.Configuration

    .LINK
    Get-CertRebindConfiguration
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Object')]
    [OutputType('CertRebind.Configuration')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Object', ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject] $Configuration,

        [Parameter(Mandatory = $true, ParameterSetName = 'File')]
        [string] $Path,

        [Parameter(Mandatory = $true, ParameterSetName = 'Window')]
        [ValidatePattern('^\d\d:\d\d$')]
        [string] $WindowFrom,

        [Parameter(Mandatory = $true, ParameterSetName = 'Window')]
        [ValidatePattern('^\d\d:\d\d$')]
        [string] $WindowTo,

        [Parameter(ParameterSetName = 'Window')]
        [ValidateSet('Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday')]
        [string[]] $WindowDay,

        [Parameter(Mandatory = $true, ParameterSetName = 'Mail')]
        [string] $MailServer,

        [Parameter(Mandatory = $true, ParameterSetName = 'Mail')]
        [string] $MailFrom,

        [Parameter(Mandatory = $true, ParameterSetName = 'Mail')]
        [string[]] $MailTo
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        if ($PSCmdlet.ParameterSetName -in 'Window', 'Mail') {
            $action = $script:messages["Set$($PSCmdlet.ParameterSetName)"]
            if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $action)) { return }
            if ($WindowFrom) {
                $command = 'config', 'set', 'window.from', $WindowFrom, 'window.to', $WindowTo
                # As the program writes days, however they were typed.
                $day = @(foreach ($one in $WindowDay) { ConvertTo-CertRebindJsonText -Text ([string][System.DayOfWeek]$one) })
                if ($day.Count -gt 0) { $command += 'window.days', "[$($day -join ',')]" }
                $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command $command -Changes -Terminating
            } else {
                $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'notify', 'mail' -Word $MailServer -Option "--from=$MailFrom", "--to=$($MailTo -join ',')" -Changes -Terminating
            }
            if ($answer) { $answer.Document }
            return
        }
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
