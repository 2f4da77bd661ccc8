# What the project uses of WebAdministration, in front of a lab: Get-Website and Get-WebBinding are in Commands.cs, what they
# tell of sites in Sites.cs. Every other command of the module throws.
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
    Assert-Modelled $MyInvocation Name, Id, Port, IPAddress, SslFlags, HostHeader, PhysicalPath, Ssl
    if (-not $Ssl) { throw [NotImplementedException]::new('Lab: New-Website without -Ssl is not modelled.') }
    if (-not [IO.Directory]::Exists($PhysicalPath)) { throw [IO.DirectoryNotFoundException]::new("Parameter 'PhysicalPath' should point to existing path.") }
    $ids = @(Get-Website | ForEach-Object { [uint32]$_.id })
    if ($Id -eq 0 -and $ids.Count -eq 0) { throw [IndexOutOfRangeException]::new('Index was outside the bounds of the array.') }
    if ($ids -contains $Id) { throw [InvalidOperationException]::new("Cannot add duplicate collection entry of type 'site' with unique key attribute 'id' set to '$Id'") }
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

$script:delayed = $null

function Start-WebCommitDelay {
    [CmdletBinding()]
    param([string] $Name, [string] $Protocol, [string[]] $PSPath, [switch] $Passthru)
    Assert-Modelled $MyInvocation
    $script:delayed = [ordered]@{}
}

function Stop-WebCommitDelay {
    [CmdletBinding()]
    param([bool] $Commit = $true, [string[]] $PSPath)
    Assert-Modelled $MyInvocation Commit
    $values = $script:delayed
    $script:delayed = $null
    if (-not $Commit -or $null -eq $values) { return }
    foreach ($site in $values.Keys) {
        $request = @{ kind = 'set-ftp'; site = if ($site -eq '*') { $null } else { $site }; hash = $values[$site]['serverCertHash'] }
        if ($values[$site].ContainsKey('serverCertStoreName')) { $request.store = $values[$site]['serverCertStoreName'] }
        $null = Invoke-Lab $request
    }
}

# Only the certificate of FTP, and only within one commit. The filter is an XPath, which .NET evaluates here.
function Set-WebConfigurationProperty {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string[]] $Filter, [Parameter(Mandatory)] [string] $Name, [psobject] $Value, [string[]] $PSPath,
        [object] $InputObject, [string] $Clr, [hashtable] $AtElement, [int] $AtIndex, [string] $AtName, [switch] $Force, [string[]] $Location
    )
    Assert-Modelled $MyInvocation Filter, Name, Value, PSPath
    $end = '/ftpServer/security/ssl'
    $isFtp = $Filter[0].EndsWith($end, [StringComparison]::Ordinal) -and $Name -cin 'serverCertHash', 'serverCertStoreName'
    if (-not $isFtp -or $null -eq $script:delayed -or $PSPath[0] -ne 'MACHINE/WEBROOT/APPHOST') {
        throw [NotImplementedException]::new("Lab: Set-WebConfigurationProperty for $($Filter[0]) is not modelled.")
    }
    $document = [Xml.XmlDocument]::new()
    $document.LoadXml([CertRebindLab.ServerState]::Read('applicationHost').ApplicationHost.TrimStart([char]0xFEFF))
    $owner = $document.DocumentElement.SelectSingleNode($Filter[0].Substring(1, $Filter[0].Length - 1 - $end.Length))
    if ($null -eq $owner) {
        Write-Warning "Target configuration object '$($Filter[0])' is not found at path '$($PSPath[0])'."
        return
    }
    $site = if ($owner.Name -eq 'siteDefaults') { '*' } else { $owner.GetAttribute('name') }
    if (-not $script:delayed.Contains($site)) { $script:delayed[$site] = @{} }
    $script:delayed[$site][$Name] = [string]$Value
}

. (Get-NotModelled -Module 'WebAdministration' -Modelled 'Get-Website', 'Get-WebBinding', 'New-Website', 'New-WebBinding', 'Remove-Website', 'Start-WebCommitDelay', 'Stop-WebCommitDelay',
    'Set-WebConfigurationProperty')
Export-ModuleMember -Cmdlet 'Get-Website', 'Get-WebBinding' -Function '*-*'
