# Each part of a lab's Windows, as scripts see it. The lab is shared, so every test puts back what it changed.

BeforeAll {
    $modules = "$PSScriptRoot/../../src/lab/windows/modules"
    Import-Module -Name "$modules/CertRebindLab/CertRebindLab.psm1"
    foreach ($name in 'Microsoft.PowerShell.Management', 'Microsoft.PowerShell.Security', 'Microsoft.PowerShell.Diagnostics', 'ScheduledTasks', 'WebAdministration', 'PKI') {
        Import-Module -Name "$modules/$name/$name.psm1" -Global -DisableNameChecking
    }
    function Get-State { [CertRebindLab.ServerState]::Read('id', 'osBuild', 'stoppedSites') }
    function Set-Switch([string] $Name, [string] $Position) { $null = Invoke-Lab @{ kind = 'set-switch'; name = $Name; position = $Position } }
    function Get-Netsh { & ([IO.Path]::Combine($env:SystemRoot, 'System32', 'netsh.exe')) @args }

    $http = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters'
    $everyAddress = Get-WebBinding | Where-Object { $_.bindingInformation -eq '*:443:' } | Select-Object -First 1
    $old = $everyAddress.certificateHash.ToUpperInvariant()
    $other = (Get-ChildItem -LiteralPath Cert:\LocalMachine\WebHosting | Select-Object -First 1).Thumbprint
    function Restore-Binding { $everyAddress.RebindSslCertificate($old, 'My') }
}

Describe 'HKLM:' {
    It 'has the tables of HTTP.SYS with the kinds and bytes of every value' {
        $entry = (Get-Item -LiteralPath "$http\SslBindingInfo").OpenSubKey('0.0.0.0:443')
        [Convert]::ToHexString($entry.GetValue('SslCertHash')) | Should -Be $old
        $entry.GetValueKind('SslCertHash') | Should -Be 'Binary'
        $entry.GetValueKind('DefaultFlags') | Should -Be 'DWord'
        $entry.GetValueKind('SslCertStoreName') | Should -Be 'String'
        $entry.GetValue('AppId').Length | Should -Be 16
    }

    It 'has no table that never had an entry, and no key that is not there' {
        Test-Path -LiteralPath "$http\SslBindingInfo" | Should -BeTrue
        Test-Path -LiteralPath "$http\SslNonsenseInfo" | Should -BeFalse
        (Get-Item -LiteralPath "$http\SslBindingInfo").OpenSubKey('192.0.2.99:443') | Should -BeNullOrEmpty
        { Get-Item -LiteralPath 'HKLM:\SOFTWARE\Nothing' -ErrorAction Stop } | Should -Throw '*does not exist*'
    }

    It 'names the entries of the SNI table as the switch says, and tells the host' {
        $table = Get-Item -LiteralPath "$http\SslSniBindingInfo"
        $names = $table.GetSubKeyNames()
        $names[0] | Should -Match '^\{[0-9a-f-]{36}\}$'
        $table.OpenSubKey($names[0]).GetValue('HostnamePort') | Should -Match '^[a-z0-9.*-]+:\d+$'
    }

    It 'shows one entry as it is now, not as it was when its key was opened first' {
        $before = (Get-Item -LiteralPath "$http\SslBindingInfo").OpenSubKey('0.0.0.0:443').GetValue('SslCertHash')
        $everyAddress.RebindSslCertificate($other, 'WebHosting')
        try {
            $after = (Get-Item -LiteralPath "$http\SslBindingInfo").OpenSubKey('0.0.0.0:443')
            [Convert]::ToHexString($after.GetValue('SslCertHash')) | Should -Be $other
            $after.GetValue('SslCertStoreName') | Should -Be 'WebHosting'
            [Convert]::ToHexString($before) | Should -Be $old
        } finally { Restore-Binding }
    }

    It 'knows the machine, the build and IIS' {
        (Get-ItemProperty -LiteralPath HKLM:\SOFTWARE\Microsoft\Cryptography).MachineGuid | Should -Be (Get-State).Id
        [int](Get-Item -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion').GetValue('CurrentBuildNumber') | Should -Be (Get-State).OsBuild
        (Get-Item -LiteralPath HKLM:\SOFTWARE\Microsoft\InetStp).GetValueKind('MajorVersion') | Should -Be 'DWord'
    }

    It 'cannot be written, and says why' {
        { Set-ItemProperty -LiteralPath HKLM:\SOFTWARE\Microsoft\InetStp -Name MajorVersion -Value 7 } | Should -Throw '*not modelled*'
        { New-Item -Path HKLM:\SOFTWARE\Lab } | Should -Throw '*not modelled*'
    }

    It 'lists and finds relative to a location' {
        Push-Location -LiteralPath HKLM:\SOFTWARE\Microsoft
        try { (Get-ChildItem).PSChildName | Should -Contain 'InetStp' } finally { Pop-Location }
    }
}

Describe 'Cert:' {
    AfterEach { $null = Invoke-Lab @{ kind = 'archive-certificate'; thumbprint = $old; archived = $false }
        $null = Invoke-Lab @{ kind = 'set-renewal'; thumbprint = $old; renewedTo = $null }
        $null = Invoke-Lab @{ kind = 'set-key'; thumbprint = $old; key = 'usable' } }

    It 'has real certificates whose keys sign' {
        $certificate = Get-Item -LiteralPath "Cert:\LocalMachine\My\$old"
        $certificate.psobject.BaseObject | Should -BeOfType [Security.Cryptography.X509Certificates.X509Certificate2]
        $certificate.HasPrivateKey | Should -BeTrue
        $key = [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($certificate)
        $signature = if ($null -ne $key) { $key.SignData([byte[]](1, 2), 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1) }
        else { [Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPrivateKey($certificate).SignData([byte[]](1, 2), 'SHA256') }
        $signature.Length | Should -BeGreaterThan 32
    }

    It 'shows archived certificates with -Force only' {
        $null = Invoke-Lab @{ kind = 'archive-certificate'; thumbprint = $old; archived = $true }
        Get-ChildItem -LiteralPath Cert:\LocalMachine\My | ForEach-Object { $_.Thumbprint } | Should -Not -Contain $old
        $found = Get-ChildItem -LiteralPath Cert:\LocalMachine\My -Force | Where-Object { $_.Thumbprint -eq $old }
        $found.Archived | Should -BeTrue
    }

    It 'has no key where the lab has none, and one that does not open where it is unusable' {
        $null = Invoke-Lab @{ kind = 'set-key'; thumbprint = $old; key = 'missing' }
        (Get-Item -LiteralPath "Cert:\LocalMachine\My\$old").HasPrivateKey | Should -BeFalse
        $null = Invoke-Lab @{ kind = 'set-key'; thumbprint = $old; key = 'unusable' }
        $certificate = Get-Item -LiteralPath "Cert:\LocalMachine\My\$old"
        $certificate.HasPrivateKey | Should -BeTrue
        [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($certificate) | Should -BeNullOrEmpty
        [Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPrivateKey($certificate) | Should -BeNullOrEmpty
    }

    It 'keeps the renewal property in the blob of the registry' {
        $null = Invoke-Lab @{ kind = 'set-renewal'; thumbprint = $old; renewedTo = $other }
        $blob = (Get-Item -LiteralPath HKLM:\SOFTWARE\Microsoft\SystemCertificates\My\Certificates).OpenSubKey($old).GetValue('Blob')
        [Convert]::ToHexString($blob) | Should -BeLike "*4000000001000000 14000000$other*".Replace(' ', '')
    }
}

Describe 'WebAdministration' {
    AfterEach {
        Set-Switch 'rebind-options' 'kept'
        $null = Invoke-Lab @{ kind = 'disarm-faults' }
        Restore-Binding
    }

    It 'reads the hash of a binding from the record it stands on' {
        $everyAddress.certificateHash | Should -BeExactly $old.ToLowerInvariant()
    }

    It 'changes every binding of a record with one of them' {
        $everyAddress.RebindSslCertificate($other, 'WebHosting')
        $hashes = Get-WebBinding -Port 443 -IPAddress '[*]' | Where-Object { $_.sslFlags -eq 0 -and $_.bindingInformation -like '[*]:443:*' }
        @($hashes).Count | Should -BeGreaterThan 1
        $hashes.certificateHash | Sort-Object -Unique | Should -Be $other.ToLowerInvariant()
    }

    It 'throws a COMException with the number of Windows, directly below the method call' {
        $thrown = { $everyAddress.RebindSslCertificate('00' * 20, 'My') } | Should -Throw -PassThru
        $thrown.Exception | Should -BeOfType [Management.Automation.MethodInvocationException]
        $thrown.Exception.InnerException | Should -BeOfType [Runtime.InteropServices.COMException]
        '0x{0:X8}' -f $thrown.Exception.InnerException.ErrorCode | Should -Be '0x80070520'
    }

    It 'lets a fault of the lab through with its number and text' {
        $null = Invoke-Lab @{ kind = 'arm-fault'; fault = @{
                on = @{ kind = 'binding-method' }; nth = 1; times = 1
                effect = @{ do = 'fail'; hresult = 0x80070020L; message = 'It is in use.' } } }
        $thrown = { $everyAddress.RebindSslCertificate($other, 'WebHosting') } | Should -Throw -PassThru
        $thrown.Exception.InnerException.Message | Should -Be 'It is in use.'
        '0x{0:X8}' -f $thrown.Exception.InnerException.ErrorCode | Should -Be '0x80070020'
        { $everyAddress.RebindSslCertificate($other, 'WebHosting') } | Should -Not -Throw
    }

    It 'ends the engine when the lab lets it die' {
        $null = Invoke-Lab @{ kind = 'arm-fault'; fault = @{ on = @{ kind = 'binding-method' }; nth = 1; times = 1; effect = @{ do = 'die'; after = $true } } }
        $engine = (Get-Process -Id $PID).Path
        $script = "Import-Module '$modules/WebAdministration/WebAdministration.psm1'; `$b = Get-WebBinding | ? bindingInformation -eq '*:443:' | select -First 1; `$b.RebindSslCertificate('$other', 'WebHosting'); 'survived'"
        $said = & $engine -NoProfile -NonInteractive -Command $script 2>&1
        $LASTEXITCODE | Should -Be 137
        $said | Should -Not -Contain 'survived'
        (Get-WebBinding | Where-Object { $_.bindingInformation -eq '*:443:' } | Select-Object -First 1).certificateHash | Should -Be $other
    }

    It 'blocks where the lab hangs' {
        $null = Invoke-Lab @{ kind = 'arm-fault'; fault = @{ on = @{ kind = 'binding-method' }; nth = 1; times = 1; effect = @{ do = 'hang'; after = $false } } }
        $engine = (Get-Process -Id $PID).Path
        $script = "Import-Module '$modules/WebAdministration/WebAdministration.psm1'; `$b = Get-WebBinding | ? bindingInformation -eq '*:443:' | select -First 1; [Console]::Out.WriteLine('calling'); `$b.RebindSslCertificate('$other', 'WebHosting'); 'went on'"
        $start = [Diagnostics.ProcessStartInfo]::new($engine, [string[]]('-NoProfile', '-NonInteractive', '-Command', $script))
        $start.RedirectStandardOutput = $true
        $child = [Diagnostics.Process]::Start($start)
        try {
            $child.StandardOutput.ReadLine() | Should -Be 'calling'
            $next = $child.StandardOutput.ReadLineAsync()
            $next.Wait(1500) | Should -BeFalse
        } finally { $child.Kill(); $child.WaitForExit() }
    }

    It 'knows sites, their ids and states' {
        $sites = @(Get-Website)
        $sites.Count | Should -BeGreaterThan 3
        ($sites | Where-Object { $_.state -eq 'Stopped' }).name | Should -Be @((Get-State).StoppedSites)
        (Get-Website -Name $sites[0].name).id | Should -Be $sites[0].id
        $everyAddress.ItemXPath | Should -Match "@id='\d+'\]$"
    }

    It 'cannot tell the state of a site while the service is stopped' {
        $null = Invoke-Lab @{ kind = 'set-web-service'; state = 'stopped' }
        try {
            (Get-Service -Name W3SVC).Status | Should -Be 'Stopped'
            { (Get-Website)[0].psobject.BaseObject.get_state() } | Should -Throw '*0x80070426*'
        } finally { $null = Invoke-Lab @{ kind = 'set-web-service'; state = 'started' } }
        (Get-Service -Name W3SVC).Status | Should -Be 'Running'
    }
}

Describe 'sites that come and go' {
    BeforeAll {
        $site = @{ Name = 'Pester'; PhysicalPath = [IO.Path]::GetTempPath(); IPAddress = '127.0.0.1'; Port = 44399; Ssl = $true; SslFlags = 0 }
    }
    AfterEach { if (@(Get-Website -Name 'Pester').Count -gt 0) { Remove-Website -Name 'Pester' } }

    It 'has the bindings that it was given' {
        (New-Website @site).state | Should -Be 'Started'
        New-WebBinding -Name 'Pester' -Protocol https -IPAddress '127.0.0.1' -Port 44399 -HostHeader 'pester.example' -SslFlags 1
        $bindings = Get-WebBinding -Name 'Pester'
        $bindings.bindingInformation | Should -Be '127.0.0.1:44399:', '127.0.0.1:44399:pester.example'
        $bindings.sslFlags | Should -Be 0, 1
    }

    It 'is gone with its bindings, and the others are not' {
        $before = @(Get-WebBinding).bindingInformation
        $null = New-Website @site
        Remove-Website -Name 'Pester'
        @(Get-WebBinding).bindingInformation | Should -Be $before
    }

    It 'refuses a name that is taken, and what is not there, by number' {
        $null = New-Website @site
        (({ New-Website @site } | Should -Throw -PassThru).Exception.HResult) | Should -Be 0x800700B7
        foreach ($call in { Remove-Website -Name 'Nobody' }, { New-WebBinding -Name 'Nobody' -Protocol https -Port 1 }) {
            ($call | Should -Throw -PassThru).Exception.HResult | Should -Be 0x80070002
        }
    }

    It 'need an id of their own where there is none yet, and one that is free' {
        $taken = @(Get-Website)[0].id
        { New-Website @site -Id $taken } | Should -Throw '*duplicate*'
        Mock Get-Website { } -ModuleName WebAdministration
        { New-Website @site } | Should -Throw '*outside the bounds*'
        { New-Website @site -Id 77 } | Should -Not -Throw
    }

    It 'refuses what is not modelled' {
        { New-Website @site -ApplicationPool 'Own' } | Should -Throw '*-ApplicationPool is not modelled*'
        { New-Website -Name 'Pester' -PhysicalPath '/' } | Should -Throw '*without -Ssl is not modelled*'
        { New-WebBinding -Name 'Pester' } | Should -Throw '*for http is not modelled*'
    }
}

Describe 'PKI' {
    BeforeAll {
        $log = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational'
        function New-Own { New-SelfSignedCertificate -DnsName 'pester.example' -CertStoreLocation 'Cert:\LocalMachine\My' -FriendlyName 'Pester' -NotAfter ([datetime]::Now.AddDays(1)) }
        function Get-Action { ([xml](Get-WinEvent -LogName $log -MaxEvents 1).ToXml()).Event.UserData.CertNotificationData }
    }
    AfterEach {
        Get-ChildItem -LiteralPath Cert:\LocalMachine\My -Force | Where-Object { $_.FriendlyName -eq 'Pester' } |
            ForEach-Object { foreach ($store in 'My', 'CA') { Remove-Item -LiteralPath "Cert:\LocalMachine\$store\$($_.Thumbprint)" } }
        $null = Invoke-Lab @{ kind = 'clear-log' }
    }

    It 'makes a certificate of one day whose key opens, and tells the log' {
        $made = New-Own
        $made.GetNameInfo('DnsName', $false) | Should -Be 'pester.example'
        ($made.NotAfter - [datetime]::Now).TotalHours | Should -BeGreaterThan 23
        $made.HasPrivateKey | Should -BeTrue
        (Get-Action).Action | Should -Be 'Enroll'
        (Get-Action).CertificateDetails.Thumbprint | Should -Be $made.Thumbprint
        (Get-ChildItem -LiteralPath Cert:\LocalMachine\CA | Where-Object { $_.Thumbprint -eq $made.Thumbprint }).HasPrivateKey | Should -BeFalse
    }

    It 'switches from one certificate to another: renewal property and event' {
        $first, $second = (New-Own), (New-Own)
        Switch-Certificate -OldCert $first -NewCert $second -WhatIf
        (Get-Action).Action | Should -Be 'Enroll'
        Switch-Certificate -OldCert $first -NewCert $second
        (Get-Action).NewCertificateDetails.Thumbprint | Should -Be $second.Thumbprint
        $blob = (Get-Item -LiteralPath HKLM:\SOFTWARE\Microsoft\SystemCertificates\My\Certificates).OpenSubKey($first.Thumbprint).GetValue('Blob')
        [Convert]::ToHexString($blob) | Should -BeLike "*4000000001000000 14000000$($second.Thumbprint)*".Replace(' ', '')
    }

    It 'opens a store, in which a certificate is archived and removed' {
        $made = New-Own
        $store = Get-Item -LiteralPath Cert:\LocalMachine\My
        $store.Certificates | Should -BeNullOrEmpty
        $store.Open('ReadWrite, OpenExistingOnly, IncludeArchived')
        foreach ($found in $store.Certificates.Find('FindByThumbprint', $made.Thumbprint, $false)) { $found.Archived = $true }
        (Get-ChildItem -LiteralPath Cert:\LocalMachine\My).Thumbprint | Should -Not -Contain $made.Thumbprint
        foreach ($found in $store.Certificates.Find('FindByThumbprint', $made.Thumbprint, $false)) { $store.Remove($found) }
        $store.Close()
        Test-Path -LiteralPath "Cert:\LocalMachine\My\$($made.Thumbprint)" | Should -BeFalse
    }

    It 'removes nothing from a store that was opened for reading, and shows no archived certificate without being asked' {
        $made = New-Own
        $null = Invoke-Lab @{ kind = 'archive-certificate'; thumbprint = $made.Thumbprint; archived = $true }
        $store = Get-Item -LiteralPath Cert:\LocalMachine\My
        $store.Open('ReadOnly')
        @($store.Certificates.Find('FindByThumbprint', $made.Thumbprint, $false)).Count | Should -Be 0
        { $store.Remove($made) } | Should -Throw '*denied*'
    }

    It 'refuses other certificates than a rehearsal needs' {
        { New-SelfSignedCertificate -DnsName 'a', 'b' -FriendlyName 'Pester' -NotAfter ([datetime]::Now.AddDays(1)) } | Should -Throw '*is modelled for one name*'
        { New-SelfSignedCertificate -DnsName 'a' -FriendlyName 'Pester' -NotAfter ([datetime]::Now.AddDays(365)) } | Should -Throw '*is modelled for one name*'
        { New-SelfSignedCertificate -Subject 'CN=a' } | Should -Throw '*-Subject is not modelled*'
    }
}

Describe 'ScheduledTasks' {
    BeforeAll {
        $path = '\Microsoft\Windows\CertificateServicesClient\'
        $xml = '<?xml version="1.0" encoding="UTF-16"?><Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Triggers /><Actions><Exec><Command>cmd.exe</Command></Exec></Actions></Task>'
    }
    AfterEach { Get-ScheduledTask -TaskPath "$path*" | Unregister-ScheduledTask -Confirm:$false }

    It 'registers, shows, exports, disables, enables and removes a task' {
        (Register-ScheduledTask -TaskPath $path -TaskName 'A' -Xml $xml).State | Should -Be 'Ready'
        Export-ScheduledTask -TaskPath $path -TaskName 'A' | Should -Match '<Command>cmd.exe</Command>'
        (Disable-ScheduledTask -TaskPath $path -TaskName 'A').State | Should -Be 'Disabled'
        (Enable-ScheduledTask -TaskPath $path -TaskName 'A').State | Should -Be 'Ready'
        (Get-ScheduledTaskInfo -TaskPath $path -TaskName 'A').LastTaskResult | Should -Be 267011
        Unregister-ScheduledTask -TaskPath $path -TaskName 'A' -Confirm:$false
        Get-ScheduledTask -TaskPath "$path*" | Should -BeNullOrEmpty
    }

    It 'refuses a name that is taken, and overwrites with -Force' {
        $null = Register-ScheduledTask -TaskPath $path -TaskName 'A' -Xml $xml
        $thrown = { Register-ScheduledTask -TaskPath $path -TaskName 'A' -Xml $xml -ErrorAction Stop } | Should -Throw -PassThru
        $thrown.FullyQualifiedErrorId | Should -BeLike 'HRESULT 0x800700b7*'
        { Register-ScheduledTask -TaskPath $path -TaskName 'A' -Xml $xml -Force -ErrorAction Stop } | Should -Not -Throw
    }

    It 'refuses XML that declares another encoding than it has' {
        { Register-ScheduledTask -TaskPath $path -TaskName 'B' -Xml $xml.Replace('UTF-16', 'UTF-8') -ErrorAction Stop } | Should -Throw '*unable to switch the encoding*'
    }

    It 'tells a missing task by the category, also when it is to be removed; a wildcard without hits is no error' {
        foreach ($call in { Get-ScheduledTask -TaskName 'No' -ErrorAction Stop }, { Unregister-ScheduledTask -TaskPath $path -TaskName 'No' -Confirm:$false -ErrorAction Stop }, { Disable-ScheduledTask -TaskName 'No' -ErrorAction Stop }) {
            ($call | Should -Throw -PassThru).CategoryInfo.Category | Should -Be 'ObjectNotFound'
        }
        { Get-ScheduledTask -TaskPath '\Nowhere\*' -ErrorAction Stop } | Should -Not -Throw
    }

    It 'removes nothing with -WhatIf' {
        $null = Register-ScheduledTask -TaskPath $path -TaskName 'A' -Xml $xml
        Unregister-ScheduledTask -TaskPath $path -TaskName 'A' -WhatIf
        (Get-ScheduledTask -TaskPath $path -TaskName 'A').TaskName | Should -Be 'A'
    }
}

Describe 'event logs' {
    BeforeAll {
        $log = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational'
        function Write-Renewal { $null = Invoke-Lab @{ kind = 'write-event'; eventId = 1001; writtenBy = 'S-1-5-18'; processName = 'taskhostw.exe'
                accountName = 'SYSTEM'; action = 'Renew'; old = $old; new = $other; certificate = $null } }
    }
    AfterEach { $null = Invoke-Lab @{ kind = 'clear-log' } }

    It 'has no event at first, which is an error of its own' {
        ({ Get-WinEvent -LogName $log -ErrorAction Stop } | Should -Throw -PassThru).FullyQualifiedErrorId |
            Should -Be 'NoMatchingEventsFound,Microsoft.PowerShell.Commands.GetWinEventCommand'
        ({ Get-WinEvent -LogName 'Nothing' -ErrorAction Stop } | Should -Throw -PassThru).FullyQualifiedErrorId | Should -BeLike 'NoMatchingLogsFound*'
    }

    It 'gives the newest first, or the oldest, and no more than asked for' {
        Write-Renewal; Write-Renewal; Write-Renewal
        # A log that was cleared goes on with its numbers.
        $newest, $middle, $oldest = (Get-WinEvent -LogName $log).RecordId
        ($newest - $middle), ($middle - $oldest) | Should -Be 1, 1
        (Get-WinEvent -LogName $log -MaxEvents 2 -Oldest).RecordId | Should -Be $oldest, $middle
        ([xml](Get-WinEvent -LogName $log -MaxEvents 1).ToXml()).Event.System.EventRecordID | Should -Be $newest
        (Get-WinEvent -ListLog $log).OldestRecordNumber | Should -Be $oldest
    }

    It 'says who may write to it, as the lab decides' {
        (Get-WinEvent -ListLog $log).SecurityDescriptor | Should -Match '\(A;;0x3;;;SU\)'
        Set-Switch 'services-write-events' 'denied'
        try { (Get-WinEvent -ListLog $log).SecurityDescriptor | Should -Match '\(A;;0x1;;;SU\)' }
        finally { Set-Switch 'services-write-events' 'allowed' }
    }

    It 'can be switched off and on' {
        $configuration = Get-WinEvent -ListLog $log
        $configuration.IsEnabled = $false
        $configuration.SaveChanges()
        try {
            (Get-WinEvent -ListLog $log).IsEnabled | Should -BeFalse
        } finally {
            $configuration = Get-WinEvent -ListLog $log
            $configuration.IsEnabled = $true
            $configuration.SaveChanges()
        }
        (Get-WinEvent -ListLog $log).IsEnabled | Should -BeTrue
    }

    It 'takes entries of a source only after it was registered, and not twice' {
        $source = "Pester$([guid]::NewGuid().ToString('N').Substring(0, 8))"
        { Write-EventLog -LogName Application -Source $source -EventId 100 -Message 'x' } | Should -Throw '*does not exist*'
        New-EventLog -LogName Application -Source $source
        { New-EventLog -LogName Application -Source $source } | Should -Throw '*already registered*'
        Write-EventLog -LogName Application -Source $source -EventId 100 -EntryType Warning -Message "two`nlines"
        $entry = Get-WinEvent -LogName Application -MaxEvents 1
        $entry.ProviderName | Should -Be $source
        ([xml]$entry.ToXml()).Event.EventData.Data | Should -Be "two`nlines"
        Test-Path -LiteralPath "HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application\$source" | Should -BeTrue
    }
}

Describe 'programs of System32' {
    AfterEach { Set-Switch 'display-language' 'english'; $null = Invoke-Lab @{ kind = 'disarm-faults' } }

    It 'has a netsh.exe that speaks the language of the lab' {
        Get-Netsh http show sslcert ipport=0.0.0.0:443 | Out-String | Should -Match 'Certificate Hash'
        $LASTEXITCODE | Should -Be 0
        Set-Switch 'display-language' 'invented'
        $text = Get-Netsh http show sslcert ipport=0.0.0.0:443 | Out-String
        $text | Should -Not -Match 'Certificate'
        $text | Should -Match $old
    }

    It 'has a netsh.exe with the exit codes of the lab' {
        $null = Get-Netsh http show sslcert ipport=192.0.2.99:443
        $LASTEXITCODE | Should -Not -Be 0
    }

    It 'ends the engine that started netsh.exe when the lab lets it die' {
        $null = Invoke-Lab @{ kind = 'arm-fault'; fault = @{ on = @{ kind = 'netsh' }; nth = 1; times = 1; effect = @{ do = 'die'; after = $false } } }
        $engine = (Get-Process -Id $PID).Path
        $script = "Import-Module '$modules/ScheduledTasks/ScheduledTasks.psm1'; & `"`$env:SystemRoot/System32/netsh.exe`" http show sslcert; 'survived'"
        $said = & $engine -NoProfile -NonInteractive -Command $script 2>&1
        $LASTEXITCODE | Should -Be 137
        $said | Should -Not -Contain 'survived'
    }
}

Describe 'Get-Acl' {
    It 'names the users where everybody may write' {
        $folder = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())
        $null = New-Item -ItemType Directory -Path $folder
        try {
            [IO.File]::SetUnixFileMode($folder, 'UserRead, UserWrite, UserExecute')
            (Get-Acl -LiteralPath $folder).Sddl | Should -Not -Match ';;;BU\)'
            [IO.File]::SetUnixFileMode($folder, 'UserRead, UserWrite, UserExecute, OtherRead, OtherWrite, OtherExecute')
            (Get-Acl -LiteralPath $folder).Sddl | Should -Match ';;;BU\)'
        } finally { Remove-Item -LiteralPath $folder }
    }
}
