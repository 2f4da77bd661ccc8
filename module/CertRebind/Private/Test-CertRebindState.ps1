# What the DSC resource asks about the state of a server.

function Test-CertRebindTask {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory = $true)] [psobject] $Status)

    $off = 'task-missing', 'task-changed', 'task-disabled'
    $Status.enabled -and @($Status.findings | Where-Object -FilterScript { $_.code -in $off }).Count -eq 0
}

# Both as the program understands them, defaults included, so that only what differs in meaning counts.
function Test-CertRebindPolicy {
    [CmdletBinding()]
    [OutputType([bool])]
    param([AllowEmptyString()] [string] $Path)

    if (-not $Path) { return $true }
    $wanted = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'config', 'check' -Word ($PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)) -ErrorAction Stop
    $inForce = Get-CertRebindConfiguration -ErrorAction Stop
    (ConvertTo-CertRebindJson -InputObject $wanted.Document) -ceq (ConvertTo-CertRebindJson -InputObject $inForce)
}
