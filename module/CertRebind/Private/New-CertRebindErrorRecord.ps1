# Makes an error record of an error document's `error`, or of one of this module's own.
function New-CertRebindErrorRecord {
    [CmdletBinding()]
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)] [string] $Code,
        [Parameter(Mandatory = $true)] [string] $Message,
        [AllowNull()] [string] $Hint,
        [Parameter(Mandatory = $true)] [System.Management.Automation.ErrorCategory] $Category,
        [AllowNull()] [object] $Target,
        # Shown for a target that has no short text of its own.
        [AllowNull()] [string] $TargetName
    )

    # What the module says of arguments is in its own words, and names them as they were typed.
    if ($Code -ne 'bad-argument') {
        $Message = ConvertTo-CertRebindWord -Text $Message
        $Hint = ConvertTo-CertRebindWord -Text $Hint
    }
    # Windows PowerShell does not show the recommended action, so there the message carries it too.
    $text = $Message
    if ($Hint -and $PSVersionTable.PSEdition -eq 'Desktop') { $text = '{0} {1}' -f $Message, $Hint }
    $record = [System.Management.Automation.ErrorRecord]::new(
        [System.InvalidOperationException]::new($text), $Code, $Category, $Target)
    $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($text)
    $record.ErrorDetails.RecommendedAction = $Hint
    if ($TargetName) { $record.CategoryInfo.TargetName = $TargetName }
    $record
}

# The category of an error that ended the program: by its code, otherwise by its exit code.
function Get-CertRebindErrorCategory {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Code, [Parameter(Mandatory = $true)] [int] $ExitCode)

    switch ($Code) {
        { $_ -like 'no-such-*' } { return 'ObjectNotFound' }
        'not-writable' { return 'WriteError' }
        'not-elevated' { return 'PermissionDenied' }
        'unsafe-folder' { return 'SecurityError' }
        { $_ -in 'iis-missing', 'powershell-missing', 'module-missing' } { return 'NotInstalled' }
    }
    switch ($ExitCode) {
        2 { 'InvalidArgument' }
        3 { 'ResourceExists' }
        6 { 'ResourceBusy' }
        7 { 'ResourceUnavailable' }
        8 { 'InvalidOperation' }
        default { 'NotSpecified' }
    }
}
