# What Microsoft.PowerShell.Security has on Windows only: the drive Cert: and Get-Acl. The rest is the engine's own.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSHOME, 'Modules/Microsoft.PowerShell.Security/Microsoft.PowerShell.Security.psd1')) -Global
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))
Import-Module -Name (Get-LabAssembly -Folder $PSScriptRoot) -Global
Update-TypeData -TypeName System.Security.Cryptography.AsymmetricAlgorithm -MemberType CodeProperty -MemberName Key -Value ([CertRebindLab.StoredKey].GetMethod('Of')) -Force

# Rights as Windows would show them for a folder with this owner and mode: the user that runs the lab counts as SYSTEM,
# root as the administrators, and everybody else as a user; accounts that may write there are named.
function Get-Acl {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)] [string[]] $Path,
        [string[]] $LiteralPath,
        [object] $InputObject, [switch] $Audit, [switch] $AllCentralAccessPolicies,
        [string] $Filter, [string[]] $Include, [string[]] $Exclude
    )
    Assert-Modelled $MyInvocation Path, LiteralPath
    foreach ($one in @($Path) + @($LiteralPath)) {
        if ([string]::IsNullOrEmpty($one)) { continue }
        if ($one -match '/Microsoft/Crypto/.*/([^/]+)$') {
            $rights = (Invoke-Lab @{ kind = 'read-holder'; key = "key/$($Matches[1])" }).GetProperty('now')
            $sddl = if ($rights.GetProperty('state').GetString() -eq 'holds') { $rights.GetProperty('holder').GetProperty('value').GetProperty('sddl').GetString() }
            [pscustomobject]@{ Path = $one; Owner = 'SY'; Sddl = $sddl }
            continue
        }
        $item = Get-Item -LiteralPath $one -Force
        $owner = if ($item.User -eq [Environment]::UserName) { 'SY' } elseif ($item.User -eq 'root') { 'BA' } else { 'S-1-5-21-1-2-3-1001' }
        $everybody = if (([int]$item.UnixStat.Mode -band 0x12) -ne 0) { '(A;OICI;FA;;;BU)' } else { '' }
        [pscustomobject]@{ Path = $one; Owner = $owner; Sddl = "O:${owner}G:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)$everybody" }
    }
}

Export-ModuleMember -Function Get-Acl
