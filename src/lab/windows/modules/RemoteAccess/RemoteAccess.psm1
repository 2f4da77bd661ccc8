# What the project uses of RemoteAccess, in front of a lab: who is connected. Everything else throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))

function Get-RemoteAccessConnectionStatistics {
    [CmdletBinding()]
    param(
        [string] $ComputerName, [string] $ResourceName, [string] $RoutingDomain, [datetime] $StartDateTime, [datetime] $EndDateTime,
        [object[]] $CimSession, [int] $ThrottleLimit, [switch] $AsJob
    )
    Assert-Modelled $MyInvocation
    $found = Invoke-Lab @{ kind = 'read-class'; namespace = 'root/Microsoft/Windows/RemoteAccess'; className = 'PS_RemoteAccessConnectionStatistics' }
    $clients = $found.GetProperty('objects')
    if ($clients.ValueKind -eq 'Null') { return }
    foreach ($one in $clients.EnumerateArray()) { [pscustomobject]@{ UserName = $one.GetProperty('UserName').GetString(); ConnectionType = 'Vpn' } }
}

. (Get-NotModelled -Module 'RemoteAccess' -Modelled 'Get-RemoteAccessConnectionStatistics')
Export-ModuleMember -Function '*-*'
