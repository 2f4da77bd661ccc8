function Get-CertRebindForecast {
    <#
    .SYNOPSIS
    Counts the renewals to come, what each costs, and what ends the work of a person.

    .DESCRIPTION
    Changes nothing. Returns one object for the server, or for each captured server, or for all servers of an
    inventory: total and years count the renewals, certificates says of each how its renewal is learnt and what it
    costs at each place (nothing, a restart in the change window, a person), and actions has what ends that work.

    An inventory has neither the renewals of the past nor the settings of a server, so that rules alone are used.

    .PARAMETER Until
    The last month that is counted.

    .PARAMETER Snapshot
    A captured server instead of this one: an object of Import-CertRebindSnapshot.

    .PARAMETER Inventory
    The output of Get-CertRebindInventory. A certificate is renewed once for all of these servers. They are not read
    again.

    .EXAMPLE
    (Get-CertRebindForecast).actions

    Shows what to do now, and for how many renewals until the end of 2029 it ends the work.

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
    [CmdletBinding(DefaultParameterSetName = 'Server')]
    [OutputType('CertRebind.Forecast')]
    param(
        [datetime] $Until,

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
