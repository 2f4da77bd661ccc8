# The file of a campaign: what each server was asked, what came back, what is open. Written whole after every change, so that a
# console that ends loses nothing; one console at a time.
function Open-CertRebindCampaign {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        # Only in memory if empty.
        [AllowEmptyString()] [string] $Path = '',
        [Parameter(Mandatory = $true)] [string] $Action,
        [AllowNull()] [AllowEmptyString()] [string] $Old,
        [AllowNull()] [AllowEmptyString()] [string] $New,
        # Reads the file and writes nothing.
        [switch] $ReadOnly
    )

    $campaign = [pscustomobject]@{
        Path = $Path; Lock = $null; ReadOnly = $ReadOnly -or -not $Path
        Document = [pscustomobject]@{
            schema = 'certrebind/campaign/1'; action = $Action; old = $Old; new = $New; createdAt = [datetime]::UtcNow; servers = @()
        }
    }
    if (-not $Path) { return $campaign }
    if (-not $campaign.ReadOnly) {
        try {
            $campaign.Lock = [System.IO.FileStream]::new("$Path.lock", 'OpenOrCreate', 'ReadWrite', 'None', 4096, [System.IO.FileOptions]::DeleteOnClose)
        } catch [System.IO.IOException], [System.UnauthorizedAccessException] {
            $message = $script:messages.CampaignBusy -f $Path, $_.Exception.GetBaseException().Message
            $Caller.WriteError((New-CertRebindErrorRecord -Code 'campaign-busy' -Message $message -Category 'ResourceBusy' -Target $Path -Hint (
                        $script:messages.CampaignBusyHint)))
            return
        }
    }
    # An error may end the caller, and then the file must be free again.
    $isOpen = $false
    try {
        if (-not [System.IO.File]::Exists($Path)) {
            if ($Action -ne 'Undo') {
                $isOpen = $true
                return $campaign
            }
            $Caller.WriteError((New-CertRebindErrorRecord -Code 'no-campaign' -Message ($script:messages.NoCampaign -f $Path) -Category (
                        'ObjectNotFound') -Target $Path -Hint $script:messages.NoCampaignHint))
            return
        }
        $read = Import-CertRebindDocument -Caller $Caller -Path $Path -Schema 'certrebind/campaign/1' -Holding 'action', 'old', 'new', 'servers' -MadeBy (
            'Invoke-CertRebindFleet')
        if (-not $read) { return }
        $campaign.Document = $read
        $isUndone = @($read.servers | Where-Object -FilterScript { $null -ne $_.undo }).Count -gt 0
        $isSame = $read.action -eq $Action -and [string]$read.old -eq $Old -and [string]$read.new -eq $New
        if ($Action -ne 'Undo' -and ($isUndone -or -not $isSame)) {
            $message = if ($isUndone) { $script:messages.CampaignUndone -f $Path } else { $script:messages.OtherCampaign -f $Path, $read.action, $read.old, $read.new }
            $Caller.WriteError((New-CertRebindErrorRecord -Code 'other-campaign' -Message $message -Category 'InvalidArgument' -Target $Path -Hint (
                        $script:messages.OtherCampaignHint)))
            return
        }
        $isOpen = $true
        $campaign
    } finally {
        if (-not $isOpen) { Close-CertRebindCampaign -Campaign $campaign }
    }
}

# The entry of a server in the campaign, made if it has none.
function Get-CertRebindCampaignEntry {
    param([Parameter(Mandatory = $true)] [psobject] $Campaign, [Parameter(Mandatory = $true)] [string] $Server)

    foreach ($entry in $Campaign.Document.servers) { if ($entry.server -eq $Server) { return $entry } }
    $entry = [pscustomobject]@{ server = $Server; asked = New-CertRebindCampaignPart; undo = $null }
    $Campaign.Document.servers += $entry
    $entry
}

function New-CertRebindCampaignPart {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()

    [pscustomobject]@{
        state = 'not-started'; wave = $null; before = $null; run = $null; result = $null; exitCode = $null; changed = 0; startedAt = $null; seconds = $null
        problems = @()
    }
}

function Save-CertRebindCampaign {
    param([Parameter(Mandatory = $true)] [psobject] $Campaign)

    if ($Campaign.ReadOnly) { return }
    $next = '{0}.{1}.next' -f $Campaign.Path, [System.Guid]::NewGuid().ToString('N')
    $stream = [System.IO.FileStream]::new($next, 'CreateNew', 'Write', 'None')
    try {
        $bytes = [System.Text.UTF8Encoding]::new($false).GetBytes((ConvertTo-CertRebindJson -InputObject $Campaign.Document) + "`n")
        $stream.Write($bytes, 0, $bytes.Length)
        $stream.Flush($true)
    } finally {
        $stream.Dispose()
    }
    try {
        if ([System.IO.File]::Exists($Campaign.Path)) {
            [System.IO.File]::Replace($next, $Campaign.Path, [System.Management.Automation.Language.NullString]::Value)
        } else {
            [System.IO.File]::Move($next, $Campaign.Path)
        }
    } finally {
        # It is still there where it could not take the place.
        [System.IO.File]::Delete($next)
    }
}

function Close-CertRebindCampaign {
    param([Parameter(Mandatory = $true)] [psobject] $Campaign)

    if ($null -ne $Campaign.Lock) { $Campaign.Lock.Dispose() }
}

function Set-CertRebindCampaignPart {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([psobject] $Part, [psobject] $State)

    $Part.state = $State.State
    $Part.result = $State.Result
    $Part.run = $State.Run
    $Part.exitCode = $State.ExitCode
    $Part.changed = $State.Changed
}
