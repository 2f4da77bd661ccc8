function Disable-CertRebind {
    <#
    .SYNOPSIS
    Disables CertRebind: renewed certificates are no longer bound automatically.

    .DESCRIPTION
    Removes the scheduled tasks that Enable-CertRebind registered. Bindings, certificates, history and configuration
    are kept.

    .PARAMETER RestoreNative
    Also enable the certificate rebind task of IIS Manager again, if Enable-CertRebind -ReplaceNative disabled it.

    .EXAMPLE
    Disable-CertRebind

    Asks, then removes the tasks.

    .EXAMPLE
    Disable-CertRebind -RestoreNative -Confirm:$false

    Removes the tasks without asking, and enables the task of IIS Manager again.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Status

    .LINK
    Enable-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('CertRebind.Status')]
    param([switch] $RestoreNative)

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    if ($WhatIfPreference) {
        Show-CertRebindWhatIf -Caller $PSCmdlet -Wanted @{ _exist = $false; restoreNative = [bool]$RestoreNative }
        return
    }
    if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $script:messages.Disable)) { return }
    $option = @()
    if ($RestoreNative) { $option += '--restore-native' }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'disable' -Option $option -Changes
    if ($answer) { $answer.Document }
}
