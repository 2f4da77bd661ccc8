# Owners and rights of files and folders, and who the administrators are.

# Rows: `<path>`. `path <path> <missing, file or folder> <reparse point> <owner SID> <SDDL>` for each, then
# `administrators <LA> <DA> <EA>` as SIDs, and `trusted <owner SID> <SDDL> <account>...` where that key is there.
function Read-Paths {
    param([string[][]]$Request)
    Import-Part 'Microsoft.PowerShell.Security'
    foreach ($row in $Request) {
        # A text that cannot be a path is missing as well; what may not be looked at is not.
        $item = try { Get-Item -LiteralPath $row[0] -Force } catch { if (Test-AccessDenied $_) { throw } }
        if ($null -eq $item) { Add-Row 'path', $row[0], 'missing', 'False', '', ''; continue }
        try {
            $acl = Get-Acl -LiteralPath $row[0]
        } catch {
            # Other starts create and remove short-lived files in the state folder. If rights cannot be read, that is an
            # error.
            if ([IO.File]::Exists($row[0]) -or [IO.Directory]::Exists($row[0])) { throw }
            Add-Row 'path', $row[0], 'missing', 'False', '', ''
            continue
        }
        $reparse = ([int]$item.Attributes -band [int][IO.FileAttributes]::ReparsePoint) -ne 0
        $folder = ([int]$item.Attributes -band [int][IO.FileAttributes]::Directory) -ne 0
        $sddl = [string]$acl.Sddl
        Add-Row 'path', $row[0], $(if ($folder) { 'folder' } else { 'file' }), ([string]$reparse), (Get-OwnerIn $sddl), $sddl
    }
    Add-Row 'administrators', (Get-SidOfLetters 'LA'), (Get-SidOfLetters 'DA'), (Get-SidOfLetters 'EA')
    Add-TrustedRow
}

function Get-OwnerIn {
    param([string]$Sddl)
    if ($Sddl -match '^O:(S-1-[0-9-]+|[A-Z]{2})') { $Matches[1] } else { '' }
}

# The SID that Windows uses for two letters; those of a domain mean the machine's own domain and forest. Empty if
# Windows does not tell.
function Get-SidOfLetters {
    param([string]$Letters)
    try { [Security.Principal.SecurityIdentifier]::new($Letters).Value } catch { '' }
}

# The engine is a 64-bit process on every server, so this is the 64-bit view of the registry.
function Add-TrustedRow {
    $path = 'HKLM:\SOFTWARE\CertRebind'
    $key = Get-RegistryKey $path
    if ($null -eq $key) { return }
    $sddl = [string](Get-Acl -LiteralPath $path).Sddl
    $accounts = @(foreach ($account in $key.GetValue('TrustedAccounts', $null)) { [string]$account })
    Add-Row (@('trusted', (Get-OwnerIn $sddl), $sddl) + $accounts)
}

# Rows: `<path> <SDDL>`. Creates a folder with its final rights in one step; an existing one is an error, because the
# account that created it stays its owner.
function New-ProtectedFolder {
    param([string[][]]$Request)
    foreach ($row in $Request) {
        if ([IO.Directory]::Exists($row[0]) -or [IO.File]::Exists($row[0])) { throw (New-AdapterError 'exists' $row[0]) }
        $security = [Security.AccessControl.DirectorySecurity]::new()
        $security.SetSecurityDescriptorSddlForm($row[1])
        $ofLaterDotNet = Find-LaterType 'System.IO.FileSystemAclExtensions'
        $null = if ($null -ne $ofLaterDotNet) {
            $ofLaterDotNet::CreateDirectory($security, $row[0])
        } else {
            [IO.Directory]::CreateDirectory($row[0], $security)
        }
        Add-Row 'created', $row[0]
    }
}
