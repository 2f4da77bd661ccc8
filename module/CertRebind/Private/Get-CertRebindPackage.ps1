# What Invoke-CertRebindFleet -Action Install brings to servers: one file, the program itself or the zip that holds it.
function Get-CertRebindPackage {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        # The program of this module when empty.
        [AllowNull()] [AllowEmptyString()] [string] $Path
    )

    $file = if ($Path) { $Caller.GetUnresolvedProviderPathFromPSPath($Path) } else { Resolve-CertRebindExecutable -Caller $Caller }
    if (-not [System.IO.File]::Exists($file)) {
        $Caller.WriteError((New-CertRebindErrorRecord -Code 'no-package' -Category 'ObjectNotFound' -Target $file -Message (
                    $script:messages.NoPackage -f $file) -Hint $script:messages.PackageHint))
        return
    }
    $hash = (Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash
    $package = [pscustomobject]@{
        # Path, and SHA-256 of what is copied; Program is where the program lies in an archive.
        Path = $file; Sha256 = $hash; Program = $null; ProgramSha256 = $hash; Extension = [System.IO.Path]::GetExtension($file)
    }
    if ($package.Extension -eq '.zip') {
        Read-CertRebindPackageArchive -Package $package
        if ($null -eq $package.Program) {
            $Caller.WriteError((New-CertRebindErrorRecord -Code 'bad-package' -Category 'InvalidData' -Target $file -Message (
                        $script:messages.BadPackage -f $file) -Hint $script:messages.PackageHint))
            return
        }
    }
    $package
}

# The program in an archive, and its hash, without unpacking it here; nothing where it has none.
function Read-CertRebindPackageArchive {
    param([psobject] $Package)

    Add-Type -AssemblyName System.IO.Compression.FileSystem
    $archive = $null
    try {
        $archive = [System.IO.Compression.ZipFile]::OpenRead($Package.Path)
        $entry = $archive.Entries | Where-Object -FilterScript { $_.FullName -cmatch '^CertRebind/bin/certrebind(\.\w+)?$' } | Select-Object -First 1
        if ($null -ne $entry) {
            $Package.Program = $entry.FullName
            $Package.Extension = [System.IO.Path]::GetExtension($entry.FullName)
            $stream = $entry.Open()
            $sha256 = [System.Security.Cryptography.SHA256]::Create()
            try {
                $Package.ProgramSha256 = [System.BitConverter]::ToString($sha256.ComputeHash($stream)).Replace('-', '')
            } finally {
                $stream.Dispose()
                $sha256.Dispose()
            }
        }
    } catch [System.IO.InvalidDataException] {
        $Package.Program = $null
    } finally {
        if ($null -ne $archive) { $archive.Dispose() }
    }
}
