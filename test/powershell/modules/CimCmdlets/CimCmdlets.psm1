# What the project uses of CimCmdlets, in front of a lab: the setting of Remote Desktop Gateway. Everything else throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))

function Get-CimInstance {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)] [string] $ClassName,
        [string] $Namespace, [string] $Filter, [string[]] $Property, [switch] $KeyOnly, [string] $Query, [string] $QueryDialect,
        [uri] $ResourceUri, [switch] $Shallow, [object] $InputObject, [object[]] $CimSession, [string[]] $ComputerName, [uint32] $OperationTimeoutSec
    )
    Assert-Modelled $MyInvocation ClassName, Namespace
    if ($Namespace -ne 'root/CIMV2/TerminalServices' -or $ClassName -ne 'Win32_TSGatewayServerSettings') {
        throw [NotImplementedException]::new("Lab: $ClassName in $Namespace is not modelled.")
    }
    foreach ($other in [CertRebindLab.ServerState]::Read().Others) {
        if ($other.GetProperty('consumer').GetProperty('kind').GetString() -ne 'rd-gateway') { continue }
        [pscustomobject]@{ CertHash = [Convert]::FromHexString($other.GetProperty('thumbprint').GetString()) }
    }
}

. (Get-NotModelled -Module 'CimCmdlets' -Modelled 'Get-CimInstance')
Export-ModuleMember -Function '*-*'
