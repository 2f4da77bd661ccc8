# Where an inventory comes from: servers over sessions, all at once, or captures that the program reads here.

function Read-CertRebindSessionInventory {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        # Each with its name as Server, its Session, and Why there is none.
        [Parameter(Mandatory = $true)] [object[]] $Member
    )

    $answered = @(foreach ($one in $Member) {
            $problem = if ($null -eq $one.Session) { New-CertRebindFleetProblem -Code 'unreachable' -Message $one.Why }
            @{ Server = $one.Server; Session = $one.Session; Problem = $problem; Usage = @(); Status = @(); Renewed = @(); Version = $null }
        })
    foreach ($question in @('Usage', 'Get-CertRebindUsage', @{}), @('Status', 'Get-CertRebind', @{ Dial = $true }), @('Renewed', 'Get-CertRebindUsage', @{ Renewed = $true; NoSearch = $true }), @('Version', 'Get-Module', @{ Name = 'CertRebind' })) {
        $part, $command, $parameter = $question
        $asked = @(foreach ($one in $answered) {
                if ($one.Problem) { continue }
                @{ Of = $one; Call = Start-CertRebindFleetCall -Runspace $one.Session.Runspace -Name $command -Parameter $parameter }
            })
        try {
            foreach ($pending in $asked) {
                Write-Progress -Activity $script:messages.Activity -Status ('{0}: {1}' -f $pending.Of.Server, $command)
                while (-not (Test-CertRebindFleetCall -Call $pending.Call)) { Start-Sleep -Milliseconds 100 }
                $answer = Receive-CertRebindFleetCall -Call $pending.Call
                # A constrained endpoint may not list its modules: then the version is unknown.
                if ($part -eq 'Version') {
                    $pending.Of.Version = $answer.Output | Select-Object -First 1 | ForEach-Object -Process { ConvertTo-CertRebindPlainText -Text $_.Version }
                } elseif ($part -eq 'Renewed' -and -not $answer.IsLost) {
                    # An earlier module there does not know the question.
                    $pending.Of.Renewed = $answer.Output
                } elseif ($answer.IsLost -or $answer.IsRefused -or $answer.Problems.Count -gt 0) {
                    $pending.Of.Problem = $answer.Problems[0]
                } else {
                    $pending.Of[$part] = $answer.Output
                }
            }
        } finally {
            foreach ($pending in $asked) { $pending.Call.Shell.Dispose() }
        }
    }
    Write-Progress -Activity $script:messages.Activity -Completed
    foreach ($one in $answered) {
        $name = $one.Server
        if ($one.Problem) {
            $Caller.WriteError((New-CertRebindErrorRecord -Code $one.Problem.code -Message ('{0}: {1}' -f $name, $one.Problem.message) -Hint (
                        $one.Problem.hint) -Category 'ConnectionError' -Target $name))
            New-CertRebindInventoryEntry -Server $name -Kind 'server' -With @{ code = 'unreachable'; severity = 'error'; message = $one.Problem.message }
            continue
        }
        ConvertTo-CertRebindInventory -Server $name -Version $one.Version -Usage $one.Usage -Status @($one.Status)[0] -Renewed $one.Renewed
    }
}

# The program reads a capture as it would a server.
function Read-CertRebindCapturedInventory {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [string] $Path
    )

    $snapshot = Import-CertRebindDocument -Caller $Caller -Path $Path -Schema 'certrebind/snapshot/1' -Holding 'holders', 'server' -MadeBy (
        'Export-CertRebindSnapshot')
    if (-not $snapshot) { return }
    $usage = Invoke-CertRebindExecutable -Caller $Caller -Command 'usage' -Option "--replay=$Path" -Target $Path
    if (-not $usage) { return }
    $status = Invoke-CertRebindExecutable -Caller $Caller -Command 'status' -Option "--replay=$Path" -Target $Path
    if (-not $status) { return }
    $renewed = Invoke-CertRebindExecutable -Caller $Caller -Command 'usage' -Option '--renewed', "--replay=$Path" -Target $Path
    if (-not $renewed) { return }
    ConvertTo-CertRebindInventory -Server $snapshot.server.name -Usage (@($usage.Document.certificates) + @($usage.Document.missing)) -Status (
        $status.Document) -Renewed @(ConvertTo-CertRebindRenewed -Document $renewed.Document)
}

function ConvertTo-CertRebindInventory {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Server,
        [AllowNull()] [string] $Version,
        [AllowNull()] [AllowEmptyCollection()] [object[]] $Usage,
        [Parameter(Mandatory = $true)] [psobject] $Status,
        # Of Get-CertRebindUsage -Renewed; nothing where that was not answered.
        [AllowNull()] [AllowEmptyCollection()] [object[]] $Renewed
    )

    $places = @($Status.places | Where-Object -FilterScript { $null -ne $_ })
    $last = $Status.lastRun
    $count = @{}
    foreach ($one in $Renewed) {
        $count['onNew'] += $one.new
        # Places that are to keep it hold it as well.
        $count['onOld'] += $one.old + $one.counts.kept
        $count.notLookedAt = @($one.notLookedAt).Count
    }
    New-CertRebindInventoryEntry -Server $Server -Kind 'server' -With ($count + @{
        version = $Version; enabled = $Status.enabled; lastRunAt = $(if ($last) { $last.at }); lastResult = $(if ($last) { $last.result })
        verified = @($places | Where-Object -Property state -EQ -Value 'verified').Count; places = $places.Count
    })
    foreach ($used in $Usage) {
        $isThere = $null -ne $used.PSObject.Properties['store'] -and $null -ne $used.store
        $with = @{ thumbprint = $used.thumbprint; usedBy = Join-CertRebindConsumerName -Consumer $used.consumers }
        if ($isThere) {
            foreach ($name in 'name', 'issuer', 'store', 'notBefore', 'notAfter') { $with[$name] = $used.$name }
        }
        New-CertRebindInventoryEntry -Server $Server -Kind $(if ($isThere) { 'certificate' } else { 'missing' }) -With $with
    }
    foreach ($found in $Status.findings) {
        New-CertRebindInventoryEntry -Server $Server -Kind 'finding' -With @{
            code = $found.code; severity = $found.severity; record = $found.key; site = $found.site; title = $found.title; message = $found.message; since = $found.since; hint = $found.hint; commands = @($found.commands)
            dueAt = $found.endsAt; missingNames = @($found.missingNames) -join ', '
        }
    }
}

function Join-CertRebindConsumerName {
    param([AllowEmptyCollection()] [object[]] $Consumer)

    @($Consumer | ForEach-Object -Process {
            if ($null -ne $_.PSObject.Properties['site'] -and $_.site) { $_.site } else { $_.kind }
        } | Select-Object -Unique) -join ', '
}

# The same properties for every kind; text without control characters, since it is shown in tables.
function New-CertRebindInventoryEntry {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Server, [string] $Kind, [hashtable] $With)

    $entry = [ordered]@{ server = ConvertTo-CertRebindPlainText -Text $Server; kind = $Kind }
    foreach ($name in 'name', 'issuer', 'store', 'thumbprint', 'notBefore', 'notAfter', 'usedBy', 'code', 'severity', 'record', 'site', 'title', 'message', 'since',
        'hint', 'commands', 'dueAt', 'missingNames', 'version', 'enabled', 'verified', 'places', 'onNew', 'onOld', 'notLookedAt', 'lastRunAt', 'lastResult') {
        $value = $With[$name]
        $entry[$name] = if ($value -is [array]) {
            @($value | ForEach-Object -Process { ConvertTo-CertRebindPlainText -Text $_ }) -join "`n"
        } elseif ($value -is [string]) {
            ConvertTo-CertRebindPlainText -Text $value
        } else {
            $value
        }
    }
    $flat = [pscustomobject]$entry
    $flat.PSObject.TypeNames.Insert(0, 'CertRebind.InventoryEntry')
    $flat
}
