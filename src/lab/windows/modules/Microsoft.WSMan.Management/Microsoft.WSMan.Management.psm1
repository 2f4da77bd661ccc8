# What the project uses of Microsoft.WSMan.Management, in front of a lab: a change of a listener. Everything else throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))

function Set-WSManInstance {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [uri] $ResourceURI, [Parameter(Position = 1)] [hashtable] $SelectorSet, [hashtable] $ValueSet,
        [string] $ApplicationName, [object] $Authentication, [string] $CertificateThumbprint, [string] $ComputerName, [uri] $ConnectionURI,
        [object] $Credential, [uri] $Dialect, [string] $FilePath, [string] $Fragment, [hashtable] $OptionSet, [int] $Port,
        [object] $SessionOption, [switch] $UseSSL
    )
    Assert-Modelled $MyInvocation ResourceURI, SelectorSet, ValueSet
    if ($ResourceURI -ne 'winrm/config/Listener' -or $SelectorSet.Transport -ne 'HTTPS') {
        throw [NotImplementedException]::new("Lab: $ResourceURI is not modelled.")
    }
    foreach ($name in $ValueSet.Keys) {
        if ($name -notin 'CertificateThumbprint', 'Hostname') { throw [NotImplementedException]::new("Lab: the value $name is not modelled.") }
    }
    $request = @{ kind = 'set-winrm'; listener = "$($SelectorSet.Address)+HTTPS"; hash = $ValueSet.CertificateThumbprint }
    if ($ValueSet.ContainsKey('Hostname')) { $request.hostname = $ValueSet.Hostname }
    $null = Invoke-Lab $request
}

. (Get-NotModelled -Module 'Microsoft.WSMan.Management' -Modelled 'Set-WSManInstance')
Export-ModuleMember -Function '*-*'
