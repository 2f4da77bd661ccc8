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

    .PARAMETER ComputerName
    Names of servers, to open sessions that are closed afterwards, over WinRM unless you give -Connect.

    .PARAMETER Credential
    The account for -ComputerName, as Invoke-Command takes it.

    .PARAMETER UseSSL
    Use HTTPS for -ComputerName, as Invoke-Command does.

    .PARAMETER Authentication
    How to authenticate for -ComputerName, as Invoke-Command takes it.

    .PARAMETER Connect
    A script block that gets names and returns their sessions, for example over SSH.

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
    System.String
    The name of a server

    .OUTPUTS
    CertRebind.InventoryEntry

    .LINK
    Invoke-CertRebindFleet

    .LINK
    Get-CertRebindUsage
    #>
    [CmdletBinding(DefaultParameterSetName = 'Session')]
    [OutputType('CertRebind.InventoryEntry')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Session', ValueFromPipeline = $true)]
        [ValidateNotNullOrEmpty()]
        [System.Management.Automation.Runspaces.PSSession[]] $Session,

        [Parameter(Mandatory = $true, ParameterSetName = 'Computer', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'Connect', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Cn', 'Server')]
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'Computer')]
        [System.Management.Automation.PSCredential] $Credential,

        [Parameter(ParameterSetName = 'Computer')]
        [switch] $UseSSL,

        [Parameter(ParameterSetName = 'Computer')]
        [System.Management.Automation.Runspaces.AuthenticationMechanism] $Authentication,

        [Parameter(Mandatory = $true, ParameterSetName = 'Connect')]
        [scriptblock] $Connect,

        [Parameter(Mandatory = $true, ParameterSetName = 'Path')]
        [ValidateNotNullOrEmpty()]
        [string[]] $Path,

        [Parameter(ParameterSetName = 'Session')]
        [Parameter(ParameterSetName = 'Computer')]
        [Parameter(ParameterSetName = 'Connect')]
        [ValidateRange(1, 1000)]
        [int] $ThrottleLimit = 32
    )

    begin {
        Use-CertRebindCallerPreference -Caller $PSCmdlet
        $servers = [System.Collections.Generic.List[object]]::new()
    }
    process {
        if ($PSCmdlet.ParameterSetName -eq 'Session') {
            foreach ($one in $Session) { if ($null -ne $one) { $servers.Add([pscustomobject]@{ Server = $one.ComputerName; Session = $one; Why = '' }) } }
        } elseif ($PSCmdlet.ParameterSetName -ne 'Path') {
            foreach ($name in $ComputerName) { $servers.Add([pscustomobject]@{ Server = $name; Session = $null; Why = '' }) }
        }
    }
    end {
        foreach ($given in $Path) {
            $place = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($given)
            $files = @(if ([System.IO.Directory]::Exists($place)) { [System.IO.Directory]::GetFiles($place, '*.json') | Sort-Object } else { $place })
            foreach ($file in $files) { Read-CertRebindCapturedInventory -Caller $PSCmdlet -Path $file }
        }
        $connection = @{}
        foreach ($key in 'Credential', 'UseSSL', 'Authentication') { if ($PSBoundParameters.ContainsKey($key)) { $connection[$key] = $PSBoundParameters[$key] } }
        for ($next = 0; $next -lt $servers.Count; $next += $ThrottleLimit) {
            $asked = $servers.GetRange($next, [Math]::Min($ThrottleLimit, $servers.Count - $next)).ToArray()
            $opened = $null
            try {
                if ($PSCmdlet.ParameterSetName -ne 'Session') { $opened = Open-CertRebindFleetSession -Connect $Connect -Connection $connection -Member $asked }
                Read-CertRebindSessionInventory -Caller $PSCmdlet -Member $asked
            } finally {
                Close-CertRebindFleetSession -Opened $opened
            }
        }
    }
}
