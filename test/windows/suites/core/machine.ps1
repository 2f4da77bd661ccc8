# What needs a service, a source of events and a task of our own.
param([string] $File, [string] $Node, [int] $Seconds)
. "$PSScriptRoot/../parts.ps1"
$mark = 'CertRebind-Rehearsal'
$folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), "$mark-$([guid]::NewGuid().ToString('N'))")).FullName

Ask 'files of a service' {
    $service = "$mark-service"
    $null = Invoke-Program 'sc.exe' 'create', $service, 'binPath=', "cmd.exe /d /c copy $folder\given.txt $folder\got.txt & copy $folder\kept.txt $folder\got-kept.txt & echo done> $folder\done.txt", 'obj=', 'NT AUTHORITY\LocalService'
    try {
        $null = Invoke-Demanded 'sc.exe' 'sidtype', $service, 'unrestricted'
        foreach ($name in 'given', 'kept') { [IO.File]::WriteAllText("$folder\$name.txt", $name) }
        $null = Invoke-Program 'icacls.exe' $folder, '/grant', "NT SERVICE\${service}:(OI)(CI)M"
        foreach ($name in 'given', 'kept') { $null = Invoke-Program 'icacls.exe' "$folder\$name.txt", '/inheritance:r', '/grant:r', '*S-1-5-32-544:F' }
        $null = Invoke-Program 'icacls.exe' "$folder\given.txt", '/grant', "NT SERVICE\${service}:R"
        # It is no service, so its start is refused in the end; what it does until then counts.
        $null = Invoke-Program 'sc.exe' 'start', $service -Seconds 180
        $until = [datetime]::UtcNow.AddSeconds($Seconds)
        while (-not [IO.File]::Exists("$folder\done.txt") -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 200 }
        foreach ($name in 'done', 'got', 'got-kept') { [IO.File]::Exists("$folder\$name.txt") }
    } finally { $null = Invoke-Program 'sc.exe' 'delete', $service }
}
Ask 'values of an event' {
    $task = "$mark-$([guid]::NewGuid().ToString('N'))"
    $path = '\Microsoft\Windows\CertificateServicesClient\'
    $null = [IO.Directory]::CreateDirectory("$folder/999")
    [IO.File]::WriteAllText("$folder/tell.js", "require('fs').writeFileSync(process.argv[2] + '.new', [...process.argv.slice(3), process.cwd()].join('\n')); require('fs').renameSync(process.argv[2] + '.new', process.argv[2]);")
    $xml = @"
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers><EventTrigger>
    <Subscription>&lt;QueryList&gt;&lt;Query Id="0" Path="Application"&gt;&lt;Select Path="Application"&gt;*[System[Provider[@Name='$mark'] and EventID=999]]&lt;/Select&gt;&lt;/Query&gt;&lt;/QueryList&gt;</Subscription>
    <ValueQueries><Value name="Text">Event/EventData/Data</Value><Value name="Id">Event/System/EventID</Value></ValueQueries>
  </EventTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>
  <Actions Context="Author"><Exec><Command>$Node</Command><Arguments>"$folder\tell.js" "$folder\told.txt" "`$(Text)"</Arguments><WorkingDirectory>$folder\`$(Id)</WorkingDirectory></Exec></Actions>
</Task>
"@
    New-EventLog -LogName 'Application' -Source $mark -ErrorAction Stop
    try {
        $null = Register-ScheduledTask -TaskName $task -TaskPath $path -Xml $xml -Force -ErrorAction Stop
        Write-EventLog -LogName 'Application' -Source $mark -EventId 999 -Message 'one" "two $(Id)'
        $until = [datetime]::UtcNow.AddSeconds($Seconds)
        while (-not [IO.File]::Exists("$folder\told.txt") -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 200 }
        [IO.File]::ReadAllLines("$folder\told.txt") | ForEach-Object { $_.Replace($folder, '') }
    } finally {
        Unregister-ScheduledTask -TaskName $task -TaskPath $path -Confirm:$false -ErrorAction SilentlyContinue
        Remove-EventLog -Source $mark
    }
}
Ask 'service with dependents' {
    $service = Get-Service -Name 'WAS' -ErrorAction Stop
    $dependents = @($service.DependentServices | Where-Object { $_.Status -eq 'Running' } | ForEach-Object { $_.Name })
    $dependents -join ' '
    try {
        Get-Attempt { $service.Stop(); $service.WaitForStatus('Stopped', [timespan]::FromSeconds($Seconds)) }
        foreach ($name in $dependents) { (Get-Service -Name $name).Status }
    } finally {
        [array]::Reverse($dependents)
        foreach ($name in @('WAS') + $dependents) { Start-Service -Name $name }
    }
}
Ask 'removed' { [IO.Directory]::Delete($folder, $true) }
Write-Told $File
