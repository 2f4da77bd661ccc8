# Services that read a certificate only when they start.

# `service <name> <state> <account> <dependent that runs>...`, the dependents in the order in which they are stopped.
function Add-ServiceRow {
    param([string]$Name)
    # What an uninstalled program left in the registry may have no service any more; its state is not known then.
    $service = try { Get-Service -Name $Name } catch { $null }
    $state = if ($null -ne $service) { [string]$service.Status } else { '' }
    $fields = @('service', $Name, $state, (Get-RegistryTexts "HKLM:\SYSTEM\CurrentControlSet\Services\$Name" 'ObjectName'))
    foreach ($one in @(if ($null -ne $service) { $service.DependentServices })) { if ([string]$one.Status -eq 'Running') { $fields += $one.Name } }
    Add-Row $fields
}

# Rows `<service>`: for each its row.
function Read-Services {
    param([string[][]]$Request)
    foreach ($row in $Request) { Add-ServiceRow $row[0] }
}

# How many connections clients have open at a TCP port of this server; nothing where that cannot be read. A busy server has
# thousands, which are read once for a request.
function Measure-Connections {
    param([string]$Port)
    try {
        if ($null -eq $script:OpenAtPorts) {
            $open = @{}
            foreach ($one in @(Get-CimObjects 'root/StandardCimv2' 'MSFT_NetTCPConnection')) { if ([int]$one.State -eq 5) { $open[[string]$one.LocalPort] += 1 } }
            $script:OpenAtPorts = $open
        }
        [string][int]$script:OpenAtPorts[$Port]
    } catch { '' }
}

# `<stop or start> <service> <seconds>`. One that is so already stays so. One on its way takes no order before it is there. All
# orders of a request share the seconds; what takes longer is an error.
function Set-ServiceRunning {
    param([string[]]$Row)
    $wanted = if ($Row[0] -eq 'stop') { 'Stopped' } else { 'Running' }
    $service = Get-Service -Name $Row[1]
    switch ([string]$service.Status) {
        'StopPending' { Wait-Service $service 'Stopped' $Row[2] }
        'StartPending' { Wait-Service $service 'Running' $Row[2] }
    }
    if ([string]$service.Status -ne $wanted) {
        if ($wanted -eq 'Stopped') { $service.Stop() } else { $service.Start() }
        Wait-Service $service $wanted $Row[2]
    }
    '', ''
}

# The time runs from the first wait of the request.
function Wait-Service {
    param($Service, [string]$Wanted, [int]$Seconds)
    if ($null -eq $script:ServicesAwaited) { $script:ServicesAwaited = [Diagnostics.Stopwatch]::StartNew() }
    $left = [Math]::Ceiling($Seconds - $script:ServicesAwaited.Elapsed.TotalSeconds)
    $Service.WaitForStatus($Wanted, [TimeSpan]::FromSeconds([Math]::Max(0, $left)))
}
