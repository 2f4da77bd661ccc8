function Export-CertRebindReport {
    <#
    .SYNOPSIS
    Writes one page about a server: what ends when, what is served where, what runs did, what to do.

    .DESCRIPTION
    The page is one HTML file that brings everything along. It runs no script and loads nothing from elsewhere, so it
    can be sent by mail and opened anywhere. It follows light and dark, and prints.

    .PARAMETER Path
    The file to write. One that is there is written over.

    .PARAMETER Snapshot
    A captured server, from Import-CertRebindSnapshot; this server when it is left out.

    .EXAMPLE
    Export-CertRebindReport -Path server.html

    Writes the page of this server.

    .EXAMPLE
    Import-CertRebindSnapshot -Path server.json | Export-CertRebindReport -Path server.html

    Writes the page of a captured server.

    .INPUTS
    CertRebind.Snapshot

    .OUTPUTS
    CertRebind.ReportWritten

    .LINK
    Export-CertRebindSnapshot
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/powershell.md#what-there-is', SupportsShouldProcess = $true, ConfirmImpact = 'Low')]
    [OutputType('CertRebind.ReportWritten')]
    param(
        [Parameter(Mandatory = $true)] [string] $Path,

        [Parameter(ValueFromPipeline = $true)]
        [PSTypeName('Deserialized.CertRebind.Snapshot')]
        [psobject] $Snapshot
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        if (-not $PSCmdlet.ShouldProcess($file, $script:messages.Report)) { return }
        $option = @("--html=$file")
        if ($Snapshot) { $option += '--replay={0}' -f $Snapshot.SnapshotPath }
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'report' -Option $option -Target $file
        if ($answer) { $answer.Document }
    }
}
