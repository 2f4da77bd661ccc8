# What a server answered that gets the program, and which phase comes next.
function Step-CertRebindFleetInstall {
    param([psobject] $Fleet, [psobject] $Member, [psobject] $Answer)

    $turn = $Member.Turn
    $place = $Member.Place
    $package = $Fleet.Package
    $first = $Answer.Output | Select-Object -First 1
    $hash = Get-CertRebindFleetValue -Object $first -Name 'Hash'
    $isSettling = $null -ne $turn.Deadline
    $next = $script:fleetPhases[$turn.Phase].Next
    switch ($turn.Phase) {
        'engine' { $place.IsWindows = $first -isnot [hashtable] -or [string]$first['Platform'] -ne 'Unix' }
        'folder' {
            $root = if ($place.IsWindows) { Get-CertRebindFleetValue -Object $first -Name 'ProgramW6432Dir' } else { '{0}/Program Files' -f (Get-CertRebindFleetValue -Object $first -Name 'Value') }
            Set-CertRebindFleetPlace -Place $place -Root $root -Package $package
        }
        'installed' { if ($hash -eq $package.ProgramSha256) { $next = 'status' } elseif ($isSettling) { $next = 'again' } }
        'status' {
            $status = (Read-CertRebindFleetDocument -Answer $Answer).Document
            if (Test-CertRebindFleetEnabled -Status $status -EnableOption $Fleet.EnableOption) {
                $place.Document = $status
                if (-not $place.Result) { $place.Result = 'already' }
                $next = 'forget'
            } elseif ($isSettling) {
                $next = 'again'
            } else {
                $place.Result = 'enabled'
            }
        }
        { $_ -in 'staged', 'compare' } { if ($hash -eq $package.Sha256) { $next = 'unpack' } }
        'refuse' {
            Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'failed' -Problem (
                New-CertRebindFleetProblem -Code 'package-changed' -Message $script:messages.PackageChanged -Hint $script:messages.PackageChangedHint)
            return
        }
        { $_ -in 'install', 'enable' } {
            $read = Read-CertRebindFleetDocument -Answer $Answer
            if ($read.Problem) {
                Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'failed' -Problem $read.Problem
                return
            }
        }
        'install' {
            $before = Get-CertRebindFleetValue -Object $read.Document -Name 'previous'
            $isOther = $before -and $before -ne (Get-CertRebindFleetValue -Object $read.Document -Name 'version')
            $place.Result = if ($isOther) { 'upgraded' } else { 'installed' }
        }
        'enable' { $place.Document = $read.Document }
        'forget' {
            Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'done' -Result $place.Result
            return
        }
    }
    if ($next -eq 'again') {
        # The copy may still be running there.
        if (Test-CertRebindFleetLate -Turn $turn) {
            Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'lost'
            return
        }
        $turn.NotBefore = [datetime]::UtcNow.AddMilliseconds(500)
        $next = 'installed'
    }
    if ($next -eq 'unpack' -and -not $package.Program) { $next = 'permit' }
    if ($next -eq 'permit' -and $place.IsWindows) { $next = 'install' }
    Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase $next
}

function Set-CertRebindFleetPlace {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([psobject] $Place, [string] $Root, [psobject] $Package)

    $separator = if ($Place.IsWindows) { '\' } else { '/' }
    $Place.Installed = $Root, 'CertRebind', "certrebind$($Package.Extension)" -join $separator
    # Below Program Files, where only administrators can write.
    $Place.Staging = $Root, 'CertRebind Setup', $Package.Sha256.Substring(0, 16).ToLowerInvariant() -join $separator
    $Place.Copy = $Place.Staging, $(if ($Package.Program) { 'package.zip' } else { "certrebind$($Package.Extension)" }) -join $separator
    $Place.Program = if ($Package.Program) { $Place.Staging, $Package.Program.Replace('/', $separator) -join $separator } else { $Place.Copy }
}

# A server that is not what it seems may send anything.
function Get-CertRebindFleetValue {
    param([AllowNull()] [object] $Object, [string] $Name)

    if ($null -eq $Object) { return '' }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { '' } else { [string]$property.Value }
}

# Whether a server is already as -Action Install would leave it.
function Test-CertRebindFleetEnabled {
    param([AllowNull()] [psobject] $Status, [AllowEmptyCollection()] [string[]] $EnableOption)

    if ((Get-CertRebindFleetValue -Object $Status -Name 'enabled') -ne 'True') { return $false }
    $isVerified = $EnableOption -contains '--no-proof' -or (Get-CertRebindFleetValue -Object $Status -Name 'proof')
    $isNativeActive = $null -ne $Status.PSObject.Properties['native'] -and (Get-CertRebindFleetValue -Object $Status.native -Name 'enabled') -eq 'True'
    $isVerified -and -not ($EnableOption -contains '--replace-native' -and $isNativeActive)
}

# The one document that the program printed. What it says on stderr is for people at a terminal.
function Read-CertRebindFleetDocument {
    param([psobject] $Answer)

    $read = [pscustomobject]@{ Document = $null; Problem = $null }
    $text = @($Answer.Output | Where-Object -FilterScript { $_ -is [string] }) -join "`n"
    try {
        if ($text) { $read.Document = ConvertFrom-CertRebindJson -Text $text }
    } catch [System.Xml.XmlException] {
        $read.Document = $null
    }
    if ($null -eq $read.Document) {
        $problems = @($Answer.Problems)
        $read.Problem = if ($problems.Count -gt 0) { $problems } else { New-CertRebindFleetProblem -Code 'no-answer' -Message $script:messages.NothingPrinted }
    } elseif ($null -ne $read.Document.PSObject.Properties['error'] -and $null -ne $read.Document.error) {
        $told = $read.Document.error
        $read.Problem = New-CertRebindFleetProblem -Code $told.code -Message $told.message -Hint $told.hint
        $read.Document = $null
    }
    $read
}

# The session is lost, but the installation may have finished anyway: the server itself is asked, once, over a new session.
function Resolve-CertRebindFleetInstall {
    param([psobject] $Fleet, [psobject] $Member, [AllowEmptyCollection()] [object[]] $Problem = @())

    if ($null -ne $Member.Turn.Deadline) {
        Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State 'lost' -Problem @($Problem)
        return
    }
    $Member.Settle.Lost = @($Problem)
    $Member.Turn.Deadline = [datetime]::UtcNow.AddSeconds($Fleet.SettleSeconds)
    $Member.Place.Result = 'installed'
    Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase reopen
}
