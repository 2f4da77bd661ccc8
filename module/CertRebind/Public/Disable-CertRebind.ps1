function Disable-CertRebind {
    <#
    .SYNOPSIS
    Renewed certificates are no longer bound by themselves.

    .DESCRIPTION
    Removes exactly the tasks that Enable-CertRebind registered. Bindings, certificates, history and configuration stay.

    .PARAMETER RestoreNative
    Enable the task of IIS Manager's own certificate rebind again, where Enable-CertRebind -ReplaceNative disabled it.

    .EXAMPLE
    Disable-CertRebind

    Asks, and removes the tasks.

    .EXAMPLE
    Disable-CertRebind -RestoreNative -Confirm:$false

    Removes the tasks without asking and gives the work back to IIS Manager's own task.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Status

    .LINK
    Enable-CertRebind
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'High')]
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
