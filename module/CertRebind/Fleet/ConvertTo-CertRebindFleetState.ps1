# What an answer of a server means: which state, which result, which run. Pure.

# Commands of this module by action, and whether they change the server.
$script:fleetActions = @{
    Delete = @{ Command = 'Invoke-CertRebindRetirement'; Changes = $true }
    Install = @{ Command = $null; Changes = $true }
    Plan   = @{ Command = 'New-CertRebindPlan'; Changes = $false }
    Rebind = @{ Command = 'Invoke-CertRebind'; Changes = $true }
    Sync   = @{ Command = 'Sync-CertRebind'; Changes = $true }
    Test   = @{ Command = 'Test-CertRebind'; Changes = $false }
    Undo   = @{ Command = 'Undo-CertRebind'; Changes = $true }
    Verify = @{ Command = 'Test-CertRebindEndpoint'; Changes = $false }
}

function ConvertTo-CertRebindFleetState {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Action,
        [Parameter(Mandatory = $true)] [psobject] $Answer
    )

    $state = [pscustomobject]@{ State = 'failed'; Result = $null; Outcome = $null; Run = $null; ExitCode = $null; Changed = 0 }
    if ($Answer.IsLost) {
        $state.State = 'lost'
        return $state
    }
    if ($Action -in 'Test', 'Verify') {
        if ($Answer.IsRefused -or $Answer.Problems.Count -gt 0) { return $state }
        $state.State = 'done'
        $state.Outcome = $Answer.Output
        $isWrong = if ($Action -eq 'Test') { { $_.severity -ne 'info' } } else { { $_.matches -eq $false } }
        $state.Result = @{ Test = 'no-findings', 'findings'; Verify = 'as-set', 'differs' }[$Action][[int](@($Answer.Output | Where-Object -FilterScript $isWrong).Count -gt 0)]
        return $state
    }
    if ($Action -eq 'Delete') {
        if ($Answer.IsRefused -or $Answer.Problems.Count -gt 0) { return $state }
        $cases = @($Answer.Output | Where-Object -FilterScript { Test-CertRebindFleetType -Object $_ -Type 'CertRebind.RetiredCase' })
        $gone = @($cases | Where-Object -Property becomes -In -Value 'archived', 'deleted')
        $state.State = if ($gone.Count -gt 0) { 'done' } else { 'nothing-to-do' }
        $state.Result = if ($gone.Count -eq 0) { 'nothing-to-delete' } elseif (@($gone | Where-Object -Property becomes -EQ -Value 'deleted').Count -gt 0) { 'deleted' } else { 'archived' }
        $state.Outcome = $cases
        $state.Changed = $gone.Count
        return $state
    }
    $wanted = if ($Action -eq 'Plan') { 'CertRebind.Plan' } else { 'CertRebind.Outcome' }
    $document = $Answer.Output | Where-Object -FilterScript { Test-CertRebindFleetType -Object $_ -Type $wanted } | Select-Object -Last 1
    if ($null -eq $document) { return $state }
    $state.Outcome = $document
    if ($Action -eq 'Plan') {
        if ($Answer.IsRefused) { return $state }
        $state.State = 'done'
        $state.Result = if (@($document.steps).Count -gt 0) { 'planned' } elseif (@($document.blocked).Count -gt 0) { 'blocked' } else { 'nothing-to-do' }
        return $state
    }
    # A server of an earlier version may lack something, and a hostile one may send anything.
    $state.Result = ConvertTo-CertRebindPlainText -Text $document.result
    $state.Run = [string]$document.run
    $state.ExitCode = $document.exitCode -as [int]
    $state.Changed = $document.counts.changed -as [int]
    if ($state.ExitCode -eq 0 -and $document.exitCode -is [int] -and -not $Answer.IsRefused) {
        $state.State = if ($state.Result -ceq 'nothing-to-do') { 'nothing-to-do' } else { 'done' }
    }
    $state
}

function Test-CertRebindFleetType {
    param([AllowNull()] [object] $Object, [string] $Type)

    $null -ne $Object -and $Object.PSObject.TypeNames -contains "Deserialized.$Type"
}

# The runs of a history, oldest first, that came after the one that was the last when the server was asked.
function Select-CertRebindLaterRun {
    [CmdletBinding()]
    param(
        [AllowEmptyCollection()] [object[]] $History,
        [AllowNull()] [AllowEmptyString()] [string] $Before,
        [Parameter(Mandatory = $true)] [string] $Action
    )

    $isLater = -not $Before
    foreach ($run in $History) {
        if (-not (Test-CertRebindFleetType -Object $run -Type 'CertRebind.Run')) { continue }
        if ($isLater -and ($run.result -like '*undone') -eq ($Action -eq 'Undo')) { $run }
        if ($run.run -ceq $Before) { $isLater = $true }
    }
}

# Whether an outcome is about this successor, or about any if none was named.
function Test-CertRebindFleetOutcome {
    param([Parameter(Mandatory = $true)] [psobject] $Answer, [AllowNull()] [AllowEmptyString()] [string] $Successor)

    if (-not $Successor) { return $true }
    @($Answer.Output | Where-Object -FilterScript { (Test-CertRebindFleetType -Object $_ -Type 'CertRebind.Outcome') -and @($_.renewals | ForEach-Object -Process { $_.new }) -contains $Successor }).Count -gt 0
}

# Whether the answer has neither output nor an error: a session that is closing can end a command like that.
function Test-CertRebindFleetNothing {
    param([Parameter(Mandatory = $true)] [psobject] $Answer)

    $Answer.Output.Count -eq 0 -and $Answer.Problems.Count -eq 0
}

# Whether it is still unknown what the server did, because its session or program ended before the answer.
function Test-CertRebindFleetUnknown {
    param([Parameter(Mandatory = $true)] [psobject] $Answer)

    if ($Answer.IsLost) { return $true }
    if (@($Answer.Output | Where-Object -FilterScript { Test-CertRebindFleetType -Object $_ -Type 'CertRebind.Outcome' }).Count -gt 0) { return $false }
    $Answer.Problems.Count -eq 0 -or @($Answer.Problems | Where-Object -FilterScript { 'PipelineStopped', 'no-answer' -contains $_.code }).Count -gt 0
}

# Whether a server says that it had nothing to do, or that another run is in the way.
function Test-CertRebindFleetBeaten {
    param([Parameter(Mandatory = $true)] [psobject] $Answer)

    (Test-CertRebindFleetLocked -Answer $Answer) -or
        @($Answer.Output | Where-Object -FilterScript { (Test-CertRebindFleetType -Object $_ -Type 'CertRebind.Outcome') -and $_.result -ceq 'nothing-to-do' }).Count -gt 0
}

function Test-CertRebindFleetLocked {
    param([Parameter(Mandatory = $true)] [psobject] $Answer)

    @($Answer.Problems | Where-Object -Property code -CEQ -Value 'locked').Count -gt 0
}
