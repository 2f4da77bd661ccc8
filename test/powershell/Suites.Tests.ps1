# The scripts with which the suites ask a Windows: what they say has to be understood by Windows PowerShell 5.1, although most of
# it has never met one.

BeforeDiscovery {
    $root = [IO.Path]::GetFullPath("$PSScriptRoot/../windows/suites")
    $scripts = Get-ChildItem -LiteralPath $root -Recurse -File -Filter '*.ps1' | Where-Object { $_.Name -ne 'on-lab.ps1' } |
        ForEach-Object { @{ Name = [IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/'); Path = $_.FullName } }
}

BeforeAll {
    $script:known = @{}
    foreach ($file in 'webadministration', 'windows-powershell-5.1') {
        $listing = Get-Content -LiteralPath "$PSScriptRoot/../fixtures/commands/$file.json" -Raw | ConvertFrom-Json -AsHashtable
        foreach ($module in $listing.Values) { foreach ($command in $module.Keys) { $known[$command] = @($module[$command].Keys) } }
    }
    $script:ours = 'Ask', 'Get-Attempt', 'Get-Refusal', 'Invoke-Program', 'Invoke-Demanded', 'Get-Issued', 'Get-Enrolled', 'Add-HttpListener', 'Install-Role', 'Write-Told', 'Save', 'Edit-Store'
    # Of roles and tools whose commands are in no listing that is kept here, or that come with the module of a drive.
    $script:unlisted = 'Install-WindowsFeature', 'Get-WindowsFeature', 'Install-AdcsCertificationAuthority', 'Install-RemoteAccess', 'Set-RemoteAccess',
        'Get-Package', 'Set-Culture', 'Invoke-Pester', 'Expand-Archive', 'New-SmbServerCertificateMapping', 'Invoke-DscResource'
    $script:common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
    . "$PSScriptRoot/Syntax.ps1"
}

Describe 'the scripts of the suites' {
    It '<Name> has nothing that is newer than Windows PowerShell 5.1' -ForEach $scripts {
        $usage = Get-Usage $Path
        $usage.errors | Should -BeNullOrEmpty
        $usage.newer | Should -BeNullOrEmpty
    }

    It '<Name> calls commands that 5.1 has, by parameters that they have' -ForEach $scripts {
        foreach ($command in (Get-Usage $Path).commands) {
            if ($ours -contains $command.name -or $unlisted -contains $command.name -or $command.name -match '\.(exe|cmd)$' -or $command.name -match '[\\/]') { continue }
            $known.Keys | Should -Contain $command.name
            foreach ($parameter in $command.parameters) {
                if ($common -contains $parameter) { continue }
                @($known[$command.name] | Where-Object { $_ -like "$parameter*" }).Count | Should -BeGreaterThan 0 -Because "$($command.name) -$parameter"
            }
        }
    }

    It '<Name> does nothing that hosted machines answer with an error' -ForEach $scripts {
        # Changes by the drive WSMan: (actions/runner 1638), quickconfig on a public network, and runas /trustlevel.
        $code = (Get-Content -LiteralPath $Path) -notmatch '^\s*#' -join "`n"
        $code | Should -Not -Match 'WSMan:\\|quickconfig|Enable-PSRemoting|runas'
    }

    It '<Name> puts no redirection behind what a command file fills in, where a number of one digit is that of a handle' -ForEach $scripts {
        Get-Content -LiteralPath $Path -Raw | Should -Not -Match '%\s*>'
    }

    It 'are more than a handful' -ForEach @(@{ Count = @($scripts).Count }) { $Count | Should -BeGreaterThan 8 }
}

Describe 'a program that a script of the suites starts' {
    BeforeAll {
        $before = $env:SystemRoot
        $env:SystemRoot = $TestDrive
        $null = [IO.Directory]::CreateDirectory("$TestDrive/System32")
        function Set-Program([string] $Name, [string] $Text) {
            [IO.File]::WriteAllText("$TestDrive/System32/$Name", "#!/bin/sh`n$Text`n")
            [IO.File]::SetUnixFileMode("$TestDrive/System32/$Name", 'UserRead, UserWrite, UserExecute')
        }
        function Read-Answer([string] $Script, [string[]] $Words) {
            & "$PSScriptRoot/../windows/suites/$Script" "$TestDrive/told.json" @Words
            [IO.File]::ReadAllText("$TestDrive/told.json") | ConvertFrom-Json
        }
    }
    AfterAll { $env:SystemRoot = $before }

    It 'is told with its last words where it refuses: <Script>, <When>' -ForEach @(
        @{ Script = 'ca/enrol.ps1'; When = 'no authority answers'; Program = 'case $1 in -submit) echo "The RPC server is unavailable. 0x800706ba"; exit 186 ;; esac'; Told = '*-submit*ended with 186: The RPC server is unavailable*' }
        @{ Script = 'ca/renew.ps1'; When = 'the request is left pending'; Program = 'echo "Certificate request is pending: Taken Under Submission"'; Told = '*brought no certificate: Certificate request is pending*' }
    ) {
        Set-Program 'certreq.exe' $Program
        (Read-Answer $Script 'story.certrebind.invalid').certificate.refused | Should -BeLike $Told
    }

    It 'asks for a new certificate where the authority takes no renewal, and writes event 1001 where nobody did' {
        Set-Program 'certreq.exe' @'
for last; do :; done
case $1 in
  -new) for file; do case $file in *.inf) grep -q CMC "$file" && { echo "0x80094004"; exit 1; };; esac; done ;;
  -submit) for file; do case $file in *.cer) cp "$CERTIFICATE" "$file" ;; esac; done ;;
esac
exit 0
'@
        $key = [Security.Cryptography.RSA]::Create(2048)
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new(
            'CN=story.invalid', $key, [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $made = $request.CreateSelfSigned([DateTimeOffset]::UtcNow, [DateTimeOffset]::UtcNow.AddDays(1))
        $env:CERTIFICATE = "$TestDrive/made.cer"
        [IO.File]::WriteAllBytes($env:CERTIFICATE, $made.RawData)
        $switched = [Collections.ArrayList]::new()
        function Get-Item { param($LiteralPath) if ($LiteralPath -like "*$($made.Thumbprint)") { $made } else { $made | Add-Member -NotePropertyName FriendlyName -NotePropertyValue 'mark' -Force -PassThru } }
        function Get-WinEvent { }
        function Start-Sleep { }
        function Switch-Certificate { param($OldCert, $NewCert) $null = $switched.Add($NewCert.Thumbprint) }
        $answer = Read-Answer 'ca/renew.ps1' 'AB', '0'
        $answer.certificate | Should -Be $made.Thumbprint
        $answer.way | Should -HaveCount 2
        $answer.way[0] | Should -BeLike '*since the renewal failed*0x80094004*'
        $switched | Should -Be $made.Thumbprint
    }

    It 'clears the lifecycle log and waits for the first event behind that' {
        Set-Program 'wevtutil.exe' 'exit 0'
        $asked = [Collections.ArrayList]::new()
        function New-SelfSignedCertificate { }
        function Start-Sleep { }
        function Get-WinEvent {
            param([switch] $Oldest)
            $null = $asked.Add($Oldest)
            if ($asked.Count -ne 2) { [pscustomobject]@{ RecordId = 40 + $asked.Count } }
        }
        (Read-Answer 'core/log.ps1').'first record' | Should -Be '41', '43'
    }

    It 'makes a listener of WinRM that is not there, on every kind of network, and says what winrm says' {
        $env:PATH = "$TestDrive/System32$([IO.Path]::PathSeparator)$env:PATH"
        function Set-Service { }
        function Start-Service { }
        function Get-WSManInstance { $listeners }
        . "$PSScriptRoot/../windows/suites/listener.ps1"
        Set-Program 'winrm.cmd' 'echo "$*" >> "$(dirname "$0")/asked"; [ "$1" = create ] || { echo "network connection types is set to Public"; exit 1; }'
        $listeners = @([pscustomobject]@{ Transport = 'HTTPS' })
        Add-HttpListener
        Get-Content -LiteralPath "$TestDrive/System32/asked" | Should -Be 'create winrm/config/Listener?Address=*+Transport=HTTP'
        $listeners = @([pscustomobject]@{ Transport = 'HTTP' })
        Add-HttpListener
        Get-Content -LiteralPath "$TestDrive/System32/asked" | Should -HaveCount 1
        $listeners = @()
        Set-Program 'winrm.cmd' 'echo "no access"; exit 5'
        { Add-HttpListener } | Should -Throw 'winrm create ended with 5: no access'
    }

    It 'gets each word as it was, and nobody to answer it' {
        Set-Program 'words.exe' 'cat; for word; do echo "<$word>"; done'
        . "$PSScriptRoot/../windows/suites/parts.ps1"
        Invoke-Program 'words.exe' 'one', 'two words', '*S-1-5-18:(OI)(CI)F' | Should -Be '0', '<one>', '<two words>', '<*S-1-5-18:(OI)(CI)F>'
    }

    It 'is ended where it waits' {
        Set-Program 'waits.exe' 'exec sleep 30'
        . "$PSScriptRoot/../windows/suites/parts.ps1"
        { Invoke-Program 'waits.exe' 'for ever' -Seconds 1 } | Should -Throw 'waits.exe did not end within 1 s'
    }
}

Describe 'a Windows that is prepared for a suite' {
    BeforeAll {
        $script:order = [Collections.ArrayList]::new()
        $script:meanwhile = @{}
        function wevtutil.exe { }
        function Set-Service { }
        function Start-Service { param($Name) $null = $order.Add("start $Name") }
        function Get-Service { [pscustomobject]@{} | Add-Member -MemberType ScriptMethod -Name WaitForStatus -Value { } -PassThru }
        function Install-WindowsFeature {
            param($Name)
            $null = $order.Add($Name)
            $meanwhile.Kept = Get-Content -LiteralPath "$TestDrive/kept/roles.json" -Raw | ConvertFrom-Json
            if ($Name -eq $refused) { throw 'no source' }
            [pscustomobject]@{ Success = $true; RestartNeeded = 'No'; ExitCode = 'Success' }
        }
        function Initialize-Suite { & "$PSScriptRoot/../windows/suites/prepare.ps1" -Suite core -Folder "$TestDrive/kept" }
    }
    BeforeEach { $order.Clear() }

    It 'runs IIS, and keeps how each role ended, before it asks for one that may hang' {
        $refused = 'Web-CertProvider'
        $null = Initialize-Suite
        $order | Should -Be 'start wuauserv', 'Web-Server', 'Web-Scripting-Tools', 'Web-Mgmt-Console', 'start W3SVC', 'Web-CertProvider'
        $meanwhile.Kept.name[-1] | Should -Be 'Web-CertProvider'
        $meanwhile.Kept.exit | Should -Be 'Success', 'Success', 'Success', 'did not end'
        $after = Get-Content -LiteralPath "$TestDrive/kept/roles.json" -Raw | ConvertFrom-Json
        $after.exit | Should -Be 'Success', 'Success', 'Success', 'no source'
        $after.success | Should -Be $true, $true, $true, $false
    }

    It 'is given no other role where IIS cannot be installed' {
        $refused = 'Web-Server'
        { Initialize-Suite } | Should -Throw 'IIS could not be installed*'
        $order | Should -Not -Contain 'start W3SVC'
        $order | Should -Not -Contain 'Web-CertProvider'
    }

    It 'has a SQL Server that listens on the port that it was given, and on no other' {
        $set = [Collections.ArrayList]::new()
        function choco.exe { $global:LASTEXITCODE = 0 }
        function Get-ItemProperty { [pscustomobject]@{ SQLEXPRESS = 'MSSQL17.SQLEXPRESS' } }
        function Set-ItemProperty { param($LiteralPath, $Name, $Value) $null = $set.Add("$($LiteralPath -replace '.*\\') $Name=$Value") }
        function Restart-Service { param($Name, [switch] $Force) $null = $set.Add("$Name $Force") }
        & "$PSScriptRoot/../windows/suites/prepare.ps1" -Suite sql -Folder "$TestDrive/kept" | Should -Contain 'SQL Server: made'
        $set | Should -Be 'Tcp Enabled=1', 'IPAll TcpDynamicPorts=', 'IPAll TcpPort=1433', 'MSSQL$SQLEXPRESS True'
    }
}

Describe 'what is kept of a Windows that is thrown away' {
    BeforeAll { $before = $env:ProgramFiles, $env:ProgramData }
    AfterAll { $env:ProgramFiles, $env:ProgramData = $before }

    It 'is all that a part says, also behind an error, and every other part where one fails' {
        $env:ProgramFiles = $env:ProgramData = "$TestDrive"
        foreach ($program in 'reg.exe', 'netsh.exe', 'wevtutil.exe') { Set-Item -Path "function:$program" -Value { } }
        function Get-HotFix { Write-Error 'one is unreadable'; 'KB1' }
        function Get-WindowsFeature { throw 'no such class' }
        & "$PSScriptRoot/../windows/suites/evidence.ps1" -Folder "$TestDrive/evidence"
        $updates = Get-Content -LiteralPath "$TestDrive/evidence/updates.txt" -Raw
        $updates | Should -BeLike '*one is unreadable*KB1*'
        Get-Content -LiteralPath "$TestDrive/evidence/features.txt.failed.txt" | Should -Be 'no such class'
        "$TestDrive/evidence/netsh-sslcert.txt" | Should -Exist
    }
}
