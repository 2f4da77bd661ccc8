# The module in a session as an endpoint of JEA opens it: no language, and functions of PowerShell in place of some cmdlets.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    $null = Invoke-Program lab renew $lab.Certificates[0].thumbprint '--no-event'
    $state = [initialsessionstate]::CreateRestricted('RemoteServer')
    $state.ImportPSModule("$(Get-Root)/module/CertRebind/CertRebind.psd1")
    $space = [runspacefactory]::CreateRunspace($state)
    $space.Open()
    function Invoke-There([string] $Name, [hashtable] $Parameter = @{}) {
        $shell = [powershell]::Create()
        $shell.Runspace = $space
        $shell.AddCommand($Name).AddParameters($Parameter).Invoke()
        $shell.Streams.Error
    }
}

AfterAll {
    $space.Dispose()
    Stop-Lab $lab
}

Describe 'a restricted session' {
    It 'plans and changes, with the run that a fleet asks for before each change' {
        (Invoke-There New-CertRebindPlan).steps.Count | Should -BeGreaterThan 0
        (Invoke-There Sync-CertRebind @{ Confirm = $false }).result | Should -Be 'rebound'
        (Invoke-There Get-CertRebindHistory @{ Last = 1 }).result | Should -Be 'rebound'
    }

    It 'says what is wrong by its own codes' {
        (Invoke-There Undo-CertRebind @{ Run = 'nonsense'; Confirm = $false }).FullyQualifiedErrorId | Should -Be 'no-such-run,Undo-CertRebind'
        (Invoke-There New-CertRebindPlan @{ OldThumbprint = 'AB' * 20; NewThumbprint = 'CD' * 20 }).FullyQualifiedErrorId | Should -Be 'no-such-certificate,New-CertRebindPlan'
    }

    It 'has no other of those functions in the place of a cmdlet that the module uses' {
        $there = $state.Commands.Where({ $_.CommandType -eq 'Function' -and $_.Visibility -eq 'Public' -and $_.Name -notlike '*-CertRebind*' }).Name
        $there | Should -Contain 'Select-Object'
        . "$(Get-Root)/test/powershell/Syntax.ps1"
        $used = (Get-ChildItem -LiteralPath "$(Get-Root)/module/CertRebind" -Recurse -Include *.ps1, *.psm1).FullName | ForEach-Object { (Get-Usage $_).commands.name }
        $used | Where-Object { $_ -in $there } | Sort-Object -Unique | Should -Be 'Select-Object'
    }
}
