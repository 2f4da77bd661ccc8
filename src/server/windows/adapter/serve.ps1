# As a file, the adapter reads requests itself: text on standard input would be evaluated in constrained language where
# application control is in force, while a file that it allows is not. Nothing that comes in is evaluated.
function Read-Requests {
    while ($null -ne ($line = [Console]::In.ReadLine())) {
        if ($line -cmatch "^Invoke-AdapterCall '([0-9a-f]{32})' '([A-Za-z-]+)' '([A-Za-z0-9+/=]*)'`$") {
            Invoke-AdapterCall $Matches[1] $Matches[2] $Matches[3]
        } elseif ($line -cmatch '^\[Console\]::(Out|Error)\.WriteLine\("([0-9A-Za-z]+)"\)$') {
            # How node-powershell marks the beginning and the end of each answer.
            if ($Matches[1] -ceq 'Out') { [Console]::Out.WriteLine($Matches[2]) } else { [Console]::Error.WriteLine($Matches[2]) }
        }
    }
}

if ($PSCommandPath) { Read-Requests }
