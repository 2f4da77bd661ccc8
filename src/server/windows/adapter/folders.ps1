# Owners and rights of files and folders.

# Rows: `<path>`. `path <path> <exists> <reparse point> <owner SID> <SDDL>`
function Read-Paths {
    param([string[][]]$Request)
    Import-Part 'Microsoft.PowerShell.Security'
    foreach ($row in $Request) {
        $item = Get-Item -LiteralPath $row[0] -Force -ErrorAction SilentlyContinue
        if ($null -eq $item) { Add-Row 'path', $row[0], 'False', 'False', '', ''; continue }
        try {
            $acl = Get-Acl -LiteralPath $row[0]
        } catch {
            # Other starts make and remove short-lived files in the state folder. Rights that cannot be read are no answer.
            if ([IO.File]::Exists($row[0]) -or [IO.Directory]::Exists($row[0])) { throw }
            Add-Row 'path', $row[0], 'False', 'False', '', ''
            continue
        }
        $owner = if ($acl.Sddl -match '^O:(S-1-[0-9-]+|[A-Z]{2})') { $Matches[1] } else { '' }
        $reparse = ([int]$item.Attributes -band [int][IO.FileAttributes]::ReparsePoint) -ne 0
        Add-Row 'path', $row[0], 'True', ([string]$reparse), $owner, ([string]$acl.Sddl)
    }
}

# Rows: `<path> <SDDL>`. Makes a folder with its final rights in one step; one that is there already is an error,
# because whoever made it stays its owner.
function New-ProtectedFolder {
    param([string[][]]$Request)
    foreach ($row in $Request) {
        if ([IO.Directory]::Exists($row[0]) -or [IO.File]::Exists($row[0])) { throw (New-AdapterError 'exists' $row[0]) }
        $security = [Security.AccessControl.DirectorySecurity]::new()
        $security.SetSecurityDescriptorSddlForm($row[1])
        $types = [type[]]@([string], [Security.AccessControl.DirectorySecurity])
        $null = if ($null -ne [IO.Directory].GetMethod('CreateDirectory', $types)) {
            [IO.Directory]::CreateDirectory($row[0], $security)
        } else {
            [IO.FileSystemAclExtensions]::CreateDirectory($security, $row[0])
        }
        Add-Row 'created', $row[0]
    }
}
