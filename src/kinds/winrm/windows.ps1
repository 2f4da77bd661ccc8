# Listeners of WinRM.

$script:WinrmListeners = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener'
$script:HolderParts['remoting'] = { Add-RemotingRows }
$script:Readings['winrm'] = { Add-WinrmRows }
$script:Puts['put-winrm'] = { Set-WinrmCertificate $args[0] }

# The listeners of WinRM, its service, and whether we came in through it: `yes`, `no` or `unknown`. Nothing but the registry is asked where no listener names a certificate.
function Add-RemotingRows {
    $before = $script:Rows.Count
    Add-WinrmRows
    if ($script:Rows.Count -eq $before) { return }
    Add-Record 'remoting' ([ordered]@{ service = (Get-Service -Name 'WinRM').Status; session = (Get-RemoteSession) })
}

# Each listener of WinRM that names a certificate. One that names none
# follows the certificate binding of another product.
function Add-WinrmRows {
    $listeners = Get-RegistryKey $script:WinrmListeners
    if ($null -eq $listeners) { return }
    foreach ($name in $listeners.GetSubKeyNames()) {
        if ($name -notlike '*+HTTPS') { continue }
        $hash, $port, $hostname = @(Get-RegistryTexts "$($script:WinrmListeners)\$name" 'certThumbprint', 'Port', 'hostname')
        $hash = ($hash -replace '\s').ToUpperInvariant()
        if ($hash -ne '') { Add-Record 'winrm' ([ordered]@{ listener = $name; certificate = $hash; port = $port; hostname = $hostname }) }
    }
}

# `<listener> <expected hash, or nothing> <hash>`. In place, so that port and address stay; the host name of the
# listener is passed again, because WinRM compares it with the certificate. No service is started or restarted (fidelity: winrm-change).
function Set-WinrmCertificate {
    param([string[]]$Row)
    $held, $hostname = @(Get-RegistryTexts "$($script:WinrmListeners)\$($Row[0])" 'certThumbprint', 'hostname')
    if ($Row[1] -ne '' -and ($held -replace '\s') -ne $Row[1]) { return 'changed-meanwhile', 'the listener does not hold the expected certificate' }
    Import-Part 'Microsoft.WSMan.Management'
    $selector = @{ Address = $Row[0] -replace '\+HTTPS$'; Transport = 'HTTPS' }
    $values = @{ CertificateThumbprint = $Row[2] }
    if ($hostname -ne '') { $values['Hostname'] = $hostname }
    $null = Set-WSManInstance -ResourceURI 'winrm/config/Listener' -SelectorSet $selector -ValueSet $values
    '', ''
}

# Whether a host of remote sessions is among the processes that started this one (fidelity: winrm-session). The search
# stops at a parent that has ended, even if a later process has its number: a session that is over cannot be cut off.
function Get-RemoteSession {
    try {
        Import-Part 'CimCmdlets'
        $known = @{}
        foreach ($process in @(Get-CimInstance -Namespace 'root/CIMV2' -ClassName 'Win32_Process')) { $known[[string]$process.ProcessId] = $process }
        $next = [string]$PID
        if (-not $known.ContainsKey($next)) { return 'unknown' }
        for ($depth = 0; $depth -lt 64 -and $known.ContainsKey($next); $depth++) {
            if (([string]$known[$next].Name -replace '\.exe$') -in 'wsmprovhost', 'winrshost') { return 'yes' }
            $child = $known[$next]
            $next = [string]$child.ParentProcessId
            if (Test-StartedLater $known[$next] $child) { break }
        }
        'no'
    } catch {
        'unknown'
    }
}

function Test-StartedLater {
    param($Process, $Than)
    if ($null -eq $Process -or $null -eq $Process.CreationDate -or $null -eq $Than.CreationDate) { return $false }
    $Process.CreationDate -gt $Than.CreationDate
}
