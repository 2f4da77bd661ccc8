# What belongs to Windows: modules by full path, programs by full path.

$script:SystemRoot = ''
$script:ChangingFile = ''
$script:ChangingWaitMs = 0
$script:Changing = $null
$script:Identity = @()
$script:KeyWaitMs = 5000

# Rows: `system-root <folder>`, `changing <file> <wait, ms>`; and, from the composition with a lab only, `module <path>`
# for each module to import before anything else, `identity <SID>...` for who asks, `key-wait <ms>` for how long one
# key may take to open, `key-files <ProgramData> <provider>` for where keys lie, each named as its certificate, and `data-protection <type>` for what
# stands in for that of Windows. Answers with the engine's version and language mode.
function Initialize-Adapter {
    param([string[][]]$Request)
    if ([string]$ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
        throw (New-AdapterError 'engine-constrained' ([string]$ExecutionContext.SessionState.LanguageMode))
    }
    Import-Part 'Microsoft.PowerShell.Utility'
    foreach ($row in $Request) {
        switch ($row[0]) {
            'system-root' { $script:SystemRoot = $row[1] }
            'changing' { $script:ChangingFile = $row[1]; $script:ChangingWaitMs = [int]$row[2] }
            'module' { Import-Module -Name $row[1] -Global -DisableNameChecking }
            'identity' { $null, [string[]]$script:Identity = $row }
            'key-files' { $script:ProgramData, $script:KeyProvider = $row[1], $row[2] }
            'key-wait' { $script:KeyWaitMs = [int]$row[1] }
            'data-protection' { $script:DataProtection = $row[1] }
        }
    }
    Import-Part 'Microsoft.PowerShell.Management'
    Add-Row 'engine', ([string]$PSVersionTable.PSVersion), ([string]$PID)
}

# A module of Windows from the engine's own folder. One that is loaded already is left as it is.
function Import-Part {
    param([string]$Name)
    if (@(Get-Module -Name $Name).Count -gt 0) { return }
    $path = [IO.Path]::Combine($PSHOME, 'Modules', $Name, "$Name.psd1")
    if (-not [IO.File]::Exists($path)) { throw (New-AdapterError 'module-missing' $Name) }
    try {
        Import-Module -Name $path -Global -DisableNameChecking
    } catch {
        throw (New-AdapterError 'module-missing' $Name (Get-ErrorMessage $_))
    }
}

# A type newer than .NET Framework 4.5.2, the oldest that Windows PowerShell 5.1 may run on; nothing if it does not
# exist. The API floor test lists which types are used this way.
function Find-LaterType {
    param([string]$Name)
    $Name -as [type]
}

function Get-SystemPath {
    param([string[]]$Names)
    [IO.Path]::Combine([string[]](@($script:SystemRoot, 'System32') + $Names))
}

# Runs a program of System32 and returns everything it printed as one text, and its exit code. Its standard input is
# empty, so that it cannot read a request meant for the adapter.
function Invoke-SystemProgram {
    param([string]$Name, [string[]]$Arguments)
    $ErrorActionPreference = 'Continue'
    $lines = @(@() | & (Get-SystemPath $Name) $Arguments 2>&1)
    [pscustomobject]@{ Text = [string]::Join("`n", [string[]]$lines); ExitCode = $LASTEXITCODE }
}

# Runs a block while no PowerShell of another run changes anything. Nested calls do not wait.
function Invoke-Alone {
    param([scriptblock]$Work)
    if ($null -ne $script:Changing) { & $Work; return }
    $script:Changing = Open-ChangingFile
    try {
        & $Work
    } finally {
        if ($null -ne $script:Changing) { $script:Changing.Dispose() }
        $script:Changing = $null
    }
}

# The file that a process keeps open exclusively while it changes something; the system closes it when the process ends,
# in whatever way. It is where only administrators can open it, whereas anybody may create and hold a mutex of the
# machine. Nothing if its folder does not exist: every run creates the folder first, so then there is no run to wait
# for.
function Open-ChangingFile {
    $waited = [Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        try {
            return [IO.FileStream]::new($script:ChangingFile, 'OpenOrCreate', 'ReadWrite', 'None')
        } catch [IO.DirectoryNotFoundException] {
            return $null
        } catch [IO.IOException] {
            if ($waited.ElapsedMilliseconds -ge $script:ChangingWaitMs) {
                throw (New-AdapterError 'busy' $script:ChangingFile (Get-ErrorMessage $_))
            }
            # The system sends no notice when a file becomes free.
            [Threading.Thread]::Sleep(100)
        }
    }
}
