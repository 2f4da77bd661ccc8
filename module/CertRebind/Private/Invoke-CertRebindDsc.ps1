# Passes a call of the CertRebindDsc class to the program: a verb of the resource, with the wanted state. Returns the
# state that the program answers; an error of the program ends the caller.
function Invoke-CertRebindDsc {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [ValidateSet('get', 'test', 'set')] [string] $Verb,
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $Wanted,
        [AllowNull()] [AllowEmptyString()] [string] $PolicyFile,
        # The caller has checked that file.
        [switch] $IsChecked,
        # For set: only show what would be done.
        [switch] $WhatIf
    )

    $members = @($Wanted.Keys | ForEach-Object -Process { '"{0}":{1}' -f $_, (ConvertTo-CertRebindJson -InputObject $Wanted[$_]) })
    if ($PolicyFile) {
        # Checked as a file, so that error messages name the file and its content arrives complete.
        if (-not $IsChecked) { $null = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'config', 'check' -Word $PolicyFile -Terminating }
        try {
            $members += '"policy":{0}' -f (Read-CertRebindFile -Path $PolicyFile)
        } catch [System.IO.IOException], [System.UnauthorizedAccessException] {
            # Without the policy the program would answer to another question.
            $message = $script:messages.Unreadable -f $PolicyFile, $_.Exception.GetBaseException().Message
            $PSCmdlet.ThrowTerminatingError((New-CertRebindErrorRecord -Code 'bad-input' -Message $message -Hint $null -Target $PolicyFile -Category 'ReadError'))
        }
    }

    $executable = Resolve-CertRebindExecutable -Caller $PSCmdlet
    $told = @{ error = @() }
    $answer = Start-Executable -Caller $PSCmdlet -Executable $executable -Argument (@('dsc', $Verb) + @(if ($WhatIf) { '--what-if' })) -Changes:($Verb -eq 'set' -and -not $WhatIf) -InputText (
        '{{{0}}}' -f ($members -join ',')) -OnLine { param($line) Show-CertRebindTrace -Line $line -Told $told }
    if ($answer.ExitCode -ne 0 -or -not $answer.Output) {
        $code, $message = @(($told.error + '') -join ' ').Trim() -split ': ', 2
        if (-not $message) {
            $code = 'no-answer'
            $message = $script:messages.NoAnswer -f $executable, $answer.ExitCode, ''
        }
        $PSCmdlet.ThrowTerminatingError((New-CertRebindErrorRecord -Code $code -Message $message -Hint ($script:messages.SeeCode -f $code) -Target $null -Category (
                    Get-CertRebindErrorCategory -Code $code -ExitCode $answer.ExitCode)))
    }
    ConvertFrom-CertRebindJson -Text $answer.Output
}

# A line for the user of DSC: { "info": "..." } and the like.
function Show-CertRebindTrace {
    param([string] $Line, [hashtable] $Told)

    $trace = ConvertFrom-CertRebindJson -Text $Line
    foreach ($member in $trace.PSObject.Properties) {
        switch ($member.Name) {
            'error' { $Told.error += $member.Value }
            'warn' { Write-Warning -Message $member.Value }
            default { Write-Verbose -Message $member.Value }
        }
    }
}
