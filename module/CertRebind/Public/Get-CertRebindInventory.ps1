function Get-CertRebindInventory {
    <#
    .SYNOPSIS
    Lists the certificates and the findings of many servers as flat objects.

    .DESCRIPTION
    Changes nothing. For each server, one object of kind server is returned, with its version of CertRebind. Then
    follows one object for each certificate and store, with what uses it, one of kind missing for each certificate
    that is used but not in any store, and one for each finding. All objects have the same properties, so that you
    can use Export-Csv, Group-Object and Where-Object.

    A server that does not answer is a non-terminating error. The other servers are listed.

    .PARAMETER Session
    Sessions of New-PSSession, one for each server.

    .PARAMETER Path
    Captures of Export-CertRebindSnapshot, or folders of captures, instead of servers. They contain no version.

    .PARAMETER ThrottleLimit
    How many servers are read at the same time.

    .EXAMPLE
    $fleet | Get-CertRebindInventory | Export-Csv -Path inventory.csv

    Writes all certificates and findings of all servers to a CSV file.

    .EXAMPLE
    Get-CertRebindInventory -Path .\captures | Where-Object -Property thumbprint | Group-Object -Property thumbprint

    Shows which certificate is on which servers, from captures.

    .INPUTS
    System.Management.Automation.Runspaces.PSSession

    .OUTPUTS
    CertRebind.InventoryEntry

    .LINK
    Invoke-CertRebindFleet

    .LINK
    Get-CertRebindUsage
    #>
    [CmdletBinding(HelpUri = 'https://example.com/certrebind/blob/HEAD/docs/fleet.md', DefaultParameterSetName = 'Session')]
    [OutputType('CertRebind.InventoryEntry')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Session', ValueFromPipeline = $true)]
        [ValidateNotNullOrEmpty()]
        [System.Management.Automation.Runspaces.PSSession[]] $Session,

        [Parameter(Mandatory = $true, ParameterSetName = 'Path')]
        [ValidateNotNullOrEmpty()]
        [string[]] $Path,

        [Parameter(ParameterSetName = 'Session')]
        [ValidateRange(1, 1000)]
        [int] $ThrottleLimit = 32
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
        $sessions = [System.Collections.Generic.List[object]]::new()
    }
    process {
        foreach ($one in $Session) { if ($null -ne $one) { $sessions.Add($one) } }
    }
    end {
        foreach ($given in $Path) {
            $place = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($given)
            $files = @(if ([System.IO.Directory]::Exists($place)) { [System.IO.Directory]::GetFiles($place, '*.json') | Sort-Object } else { $place })
            foreach ($file in $files) { Read-CertRebindCapturedInventory -Caller $PSCmdlet -Path $file }
        }
        for ($next = 0; $next -lt $sessions.Count; $next += $ThrottleLimit) {
            $size = [Math]::Min($ThrottleLimit, $sessions.Count - $next)
            Read-CertRebindSessionInventory -Caller $PSCmdlet -Session $sessions.GetRange($next, $size).ToArray()
        }
    }
}
