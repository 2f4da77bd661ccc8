# How a server gets the program: look what is there, copy the package, compare its hash there, and only then start it. Each
# phase is one command, by its name.
function Enter-CertRebindFleetInstall {
    param([psobject] $Fleet, [psobject] $Member, [string] $Phase)

    $place = $Member.Place
    $package = $Fleet.Package
    $ask = @{ Runspace = $Member.Session.Runspace }
    if ($null -ne $Member.Runspace) { $ask.Runspace = $Member.Runspace }
    switch ($Phase) {
        'engine' { $ask += @{ Name = 'Get-Variable'; Parameter = @{ Name = 'PSVersionTable'; ValueOnly = $true } } }
        'folder' {
            if ($place.IsWindows) {
                # The same folder in sessions of 64 and 32 bits; from the registry, because others can set an
                # environment.
                $ask += @{ Name = 'Get-ItemProperty'; Parameter = @{ LiteralPath = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'; Name = 'ProgramW6432Dir' } }
            } else {
                $ask += @{ Name = 'Get-Item'; Parameter = @{ LiteralPath = 'Env:CERTREBIND_LAB' } }
            }
        }
        'installed' { $ask += @{ Name = 'Get-FileHash'; Parameter = @{ LiteralPath = $place.Installed; Algorithm = 'SHA256' } } }
        'status' { $ask += @{ Name = $place.Installed; Argument = 'status', '--json' } }
        'staged' { $ask += @{ Name = 'Get-FileHash'; Parameter = @{ LiteralPath = $place.Copy; Algorithm = 'SHA256' } } }
        'make' { $ask += @{ Name = 'New-Item'; Parameter = @{ Path = $place.Staging; ItemType = 'Directory'; Force = $true } } }
        'copy' {
            $Member.Call = Start-CertRebindFleetCopy -Session $Member.Session -Path $package.Path -Destination $place.Copy
            return
        }
        'compare' { $ask += @{ Name = 'Get-FileHash'; Parameter = @{ LiteralPath = $place.Copy; Algorithm = 'SHA256' } } }
        'refuse' { $ask += @{ Name = 'Remove-Item'; Parameter = @{ LiteralPath = $place.Staging; Recurse = $true; Force = $true } } }
        'unpack' { $ask += @{ Name = 'Expand-Archive'; Parameter = @{ LiteralPath = $place.Copy; DestinationPath = $place.Staging; Force = $true } } }
        # On a lab the copied file must first be made executable.
        'permit' { $ask += @{ Name = 'chmod'; Argument = 'u+x', $place.Program } }
        'install' { $ask += @{ Name = $place.Program; Argument = 'install', '--yes', '--wait', '--json' } }
        'enable' { $ask += @{ Name = $place.Installed; Argument = @('enable', '--yes', '--wait', '--json') + $Fleet.EnableOption } }
        'tidy' { $ask += @{ Name = 'Remove-Item'; Parameter = @{ LiteralPath = $place.Staging; Recurse = $true; Force = $true } } }
        # So that this session takes the module that was just installed.
        'forget' { $ask += @{ Name = 'Remove-Module'; Parameter = @{ Name = 'CertRebind'; Force = $true; ErrorAction = 'Ignore' } } }
    }
    $Member.Call = Start-CertRebindFleetCall @ask
}

# What a phase answered, and which one comes next.
function Step-CertRebindFleetInstall {
    param([psobject] $Fleet, [psobject] $Member, [psobject] $Answer)

    $place = $Member.Place
    $package = $Fleet.Package
    $first = $Answer.Output | Select-Object -First 1
    $mustTell = $Member.Phase -notin 'refuse', 'make', 'copy', 'unpack', 'permit', 'tidy', 'forget'
    if ($Answer.IsLost -or ($mustTell -and (Test-CertRebindFleetNothing -Answer $Answer))) {
        Complete-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Problem $Answer.Problems -Lost
        return
    }
    $hash = Get-CertRebindFleetValue -Object $first -Name 'Hash'
    $isSettling = $null -ne $Member.Deadline
    $mayFail = $Member.Phase -in 'installed', 'status', 'staged', 'install', 'enable', 'tidy', 'forget'
    if (-not $mayFail -and ($Answer.IsRefused -or $Answer.Problems.Count -gt 0)) {
        Complete-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Problem (Get-CertRebindFleetInstallProblem -Answer $Answer)
        return
    }
    $next = switch ($Member.Phase) {
        'engine' {
            $place.IsWindows = $first -isnot [hashtable] -or [string]$first['Platform'] -ne 'Unix'
            'folder'
        }
        'folder' {
            $root = if ($place.IsWindows) { Get-CertRebindFleetValue -Object $first -Name 'ProgramW6432Dir' } else { '{0}/Program Files' -f (Get-CertRebindFleetValue -Object $first -Name 'Value') }
            Set-CertRebindFleetPlace -Place $place -Root $root -Package $package
            'installed'
        }
        'installed' { if ($hash -eq $package.ProgramSha256) { 'status' } elseif ($isSettling) { 'again' } else { 'staged' } }
        'status' {
            $status = (Read-CertRebindFleetDocument -Answer $Answer).Document
            if (Test-CertRebindFleetEnabled -Status $status -EnableOption $Fleet.EnableOption) {
                $Member.Document = $status
                if (-not $place.Result) { $place.Result = 'already' }
                'forget'
            } elseif ($isSettling) {
                'again'
            } else {
                $place.Result = 'enabled'
                'enable'
            }
        }
        'staged' { if ($hash -eq $package.Sha256) { 'unpack' } else { 'make' } }
        'make' { 'copy' }
        'copy' { 'compare' }
        'compare' { if ($hash -eq $package.Sha256) { 'unpack' } else { 'refuse' } }
        'unpack' { 'permit' }
        'permit' { 'install' }
        'install' {
            $installed = Read-CertRebindFleetDocument -Answer $Answer
            if ($installed.Problem) {
                Complete-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Problem $installed.Problem
                return
            }
            $before = Get-CertRebindFleetValue -Object $installed.Document -Name 'previous'
            $isOther = $before -and $before -ne (Get-CertRebindFleetValue -Object $installed.Document -Name 'version')
            $place.Result = if ($isOther) { 'upgraded' } else { 'installed' }
            'enable'
        }
        'enable' {
            $enabled = Read-CertRebindFleetDocument -Answer $Answer
            if ($enabled.Problem) {
                Complete-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Problem $enabled.Problem
                return
            }
            $Member.Document = $enabled.Document
            'tidy'
        }
        'tidy' { 'forget' }
    }
    if ($Member.Phase -eq 'refuse') {
        Complete-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Problem (
            New-CertRebindFleetProblem -Code 'package-changed' -Message $script:messages.PackageChanged -Hint $script:messages.PackageChangedHint)
        return
    }
    if ($Member.Phase -eq 'forget') {
        Complete-CertRebindFleetInstall -Fleet $Fleet -Member $Member
        return
    }
    if ($next -eq 'again') {
        # The copy may still be running there.
        if ([datetime]::UtcNow -gt $Member.Deadline) {
            Complete-CertRebindFleetInstall -Fleet $Fleet -Member $Member -Lost
            return
        }
        $Member.NotBefore = [datetime]::UtcNow.AddMilliseconds(500)
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

# A constrained endpoint has none of the commands that copy and start a file.
function Get-CertRebindFleetInstallProblem {
    param([psobject] $Answer)

    $isConstrained = @($Answer.Problems | Where-Object -FilterScript { $_.code -in 'CommandNotFoundException', 'SessionIsNotInFullLanguageMode', 'ScriptsNotAllowed' }).Count -gt 0
    if (-not $isConstrained) { return $Answer.Problems }
    New-CertRebindFleetProblem -Code 'constrained-endpoint' -Message $script:messages.ConstrainedEndpoint -Hint $script:messages.ConstrainedEndpointHint
}

function Complete-CertRebindFleetInstall {
    param([psobject] $Fleet, [psobject] $Member, [AllowEmptyCollection()] [object[]] $Problem = @(), [switch] $Lost)

    $isDone = @($Problem).Count -eq 0 -and -not $Lost
    if ($Lost -and $null -eq $Member.Deadline) {
        # The installation may have finished anyway: the server itself is asked, over a new session.
        $Member.Lost = @($Problem)
        $Member.Deadline = [datetime]::UtcNow.AddSeconds($Fleet.SettleSeconds)
        $Member.Place.Result = 'installed'
        Enter-CertRebindFleetPhase -Fleet $Fleet -Member $Member -Phase reopen
        return
    }
    $state = if ($isDone) { 'done' } elseif ($Lost) { 'lost' } else { 'failed' }
    $result = if ($isDone) { $Member.Place.Result }
    Complete-CertRebindFleetMember -Fleet $Fleet -Member $Member -State $state -Result $result -Problem @($Problem)
}
