# What the project uses of CimCmdlets, in front of a lab: the settings of Remote Desktop and its gateway. Everything else throws.
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
    if ($Namespace -eq 'root/CIMV2/TerminalServices' -and $ClassName -eq 'Win32_TSGeneralSetting') {
        foreach ($other in [CertRebindLab.ServerState]::Read().Others) {
            if ($other.GetProperty('consumer').GetProperty('kind').GetString() -ne 'rdp') { continue }
            $use = $other.GetRawText() | ConvertFrom-Json -AsHashtable
            $isOfPolicy = $use.ContainsKey('listener') -and $use.listener.chosenBy -eq 'policy'
            [pscustomobject]@{
                TerminalName = $use.consumer.detail
                SSLCertificateSHA1Hash = $use.thumbprint
                SSLCertificateSHA1HashType = if ($isOfPolicy) { 2 } else { 3 }
            }
        }
        return
    }
    if ($Namespace -ne 'root/CIMV2/TerminalServices' -or $ClassName -ne 'Win32_TSGatewayServerSettings') {
        throw [NotImplementedException]::new("Lab: $ClassName in $Namespace is not modelled.")
    }
    foreach ($other in [CertRebindLab.ServerState]::Read().Others) {
        if ($other.GetProperty('consumer').GetProperty('kind').GetString() -ne 'rd-gateway') { continue }
        [pscustomobject]@{ CertHash = [Convert]::FromHexString($other.GetProperty('thumbprint').GetString()) }
    }
}

function Set-CimInstance {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [object] $InputObject, [Collections.IDictionary] $Property, [string] $Query, [string] $QueryDialect,
        [string] $Namespace, [uri] $ResourceUri, [object[]] $CimSession, [string[]] $ComputerName, [uint32] $OperationTimeoutSec, [switch] $PassThru
    )
    Assert-Modelled $MyInvocation InputObject, Property
    $null = Invoke-Lab @{ kind = 'set-rdp'; listener = $InputObject.TerminalName; hash = $Property['SSLCertificateSHA1Hash'] }
}

. (Get-NotModelled -Module 'CimCmdlets' -Modelled 'Get-CimInstance', 'Set-CimInstance')
Export-ModuleMember -Function '*-*'
