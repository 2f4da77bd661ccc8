# Reads a document of the program from a file; one error, and nothing, when it is none of that type.
function Import-CertRebindDocument {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [string] $Path,
        [Parameter(Mandatory = $true)] [string] $Type
    )

    $reason = $null
    try {
        # By its byte order mark where it has one: what Windows PowerShell writes with > is UTF-16.
        $document = ConvertFrom-CertRebindJson -Text ([System.IO.File]::ReadAllText($Path))
        if ($null -ne $document -and $document.PSObject.TypeNames[0] -eq $Type) { return $document }
        $reason = $script:messages.OtherDocument -f $Type
    } catch [System.Xml.XmlException] {
        $reason = $script:messages.NotJson
    } catch [System.IO.IOException], [System.UnauthorizedAccessException] {
        $reason = $_.Exception.GetBaseException().Message
    }
    $message = $script:messages.Unreadable -f $Path, $reason
    $Caller.WriteError((New-CertRebindErrorRecord -Code 'bad-input' -Message $message -Category 'InvalidData' -Target $Path -Hint $null))
}
