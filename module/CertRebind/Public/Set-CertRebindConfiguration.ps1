function Set-CertRebindConfiguration {
    <#
    .SYNOPSIS
    Replaces the configuration, or changes settings in it, if the new one is valid.

    .DESCRIPTION
    Accepts a file, or an object of Get-CertRebindConfiguration that you changed. You can also change some settings, a list
    or mail alone, and then the rest stays. If the configuration is not valid, the error names the mistake and the current configuration
    stays. Returns the new configuration, with defaults.

    .PARAMETER Configuration
    A configuration as an object.

    .PARAMETER Path
    A configuration as a JSON file.

    .PARAMETER Setting
    Settings by their names, each with its new value.

    .PARAMETER Add
    The list to which the values are added, such as exclude.sites.

    .PARAMETER Remove
    The list from which the values are removed.

    .PARAMETER Value
    What is added to the list or removed from it.

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
    Set-CertRebindConfiguration -Setting @{ window = '22:00-04:00'; 'window.days' = 'Saturday', 'Sunday' }

    Makes changes only in the nights after Saturday and Sunday.

    .EXAMPLE
    Set-CertRebindConfiguration -Remove exclude.sites -Value Intranet

    Lets CertRebind change the certificate of this site again.

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

        [Parameter(Mandatory = $true, ParameterSetName = 'Setting')]
        [System.Collections.IDictionary] $Setting,

        [Parameter(Mandatory = $true, ParameterSetName = 'Add')]
        [string] $Add,

        [Parameter(Mandatory = $true, ParameterSetName = 'Remove')]
        [string] $Remove,

        [Parameter(Mandatory = $true, ParameterSetName = 'Add')]
        [Parameter(Mandatory = $true, ParameterSetName = 'Remove')]
        [string[]] $Value,

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
        if ($PSCmdlet.ParameterSetName -notin 'Object', 'File') {
            $action = if ($MailServer) { $script:messages.SetMail } else { $script:messages.SetSetting }
            if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $action)) { return }
            $command, $word = switch ($PSCmdlet.ParameterSetName) {
                'Setting' { @('config', 'set'), @(foreach ($key in $Setting.Keys) { $key; if ($Setting[$key] -is [string]) { $Setting[$key] } else { ConvertTo-CertRebindJson -InputObject $Setting[$key] } }) }
                'Add' { @('config', 'add'), (@($Add) + $Value) }
                'Remove' { @('config', 'remove'), (@($Remove) + $Value) }
                'Mail' { @('notify', 'mail'), @($MailServer) }
            }
            $option = @(if ($MailServer) { "--from=$MailFrom"; "--to=$($MailTo -join ',')" })
            $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command $command -Word $word -Option $option -Changes
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
                if (-not (Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'config', 'check' -Word $file @named)) { return }
                # Only the configuration part of what the program would do; the rest is not mentioned.
                $difference = (Invoke-CertRebindDsc -Verb test -Wanted @{ _exist = $true } -PolicyFile $file -IsChecked).differences |
                    Where-Object -Property code -Like -Value 'configuration-*'
                foreach ($one in $difference) {
                    [void]$PSCmdlet.ShouldProcess([System.Environment]::MachineName, ('{0}. {1}' -f $script:messages.SetConfiguration, $one.text.TrimEnd('.')))
                }
                return
            }
            $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'config', 'set' -Word $file -Changes @named
            if ($answer) { $answer.Document }
        } finally {
            if ($written) { $written.Dispose() }
        }
    }
}
