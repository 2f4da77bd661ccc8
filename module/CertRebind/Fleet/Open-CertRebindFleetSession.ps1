# Opens the sessions of one wave, by the script block of the caller where there is one. What is said about a server becomes
# the reason why it has no session. Returns the sessions, and the engine that has to be kept for them.
function Open-CertRebindFleetSession {
    param([AllowNull()] [scriptblock] $Connect, [AllowNull()] [hashtable] $Connection, [object[]] $Member)

    $opened = [pscustomobject]@{ Session = @(); Engine = $null }
    if ($null -ne $Connect) {
        $answer = Invoke-CertRebindFleetScript -Script $Connect -Server $Member.Server
        $output = $answer.Output | ForEach-Object -Process { $_.PSObject.BaseObject }
        $said = $answer.Problems
    } else {
        $call = Start-CertRebindFleetConnection -ComputerName $Member.Server -Connection $Connection
        while (-not (Test-CertRebindFleetCall -Call $call)) { Start-Sleep -Milliseconds 100 }
        $answer = Receive-CertRebindFleetCall -Call $call -KeepEngine
        $opened.Engine = $call.Shell
        $output = $answer.Output
        $said = @($answer.Problems | ForEach-Object -Process { $_.message })
    }
    $opened.Session = @($output | Where-Object -FilterScript { $_ -is [System.Management.Automation.Runspaces.PSSession] })
    foreach ($one in $Member) {
        $one.Session = $opened.Session | Where-Object -Property ComputerName -EQ -Value $one.Server | Select-Object -First 1
        if ($null -ne $one.Session) { continue }
        # New-PSSession begins with the name in brackets where it is about one server.
        $mine = @($said | Where-Object -FilterScript { $_.StartsWith("[$($one.Server)]", [System.StringComparison]::OrdinalIgnoreCase) })
        if ($mine.Count -eq 0) { $mine = $said }
        $one.Why = ('{0} {1}' -f $script:messages.NotOpened, (ConvertTo-CertRebindPlainText -Text (@($mine | Select-Object -Unique) -join ' '))).Trim()
    }
    $opened
}

# A busy session still belongs to a silent server: closing it would take a minute, so nobody waits for that.
function Close-CertRebindFleetSession {
    param([AllowNull()] [psobject] $Opened)

    if ($null -eq $Opened) { return }
    foreach ($one in $Opened.Session) {
        if ($one.Availability -eq 'Available' -or $one.State -ne 'Opened') {
            Remove-PSSession -Session $one -Confirm:$false -WhatIf:$false
        } else {
            $one.Runspace.CloseAsync()
        }
    }
    if ($null -ne $Opened.Engine) { $Opened.Engine.Runspace.CloseAsync() }
}

# Does not wait for the other side, which may never answer.
function Close-CertRebindFleetRunspace {
    param([System.Management.Automation.Runspaces.Runspace] $Runspace)

    if ($Runspace.RunspaceStateInfo.State -eq 'Opened') { $Runspace.CloseAsync() } else { $Runspace.Dispose() }
}
