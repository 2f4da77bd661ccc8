function Get-CertRebindHistory {
    <#
    .SYNOPSIS
    Lists past runs, or shows the outcome of one.

    .DESCRIPTION
    Without a name, all finished runs are returned, oldest first, or those that -Last, -After and -Result select.
    With a name, the outcome of that run is returned.

    .PARAMETER Run
    The name of a run.

    .PARAMETER Last
    Only this number of runs, the newest.

    .PARAMETER After
    Only runs that began after this time.

    .PARAMETER Result
    Only runs with one of these results. Wildcards are allowed.

    .EXAMPLE
    Get-CertRebindHistory -After (Get-Date).AddDays(-7) -Result partly-rebound, needs-attention

    Finds the runs of the last week that need your attention.

    .EXAMPLE
    Get-CertRebindHistory -Last 1 | Get-CertRebindHistory

    Shows the outcome of the last run.

    .INPUTS
    CertRebind.Run

    .OUTPUTS
    CertRebind.Run
    CertRebind.Outcome with -Run

    .LINK
    Undo-CertRebind
    #>
    [CmdletBinding(DefaultParameterSetName = 'All')]
    [OutputType('CertRebind.Run', 'CertRebind.Outcome')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ParameterSetName = 'One', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [string] $Run,

        [Parameter(ParameterSetName = 'All')]
        [ValidateRange(1, [int]::MaxValue)]
        [int] $Last,

        [Parameter(ParameterSetName = 'All')]
        [datetime] $After,

        [Parameter(ParameterSetName = 'All')]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]] $Result = @('*')
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'history' -Word $Run -Target $Run
        if (-not $answer) { return }
        switch ($answer.Document.PSObject.TypeNames[0]) {
            'CertRebind.History' {
                $chosen = @($answer.Document.runs | Where-Object -FilterScript {
                        $past = $_
                        (-not $After -or $past.at -gt $After.ToUniversalTime()) -and @($Result | Where-Object -FilterScript { $past.result -like $_ }).Count -gt 0
                    })
                if ($Last) { $chosen = @($chosen | Select-Object -Last $Last) }
                $chosen
            }
            default { $answer.Document }
        }
    }
}
