function Import-CertRebindSnapshot {
    <#
    .SYNOPSIS
    Reads a file of Export-CertRebindSnapshot into an object.

    .DESCRIPTION
    The object contains the state of the server at the time of the capture. Pipe it to New-CertRebindPlan to get the
    plan for that server, on any computer.

    .PARAMETER Path
    The file to read.

    .EXAMPLE
    Import-CertRebindSnapshot -Path web01.json | Select-Object -ExpandProperty records

    Shows the certificate bindings of the captured server.

    .EXAMPLE
    Import-CertRebindSnapshot -Path web01.json | New-CertRebindPlan

    Makes the plan for the pending renewals of the captured server.

    .INPUTS
    System.String
    A path, or a file

    .OUTPUTS
    CertRebind.Snapshot

    .LINK
    Export-CertRebindSnapshot

    .LINK
    New-CertRebindPlan
    #>
    [CmdletBinding()]
    [OutputType('CertRebind.Snapshot')]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('FullName', 'file')]
        [string] $Path
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        $snapshot = Import-CertRebindDocument -Caller $PSCmdlet -Path $file -Schema 'certrebind/snapshot/1' -Holding 'holders' -MadeBy (
            'Export-CertRebindSnapshot')
        if (-not $snapshot) { return }
        $snapshot.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new('SnapshotPath', $file))
        $snapshot
    }
}
