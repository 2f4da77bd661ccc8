function Get-CertRebindForecast {
    <#
    .SYNOPSIS
    Counts the renewals to come, what each costs, and what makes them unattended.

    .DESCRIPTION
    Changes nothing. Returns one object for the server, or for each captured server: total and years count the
    renewals, certificates says of each how its renewal is learnt and what it costs at each place, and actions says
    what to do now, that which saves most first. Work is in minutes.

    .PARAMETER Until
    The last month that is counted.

    .PARAMETER Minutes
    Minutes of a person for one place at one renewal, with the keys blocked, person and restart.

    .PARAMETER Snapshot
    A captured server instead of this one: an object of Import-CertRebindSnapshot.

    .EXAMPLE
    (Get-CertRebindForecast).actions

    Shows what to do now, and how many minutes of work each saves until the end of 2029.

    .EXAMPLE
    Get-ChildItem -Path .\captures | Import-CertRebindSnapshot | Get-CertRebindForecast -Until 2027-12-31 | Select-Object -Property server -ExpandProperty total

    Counts the renewals of many servers until the end of 2027, from captures.

    .INPUTS
    CertRebind.Snapshot

    .OUTPUTS
    CertRebind.Forecast

    .LINK
    Get-CertRebindUsage
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is')]
    [OutputType('CertRebind.Forecast')]
    param(
        [datetime] $Until,

        [ValidateNotNullOrEmpty()]
        [hashtable] $Minutes,

        [Parameter(ValueFromPipeline = $true)]
        [PSTypeName('Deserialized.CertRebind.Snapshot')]
        [psobject] $Snapshot
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $option = @()
        if ($Until) { $option += '--until={0}' -f $Until.ToString('yyyy-MM', [Globalization.CultureInfo]::InvariantCulture) }
        if ($Minutes) { $option += '--minutes={0}' -f (@($Minutes.Keys | Sort-Object | ForEach-Object -Process { '{0}={1}' -f $_, $Minutes[$_] }) -join ',') }
        if ($Snapshot) { $option += '--replay={0}' -f $Snapshot.SnapshotPath }
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'forecast' -Option $option -Target $Snapshot
        if ($answer) { $answer.Document }
    }
}
