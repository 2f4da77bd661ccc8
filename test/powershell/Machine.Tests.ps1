# The account that asks, and the process in which it does, from what Windows tells of both.
BeforeAll { . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1')) }

Describe 'who asks' {
    It 'is <Account> as <Sids>' -ForEach @(
        @{ Account = 'system'; Sids = 'S-1-5-18', 'S-1-5-32-544' }
        @{ Account = 'administrator'; Sids = 'S-1-5-21-1-2-3-500', 'S-1-1-0', 'S-1-5-32-544' }
        @{ Account = 'other'; Sids = 'S-1-5-21-1-2-3-1001', 'S-1-1-0', 'S-1-5-32-545' }
        @{ Account = 'other'; Sids = @('S-1-5-19') }
        @{ Account = 'other'; Sids = 'S-1-5-21-1-2-3-1001', 'S-1-5-32-5440' }
        @{ Account = 'unknown'; Sids = @('') }
    ) {
        $script:Identity = $Sids
        $script:Account = $null
        Get-Account | Should -Be $Account
    }
}

Describe 'whether a remote session would be cut off' {
    BeforeAll {
        function New-Process([string] $Name, [int] $Number, [int] $Parent, $Minute) {
            $started = if ($null -ne $Minute) { [datetime]::new(2026, 1, 1).AddMinutes($Minute) }
            [pscustomobject]@{ Name = $Name; ProcessId = [uint32]$Number; ParentProcessId = [uint32]$Parent; CreationDate = $started }
        }
    }

    It 'is <Told> where <Where>' -ForEach @(
        @{ Told = 'yes'; Where = 'a host of remote sessions started the program'; Processes = @(@('wsmprovhost.exe', 2, 1, 0), @('certrebind.exe', 3, 2, 1)) }
        @{ Told = 'yes'; Where = 'winrs did'; Processes = @(@('winrshost.exe', 2, 1, 0), @('certrebind.exe', 3, 2, 1)) }
        @{ Told = 'yes'; Where = 'Windows tells no times'; Processes = @(@('wsmprovhost.exe', 2, 1, $null), @('certrebind.exe', 3, 2, $null)) }
        @{ Told = 'no'; Where = 'the number of the parent was given to a session later'; Processes = @(@('wsmprovhost.exe', 2, 1, 5), @('certrebind.exe', 3, 2, 1)) }
        @{ Told = 'no'; Where = 'a session is beside it'; Processes = @(@('wsmprovhost.exe', 2, 1, 0), @('certrebind.exe', 3, 4, 1)) }
        @{ Told = 'no'; Where = 'processes are the parents of one another'; Processes = @(@('a.exe', 2, 3, $null), @('certrebind.exe', 3, 2, $null)) }
        @{ Told = 'unknown'; Where = 'Windows does not tell of this process'; Processes = @(, @('wsmprovhost.exe', 2, 1, 0)); Own = $false }
    ) {
        Reset-StandIns $TestDrive
        $script:processes = @($Processes | ForEach-Object { New-Process $_[0] $_[1] $_[2] $_[3] })
        if ($_['Own'] -ne $false) { $script:processes += New-Process 'powershell.exe' $PID 3 $Processes[1][3] }
        $script:answers['Get-CimInstance'] = { $script:processes }
        Get-RemoteSession | Should -Be $Told
    }
}
