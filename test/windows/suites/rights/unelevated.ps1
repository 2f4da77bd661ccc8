# The installed program from a token without administrators, as Windows makes it of this one: exit code, then what it printed.
param([string] $File, [string] $Program, [string] $Words)
. "$PSScriptRoot/../parts.ps1"
$folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-$([guid]::NewGuid())")).FullName
$name = "CertRebind-Rehearsal-$([guid]::NewGuid().ToString('N'))"

Ask 'printed' {
    # S-1-16-12288 is the label of an elevated token. The built-in administrator has no other.
    # The redirection first: behind a number of one digit it would be one of that handle. Programs of Git have the same names.
    $lines = '@echo off', '%SystemRoot%\System32\whoami.exe /groups | %SystemRoot%\System32\find.exe "S-1-16-12288" > nul && goto elevated',
        "`"$Program\certrebind.exe`" $Words --json > `"$folder\printed.json`" 2> `"$folder\said.txt`"", "> `"$folder\exit.new`" echo %errorlevel%", 'goto end',
        ':elevated', "> `"$folder\exit.new`" echo elevated", ':end', "move `"$folder\exit.new`" `"$folder\exit.txt`" > nul"
    [IO.File]::WriteAllLines("$folder\run.cmd", [string[]]$lines)
    $null = Invoke-Demanded 'icacls.exe' $folder, '/grant', '*S-1-5-32-545:(OI)(CI)M'
    # By a task: runas /trustlevel ends with 1 and says nothing on some hosted machines.
    $account = [Security.Principal.WindowsIdentity]::GetCurrent().Name
    $principal = New-ScheduledTaskPrincipal -UserId $account -LogonType S4U -RunLevel Limited
    $action = New-ScheduledTaskAction -Execute 'cmd.exe' -Argument "/d /c `"$folder\run.cmd`""
    $null = Register-ScheduledTask -TaskName $name -Action $action -Principal $principal -ErrorAction Stop
    try {
        Start-ScheduledTask -TaskName $name -ErrorAction Stop
        $until = [datetime]::UtcNow.AddSeconds(120)
        while (-not [IO.File]::Exists("$folder\exit.txt") -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 200 }
        if (-not [IO.File]::Exists("$folder\exit.txt")) { throw "the task did not end: $((Get-ScheduledTaskInfo -TaskName $name -TaskPath '\').LastTaskResult)" }
    } finally { Unregister-ScheduledTask -TaskName $name -Confirm:$false }
    $exit = [IO.File]::ReadAllText("$folder\exit.txt").Trim()
    if ($exit -eq 'elevated') { throw "Windows has no filtered token of $account" }
    $exit
    [IO.File]::ReadAllLines("$folder\printed.json")
}
[IO.Directory]::Delete($folder, $true)
Write-Told $File
