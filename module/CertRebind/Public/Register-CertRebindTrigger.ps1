function Register-CertRebindTrigger {
    <#
    .SYNOPSIS
    Runs a program when something happens to a certificate.

    .DESCRIPTION
    The program runs as SYSTEM. Only administrators may have write access to it and to every folder above it.
    Otherwise it is refused. The program gets the details of the event as environment variables, never as arguments.
    Registering the same trigger again changes nothing.

    .PARAMETER On
    The event that starts it.

    .PARAMETER Program
    The full path of the program to run.

    .PARAMETER ArgumentList
    Its arguments, passed unchanged.

    .PARAMETER TimeLimit
    How long it may run. Default: ten minutes.

    .PARAMETER Id
    The name of the trigger. Default: the name of the event.

    .PARAMETER Name
    Only for certificates with one of these names. A name that begins with *. covers all names below it.

    .PARAMETER Issuer
    Only for certificates of this issuer.

    .PARAMETER Eku
    Only for certificates with one of these key usages (OID).

    .EXAMPLE
    Register-CertRebindTrigger -On installed -Program "$env:ProgramFiles\CertRebind\certrebind.exe" -ArgumentList reconcile, --yes

    Looks for pending renewals when a certificate is installed.

    .EXAMPLE
    Register-CertRebindTrigger -Id mail -On replaced -Name mail.example.com -Program C:\Ops\mail.exe -ArgumentList '--reload'

    Runs a program for a mail server when its certificate is renewed.

    .INPUTS
    None

    .OUTPUTS
    CertRebind.Trigger

    .LINK
    Get-CertRebindTrigger

    .LINK
    Unregister-CertRebindTrigger
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType('CertRebind.Trigger')]
    param(
        [Parameter(Mandatory = $true)]
        [ValidateSet('replaced', 'expired', 'near-expiry', 'deleted', 'archived', 'installed', 'exported', 'key-associated', 'key-missing', 'deleted-in-directory')]
        [string] $On,

        [Parameter(Mandatory = $true)]
        [string] $Program,

        [AllowEmptyString()]
        [string[]] $ArgumentList = @(),

        [timespan] $TimeLimit,

        [string] $Id,

        [string[]] $Name,

        [string] $Issuer,

        [string[]] $Eku
    )

    Use-CertRebindCallerPreference -Caller $PSCmdlet
    $action = $script:messages.RegisterTrigger -f $Program, $On
    if (-not $PSCmdlet.ShouldProcess([System.Environment]::MachineName, $action)) { return }
    $known = @()
    if (-not $Id) { $known = @(Get-CertRebindTrigger | ForEach-Object -Process { $_.id }) }
    $option = @("--on=$On")
    if ($Name) { $option += '--names={0}' -f ($Name -join ',') }
    if ($Issuer) { $option += "--issuer=$Issuer" }
    if ($Eku) { $option += '--eku={0}' -f ($Eku -join ',') }
    if ($TimeLimit) { $option += '--time-limit={0}s' -f [int]$TimeLimit.TotalSeconds }
    $option += @('--', $Program) + $ArgumentList
    $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'trigger', 'add' -Word $Id -Option $option -Target $Id -Changes
    if ($answer) {
        $answer.Document.triggers | Where-Object -FilterScript { ($Id -and $_.id -eq $Id) -or (-not $Id -and $known -notcontains $_.id) }
    }
}
