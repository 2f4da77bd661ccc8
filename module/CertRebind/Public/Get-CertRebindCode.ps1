function Get-CertRebindCode {
    <#
    .SYNOPSIS
    Explains a code of a plan, an outcome, an error or an exit: what it means and what to do.

    .DESCRIPTION
    The error id of each error of this module is such a code, and so are the reasons in plans and outcomes.

    .PARAMETER Code
    A code. Default: all codes.

    .EXAMPLE
    Get-CertRebindCode -Code names-lost

    Explains why a record was not changed.

    .EXAMPLE
    (Get-CertRebind).findings | Get-CertRebindCode

    Explains the findings of this server.

    .INPUTS
    System.String
    An error id, as the first part of FullyQualifiedErrorId

    .OUTPUTS
    CertRebind.Code
    #>
    [CmdletBinding()]
    [OutputType('CertRebind.Code')]
    param(
        [Parameter(ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('reason')]
        [string] $Code
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
    }
    process {
        $answer = Invoke-CertRebindExecutable -Caller $PSCmdlet -Command 'explain' -Word $Code -Target $Code
        if ($answer) { $answer.Document.codes }
    }
}
