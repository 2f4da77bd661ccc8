# What the project uses of WebAdministration, in front of a lab. Every other command of the module throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))
Import-Module -Name (Get-LabAssembly -Folder $PSScriptRoot)

function New-Website {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [uint32] $Id, [uint32] $Port = 80, [string] $IPAddress = '*', [int] $SslFlags, [string] $HostHeader,
        [string] $PhysicalPath, [string] $ApplicationPool, [switch] $Ssl, [switch] $Force
    )
    Assert-Modelled $MyInvocation Name, Port, IPAddress, SslFlags, HostHeader, PhysicalPath, Ssl
    if (-not $Ssl) { throw [NotImplementedException]::new('Lab: New-Website without -Ssl is not modelled.') }
    if (-not [IO.Directory]::Exists($PhysicalPath)) { throw [IO.DirectoryNotFoundException]::new("Parameter 'PhysicalPath' should point to existing path.") }
    $binding = @{ information = "${IPAddress}:${Port}:$HostHeader"; sslFlags = $SslFlags }
    $null = Invoke-Lab @{ kind = 'add-site'; name = $Name; bindings = @($binding) }
    Get-Website -Name $Name
}

function New-WebBinding {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)] [string] $Name,
        [string] $Protocol = 'http', [uint32] $Port, [string] $IPAddress = '*', [string] $HostHeader, [int] $SslFlags, [switch] $Force
    )
    Assert-Modelled $MyInvocation Name, Protocol, Port, IPAddress, HostHeader, SslFlags
    if ($Protocol -ne 'https') { throw [NotImplementedException]::new("Lab: New-WebBinding for $Protocol is not modelled.") }
    $null = Invoke-Lab @{ kind = 'add-binding'; site = $Name; information = "${IPAddress}:${Port}:$HostHeader"; sslFlags = $SslFlags }
}

function Remove-Website {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [string] $Name)
    Assert-Modelled $MyInvocation Name
    $null = Invoke-Lab @{ kind = 'remove-site'; name = $Name }
}

. (Get-NotModelled -Module 'WebAdministration' -Modelled 'Get-Website', 'Get-WebBinding', 'New-Website', 'New-WebBinding', 'Remove-Website')
Export-ModuleMember -Cmdlet 'Get-Website', 'Get-WebBinding' -Function '*-*'
