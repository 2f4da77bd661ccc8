# Windows hands a program one text, which the program splits by known rules: a backslash is literal unless a quote
# follows. ProcessStartInfo.ArgumentList would do this but does not exist in Windows PowerShell. On other systems .NET
# splits the text by the same rules.
function ConvertTo-CommandLine {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)] [AllowEmptyString()] [string[]] $Argument)

    $quoted = foreach ($text in $Argument) {
        if ($text.IndexOf([char]0) -ge 0) { throw [System.ArgumentException]::new($script:messages.NulInArgument) }
        if ($text -match '^[\w./\\:=,@-]+$') {
            $text
        } else {
            $text = [regex]::Replace($text, '(\\*)"', '$1$1\"')
            '"' + [regex]::Replace($text, '(\\+)$', '$1$1') + '"'
        }
    }
    $quoted -join ' '
}
