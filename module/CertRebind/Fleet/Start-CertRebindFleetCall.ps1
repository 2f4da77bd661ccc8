# The only place that asks another server: one command by name with values as parameters, never text that is read as
# code, over a session that the caller opened. It works in a constrained endpoint too.
function Start-CertRebindFleetCall {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.Runspaces.Runspace] $Runspace,
        [Parameter(Mandatory = $true)] [string] $Name,
        [hashtable] $Parameter = @{},
        # Command-line arguments for a program.
        [string[]] $Argument = @()
    )

    $shell = [powershell]::Create()
    $shell.Runspace = $Runspace
    [void]$shell.AddCommand($Name)
    foreach ($key in $Parameter.Keys) { [void]$shell.AddParameter($key, $Parameter[$key]) }
    foreach ($word in $Argument) { [void]$shell.AddArgument($word) }
    Start-CertRebindFleetShell -Shell $shell
}

# Opens sessions as Invoke-Command does, in an engine of its own: there its errors are no errors of the caller. Sessions end
# with the engine that opened them, so it is kept as long as they are.
function Start-CertRebindFleetConnection {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string[]] $ComputerName,
        # Credential, UseSSL and Authentication, as far as they were given.
        [hashtable] $Connection = @{}
    )

    $shell = [powershell]::Create()
    [void]$shell.AddCommand('New-PSSession').AddParameter('ComputerName', $ComputerName).AddParameters($Connection)
    if ($null -ne $PSSessionOption) { [void]$shell.AddParameter('SessionOption', $PSSessionOption) }
    Start-CertRebindFleetShell -Shell $shell
}

# A script block of the caller, with its output and its errors: in a pipeline of its own, since what it writes or throws would
# otherwise be one more error in -ErrorVariable of the caller, even where it is caught.
function Invoke-CertRebindFleetScript {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [scriptblock] $Script, [Parameter(Mandatory = $true)] [string[]] $Server)

    $guarded = {
        param($Script, $Server)
        try { & $Script $Server } catch { Write-Error -ErrorRecord $_ -ErrorAction Continue }
    }
    $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::CurrentRunspace)
    try {
        # One server is a text, as the script was promised.
        $about = if ($Server.Count -eq 1) { $Server[0] } else { $Server }
        [void]$shell.AddCommand('Invoke-Command').AddParameter('ScriptBlock', $guarded).AddParameter('ArgumentList', @($Script, $about))
        [pscustomobject]@{ Output = @($shell.Invoke()); Problems = @($shell.Streams.Error | ForEach-Object -Process { [string]$_ }) }
    } finally {
        $shell.Dispose()
    }
}

# Brings a file to another server, as a command of an engine of its own here, so that several files can be on their way.
function Start-CertRebindFleetCopy {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.Runspaces.PSSession] $Session,
        [Parameter(Mandatory = $true)] [string] $Path,
        [Parameter(Mandatory = $true)] [string] $Destination
    )

    $shell = [powershell]::Create()
    [void]$shell.AddCommand('Copy-Item').AddParameter('LiteralPath', $Path).AddParameter('Destination', $Destination)
    [void]$shell.AddParameter('ToSession', $Session).AddParameter('Force', $true).AddParameter('ErrorAction', 'Stop')
    Start-CertRebindFleetShell -Shell $shell
}

function Start-CertRebindFleetShell {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([powershell] $Shell)

    # Into a collection, since EndInvoke would throw what Receive-CertRebindFleetCall reads, and an exception goes to -ErrorVariable
    # of the caller even where it is caught.
    $call = [pscustomobject]@{ Shell = $Shell; Handle = $null; Problem = $null; Output = [System.Management.Automation.PSDataCollection[psobject]]::new() }
    if ($null -ne $Shell.Runspace.ConnectionInfo -and $Shell.Runspace.RunspaceStateInfo.State -ne 'Opened') {
        $call.Problem = [System.InvalidOperationException]::new($script:messages.NoSession)
        return $call
    }
    $none = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $none.Complete()
    try {
        $call.Handle = $Shell.BeginInvoke($none, $call.Output)
    } catch [System.Management.Automation.MethodInvocationException] {
        # The session is busy.
        $call.Problem = $_.Exception.GetBaseException()
    }
    $call
}

function Test-CertRebindFleetCall {
    param([Parameter(Mandatory = $true)] [psobject] $Call)

    $null -eq $Call.Handle -or $Call.Handle.IsCompleted
}

# What came back: objects, problems, and whether the session was lost before the end.
function Receive-CertRebindFleetCall {
    param([Parameter(Mandatory = $true)] [psobject] $Call, [switch] $KeepEngine)

    $problems = [System.Collections.Generic.List[object]]::new()
    $isLost = $false
    $cause = $Call.Shell.InvocationStateInfo.Reason
    $isRefused = $null -ne $Call.Problem -or $null -ne $cause
    $isHere = $null -eq $Call.Shell.Runspace -or $null -eq $Call.Shell.Runspace.ConnectionInfo
    if ($null -ne $Call.Problem) {
        $problems.Add((New-CertRebindFleetProblem -Code 'session-unusable' -Message $Call.Problem.Message))
    } elseif ($null -ne $cause) {
        # Only a remote exception is an answer. Anything else is the end of the session or of the call, whichever came first.
        $isLost = -not $isHere -and ($cause -isnot [System.Management.Automation.RemoteException] -or $Call.Shell.Runspace.RunspaceStateInfo.State -ne 'Opened')
        if ($isLost) {
            $problems.Add((New-CertRebindFleetProblem -Code 'session-lost' -Message ($script:messages.SessionLost -f $cause.Message)))
        } elseif ($null -ne $cause.ErrorRecord) {
            $problems.Add((ConvertTo-CertRebindFleetProblem -Record $cause.ErrorRecord))
        } else {
            $problems.Add((New-CertRebindFleetProblem -Code 'no-answer' -Message $cause.Message))
        }
    }
    foreach ($record in $Call.Shell.Streams.Error) { $problems.Add((ConvertTo-CertRebindFleetProblem -Record $record)) }
    if (-not $KeepEngine) { $Call.Shell.Dispose() }
    [pscustomobject]@{ Output = @($Call.Output); Problems = $problems.ToArray(); IsLost = $isLost; IsRefused = $isRefused }
}

# Stops waiting for a server that is silent. Ending the call properly could take just as long, so it is not awaited.
function Stop-CertRebindFleetCall {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory = $true)] [psobject] $Call, [Parameter(Mandatory = $true)] [int] $Seconds)

    [void]$Call.Shell.BeginStop($null, $null)
    $problem = New-CertRebindFleetProblem -Code 'silent' -Message ($script:messages.Silent -f $Seconds)
    [pscustomobject]@{ Output = @(); Problems = @($problem); IsLost = $true; IsRefused = $true }
}

# The last progress that a server reported.
function Get-CertRebindFleetProgress {
    param([Parameter(Mandatory = $true)] [psobject] $Call)

    $said = $Call.Shell.Streams.Progress
    if ($said.Count -gt 0) { ConvertTo-CertRebindPlainText -Text $said[$said.Count - 1].StatusDescription }
}

function ConvertTo-CertRebindFleetProblem {
    param([Parameter(Mandatory = $true)] [System.Management.Automation.ErrorRecord] $Record)

    $hint = ''
    if ($null -ne $Record.ErrorDetails) { $hint = [string]$Record.ErrorDetails.RecommendedAction }
    New-CertRebindFleetProblem -Code $Record.FullyQualifiedErrorId.Split(',')[0] -Message ([string]$Record) -Hint $hint
}

function New-CertRebindFleetProblem {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Code, [string] $Message, [string] $Hint = '')

    [pscustomobject]@{
        PSTypeName = 'CertRebind.FleetProblem'
        code       = ConvertTo-CertRebindPlainText -Text $Code
        message    = ConvertTo-CertRebindPlainText -Text $Message
        hint       = ConvertTo-CertRebindPlainText -Text $Hint
    }
}

# What a server says is shown in a terminal: without control characters it can neither move the cursor nor begin a line.
function ConvertTo-CertRebindPlainText {
    param([AllowNull()] [AllowEmptyString()] [string] $Text)

    [regex]::Replace($Text, '[\x00-\x1f\x7f-\x9f]+', ' ').Trim()
}
