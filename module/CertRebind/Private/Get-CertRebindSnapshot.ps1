# All facts about this server as an object. The program writes them to a file, which is removed afterwards.
function Get-CertRebindSnapshot {
    [CmdletBinding()]
    [OutputType('CertRebind.Snapshot')]
    param([Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller)

    $file = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), [System.Guid]::NewGuid().ToString('N') + '.json')
    try {
        $answer = Invoke-CertRebindExecutable -Caller $Caller -Command 'capture' -Word $file
        if ($answer) { ConvertFrom-CertRebindJson -Text (Read-CertRebindFile -Path $file) }
    } finally {
        [System.IO.File]::Delete($file)
    }
}
