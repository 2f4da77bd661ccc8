# One server over a real session, from plan to undo.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    Import-CertRebind
    Import-Module -Name "$PSScriptRoot/Fleet.psm1"
    Start-Network "$TestDrive/fleet"
    $lab = Start-Lab
    Add-Server web01 $lab
    # With its property, so that it is pending, and without its event, so that no task takes it.
    $null = Invoke-Program lab renew $lab.Certificates[0].thumbprint '--no-event'
    $fleet = @(New-PSSession -HostName web01)
}

AfterAll {
    if ($fleet) { Remove-PSSession -Session $fleet }
    Stop-Network
    Stop-Lab $lab
    Remove-Module -Name CertRebind -Force
}

Describe 'a fleet of one server' {
    It 'is planned, rebound in a campaign that its file tells, and brought back' {
        $campaign = "$TestDrive/campaign.json"
        $plans = $fleet | Invoke-CertRebindFleet -Action Plan
        $plans.Outcome.renewals.old | Should -Be $lab.Certificates[0].thumbprint
        $rebound = $fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Campaign $campaign -Confirm:$false
        Get-Story $rebound | Should -Be 'web01 1 done rebound'
        ([IO.File]::ReadAllText($campaign) | ConvertFrom-Json).servers.asked.state | Should -Be 'done'
        $back = $fleet | Invoke-CertRebindFleet -Action Undo -Campaign $campaign -Confirm:$false
        Get-Story $back | Should -Be 'web01 1 done undone'
        $row = [pscustomobject]@{ PSTypeName = 'CertRebind.InventoryEntry'; server = 'web01'; kind = 'server' }
        $row | Export-CertRebindReport -Path "$TestDrive/fleet.html" -Campaign $campaign
        [IO.File]::ReadAllText("$TestDrive/fleet.html") | Should -BeLike '*Campaign Rebind, its rollback, is done on 1 server.*'
    }
}
