# The transcript fleet-story.txt, to which docs/fleet.md leads, typed line by line over real sessions to three labs on which nothing is installed. Lines
# with PS> are typed, those with # say what happens meanwhile, all others are what is printed. UPDATE_STORY=1 writes anew
# what is printed, to be read before it is committed.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
    Import-Module -Name "$PSScriptRoot/Fleet.psm1"
    Import-CertRebind
    Start-Network "$TestDrive/fleet"
    $labs = [ordered]@{}
    foreach ($name in 'web01', 'web02', 'web03') {
        $labs[$name] = Start-Lab
        Add-Server $name $labs[$name] -Bare
    }
    # The zip of a release, as far as it matters here.
    $zip = "$TestDrive/CertRebind.zip"
    $null = New-Item -ItemType Directory -Path "$TestDrive/zip/CertRebind/bin"
    Copy-Item -LiteralPath "$(Get-Root)/dist/certrebind-lab.cjs" -Destination "$TestDrive/zip/CertRebind/bin/certrebind.cjs"
    Compress-Archive -Path "$TestDrive/zip/CertRebind" -DestinationPath $zip
    $untouched = @{}
    # What the lines with # stand for.
    $meanwhile = @{
        'The certificates are renewed on all three servers.' = {
            foreach ($name in $labs.Keys) {
                # With its property, so that it is pending, and without its event, so that no task takes it.
                $null = Invoke-Program lab renew $labs[$name].Certificates[0].thumbprint '--no-event' '--lab' $labs[$name].Folder
                $untouched[$name] = Get-Records $labs[$name]
            }
        }
        'Windows refuses the new certificate on web02 from now on.' = {
            foreach ($on in 'binding-method', 'netsh') { $null = Invoke-Program lab fault $on fail '--times' all '--lab' $labs.web02.Folder }
        }
        'web02 is mended.' = {
            Get-Records $labs.web01 | Should -Not -Be $untouched.web01
            foreach ($name in 'web02', 'web03') { Get-Records $labs[$name] | Should -Be $untouched[$name] }
            $null = Invoke-Program lab fault '--clear' '--lab' $labs.web02.Folder
        }
        'Somebody wants all of it back.' = {
            foreach ($name in $labs.Keys) { Get-Records $labs[$name] | Should -Not -Be $untouched[$name] }
        }
    }
    # Without what differs from run to run.
    function Get-Lasting([string] $Text) { [regex]::Replace([regex]::Replace($Text, '\b[0-9A-F]{8,40}\b', '00000000'), ' +\d+\.\d s', ' 0.0 s') }
    function Get-Printed($Objects) {
        $lines = ($Objects | Out-String -Width 100) -split '\r?\n' | ForEach-Object { $_.TrimEnd() } | Where-Object { $_ }
        if ($lines) { ''; $lines; '' }
    }
}

AfterAll {
    Set-Location -LiteralPath $PSScriptRoot
    if ($fleet) { Remove-PSSession -Session $fleet }
    Stop-Network
    foreach ($lab in @($labs.Values)[($labs.Count - 1)..0]) { Stop-Lab $lab }
    Remove-Module -Name CertRebind -Force
}

Describe 'fleet-story.txt' {
    It 'tells what three servers print, from nothing installed to everything put back' {
        $file = "$PSScriptRoot/fleet-story.txt"
        $story = [IO.File]::ReadAllText($file)
        Set-Location -LiteralPath $TestDrive
        $said = foreach ($line in $story -split '\n') {
            if ($line.StartsWith('# ')) {
                $line
                try { . $meanwhile[$line.Substring(2)] } catch { throw "$line`n$($returned | Out-String)$($returned.Problems | Out-String)$_" }
            } elseif ($line.StartsWith('PS> ')) {
                $line
                # Here, so that the variables of a line are there for the next one.
                $returned = . ([scriptblock]::Create($line.Substring(4)))
                Get-Printed $returned
            }
        }
        $told = Get-Lasting ($said -join "`n")
        if ($env:UPDATE_STORY) { [IO.File]::WriteAllText($file, ($said -join "`n").Trim() + "`n") }
        $told.Trim() | Should -Be (Get-Lasting $story.Trim())
        foreach ($name in $labs.Keys) { Get-Records $labs[$name] | Should -Be $untouched[$name] }
    }
}
