# Task Scheduler, with tasks of our own in the folder of the real ones.
param([string] $File)
. "$PSScriptRoot/../parts.ps1"
$path = '\Microsoft\Windows\CertificateServicesClient\'
$xml = @'
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Author>CertRebind</Author><Description>Asks Task Scheduler.</Description></RegistrationInfo>
  <Triggers><TimeTrigger><StartBoundary>2099-01-01T00:00:00Z</StartBoundary><Enabled>true</Enabled></TimeTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>Queue</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT1H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author"><Exec><Command>C:\CertRebind-Rehearsal\missing.exe</Command><Arguments>nothing</Arguments></Exec></Actions>
</Task>
'@
$name = "CertRebind-Rehearsal-$([guid]::NewGuid().ToString('N'))"

Ask 'declarations' {
    foreach ($declaration in '', '<?xml version="1.0" encoding="UTF-16"?>', '<?xml version="1.0" encoding="UTF-8"?>') {
        Get-Attempt { Register-ScheduledTask -TaskName $name -TaskPath $path -Xml ($declaration + $xml) -Force -ErrorAction Stop }
    }
}
Ask 'export' {
    $null = Register-ScheduledTask -TaskName $name -TaskPath $path -Xml $xml -Force -ErrorAction Stop
    $task = ([xml](Export-ScheduledTask -TaskName $name -TaskPath $path -ErrorAction Stop)).Task
    foreach ($setting in 'MultipleInstancesPolicy', 'DisallowStartIfOnBatteries', 'StopIfGoingOnBatteries', 'StartWhenAvailable', 'ExecutionTimeLimit') { '{0} {1}' -f $setting, $task.Settings.$setting }
    'Command {0}' -f $task.Actions.Exec.Command
    'Boundary {0}' -f $task.Triggers.TimeTrigger.StartBoundary
}
Ask 'next run' {
    $next = (Get-ScheduledTaskInfo -TaskName $name -TaskPath $path -ErrorAction Stop).NextRunTime
    if ($null -eq $next) { throw [NotImplementedException]::new('no next run is told') }
    $next.ToUniversalTime().ToString('s')
}
Ask 'never run' { (Get-ScheduledTaskInfo -TaskName $name -TaskPath $path -ErrorAction Stop).LastTaskResult }
Ask 'missing program' {
    Start-ScheduledTask -TaskName $name -TaskPath $path -ErrorAction Stop
    $until = [datetime]::UtcNow.AddSeconds(20)
    do {
        Start-Sleep -Milliseconds 200
        $result = (Get-ScheduledTaskInfo -TaskName $name -TaskPath $path -ErrorAction Stop).LastTaskResult
    } while ($result -in 267011, 267009, 267045 -and [datetime]::UtcNow -lt $until)
    $result
}
Ask 'start' {
    $program = [IO.Path]::Combine($env:SystemRoot, 'System32', 'netsh.exe')
    $null = Register-ScheduledTask -TaskName $name -TaskPath $path -Xml $xml.Replace('C:\CertRebind-Rehearsal\missing.exe', $program) -Force -ErrorAction Stop
    $started = [datetime]::UtcNow
    Start-ScheduledTask -TaskName $name -TaskPath $path -ErrorAction Stop
    $isQueued = $false
    do {
        Start-Sleep -Milliseconds 200
        $result = (Get-ScheduledTaskInfo -TaskName $name -TaskPath $path -ErrorAction Stop).LastTaskResult
        $isQueued = $isQueued -or $result -eq 267045
        $seconds = [int]([datetime]::UtcNow - $started).TotalSeconds
    } while ($result -in 267011, 267045 -and $seconds -lt 60)
    $result
    $seconds
    $isQueued
}
Unregister-ScheduledTask -TaskName $name -TaskPath $path -Confirm:$false -ErrorAction SilentlyContinue
Ask 'absent task' { Get-Attempt { Export-ScheduledTask -TaskName $name -TaskPath $path -ErrorAction Stop } }
Write-Told $File
