function Get-CertRebindHistory {
    <#
    .SYNOPSIS
    Lists past runs, or shows what became of one.

    .DESCRIPTION
    Without a name every closed run is returned, oldest first. With one its outcome is returned, and with -Timeline each
    line of its journal.

    .PARAMETER Run
    The name of a run.

    .PARAMETER Timeline
    Return what the run did, moment by moment.

    .EXAMPLE
    Get-CertRebindHistory | Where-Object -Property result -NE -Value rebound

    Finds the runs that did not end well.

    .EXAMPLE
    Get-CertRebindHistory | Select-Object -Last 1 | Get-CertRebindHistory

    Shows the outcome of the last run.

    .OUTPUTS
    CertRebind.Run
    CertRebind.Outcome with -Run
    CertRebind.TimelineEntry with -Timeline

    .LINK
    Undo-CertRebind
    #>
    [CmdletBinding(DefaultParameterSetName = 'All')]
    [OutputType('CertRebind.Run', 'CertRebind.Outcome', 'CertRebind.TimelineEntry')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'One', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [string] $Run,

        [Parameter(ParameterSetName = 'One')]
        [switch] $Timeline
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $option = @()
        if ($Timeline) { $option += '--timeline' }
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'history' -Word $Run -Option $option -Target $Run
        if (-not $answer) { return }
        switch ($answer.Document.PSObject.TypeNames[0]) {
            'CertRebind.History' { $answer.Document.runs }
            'CertRebind.Timeline' { $answer.Document.journal }
            default { $answer.Document }
        }
    }
}
