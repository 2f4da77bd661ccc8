# The adapter of CertRebind: everything it asks of Windows. Each function reads or writes one thing and contains no rule
# of the domain.
# Windows PowerShell 5.1 syntax and ASCII. It is loaded as a file with -File, or as text on standard input.

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSModuleAutoLoadingPreference = 'None'
# The drive Cert: imports pki by name at its first use, and the folders of the user come first (fidelity: pki-by-name).
$env:PSModulePath = "$PSHOME\Modules"
$ConfirmPreference = 'None'
$DebugPreference = 'SilentlyContinue'
$InformationPreference = 'SilentlyContinue'
$ProgressPreference = 'SilentlyContinue'
$VerbosePreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

# What a request may call. Every function takes the rows of the request and answers through Add-Row.
$script:AdapterFunctions = @(
    'Initialize-Adapter', 'Read-Server', 'Read-Bindings', 'Read-Records', 'Read-Holders', 'Read-Certificates', 'Read-Lifecycle',
    'Read-Tasks', 'Read-Services', 'Read-Written', 'Read-Netsh', 'Read-Paths', 'Invoke-Changes', 'Invoke-TaskOrder', 'New-ProtectedFolder', 'Import-PfxFile',
    'Protect-Secret', 'Unprotect-Secret')
$script:Rows = $null
$script:OpenAtPorts = $null
$script:ServicesAwaited = $null
$script:Special = [char[]]@([char]92, [char]10, [char]13)

# Carries out one request and writes one framed reply. Anything else on standard output is not a reply.
function Invoke-AdapterCall {
    param([string]$Mark, [string]$Name, [string]$Request)
    $answer = ''
    try {
        if ($PSVersionTable.PSVersion -lt [version]'5.1') {
            $answer = "error`tengine-too-old`t$($PSVersionTable.PSVersion)"
        } else {
            if ($script:AdapterFunctions -cnotcontains $Name) { throw "the adapter has no function $Name" }
            $script:Rows = [Collections.Generic.List[string]]::new()
            $script:Rows.Add('ok')
            $text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Request))
            $null = & $Name (ConvertFrom-RowText $text)
            $answer = [string]::Join("`n", $script:Rows)
        }
    } catch {
        $answer = ConvertTo-ErrorRow $_
    }
    $script:Rows = $script:OpenAtPorts = $script:ServicesAwaited = $null
    [Console]::Out.WriteLine($Mark + ':' + (ConvertTo-Packed $answer) + ':' + $Mark)
}

function Add-Row {
    param([string[]]$Fields)
    Add-Rows @(, $Fields)
}

# A row of what has names: before the first of its kind stands `#<kind> <name>...`.
function Add-Record {
    param([string]$Kind, [Collections.IDictionary]$Fields)
    $names = [string]::Join("`t", [string[]](@("#$Kind") + $Fields.Keys))
    if (-not $script:Rows.Contains($names)) { $script:Rows.Add($names) }
    Add-Row (@($Kind) + $Fields.Values)
}

# Hardly any field contains one of the four characters that are escaped, so a whole row is checked for them once. Many rows
# in one call: a session is short, and until the engine has compiled it, calling a function takes longer than reading a
# certificate binding.
function Add-Rows {
    param($All)
    foreach ($fields in $All) {
        $row = [string]::Join("`t", $fields)
        if ($row.IndexOfAny($script:Special) -ge 0 -or $row.Split([char]9).Length -ne $fields.Length) { $row = ConvertTo-RowText $fields }
        $script:Rows.Add($row)
    }
}

function ConvertTo-RowText {
    param([string[]]$Fields)
    $escaped = foreach ($field in $Fields) {
        ([string]$field).Replace('\', '\\').Replace("`t", '\t').Replace("`n", '\n').Replace("`r", '\r')
    }
    [string]::Join("`t", [string[]]@($escaped))
}

# Rows of a request: an array of string arrays.
function ConvertFrom-RowText {
    param([string]$Text)
    $rows = [Collections.Generic.List[string[]]]::new()
    if ($Text -ne '') {
        foreach ($line in $Text.Split([char]10)) {
            $fields = $line.Split([char]9)
            if ($line.IndexOf([char]92) -ge 0) {
                for ($i = 0; $i -lt $fields.Length; $i++) { $fields[$i] = ConvertFrom-Escaped $fields[$i] }
            }
            $rows.Add($fields)
        }
    }
    , $rows.ToArray()
}

function ConvertFrom-Escaped {
    param([string]$Field)
    if ($Field.IndexOf([char]92) -lt 0) { return $Field }
    $text = [Text.StringBuilder]::new()
    for ($i = 0; $i -lt $Field.Length; $i++) {
        $character = $Field[$i]
        if ($character -ne [char]92 -or $i + 1 -ge $Field.Length) { $null = $text.Append($character); continue }
        $i++
        switch -CaseSensitive ([string]$Field[$i]) {
            't' { $null = $text.Append([char]9) }
            'n' { $null = $text.Append([char]10) }
            'r' { $null = $text.Append([char]13) }
            default { $null = $text.Append($Field[$i]) }
        }
    }
    $text.ToString()
}

function ConvertTo-Packed {
    param([string]$Text)
    # Works in every version and before any module is loaded, because it also reports that a module is missing.
    $memory = [Activator]::CreateInstance([IO.MemoryStream])
    $level = [IO.Compression.CompressionLevel]::Fastest
    $zip = [Activator]::CreateInstance([IO.Compression.GZipStream], [object[]]@($memory, $level))
    $bytes = [Text.Encoding]::UTF8.GetBytes($Text)
    $zip.Write($bytes, 0, $bytes.Length)
    $zip.Dispose()
    [Convert]::ToBase64String($memory.ToArray())
}

# An error that the program recognises by its id.
function New-AdapterError {
    param([string]$Id, [string]$Message, [string]$Detail = '')
    [Management.Automation.ErrorRecord]::new([InvalidOperationException]::new($Message), "CertRebind.$Id", 'NotSpecified', $Detail)
}

function ConvertTo-ErrorRow {
    param([Management.Automation.ErrorRecord]$ErrorRecord)
    $id = ''
    $detail = ''
    if ($ErrorRecord.FullyQualifiedErrorId -match '^CertRebind\.([a-z-]+)') {
        $id = $Matches[1]
        $detail = [string]$ErrorRecord.TargetObject
    } else {
        if (Test-AccessDenied $ErrorRecord) { $id = 'access-denied' }
        $detail = ([string]$ErrorRecord.ScriptStackTrace).Split([char]10)[0].Trim()
    }
    ConvertTo-RowText 'error', $id, (Get-ErrorMessage $ErrorRecord), $detail
}

# The message of the innermost exception, which is the system's own, with its number when it has one.
function Get-ErrorMessage {
    param([Management.Automation.ErrorRecord]$ErrorRecord)
    $exception = $ErrorRecord.Exception
    while ($exception -is [Management.Automation.MethodInvocationException] -and $null -ne $exception.InnerException) {
        $exception = $exception.InnerException
    }
    $message = $exception.Message
    if ($exception -is [Runtime.InteropServices.COMException]) {
        $number = '0x{0:X8}' -f $exception.ErrorCode
        if ($message -notlike "*$number*") { $message = "$message ($number)" }
    }
    $message
}

function Test-AccessDenied {
    param([Management.Automation.ErrorRecord]$ErrorRecord)
    if ([string]$ErrorRecord.CategoryInfo.Category -eq 'PermissionDenied') { return $true }
    $exception = $ErrorRecord.Exception
    while ($null -ne $exception) {
        if ($exception -is [UnauthorizedAccessException] -or $exception -is [Security.SecurityException]) { return $true }
        $exception = $exception.InnerException
    }
    $false
}
