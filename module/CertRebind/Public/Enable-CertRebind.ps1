function Enable-CertRebind {
    <#
    .SYNOPSIS
    From now on renewed certificates are bound by themselves.

    .DESCRIPTION
    Puts the program where only administrators can change it, and has Task Scheduler start it once as SYSTEM, from a
    task that is then removed, to show that it works on this server. That proof changes nothing. Only then are the tasks
    registered that start the program when Windows tells of a renewed certificate, at start-up and hourly. When the proof
    fails, the server stays as it was and the error says why. Doing it again changes nothing that is as it should be.
    While the task of IIS Manager's own certificate rebind is active, nothing is registered unless one of the two switches
    says what becomes of it.

    .PARAMETER ReplaceNative
    Disable the task of IIS Manager and take over. Disable-CertRebind -RestoreNative enables it again.

    .PARAMETER Alongside
    Leave the task of IIS Manager active beside ours.

    .PARAMETER NoProof
    Register the tasks though nothing has shown that they work, where nothing starts tasks: in a container or an image.
    Not together with ReplaceNative, which would take away what works.

    .PARAMETER Force
    Put the program in place also where a later version of it is.

    .EXAMPLE
    Enable-CertRebind

    Registers the tasks and shows the state of this server.

    .EXAMPLE
    Enable-CertRebind -ReplaceNative

    Takes over from IIS Manager's own certificate rebind, once a task of Task Scheduler has shown that ours works.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Status

    .LINK
    Disable-CertRebind

    .LINK
    Get-CertRebind
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Alone')]
    [OutputType('CertRebind.Status')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Replace')] [switch] $ReplaceNative,
        [Parameter(Mandatory = $true, ParameterSetName = 'Alongside')] [switch] $Alongside,
        [Parameter(ParameterSetName = 'Alone')]
        [Parameter(ParameterSetName = 'Alongside')]
        [switch] $NoProof,
        [switch] $Force
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    if ($WhatIfPreference) {
        Show-CertRebindWhatIf -Caller $PSCmdlet -Wanted @{ _exist = $true; replaceNative = [bool]$ReplaceNative; alongside = [bool]$Alongside }
        return
    }
    if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $script:messages.Enable)) { return }
    $option = @()
    if ($ReplaceNative) { $option += '--replace-native' }
    if ($Alongside) { $option += '--alongside' }
    if ($NoProof) { $option += '--no-proof' }
    if ($Force) { $option += '--downgrade' }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'enable' -Option $option -Changes
    if ($answer) { $answer.Document }
}
