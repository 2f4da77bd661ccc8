# What Microsoft.PowerShell.Management has on Windows only: services and classic event logs. The rest is the engine's own.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSHOME, 'Modules/Microsoft.PowerShell.Management/Microsoft.PowerShell.Management.psd1')) -Global
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))

function Get-Service {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)] [string[]] $Name,
        [string[]] $ComputerName, [string[]] $DisplayName, [string[]] $Include, [string[]] $Exclude,
        [object[]] $InputObject, [switch] $DependentServices, [switch] $RequiredServices
    )
    Assert-Modelled $MyInvocation Name
    $state = [CertRebindLab.ServerState]::Read('iis', 'switches', 'others', 'webService')
    $own = @{
        Schedule = 'Task Scheduler', $(if ($state.Switch('schedule-service') -eq 'runs') { 'Running' } else { 'Stopped' })
        WinRM = 'Windows Remote Management (WS-Management)', $state.RemotingStatus()
        WMSVC = 'Web Management Service', $state.ManagementStatus()
    }
    $web = 'World Wide Web Publishing Service', $(if ($state.WebServiceRuns) { 'Running' } else { 'Stopped' })
    foreach ($one in $Name) {
        $ofRole = if (-not $own.ContainsKey($one)) { (Invoke-Lab @{ kind = 'read-service'; service = $one }).GetProperty('service') }
        if ($null -ne $ofRole -and $ofRole.ValueKind -ne 'Null') {
            Get-ServiceOfRole $one ([CertRebindLab.Plain]::Of($ofRole))
            continue
        }
        $found = if ($own.ContainsKey($one)) { $own[$one] } elseif ($one -eq 'W3SVC' -and $state.Iis -ne '') { $web }
        if ($null -eq $found) {
            $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new(
                    [InvalidOperationException]::new("Cannot find any service with service name '$one'."),
                    'NoServiceFoundForGivenName', 'ObjectNotFound', $one))
            continue
        }
        [pscustomobject]@{ Name = $one; DisplayName = $found[0]; Status = $found[1] }
    }
}

# A service as System.ServiceProcess.ServiceController shows it.
function Get-ServiceOfRole {
    param([string] $Name, [Collections.IDictionary] $Now)
    $controller = [pscustomobject]@{
        Name = $Name; DisplayName = $Name; Status = Get-StatusOf $Now.state
        DependentServices = @(foreach ($one in $Now.dependents) { [pscustomobject]@{ Name = $one.name; Status = Get-StatusOf $one.state } })
    }
    $controller |
        Add-Member -PassThru -MemberType ScriptMethod -Name 'Stop' -Value { $null = Invoke-Lab @{ kind = 'control-service'; service = $this.Name; order = 'stop' } } |
        Add-Member -PassThru -MemberType ScriptMethod -Name 'Start' -Value { $null = Invoke-Lab @{ kind = 'control-service'; service = $this.Name; order = 'start' } } |
        Add-Member -PassThru -MemberType ScriptMethod -Name 'WaitForStatus' -Value {
            param([string] $Status, [TimeSpan] $Limit)
            if ((Get-Service -Name $this.Name).Status -ne $Status) { throw [TimeoutException]::new("Time out has expired and the operation has not been completed after $Limit.") }
        }
}

function Get-StatusOf {
    param([string] $State)
    if ($State -eq 'started') { 'Running' } else { 'Stopped' }
}

function New-EventLog {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $LogName,
        [Parameter(Mandatory, Position = 1)] [string[]] $Source,
        [string[]] $ComputerName, [string] $CategoryResourceFile, [string] $MessageResourceFile, [string] $ParameterResourceFile
    )
    Assert-Modelled $MyInvocation LogName, Source
    Assert-ApplicationLog $LogName
    foreach ($one in $Source) {
        if (Test-Source $one) {
            throw [InvalidOperationException]::new("The `"$one`" source is already registered on the `"localhost`" computer.")
        }
        [CertRebindLab.EventSources]::Add($one)
    }
}

function Remove-EventLog {
    [CmdletBinding()]
    param([string[]] $LogName, [string[]] $ComputerName, [string[]] $Source)
    Assert-Modelled $MyInvocation Source
    foreach ($one in $Source) {
        if (-not (Test-Source $one)) { throw [InvalidOperationException]::new("The source `"$one`" is not registered on the `"localhost`" computer.") }
        [CertRebindLab.EventSources]::Remove($one)
    }
}

function Write-EventLog {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $LogName,
        [Parameter(Mandatory, Position = 1)] [string] $Source,
        [Parameter(Mandatory, Position = 2)] [ValidateRange(0, 65535)] [int] $EventId,
        [Parameter(Position = 3)] [ValidateSet('Error', 'Warning', 'Information', 'SuccessAudit', 'FailureAudit')] [string] $EntryType = 'Information',
        [Parameter(Mandatory, Position = 4)] [AllowEmptyString()] [ValidateLength(0, 32766)] [string] $Message,
        [int16] $Category, [byte[]] $RawData, [string] $ComputerName
    )
    Assert-Modelled $MyInvocation LogName, Source, EventId, EntryType, Message
    Assert-ApplicationLog $LogName
    if (-not (Test-Source $Source)) {
        throw [InvalidOperationException]::new("The source name `"$Source`" does not exist on computer `"localhost`".")
    }
    $null = Invoke-Lab @{
        kind = 'application-log'; source = $Source; eventId = $EventId; level = $EntryType.ToLowerInvariant(); text = $Message; data = @{}
    }
}

function Test-Source {
    param([string] $Source)
    @([CertRebindLab.EventSources]::In([CertRebindLab.ServerState]::Read('applicationLog'))) -contains $Source
}

function Assert-ApplicationLog {
    param([string] $LogName)
    if ($LogName -ne 'Application') { throw [NotImplementedException]::new("Lab: the log $LogName is not modelled.") }
}

Export-ModuleMember -Function Get-Service, New-EventLog, Remove-EventLog, Write-EventLog
