# Runs a command whose document is an outcome: the outcome first, then an error for each record that is not as wanted.
function Invoke-CertRebindRun {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [string] $Command,
        [AllowNull()] [AllowEmptyString()] [string] $Word,
        [AllowEmptyCollection()] [string[]] $Option = @(),
        [AllowNull()] [object] $Target,
        [hashtable] $More = @{}
    )

    $answer = Invoke-CertRebindExecutable -Caller $Caller -Command $Command -Word $Word -Option $Option -Target $Target -Changes @More
    if (-not $answer) { return }
    $answer.Document
    Write-CertRebindStepError -Caller $Caller -Outcome $answer.Document
}
