# What the project uses of ScheduledTasks, in front of a lab. Every other command of the module throws.
Set-StrictMode -Version 3.0
Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '../CertRebindLab/CertRebindLab.psm1'))

function Get-ScheduledTask {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)] [string[]] $TaskName,
        [Parameter(Position = 1)] [string[]] $TaskPath,
        [object[]] $CimSession, [int] $ThrottleLimit, [switch] $AsJob
    )
    Assert-Modelled $MyInvocation TaskName, TaskPath
    $found = @(Get-LabTask | Where-Object { (Test-Like $_.name $TaskName) -and (Test-Like $_.path $TaskPath) })
    foreach ($task in $found) { ConvertTo-Task $task }
    # Wildcards without a match are not an error; a name that does not exist is one.
    if ($found.Count -gt 0) { return }
    foreach ($query in @{ Name = 'TaskName'; Value = $TaskName }, @{ Name = 'TaskPath'; Value = $TaskPath }) {
        foreach ($value in @($query.Value)) {
            if ($null -eq $value -or [WildcardPattern]::ContainsWildcardCharacters($value)) { continue }
            $PSCmdlet.WriteError((New-NotFound $query.Name $value))
            return
        }
    }
}

function Register-ScheduledTask {
    [CmdletBinding(DefaultParameterSetName = 'Xml')]
    param(
        [Parameter(Position = 0)] [string] $TaskName,
        [Parameter(Position = 1)] [string] $TaskPath = '\',
        [Parameter(ParameterSetName = 'Xml', Mandatory, Position = 2, ValueFromPipeline)] [string] $Xml,
        [object[]] $Action, [object[]] $Trigger, [object] $Settings, [object] $Principal, [object] $InputObject,
        [string] $User, [string] $Password, [string] $Description, [object] $RunLevel, [switch] $Force,
        [object[]] $CimSession, [int] $ThrottleLimit, [switch] $AsJob
    )
    process {
        Assert-Modelled $MyInvocation TaskName, TaskPath, Xml, Force
        $path = Get-FullPath $TaskPath
        try {
            $null = Invoke-Lab @{ kind = 'register-task'; path = $path; name = $TaskName; xml = $Xml; force = [bool]$Force }
        } catch [Runtime.InteropServices.COMException] {
            $PSCmdlet.WriteError((New-Refusal $_.Exception $TaskName))
            return
        }
        ConvertTo-Task (Get-LabTask | Where-Object { $_.path -eq $path -and $_.name -eq $TaskName })
    }
}

function Unregister-ScheduledTask {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', DefaultParameterSetName = 'Query')]
    param(
        [Parameter(ParameterSetName = 'Query', Position = 0)] [string[]] $TaskName,
        [Parameter(ParameterSetName = 'Query', Position = 1)] [string[]] $TaskPath,
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)] [object[]] $InputObject,
        [switch] $PassThru,
        [object[]] $CimSession, [int] $ThrottleLimit, [switch] $AsJob
    )
    process {
        Assert-Modelled $MyInvocation TaskName, TaskPath, InputObject
        $query = @{}
        foreach ($name in 'TaskName', 'TaskPath') { if ($PSBoundParameters.ContainsKey($name)) { $query[$name] = $PSBoundParameters[$name] } }
        $missing = $null
        $tasks = if ($null -ne $InputObject) { $InputObject } else { Get-ScheduledTask @query -ErrorAction SilentlyContinue -ErrorVariable missing }
        foreach ($one in @($missing)) {
            if ($null -eq $one) { continue }
            $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new(
                    $one.Exception, ($one.FullyQualifiedErrorId -split ',')[0], 'ObjectNotFound', $one.TargetObject))
        }
        foreach ($task in @($tasks)) {
            if ($null -eq $task -or -not $PSCmdlet.ShouldProcess("$($task.TaskPath)$($task.TaskName)", 'Delete')) { continue }
            Invoke-OnTask $PSCmdlet @{ kind = 'unregister-task'; path = $task.TaskPath; name = $task.TaskName }
        }
    }
}

# Commands on one task, which is named or comes from the pipeline: what each does with it.
$onOne = @{
    'Get-ScheduledTaskInfo' = 'Find-LabTask $PSCmdlet $TaskPath $TaskName | ForEach-Object { ConvertTo-TaskInfo $_ }'
    'Export-ScheduledTask' = 'Find-LabTask $PSCmdlet $TaskPath $TaskName | ForEach-Object { $_.xml }'
    'Enable-ScheduledTask' = 'Set-TaskEnabled $PSCmdlet $TaskPath $TaskName $true'
    'Disable-ScheduledTask' = 'Set-TaskEnabled $PSCmdlet $TaskPath $TaskName $false'
    'Start-ScheduledTask' = 'Invoke-OnTask $PSCmdlet @{ kind = "run-task"; path = (Get-FullPath $TaskPath); name = $TaskName }'
    'Stop-ScheduledTask' = 'Invoke-OnTask $PSCmdlet @{ kind = "stop-task"; path = (Get-FullPath $TaskPath); name = $TaskName }'
}
foreach ($command in $onOne.Keys) {
    . ([scriptblock]::Create(@"
function $command {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param(
        [Parameter(ParameterSetName = 'Path', Mandatory, Position = 0)] [string] `$TaskName,
        [Parameter(ParameterSetName = 'Path', Position = 1)] [string] `$TaskPath = '\',
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)] [object] `$InputObject,
        [object[]] `$CimSession, [int] `$ThrottleLimit, [switch] `$AsJob
    )
    process {
        Assert-Modelled `$MyInvocation TaskName, TaskPath, InputObject
        if (`$null -ne `$InputObject) { `$TaskName = `$InputObject.TaskName; `$TaskPath = `$InputObject.TaskPath }
        $($onOne[$command])
    }
}
"@))
}

function Set-TaskEnabled {
    param($Cmdlet, [string] $TaskPath, [string] $TaskName, [bool] $Enabled)
    $path = Get-FullPath $TaskPath
    Invoke-OnTask $Cmdlet @{ kind = 'set-task-enabled'; path = $path; name = $TaskName; enabled = $Enabled }
    Get-LabTask | Where-Object { $_.path -eq $path -and $_.name -eq $TaskName } | ForEach-Object { ConvertTo-Task $_ }
}

function Invoke-OnTask {
    param($Cmdlet, [hashtable] $Request)
    try { $null = Invoke-Lab $Request }
    catch [Runtime.InteropServices.COMException] { $Cmdlet.WriteError((New-Refusal $_.Exception $Request.name)) }
}

function Get-LabTask {
    $state = [CertRebindLab.ServerState]::Read('switches', 'tasks')
    if ($state.Switch('schedule-service') -eq 'stopped') {
        throw [Runtime.InteropServices.COMException]::new('The Task Scheduler service is not running.', 0x80041315)
    }
    foreach ($task in $state.Tasks) { [CertRebindLab.Plain]::Of($task) }
}

function Find-LabTask {
    param($Cmdlet, [string] $TaskPath, [string] $TaskName)
    $path = Get-FullPath $TaskPath
    $task = Get-LabTask | Where-Object { $_.path -eq $path -and $_.name -eq $TaskName }
    if ($null -eq $task) {
        $absent = [Runtime.InteropServices.COMException]::new('The system cannot find the file specified.', 0x80070002)
        $Cmdlet.WriteError((New-Refusal $absent $TaskName))
    }
    $task
}

function ConvertTo-TaskInfo {
    param($Task)
    # 267011 and this date are what Windows shows for a task that has not run.
    $ran = $null -ne $Task.lastRunAt
    [pscustomobject]@{
        PSTypeName = 'Microsoft.Management.Infrastructure.CimInstance#Root/Microsoft/Windows/TaskScheduler/MSFT_TaskDynamicInfo'
        LastRunTime = if ($ran) { ([datetime]$Task.lastRunAt).ToLocalTime() } else { [datetime]'1999-11-30' }
        LastTaskResult = if ($null -ne $Task.lastResult) { [uint32]$Task.lastResult } else { [uint32]267011 }
        NextRunTime = $null
        NumberOfMissedRuns = 0
        TaskName = $Task.name
        TaskPath = $Task.path
    }
}

# The path may come without its backslashes.
function Get-FullPath {
    param([string] $TaskPath)
    $inner = $TaskPath.Trim('\')
    if ($inner -eq '') { '\' } else { "\$inner\" }
}

function Test-Like {
    param([string] $Value, [string[]] $Pattern)
    if ($null -eq $Pattern -or $Pattern.Count -eq 0) { return $true }
    @($Pattern | Where-Object { $Value -like $_ }).Count -gt 0
}

function ConvertTo-Task {
    param($Task)
    $state = if (-not $Task.enabled) { 'Disabled' }
    elseif (@($Task.running).Count -gt 0) { 'Running' }
    elseif (@($Task.queued).Count -gt 0) { 'Queued' }
    else { 'Ready' }
    $item = [pscustomobject]@{
        PSTypeName = 'Microsoft.Management.Infrastructure.CimInstance#Root/Microsoft/Windows/TaskScheduler/MSFT_ScheduledTask'
        TaskPath = $Task.path
        TaskName = $Task.name
        State = $state
        URI = "$($Task.path)$($Task.name)"
        Actions = @(ConvertTo-Action $Task.xml)
    }
    $shown = [Management.Automation.PSPropertySet]::new('DefaultDisplayPropertySet', [string[]]('TaskPath', 'TaskName', 'State'))
    $item | Add-Member -MemberType MemberSet -Name PSStandardMembers -Value ([Management.Automation.PSMemberInfo[]]@($shown)) -PassThru
}

# Only what starts a program has arguments.
function ConvertTo-Action {
    param([string] $Xml)
    foreach ($action in ([xml]$Xml).SelectNodes("/*[local-name()='Task']/*[local-name()='Actions']/*")) {
        if ($action.LocalName -eq 'Exec') { [pscustomobject]@{ Execute = [string]$action['Command'].InnerText; Arguments = [string]$(if ($action['Arguments']) { $action['Arguments'].InnerText }) } }
        else { [pscustomobject]@{ ClassId = ''; Data = '' } }
    }
}

function New-NotFound {
    param([string] $Property, [string] $Value)
    [Management.Automation.ErrorRecord]::new(
        [InvalidOperationException]::new("No MSFT_ScheduledTask objects found with property '$Property' equal to '$Value'.  Verify the value of the property and retry."),
        "CmdletizationQuery_NotFound_$Property", 'ObjectNotFound', $Value)
}

function New-Refusal {
    param([Runtime.InteropServices.COMException] $Exception, [string] $Target)
    $category = switch ('0x{0:x8}' -f $Exception.HResult) {
        '0x80070002' { 'ObjectNotFound' }
        '0x80070005' { 'PermissionDenied' }
        '0x800700b7' { 'ResourceExists' }
        default { 'NotSpecified' }
    }
    [Management.Automation.ErrorRecord]::new($Exception, ('HRESULT 0x{0:x8}' -f $Exception.HResult), $category, $Target)
}

$modelled = 'Get-ScheduledTask', 'Get-ScheduledTaskInfo', 'Export-ScheduledTask', 'Register-ScheduledTask',
    'Unregister-ScheduledTask', 'Enable-ScheduledTask', 'Disable-ScheduledTask', 'Start-ScheduledTask', 'Stop-ScheduledTask'
. (Get-NotModelled -Module 'ScheduledTasks' -Modelled $modelled)
Export-ModuleMember -Function '*-*ScheduledTask*'
