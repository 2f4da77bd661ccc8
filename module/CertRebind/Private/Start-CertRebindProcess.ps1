# The only place in this module that starts a process.
function Start-CertRebindProcess {
    [CmdletBinding()]
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory = $true)] [string] $Path,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [string[]] $Argument,
        # What the program reads on its standard input.
        [AllowEmptyString()] [string] $InputText = '',
        # Called with each line that the program writes on its standard error, while it runs.
        [scriptblock] $OnLine = {},
        # The program changes the server: when the pipeline is stopped it is waited for, since it then finishes or puts
        # back what it began and only afterwards the state of the server is known.
        [switch] $Changes
    )

    $start = [System.Diagnostics.ProcessStartInfo]::new()
    $start.FileName = $Path
    $start.Arguments = ConvertTo-CommandLine -Argument $Argument
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = [System.Text.UTF8Encoding]::new($false)
    $start.StandardErrorEncoding = [System.Text.UTF8Encoding]::new($false)

    $process = [System.Diagnostics.Process]::Start($start)
    try {
        $bytes = [System.Text.UTF8Encoding]::new($false).GetBytes($InputText)
        try {
            $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
            $process.StandardInput.Close()
        } catch [System.IO.IOException] {
            # It ended without reading; its answer says why.
            Write-Debug -Message $_.Exception.Message
        }
        $output = $process.StandardOutput.ReadToEndAsync()
        $line = $process.StandardError.ReadLineAsync()
        while ($true) {
            # In slices, so that a stop of the pipeline is noticed in between.
            if (-not $line.Wait(100)) { continue }
            if ($null -eq $line.Result) { break }
            & $OnLine $line.Result
            $line = $process.StandardError.ReadLineAsync()
        }
        while (-not $output.Wait(100)) { }
        $process.WaitForExit()
        [pscustomobject]@{ ExitCode = $process.ExitCode; Output = $output.Result }
    } finally {
        if (-not $process.HasExited) {
            if ($Changes) {
                while ($null -ne $line.Result) { $line = $process.StandardError.ReadLineAsync() }
                $process.WaitForExit()
            } else {
                $process.Kill()
            }
        }
        $process.Dispose()
    }
}
