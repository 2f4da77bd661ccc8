# The text of a file, by its byte order mark where it has one: what Windows PowerShell writes with > is UTF-16. The file may
# be open elsewhere: Windows refuses a reader who does not share what a writer, often this process, has opened it for.
function Read-CertRebindFile {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)] [string] $Path)

    $reader = [System.IO.StreamReader]::new([System.IO.FileStream]::new($Path, 'Open', 'Read', 'ReadWrite, Delete'), $true)
    try {
        $reader.ReadToEnd()
    } finally {
        $reader.Dispose()
    }
}
