# Accounts, folders and files: their rights, and what they keep off. Only touches files of its own.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"

Ask 'groups' {
    $me = [Security.Principal.WindowsIdentity]::GetCurrent()
    $me.Groups | ForEach-Object { $_.Value }
}
Ask 'rights of a folder' {
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid())")
    [void][IO.Directory]::CreateDirectory($folder)
    try {
        $null = Invoke-Program 'icacls.exe' $folder, '/inheritance:r', '/grant', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', '*S-1-5-32-545:(OI)(CI)F'
        $null = Invoke-Program 'icacls.exe' $folder, '/grant:r', '*S-1-5-32-545:(OI)(CI)R'
        foreach ($rule in (Get-Acl -LiteralPath $folder).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
            '{0} {1} {2}' -f $rule.IdentityReference.Value, [int]$rule.FileSystemRights, $rule.IsInherited
        }
    } finally { [IO.Directory]::Delete($folder) }
}
Ask 'volume root' {
    if ($null -eq $env:SystemDrive) { throw 'there is no system drive' }
    (Get-Acl -LiteralPath "$env:SystemDrive\").Sddl
}
Ask 'ProgramData' {
    foreach ($rule in (Get-Acl -LiteralPath $env:ProgramData).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        if ($rule.AccessControlType -eq 'Allow' -and ([int]$rule.FileSystemRights -band 4) -ne 0) { $rule.IdentityReference.Value }
    }
}
Ask 'program that runs' {
    $folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid())")).FullName
    $program = [IO.Path]::Combine($folder, 'program.exe')
    [IO.File]::Copy([IO.Path]::Combine($env:SystemRoot, 'System32', 'ping.exe'), $program)
    $running = Start-Process -FilePath $program -ArgumentList '-n 60 127.0.0.1' -WindowStyle Hidden -PassThru
    try {
        Get-Attempt { [IO.File]::WriteAllText($program, 'another') }
        Get-Attempt { [IO.File]::Delete($program) }
        Get-Attempt { [IO.File]::Move($program, "$program.old") }
    } finally {
        $running.Kill()
        $null = $running.WaitForExit(60000)
        [IO.Directory]::Delete($folder, $true)
    }
}
Write-Told $File
