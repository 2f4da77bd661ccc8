# Hands a document to the program. Nobody else can write or replace the file while the returned stream is open, and
# closing the stream removes the file: other programs of the same user can write to the temporary folder of an elevated
# user.
function New-CertRebindTemporaryFile {
    [CmdletBinding()]
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([System.IO.FileStream])]
    param([Parameter(Mandatory = $true)] [string] $Text)

    $name = 'certrebind-{0}.json' -f [System.Guid]::NewGuid().ToString('N')
    $path = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), $name)
    $stream = [System.IO.FileStream]::new($path, 'CreateNew', 'Write', 'Read', 4096, [System.IO.FileOptions]::DeleteOnClose)
    $bytes = [System.Text.UTF8Encoding]::new($false).GetBytes($Text)
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Flush()
    $stream
}
