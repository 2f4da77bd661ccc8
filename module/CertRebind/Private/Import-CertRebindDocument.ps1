# Reads a document of the program from a file; writes one error and returns nothing if it has another schema.
function Import-CertRebindDocument {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [string] $Path,
        [Parameter(Mandatory = $true)] [string] $Schema,
        # What this module itself reads of it; the rest is checked by the program.
        [Parameter(Mandatory = $true)] [string[]] $Holding,
        # The function that writes such a file.
        [Parameter(Mandatory = $true)] [string] $MadeBy
    )

    # Asked first: an exception that is caught would be one more error in -ErrorVariable of the caller.
    if (-not [System.IO.File]::Exists($Path)) {
        $Caller.WriteError((New-CertRebindErrorRecord -Code 'no-such-file' -Message ($script:messages.NoFile -f $Path) -Category 'ObjectNotFound' -Target $Path -Hint (
                    $script:messages.NoFileHint)))
        return
    }
    $kind = $Schema -replace '/\d+$'
    $code = 'bad-input'
    $hint = $script:messages.MakeAgain -f $MadeBy
    try {
        $document = ConvertFrom-CertRebindJson -Text (Read-CertRebindFile -Path $Path)
        $found = ''
        # Only its own properties: a type adds members that the object itself lacks.
        $own = @(if ($document -is [pscustomobject]) {
                $document.PSObject.Properties | Where-Object -Property MemberType -EQ -Value NoteProperty | ForEach-Object -Process { $_.Name }
            })
        if ($own -ccontains 'schema') { $found = [string]$document.schema }
        if ($found -ceq $Schema -and -not (@($Holding) | Where-Object -FilterScript { $own -cnotcontains $_ })) {
            return $document
        }
        $message = $script:messages.Unreadable -f $Path, ($script:messages.OtherDocument -f $script:documentTypes[$kind.Split('/')[1]])
        if ($found -cne $Schema -and $found -match '^(?<kind>.+)/[1-9]\d{0,5}$' -and $Matches.kind -ceq $kind) {
            $code = 'other-version'
            $message = $script:messages.OtherSchema -f $Path, $found, $Schema
            $hint = $script:messages.UseOther -f $MadeBy
        }
    } catch [System.Xml.XmlException], [System.FormatException], [System.OverflowException] {
        $message = $script:messages.Unreadable -f $Path, $script:messages.NotJson
    } catch [System.IO.IOException], [System.UnauthorizedAccessException] {
        $message = $script:messages.Unreadable -f $Path, $_.Exception.GetBaseException().Message
    }
    $Caller.WriteError((New-CertRebindErrorRecord -Code $code -Message $message -Category 'InvalidData' -Target $Path -Hint $hint))
}
