function Get-CertRebindForecast {
    <#
    .SYNOPSIS
    Counts the renewals to come, what each costs, and what makes them unattended.

    .DESCRIPTION
    Changes nothing. Returns one object for the server, or for each captured server, or for all servers of an
    inventory: total and years count the renewals, certificates says of each how its renewal is learnt and what it
    costs at each place, and actions says what to do now, that which saves most first. Work is in minutes.

    An inventory has neither the renewals of the past nor the settings of a server, so that rules alone are used.

    .PARAMETER Until
    The last month that is counted.

    .PARAMETER Minutes
    Minutes of a person for one place at one renewal, with the keys blocked, person and restart.

    .PARAMETER Snapshot
    A captured server instead of this one: an object of Import-CertRebindSnapshot.

    .PARAMETER Inventory
    The output of Get-CertRebindInventory. A certificate is renewed once for all of these servers. They are not read
    again.

    .EXAMPLE
    (Get-CertRebindForecast).actions

    Shows what to do now, and how many minutes of work each saves until the end of 2029.

    .EXAMPLE
    Get-ChildItem -Path .\captures | Import-CertRebindSnapshot | Get-CertRebindForecast -Until 2027-12-31 | Select-Object -Property server -ExpandProperty total

    Counts the renewals of many servers until the end of 2027, from captures.

    .EXAMPLE
    $fleet | Get-CertRebindInventory | Get-CertRebindForecast

    Counts the renewals of all servers of the sessions until the end of 2029.

    .INPUTS
    CertRebind.Snapshot

    CertRebind.InventoryEntry

    .OUTPUTS
    CertRebind.Forecast

    .LINK
    Get-CertRebindUsage
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', DefaultParameterSetName = 'Server')]
    [OutputType('CertRebind.Forecast')]
    param(
        [datetime] $Until,

        [ValidateNotNullOrEmpty()]
        [hashtable] $Minutes,

        [Parameter(ParameterSetName = 'Server', ValueFromPipeline = $true)]
        [PSTypeName('Deserialized.CertRebind.Snapshot')]
        [psobject] $Snapshot,

        [Parameter(Mandatory = $true, ParameterSetName = 'Inventory', ValueFromPipeline = $true)]
        [PSTypeName('CertRebind.InventoryEntry')]
        [psobject[]] $Inventory
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
        $entries = [System.Collections.Generic.List[object]]::new()
        $option = @()
        if ($Until) { $option += '--until={0}' -f $Until.ToString('yyyy-MM', [Globalization.CultureInfo]::InvariantCulture) }
        if ($Minutes) { $option += '--minutes={0}' -f (@($Minutes.Keys | Sort-Object | ForEach-Object -Process { '{0}={1}' -f $_, $Minutes[$_] }) -join ',') }
    }
    process {
        if ($PSCmdlet.ParameterSetName -eq 'Inventory') {
            $entries.AddRange($Inventory)
            return
        }
        $of = @(if ($Snapshot) { '--replay={0}' -f $Snapshot.SnapshotPath })
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'forecast' -Option ($option + $of) -Target $Snapshot
        if ($answer) { $answer.Document }
    }
    end {
        if ($PSCmdlet.ParameterSetName -ne 'Inventory') { return }
        $answer = Invoke-CertRebindOnInventory -Caller $PSCmdlet -Command 'forecast' -Option $option -Entry $entries
        if ($answer) { $answer.Document }
    }
}
