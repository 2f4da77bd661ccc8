# Files that hold a certificate with its private key, for programs that know no store of Windows.

# Row: `<path> <file whose rights it gets> <content, base64>`. It is created with these rights and open to nobody else, so
# that no account can read a key before they are in force (fidelity: file-rights). An existing file is an error.
function Write-BesideFile {
    param([string[][]]$Request)
    $path, $like, $content = $Request[0]
    Import-Part 'Microsoft.PowerShell.Security'
    $security = [Security.AccessControl.FileSecurity]::new()
    $security.SetSecurityDescriptorSddlForm([string](Get-Acl -LiteralPath $like).Sddl, 'Access')
    $rights = [Security.AccessControl.FileSystemRights]'Read, Write'
    $ofLaterDotNet = Find-LaterType 'System.IO.FileSystemAclExtensions'
    $stream = if ($null -ne $ofLaterDotNet) {
        $ofLaterDotNet::Create([IO.FileInfo]::new($path), 'CreateNew', $rights, 'None', 4096, 'WriteThrough', $security)
    } else {
        [IO.FileStream]::new($path, 'CreateNew', $rights, 'None', 4096, 'WriteThrough', $security)
    }
    try {
        $bytes = [Convert]::FromBase64String($content)
        $stream.Write($bytes, 0, $bytes.Length)
        $stream.Flush($true)
    } finally {
        $stream.Dispose()
    }
}

# Row: `<from> <live> <kept>`. Rights, times and streams of the live file stay, and the kept one is the live file itself
# (fidelity: replace-file). Where a kill left no live file, the other only gets its name.
function Switch-File {
    param([string[][]]$Request)
    $from, $live, $kept = $Request[0]
    Invoke-Alone {
        if ([IO.File]::Exists($live)) { [IO.File]::Replace($from, $live, $kept) } else { [IO.File]::Move($from, $live) }
    }
}
