# Runs a command of the program and returns its exit code and document. An error of the program becomes one error of the
# caller. If it concerns only this input (exit 2 and 8), the pipeline continues and nothing is returned; if it concerns
# the server, it ends the pipeline.
function Invoke-CertRebindExecutable {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [string[]] $Command,
        # What a person named, such as a file; empty for none.
        [AllowNull()] [AllowEmptyCollection()] [AllowEmptyString()] [string[]] $Word,
        # Values follow an equals sign, so that none of them can be read as an option.
        [AllowEmptyCollection()] [AllowEmptyString()] [string[]] $Option = @(),
        # What the error is about when the program names nothing.
        [AllowNull()] [object] $Target,
        # A file that the caller made from an object; messages name it by its content.
        [AllowNull()] [string] $TemporaryFile,
        [string] $TemporaryFileHolds,
        # What the program reads on its standard input, such as a password.
        [AllowEmptyString()] [string] $InputText = '',
        [switch] $Changes,
        # The caller cannot continue without the answer: every error ends it.
        [switch] $Terminating
    )

    $words = @($Word | Where-Object -FilterScript { $_ })
    $asOption = @($words -like '-*')
    if ($asOption.Count -gt 0) {
        $Caller.WriteError((New-CertRebindErrorRecord -Code 'bad-argument' -Message ($script:messages.OptionAsWord -f $asOption[0]) -Category (
                    'InvalidArgument') -Target $asOption[0] -Hint $null))
        return
    }
    $executable = Resolve-CertRebindExecutable -Caller $Caller
    $said = [System.Collections.Generic.List[string]]::new()
    $answer = Start-Executable -Caller $Caller -Executable $executable -InputText $InputText -Changes:$Changes -Argument (
        @('--json', '--progress', 'json') + $Command + $words + $Option) -OnLine { param($line) Show-CertRebindProgress -Line $line -Said $said }
    Write-Progress -Activity $script:messages.Activity -Completed

    $document = $null
    try {
        if ($answer.Output) { $document = ConvertFrom-CertRebindJson -Text $answer.Output }
    } catch [System.Xml.XmlException] {
        $said.Add($answer.Output.Substring(0, [Math]::Min(200, $answer.Output.Length)))
    }
    if ($null -eq $document) {
        $message = $script:messages.NoAnswer -f $executable, $answer.ExitCode, ($said -join ' ')
        $Caller.ThrowTerminatingError((New-ExecutableError -Code 'no-answer' -Category 'InvalidResult' -Message $message))
    }
    if ($document.PSObject.TypeNames[0] -ne 'CertRebind.Error') {
        return [pscustomobject]@{ ExitCode = $answer.ExitCode; Document = $document }
    }

    $told = $document.error
    $about = $Target
    if ($null -eq $about) { $about = $told.where }
    # Of several values the program names the option of the one that is wrong.
    $wrong = $Option | Where-Object -FilterScript { $told.where -and $_.StartsWith("$($told.where)=", [System.StringComparison]::Ordinal) } | Select-Object -First 1
    if ($wrong) { $about = $wrong.Substring($told.where.Length + 1) }
    $message = $told.message
    if ($TemporaryFile) { $message = $message.Replace($TemporaryFile, $TemporaryFileHolds) }
    $record = New-CertRebindErrorRecord -Code $told.code -Message $message -Hint $told.hint -Target $about -Category (
        Get-CertRebindErrorCategory -Code $told.code -ExitCode $document.exitCode)
    if ($document.exitCode -in 2, 8 -and -not $Terminating) { $Caller.WriteError($record) } else { $Caller.ThrowTerminatingError($record) }
}

# The program that fits this module.
function Resolve-CertRebindExecutable {
    param($Caller)

    $executable = Get-CertRebindExecutable
    if (-not $executable) {
        $Caller.ThrowTerminatingError((New-ExecutableError -Code 'executable-missing' -Category 'NotInstalled' -Message (
                    $script:messages.ExecutableMissing -f (@(Get-CertRebindExecutableCandidate) -join ', '))))
    }
    Assert-CertRebindVersion -Caller $Caller -Executable $executable
    $executable
}

function Start-Executable {
    param($Caller, [string] $Executable, [string[]] $Argument, [string] $InputText = '', [scriptblock] $OnLine = {}, [switch] $Changes)

    try {
        Start-CertRebindProcess -Path $Executable -Argument $Argument -InputText $InputText -OnLine $OnLine -Changes:$Changes
    } catch [System.ComponentModel.Win32Exception] {
        $message = $script:messages.CannotStart -f $Executable, $_.Exception.GetBaseException().Message
        $Caller.ThrowTerminatingError((New-ExecutableError -Code 'cannot-start' -Category 'ResourceUnavailable' -Message $message))
    } catch [System.ArgumentException] {
        $Caller.ThrowTerminatingError((New-CertRebindErrorRecord -Code 'bad-argument' -Category 'InvalidArgument' -Message (
                    $_.Exception.Message) -Target $null))
    }
}

# Documents belong to one version: a module that works with the program of another version would misread them. Asked
# once for each program that was started.
function Assert-CertRebindVersion {
    param($Caller, [string] $Executable)

    $file = [System.IO.FileInfo]::new($Executable)
    $identity = '{0}|{1}|{2}' -f $file.FullName, $file.Length, $file.LastWriteTimeUtc.Ticks
    if ($script:checkedExecutable -eq $identity) { return }
    $version = (Start-Executable -Caller $Caller -Executable $Executable -Argument '--version').Output.Trim()
    $expected = Get-CertRebindModuleVersion
    if ($version -ne $expected) {
        $message = $script:messages.OtherVersion -f $Executable, $version, $expected
        $Caller.ThrowTerminatingError((New-ExecutableError -Code 'other-version' -Category 'ResourceUnavailable' -Message $message))
    }
    $script:checkedExecutable = $identity
}

function Get-CertRebindModuleVersion {
    $module = $ExecutionContext.SessionState.Module
    $prerelease = $module.PrivateData.PSData['Prerelease']
    if ($prerelease) { '{0}-{1}' -f $module.Version, $prerelease } else { [string]$module.Version }
}

# The executable starts on Windows Server 2012 R2, which is 6.3 (fidelity: node-on-2012-r2).
function Test-OldWindows {
    param([version] $Version = [System.Environment]::OSVersion.Version)

    (Test-CertRebindWindows) -and $Version -lt [version]'6.3'
}

function New-ExecutableError {
    param([string] $Code, [string] $Category, [string] $Message)

    $hint = $script:messages.Reinstall
    if (Test-OldWindows) { $hint = $script:messages.OldWindows }
    New-CertRebindErrorRecord -Code $Code -Message $Message -Hint $hint -Category $Category -Target $null
}

# A line of progress moves the bar; any other text is for those who asked for more.
function Show-CertRebindProgress {
    param([string] $Line, [System.Collections.Generic.List[string]] $Said)

    if (-not $Line.StartsWith('{"schema":"certrebind/progress/')) {
        $Said.Add($Line)
        Write-Verbose -Message $Line
        return
    }
    $at = ConvertFrom-CertRebindJson -Text $Line
    $stage = $script:messages["Stage-$($at.stage)"]
    if (-not $stage) { $stage = $at.stage }
    $shown = @{ Activity = $script:messages.Activity; Status = $stage }
    if ($at.total -gt 0) {
        $shown.Status = '{0} {1}/{2}' -f $stage, $at.done, $at.total
        $shown.PercentComplete = [Math]::Min(100, [int](100 * $at.done / $at.total))
    }
    if ($at.key) { $shown.CurrentOperation = $at.key }
    Write-Progress @shown
    Write-Verbose -Message (@($shown.Status, $at.key) -join ' ').Trim()
}
