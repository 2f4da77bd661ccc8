function Enable-CertRebind {
    <#
    .SYNOPSIS
    Enables CertRebind: renewed certificates are bound automatically.

    .DESCRIPTION
    Installs the program in a folder that only administrators can change. Then Task Scheduler starts it once as
    SYSTEM, from a test task that is removed afterwards, to prove that it works on this server. This proof changes
    nothing. Only then are the tasks registered that start the program when Windows reports a renewed certificate,
    at start-up and hourly. If the proof fails, nothing is changed and the error says why. You can run the command
    again at any time.

    If the certificate rebind task of IIS Manager is active, use -ReplaceNative or -Alongside. Without one of them,
    nothing is registered.

    .PARAMETER ReplaceNative
    Disable the task of IIS Manager. Disable-CertRebind -RestoreNative enables it again.

    .PARAMETER Alongside
    Keep the task of IIS Manager active.

    .PARAMETER NoProof
    Register the tasks without the proof, where no tasks run: in a container or an image. Cannot be used with
    -ReplaceNative.

    .PARAMETER Successors
    How renewals are found. SameNames also takes a newer certificate of the same authority that has the names of the old
    one, as ACME clients make them. Recorded takes only what Windows or a person says.

    .PARAMETER Force
    Replace a later version of the program too.

    .EXAMPLE
    Enable-CertRebind

    Registers the tasks and shows the state of this server.

    .EXAMPLE
    Enable-CertRebind -ReplaceNative

    Replaces the certificate rebind of IIS Manager, after a test task has verified that CertRebind works.

    .INPUTS
    None

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
        [Parameter(ParameterSetName = 'Alone')]
        [Parameter(ParameterSetName = 'Alongside')]
        [switch] $NoProof,
        [ValidateSet('Recorded', 'SameNames')] [string] $Successors,
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
    if ($Successors) { $option += '--successors', $(if ($Successors -eq 'SameNames') { 'same-names' } else { 'recorded' }) }
    if ($Force) { $option += '--downgrade' }
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'enable' -Option $option -Changes
    if ($answer) { $answer.Document }
}
