function Export-CertRebindReport {
    <#
    .SYNOPSIS
    Writes one page about a server, or about many: what ends when, what is used where, what to do.

    .DESCRIPTION
    Of one server it says what ends when, what each endpoint serves, what runs did, and what to do. Of many servers, given as
    what Get-CertRebindInventory lists, it says which certificate is on which servers, who still uses an older one, when
    each ends, and which servers use the same ones.

    The page is one HTML file that brings everything along. It runs no script and loads nothing from elsewhere, so it
    can be sent by mail and opened anywhere. It follows light and dark, and prints.

    .PARAMETER Path
    The file to write. One that is there is written over.

    .PARAMETER Snapshot
    A captured server, from Import-CertRebindSnapshot; this server when it is left out.

    .PARAMETER Inventory
    What Get-CertRebindInventory listed: the page is about these servers, and none of them is asked again.

    .EXAMPLE
    $fleet | Get-CertRebindInventory | Export-CertRebindReport -Path fleet.html

    Writes one page about all servers of the sessions.

    .EXAMPLE
    Get-CertRebindInventory -Path .\captures | Export-CertRebindReport -Path fleet.html

    Writes one page about all servers of which there are captures in a folder.

    .EXAMPLE
    Export-CertRebindReport -Path server.html

    Writes the page of this server.

    .EXAMPLE
    Import-CertRebindSnapshot -Path server.json | Export-CertRebindReport -Path server.html

    Writes the page of a captured server.

    .INPUTS
    CertRebind.Snapshot

    CertRebind.InventoryEntry

    .OUTPUTS
    CertRebind.ReportWritten

    .LINK
    Get-CertRebindInventory

    .LINK
    Export-CertRebindSnapshot
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'Low', DefaultParameterSetName = 'Server')]
    [OutputType('CertRebind.ReportWritten')]
    param(
        [Parameter(Mandatory = $true)] [string] $Path,

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
    }
    process {
        if ($PSCmdlet.ParameterSetName -eq 'Inventory') {
            $entries.AddRange($Inventory)
            return
        }
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        if (-not $PSCmdlet.ShouldProcess($file, $script:messages.Report)) { return }
        $option = @("--html=$file")
        if ($Snapshot) { $option += '--replay={0}' -f $Snapshot.SnapshotPath }
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'report' -Option $option -Target $file
        if ($answer) { $answer.Document }
    }
    end {
        if ($PSCmdlet.ParameterSetName -ne 'Inventory') { return }
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        if (-not $PSCmdlet.ShouldProcess($file, $script:messages.FleetReport)) { return }
        $listed = [pscustomobject]@{ schema = 'certrebind/inventory/1'; takenAt = [datetime]::UtcNow; entries = $entries.ToArray() }
        $temporary = New-CertRebindTemporaryFile -Text (ConvertTo-CertRebindJson -InputObject $listed)
        try {
            $option = "--html=$file", "--inventory=$($temporary.Name)"
            $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'report' -Option $option -Target $file -TemporaryFile $temporary.Name -TemporaryFileHolds (
                $script:messages.TheInventory)
        } finally {
            $temporary.Dispose()
        }
        if ($answer) { $answer.Document }
    }
}
