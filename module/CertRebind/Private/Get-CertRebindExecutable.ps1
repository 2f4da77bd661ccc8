# Where the program is: in this module, else where Enable-CertRebind put it. On Windows never from an environment
# variable, because programs of the same user that are not elevated can set those of an elevated session.
function Get-CertRebindExecutable {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    foreach ($path in Get-CertRebindExecutableCandidate) {
        if ([System.IO.File]::Exists($path)) { return $path }
    }
}

function Get-CertRebindExecutableCandidate {
    if (-not (Test-CertRebindWindows)) {
        # There is no server to protect here, and the program with the lab may have any name.
        if ($env:CERTREBIND_EXECUTABLE) { [System.IO.Path]::GetFullPath($env:CERTREBIND_EXECUTABLE) }
        [System.IO.Path]::Combine($script:moduleFolder, 'bin', 'certrebind')
        # Where it is installed, seen from ...Program Files/WindowsPowerShell/Modules/CertRebind/<version>.
        [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($script:moduleFolder, '..', '..', '..', '..', 'CertRebind', 'certrebind'))
        return
    }
    [System.IO.Path]::Combine($script:moduleFolder, 'bin', 'certrebind.exe')
    [System.IO.Path]::Combine((Get-ProgramFilesFolder), 'CertRebind', 'certrebind.exe')
}

# From the 64-bit registry, so that a 32-bit PowerShell finds the same folder, and no environment is asked.
function Get-ProgramFilesFolder {
    $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    try {
        $key = $machine.OpenSubKey('SOFTWARE\Microsoft\Windows\CurrentVersion')
        try {
            [string]$key.GetValue('ProgramFilesDir')
        } finally {
            $key.Dispose()
        }
    } finally {
        $machine.Dispose()
    }
}

function Test-CertRebindWindows {
    [System.Environment]::OSVersion.Platform -eq [System.PlatformID]::Win32NT
}
