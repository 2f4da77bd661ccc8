# What the project uses of CimCmdlets, in front of a lab: the settings of Remote Desktop and of its gateway, processes, and what roles keep. Everything else throws.
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
        foreach ($other in [CertRebindLab.ServerState]::Read('others').Others) {
            if ($other.GetProperty('consumer').GetProperty('kind').GetString() -ne 'rdp') { continue }
            $use = [CertRebindLab.Plain]::Of($other)
            $isOfPolicy = $use.ContainsKey('listener') -and $use.listener.chosenBy -eq 'policy'
            [pscustomobject]@{
                TerminalName = $use.consumer.detail
                SSLCertificateSHA1Hash = $use.thumbprint
                SSLCertificateSHA1HashType = if ($isOfPolicy) { 2 } else { 3 }
            }
        }
        return
    }
    if ($Namespace -eq 'root/CIMV2' -and $ClassName -eq 'Win32_Process') {
        Get-LabProcesses
        return
    }
    $objects = (Invoke-Lab @{ kind = 'read-class'; namespace = $Namespace; className = $ClassName }).GetProperty('objects')
    if ($objects.ValueKind -eq 'Null') {
        $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new(
                [InvalidOperationException]::new('Invalid class '), 'HRESULT 0x80041010', 'MetadataError', $ClassName))
    }
    foreach ($one in [CertRebindLab.Plain]::Of($objects)) {
        foreach ($name in @($one.Keys)) {
            if ($one[$name].StartsWith('0x')) { $one[$name] = [Convert]::FromHexString($one[$name].Substring(2)) }
        }
        [pscustomobject]$one
    }
}

# This process below the program, below a host of remote sessions or the console, by the switch of the lab. The number of the
# first one's parent, which has ended, was given to somebody's session later.
function Get-LabProcesses {
    $session = [CertRebindLab.ServerState]::Read('switches').Switch('remote-session')
    if ($session -eq 'unknown') { throw [Runtime.InteropServices.COMException]::new('Lab: WMI tells of no processes.') }
    $starter = if ($session -eq 'winrm') { 'wsmprovhost.exe' } else { 'explorer.exe' }
    $first = 0x7FFFFF00
    $names = 'services.exe', $starter, 'certrebind.exe', 'powershell.exe'
    for ($at = 0; $at -lt $names.Count; $at++) {
        $number = if ($at -eq $names.Count - 1) { $PID } else { $first + $at + 1 }
        [pscustomobject]@{
            Name = $names[$at]; ProcessId = [uint32]$number; ParentProcessId = [uint32]($first + $at)
            CreationDate = [datetime]::new(2026, 1, 1).AddMinutes($at)
        }
    }
    [pscustomobject]@{
        Name = 'wsmprovhost.exe'; ProcessId = [uint32]$first; ParentProcessId = [uint32]4; CreationDate = [datetime]::new(2026, 1, 2)
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

# The methods of Remote Desktop Gateway, with or without a certificate. A denied call throws; what the gateway itself refuses is a number.
function Invoke-CimMethod {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Position = 0)] [string] $ClassName, [Parameter(Position = 1)] [Collections.IDictionary] $Arguments,
        [Parameter(Mandatory)] [string] $MethodName, [object] $InputObject, [object] $CimClass, [string] $Query, [string] $QueryDialect,
        [string] $Namespace, [uri] $ResourceUri, [object[]] $CimSession, [string[]] $ComputerName, [uint32] $OperationTimeoutSec
    )
    Assert-Modelled $MyInvocation InputObject, MethodName, Arguments
    $hash = if ($null -ne $Arguments) { [Convert]::ToHexString($Arguments['CertHash']) } else { '' }
    $code = 0
    try { $null = Invoke-Lab @{ kind = 'set-rd-gateway'; method = $MethodName; hash = $hash } } catch {
        $code = [uint32]($_.Exception.HResult -band 0xFFFF)
        if ($code -eq 5) { throw }
    }
    [pscustomobject]@{ ReturnValue = [uint32]$code; PSComputerName = $null }
}

. (Get-NotModelled -Module 'CimCmdlets' -Modelled 'Get-CimInstance', 'Set-CimInstance', 'Invoke-CimMethod')
Export-ModuleMember -Function '*-*'
