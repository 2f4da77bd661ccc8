function Export-CertRebindReport {
    <#
    .SYNOPSIS
    Writes an HTML page about one server or many: certificates, end dates, where they are used, what to do.

    .DESCRIPTION
    The page about one server shows when each certificate expires, what each endpoint serves, what runs did, and
    what to do. The page about many servers, from the output of Get-CertRebindInventory, shows which certificate is
    on which servers, which servers still use an older one, and when each expires.

    The page is one HTML file. It runs no script and loads nothing from elsewhere, so you can send it by mail and
    open it anywhere. It has a light and a dark mode and can be printed.

    .PARAMETER Path
    The file to write.

    .PARAMETER Force
    Replace an existing file.

    .PARAMETER Snapshot
    A captured server, from Import-CertRebindSnapshot. Default: this server.

    .PARAMETER Inventory
    The output of Get-CertRebindInventory. The page is about these servers. They are not read again.

    .PARAMETER Campaign
    The file of a campaign of Invoke-CertRebindFleet. The page shows how far it is, and why it stopped.

    .EXAMPLE
    $fleet | Get-CertRebindInventory | Export-CertRebindReport -Path fleet.html

    Writes one page about all servers of the sessions.

    .EXAMPLE
    Get-CertRebindInventory -Path .\captures | Export-CertRebindReport -Path fleet.html

    Writes one page about all servers that have a capture in a folder.

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
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low', DefaultParameterSetName = 'Server')]
    [OutputType('CertRebind.ReportWritten')]
    param(
        [Parameter(Mandatory = $true)] [string] $Path,

        [Parameter(ParameterSetName = 'Server', ValueFromPipeline = $true)]
        [PSTypeName('Deserialized.CertRebind.Snapshot')]
        [psobject] $Snapshot,

        [Parameter(Mandatory = $true, ParameterSetName = 'Inventory', ValueFromPipeline = $true)]
        [PSTypeName('CertRebind.InventoryEntry')]
        [psobject[]] $Inventory,

        [Parameter(ParameterSetName = 'Inventory')]
        [ValidateNotNullOrEmpty()]
        [string] $Campaign,

        [switch] $Force
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
        if (-not (Test-CertRebindNewFile -Caller $PSCmdlet -Path $file -Force:$Force)) { return }
        $option = @("--html=$file")
        if ($Snapshot) { $option += '--replay={0}' -f $Snapshot.SnapshotPath }
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'report' -Option $option -Target $file
        if ($answer) { $answer.Document }
    }
    end {
        if ($PSCmdlet.ParameterSetName -ne 'Inventory') { return }
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        if (-not $PSCmdlet.ShouldProcess($file, $script:messages.FleetReport)) { return }
        if (-not (Test-CertRebindNewFile -Caller $PSCmdlet -Path $file -Force:$Force)) { return }
        $option = @("--html=$file")
        if ($Campaign) { $option += '--campaign={0}' -f $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Campaign) }
        $listed = [pscustomobject]@{ schema = 'certrebind/inventory/1'; takenAt = [datetime]::UtcNow; entries = $entries.ToArray() }
        $temporary = New-CertRebindTemporaryFile -Text (ConvertTo-CertRebindJson -InputObject $listed)
        try {
            $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'report' -Option ($option + "--inventory=$($temporary.Name)") -Target $file -TemporaryFile $temporary.Name -TemporaryFileHolds (
                $script:messages.TheInventory)
            if ($answer) { $answer.Document }
        } finally {
            $temporary.Dispose()
        }
    }
}
