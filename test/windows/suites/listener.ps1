# A listener of WinRM for HTTP. quickconfig would also open the firewall, which it refuses on a public network, and stops there.
function Add-HttpListener {
    Set-Service -Name WinRM -StartupType Automatic
    Start-Service -Name WinRM
    $there = @(Get-WSManInstance -ResourceURI 'winrm/config/Listener' -Enumerate | Where-Object { $_.Transport -eq 'HTTP' })
    if ($there.Count -gt 0) { return }
    $said = & winrm.cmd create 'winrm/config/Listener?Address=*+Transport=HTTP'
    if ($LASTEXITCODE -ne 0) { throw "winrm create ended with ${LASTEXITCODE}: $said" }
}
