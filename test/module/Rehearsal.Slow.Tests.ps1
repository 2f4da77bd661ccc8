# A rehearsal through the module, on a lab server that is really served.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    $lab = Start-Lab
    Import-CertRebind
}

AfterAll {
    Stop-Lab $lab
    Remove-Module -Name CertRebind -Force
}

Describe 'Invoke-CertRebindRehearsal' {
    It 'does nothing with -WhatIf' {
        $before = Get-Everything $lab
        Invoke-CertRebindRehearsal -WhatIf | Should -BeNullOrEmpty
        Get-Everything $lab | Should -Be $before
    }

    It 'returns what it did, and leaves no error where nothing is left' {
        $rehearsal = Invoke-CertRebindRehearsal -Confirm:$false -ErrorVariable problems
        $problems | Should -BeNullOrEmpty
        $rehearsal.PSObject.TypeNames[0] | Should -Be 'CertRebind.Rehearsal'
        $rehearsal.clean | Should -BeTrue
        ($rehearsal.stages | Where-Object -Property result -NE -Value 'done') | Should -BeNullOrEmpty
    }
}
