# What -WhatIf of a command shows: each thing that the program would do, in the style of PowerShell, with this machine
# as target.
function Show-CertRebindWhatIf {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $Wanted
    )

    $preview = Invoke-CertRebindDsc -Verb set -Wanted $Wanted -WhatIf
    if (-not $preview.PSObject.Properties['_metadata']) { return }
    foreach ($line in $preview._metadata.whatIf) {
        $action = ConvertTo-CertRebindWord -Text ($line -replace '^Would (.*)\.$', '$1')
        if ($action -like 'be refused*') {
            Write-Warning -Message $line
            continue
        }
        [void]$Caller.ShouldProcess([System.Environment]::MachineName, $action.Substring(0, 1).ToUpperInvariant() + $action.Substring(1))
    }
}
