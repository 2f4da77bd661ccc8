function Enable-CertRebind {
    <#
    .SYNOPSIS
    From now on renewed certificates are bound by themselves.

    .DESCRIPTION
    Puts the program where only administrators can change it, and registers the tasks that start it when Windows tells
    of a renewed certificate, at start-up and hourly. Doing it again changes nothing that is as it should be. While the
    task of IIS Manager's own certificate rebind is active, nothing is registered unless one of the two switches says
    what becomes of it.

    .PARAMETER ReplaceNative
    Disable the task of IIS Manager and take over. Disable-CertRebind -RestoreNative enables it again.

    .PARAMETER Alongside
    Leave the task of IIS Manager active beside ours.

    .PARAMETER Force
    Put the program in place also where a later version of it is.

    .EXAMPLE
    Enable-CertRebind

    Registers the tasks and shows the state of this server.

    .EXAMPLE
    Enable-CertRebind -ReplaceNative

    Takes over from IIS Manager's own certificate rebind.

    .OUTPUTS
    CertRebind.Status

    .LINK
    Disable-CertRebind

    .LINK
    Get-CertRebind
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Alone')]
    [OutputType('CertRebind.Status')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Replace')] [switch] $ReplaceNative,
        [Parameter(Mandatory = $true, ParameterSetName = 'Alongside')] [switch] $Alongside,
        [switch] $Force
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    if (-not $PSCmdlet.ShouldProcess($script:messages.ThisServer, $script:messages.Enable)) { return }
    $option = @()
    if ($ReplaceNative) { $option += '--replace-native' }
    if ($Alongside) { $option += '--alongside' }
    if ($Force) { $option += '--force' }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'enable' -Option $option -Changes
    if ($answer) { $answer.Document }
}
