# What is read of IIS, stores and holders when they change, are damaged or written in another form, over StandIns.ps1.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    $hash = 'AA' * 20
    $http = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters'
    function Initialize-Reading {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, [guid]::NewGuid()))
        $script:answers = @{ 'Get-Item' = { param($Passed) Get-WindowsItem $Passed } }
        [IO.File]::WriteAllText((Get-ConfigurationPath), '<a/>')
    }
    # A field of each row of a kind.
    function Get-Fields([string] $Kind, [int] $At, $Answer) { @($Answer) -like "$Kind`t*" | ForEach-Object { ($_ -split "`t")[$At] } }
}

Describe 'the configuration of IIS' {
    BeforeEach { Initialize-Reading }

    It 'that is written <Times> times while it is read is read <Reads> times, and told once' -ForEach @(
        @{ Times = 0; Reads = 1 }
        @{ Times = 1; Reads = 2 }
        @{ Times = 9; Reads = 3 }
    ) {
        $script:left = $Times
        $script:answers['Get-Website'] = {
            if ($script:left-- -gt 0) { [IO.File]::WriteAllText((Get-ConfigurationPath), '<a/>' + ' ' * $script:left) }
            [pscustomobject]@{ name = 'Shop'; id = 1; state = 'Started' }
        }
        $answer = Get-Answer 'Read-Server' @()
        @(Get-Calls 'Get-Website').Count | Should -Be $Reads
        @(Get-Fields 'site' 1 $answer) | Should -Be @('Shop')
        $told = @(Get-Fields 'configuration' 2 $answer)
        $told.Count | Should -Be 1
        if ($Times -lt 3) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($told[0])) | Should -Be ([IO.File]::ReadAllText((Get-ConfigurationPath))) }
    }

    It 'that is written right after it was read is read again' {
        $script:first = $true
        $ofAdapter = ${function:Read-SharedFile}
        function Read-SharedFile {
            param([string]$Path)
            , (& $ofAdapter $Path)
            if ($script:first) { $script:first = $false; [IO.File]::WriteAllText($Path, '<a>longer</a>') }
        }
        $told = @(Get-Fields 'configuration' 2 (Get-Answer 'Read-Server' @()))
        $told.Count | Should -Be 1
        [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($told[0])) | Should -Be '<a>longer</a>'
    }

    It 'is <Where> where redirection.config <Says>' -ForEach @(
        @{ Where = 'elsewhere'; Says = 'says so'; Text = '<configuration><configurationRedirection enabled="true" path="%ELSEWHERE%" /></configuration>' }
        @{ Where = 'elsewhere'; Says = 'begins with a byte order mark'; Text = "$([char]0xFEFF)<configuration><configurationRedirection enabled=`"true`" path=`"%ELSEWHERE%`" /></configuration>" }
        @{ Where = 'here'; Says = 'is switched off'; Text = '<configuration><configurationRedirection enabled="false" path="%ELSEWHERE%" /></configuration>' }
        @{ Where = 'here'; Says = 'says nothing'; Text = '<configuration/>' }
    ) {
        $env:ELSEWHERE = [IO.Path]::Combine($TestDrive, 'elsewhere')
        try {
            [IO.File]::WriteAllText([IO.Path]::Combine((Get-ConfigurationFolder), 'redirection.config'), $Text)
            $folder = if ($Where -eq 'here') { Get-ConfigurationFolder } else { $env:ELSEWHERE }
            Get-ConfigurationPath | Should -Be ([IO.Path]::Combine($folder, 'applicationHost.config'))
        } finally { $env:ELSEWHERE = $null }
    }

    It 'is opened so that others go on writing, replacing and deleting it' {
        # Systems other than Windows do not lock files that others read.
        $open = @(Find-InAdapter ([Management.Automation.Language.InvokeMemberExpressionAst]) | Where-Object { $_.Expression.Extent.Text -eq '[IO.File]' -and $_.Member.Extent.Text -eq 'Open' })
        @($open | ForEach-Object { ($_.Arguments[1..3].Value) -join '; ' }) | Should -Be 'Open; Read; ReadWrite, Delete'
    }

    It 'is told by its bindings where it does not answer: site, and everything of the binding' {
        $script:answers['Get-WebBinding'] = {
            [pscustomobject]@{ ItemXPath = "/system.applicationHost/sites/site[@name='Shop' and @id='12']"; protocol = 'https'; bindingInformation = '*:443:shop'; sslFlags = 33; certificateHash = $hash; certificateStoreName = 'My' }
            [pscustomobject]@{ ItemXPath = '/elsewhere'; protocol = 'net.tcp'; bindingInformation = '808:*'; sslFlags = $null; certificateHash = $null; certificateStoreName = $null }
        }
        Get-Answer 'Read-Bindings' @() | Should -Be 'ok', "binding`t12`thttps`t*:443:shop`t33`t$hash`tMy", "binding`t`tnet.tcp`t808:*`t0`t`t"
    }
}

Describe 'the bindings that are looked for' {
    It 'are told apart by whole information and the two lowest flags, the first of each' {
        Initialize-Reading
        $script:answers['Get-WebBinding'] = {
            foreach ($one in @(1, '*:443:shop'), @(33, '*:443:shop'), @(0, '*:443:'), @(3, '*:443:shop')) { [pscustomobject]@{ sslFlags = $one[0]; bindingInformation = $one[1] } }
        }
        $index = Get-BindingIndex
        $index.Keys | Sort-Object | Should -Be '0|*:443:', '1|*:443:shop', '3|*:443:shop'
        $index['1|*:443:shop'].sslFlags | Should -Be 1
    }
}

Describe 'the successor in the properties of a certificate' {
    BeforeAll {
        function New-Property([int] $Number, [byte[]] $Bytes, [int] $Length = $Bytes.Length) {
            [BitConverter]::GetBytes($Number) + [BitConverter]::GetBytes(1) + [BitConverter]::GetBytes($Length) + $Bytes
        }
    }

    It 'is <Found> in <What>' -ForEach @(
        @{ Found = 'BBCC'; What = 'one behind others'; Make = { (New-Property 3 @(1, 2, 3)) + (New-Property 4 @()) + (New-Property 64 @(0xBB, 0xCC)) + (New-Property 5 @(9)) } }
        @{ Found = ''; What = 'properties without it'; Make = { (New-Property 3 @(64, 0, 0, 0)) } }
        @{ Found = ''; What = 'one that is longer than all'; Make = { New-Property 64 @(1, 2) 3 } }
        @{ Found = ''; What = 'a length below nothing'; Make = { New-Property 64 @(1, 2) -12 } }
        @{ Found = ''; What = 'an end in the middle of one'; Make = { (New-Property 3 @(1)) + @(64, 0, 0) } }
        @{ Found = ''; What = 'no bytes at all'; Make = { , [byte[]]@() } }
    ) {
        $registry = @{ 'HKLM:\Store' = @{ }; 'HKLM:\Store\AA' = @{ Blob = [byte[]](& $Make) } }
        [CertRebindKey]::Open.Clear()
        Get-Successor ([CertRebindKey]::new('HKLM:\Store', $registry)) 'AA' | Should -Be $Found
        [CertRebindKey]::Open | Should -BeNullOrEmpty
    }

    It 'is none where the store has no such key, or no value' {
        $registry = @{ 'HKLM:\Store' = @{ }; 'HKLM:\Store\AA' = @{ Other = 1 } }
        foreach ($name in 'AA', 'BB') { Get-Successor ([CertRebindKey]::new('HKLM:\Store', $registry)) $name | Should -Be '' }
        Get-Successor $null 'AA' | Should -Be ''
    }
}

Describe 'certificates that are asked for' {
    BeforeEach {
        Initialize-Reading
        $script:answers['Get-ChildItem'] = {
            foreach ($one in 'AA', 'BB') { [pscustomobject]@{ Thumbprint = $one; RawData = [byte[]]@(1); Archived = $false; FriendlyName = ''; HasPrivateKey = $false; NotBefore = [datetime]0 } }
        }
    }

    It 'are those alone: <Told>' -ForEach @(
        @{ Asked = , @('BB'); Told = 'BB' }
        @{ Asked = @('AA'), @('BB'); Told = 'AA', 'BB' }
        @{ Asked = , @('CC'); Told = @() }
    ) {
        $answer = Get-Answer 'Read-Certificates' $Asked
        @(Get-Fields 'certificate' 2 $answer | Select-Object -Unique) | Should -Be $Told
        Get-Fields 'read' 1 $answer | Should -Be 'account', 'certificates', 'authorities', 'revocation-lists', 'keys'
    }

    It 'are certificates: what else a store shows is none' {
        $all = $script:answers['Get-ChildItem']
        $script:answers['Get-ChildItem'] = { [pscustomobject]@{ Name = 'a folder'; Thumbprint = 'CC' }; & $all }
        @(Get-Fields 'certificate' 2 (Get-Answer 'Read-Server' @()) | Select-Object -Unique) | Should -Be 'AA', 'BB'
    }

    It 'are all where the server is read, and authorities only where they are asked for' {
        $answer = Get-Answer 'Read-Server' @()
        @(Get-Fields 'certificate' 2 $answer | Select-Object -Unique) | Should -Be 'AA', 'BB'
        @($answer -match 'authorit') | Should -Be @()
    }
}

Describe 'records that are asked for' {
    BeforeEach {
        Initialize-Reading
        $script:registry = @{ "$http\SslBindingInfo" = @{ }; "$http\SslSniBindingInfo" = @{ } }
        foreach ($name in 'SslBindingInfo\0.0.0.0:443', 'SslBindingInfo\0.0.0.0:444', 'SslSniBindingInfo\a:443', 'SslSniBindingInfo\b:443') { $script:registry["$http\$name"] = @{ } }
    }

    It 'are those alone, and the whole of a table where one of them is not there: <Asked>' -ForEach @(
        @{ Asked = @('SslBindingInfo', '0.0.0.0:444'), @('SslSniBindingInfo', 'a:443'); Told = '0.0.0.0:444', 'a:443' }
        @{ Asked = @('SslBindingInfo', '0.0.0.0:444'), @('SslSniBindingInfo', 'a:443'), @('SslSniBindingInfo', 'none'); Told = '0.0.0.0:444', 'a:443', 'b:443' }
        @{ Asked = , @('SslSniBindingInfo', ''); Told = 'a:443', 'b:443' }
        @{ Asked = , @('SslCcsBindingInfo', '443'); Told = @() }
    ) {
        @(Get-Fields 'record' 2 (Get-Answer 'Read-Records' $Asked)) | Should -Be $Told
    }
}

Describe 'holders that are asked for' {
    It 'are told by kind, under the file that changes hold' {
        Initialize-Reading
        $stations = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations'
        $listeners = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener'
        $script:registry = @{
            $stations = @{ }; "$stations\RDP-Tcp" = @{ SSLCertificateSHA1Hash = [byte[]](0xAB) }; "$stations\Console" = @{ }
            $listeners = @{ }; "$listeners\*+HTTPS" = @{ certThumbprint = 'ab cd'; Port = 5986; hostname = 'a' }; "$listeners\1.2.3.4+HTTPS" = @{ certThumbprint = '' }; "$listeners\*+HTTP" = @{ certThumbprint = 'ef' }
            'HKLM:\SOFTWARE\Microsoft\WebManagement\Server' = @{ SslCertificateHash = [byte[]](0xCD); IPAddress = '192.0.2.5' }
            "$http\SslBindingInfo" = @{ }; "$http\SslBindingInfo\192.0.2.5:8172" = @{ }; "$http\SslBindingInfo\0.0.0.0:8172" = @{ }; "$http\SslBindingInfo\0.0.0.0:443" = @{ }
        }
        $answer = Get-Answer 'Read-Holders' @(@('rdp'), @('winrm'), @('wmsvc'), @('configuration'), @('key-access', $hash))
        @($answer | Where-Object { $_ -notlike "configuration`t*" }) | Should -Be @('ok', "#rdp`tlistener`tcertificate", "rdp`tRDP-Tcp`tAB", "read`trdp", "#winrm`tlistener`tcertificate`tport`thostname", "winrm`t*+HTTPS`tABCD`t5986`ta", "read`twinrm", "#wmsvc`tcertificate`tport`taddress", "wmsvc`tCD`t`t192.0.2.5",
            "record`tSslBindingInfo`t192.0.2.5:8172", "record`tSslBindingInfo`t0.0.0.0:8172", "read`twmsvc", "read`tconfiguration", "read`tkey-access")
        $held = [IO.FileStream]::new($script:ChangingFile, 'OpenOrCreate', 'ReadWrite', 'None')
        try { Get-Answer 'Read-Holders' (, @('rdp')) | Should -BeLike "error`tbusy`t*" } finally { $held.Dispose() }
    }

    It 'are written to none that is named in words of a path' {
        Initialize-Reading
        { ConvertTo-XPathText "a'b`"c" } | Should -Throw '*both kinds of quotes*'
        ConvertTo-XPathText "a'b" | Should -BeExactly '"a''b"'
        ConvertTo-XPathText 'a"b' | Should -BeExactly "'a`"b'"
    }
}

Describe 'what the adapter is told first' {
    BeforeAll {
        $told = 'SystemRoot', 'ChangingFile', 'ChangingWaitMs', 'Identity', 'ProgramData', 'KeyProvider', 'KeyWaitMs', 'DataProtection'
    }
    BeforeEach {
        Initialize-Reading
        $before = @{ }
        foreach ($name in $told) { $before[$name] = Get-Variable -Name $name -Scope Script -ValueOnly -ErrorAction SilentlyContinue }
    }
    AfterEach { foreach ($name in $told) { Set-Variable -Name $name -Scope Script -Value $before[$name] } }

    It 'counts from then on, each by its name, and the engine answers' {
        $module = [IO.Path]::Combine($TestDrive, 'CertRebindFirst.psm1')
        [IO.File]::WriteAllText($module, 'function Get-CertRebindFirst { }')
        $rows = @('system-root', 'a'), @('changing', 'b', '250'), @('module', $module), @('identity', 'S-1-5-18', 'S-1-1-0'), @('key-files', 'c', 'd'), @('key-wait', '7'), @('data-protection', 'e')
        try {
            Get-Answer 'Initialize-Adapter' $rows | Should -Be 'ok', "engine`t$($PSVersionTable.PSVersion)`t$PID"
            Get-Command -Name 'Get-CertRebindFirst' -ErrorAction SilentlyContinue | Should -Not -BeNullOrEmpty
        } finally { Remove-Module -Name 'CertRebindFirst' -ErrorAction SilentlyContinue }
        $script:SystemRoot, $script:ChangingFile, $script:ChangingWaitMs, $script:ProgramData, $script:KeyProvider, $script:KeyWaitMs, $script:DataProtection | Should -Be 'a', 'b', 250, 'c', 'd', 7, 'e'
        $script:Identity | Should -Be 'S-1-5-18', 'S-1-1-0'
    }
}

Describe 'what a secret is protected with' {
    BeforeAll {
        # As Windows does, what is protected is read with the same entropy and scope alone.
        Add-Type -TypeDefinition '
            public enum CertRebindScope { CurrentUser, LocalMachine }
            public static class CertRebindProtection {
                static byte[] Key(byte[] entropy, CertRebindScope scope) { return System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(scope + System.Convert.ToBase64String(entropy))); }
                public static byte[] Protect(byte[] value, byte[] entropy, CertRebindScope scope) {
                    using (var aes = System.Security.Cryptography.Aes.Create()) { aes.Key = Key(entropy, scope); return aes.EncryptCbc(value, new byte[16]); }
                }
                public static byte[] Unprotect(byte[] value, byte[] entropy, CertRebindScope scope) {
                    using (var aes = System.Security.Cryptography.Aes.Create()) { aes.Key = Key(entropy, scope); return aes.DecryptCbc(value, new byte[16]); }
                }
            }'
        function Protect-One([string] $Name, [string] $Value) { $said, $kept = @(Get-Answer 'Protect-Secret' (, @($Name, $Value)))[1] -split "`t"; $said | Should -Be 'secret'; $kept }
    }
    BeforeEach {
        Initialize-Reading
        $script:DataProtection = 'CertRebindProtection'
    }
    AfterEach { $script:DataProtection = '' }

    It 'gives it back whole, under its name alone' {
        $kept = Protect-One 'smtp' 'p&ssw<ord'
        Get-Answer 'Unprotect-Secret' (, @('smtp', $kept)) | Should -Be 'ok', "secret`tp&ssw<ord"
        $kept | Should -Not -Be (Protect-One 'other' 'p&ssw<ord')
        (@(Get-Answer 'Unprotect-Secret' (, @('other', $kept)))[0] -split "`t")[0, 1] | Should -Be 'error', 'secret-unreadable'
    }

    It 'is of the machine, so that SYSTEM reads what an administrator has kept' {
        $kept = [Convert]::FromBase64String((Protect-One 'smtp' 'a'))
        $entropy = Get-SecretEntropy 'smtp'
        [CertRebindProtection]::Unprotect($kept, $entropy, 'LocalMachine') | Should -Be ([byte[]](97))
        { [CertRebindProtection]::Unprotect($kept, $entropy, 'CurrentUser') } | Should -Throw
    }

    It 'is what .NET has for that, where nothing stands in for it' {
        $script:DataProtection = ''
        Get-DataProtection | Should -Be ([Security.Cryptography.ProtectedData])
    }

    It 'is a text of its own for each name' {
        [Text.Encoding]::UTF8.GetString((Get-SecretEntropy 'smtp')) | Should -BeExactly 'CertRebind secret smtp'
    }
}

Describe 'where a key lies' {
    It 'is told by keys of <_>' -ForEach @('CNG', 'CAPI', 'neither') {
        $key, $told = switch ($_) {
            'CNG' { [pscustomobject]@{ Key = [pscustomobject]@{ Provider = [pscustomobject]@{ Provider = 'a provider' }; UniqueName = 'a name' } }, @('a provider', 'a name') }
            'CAPI' { [pscustomobject]@{ CspKeyContainerInfo = [pscustomobject]@{ ProviderName = 'an older one'; UniqueKeyContainerName = 'its name' } }, @('an older one', 'its name') }
            'neither' { [pscustomobject]@{ Other = 1 }, @('', '') }
        }
        Get-KeyPlace $key ([pscustomobject]@{ Thumbprint = 'AA' }) | Should -Be $told
    }
}

Describe 'the site of a rehearsal' {
    BeforeEach {
        Initialize-Reading
        $site = "CertRebind-Rehearsal-$([guid]::NewGuid())"
        $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), $site)
    }
    AfterEach { if ([IO.Directory]::Exists($folder)) { [IO.Directory]::Delete($folder, $true) } }

    It 'leaves no folder where IIS refuses it, and none once it is removed' {
        $add = 'change', '0', 'add-site', $site, '127.0.0.1:8443:', '0'
        $script:denied = 'New-Website'
        (Get-Answer 'Invoke-Changes' (, $add))[1] | Should -BeLike "report`t0`trefused`t*"
        [IO.Directory]::Exists($folder) | Should -BeFalse
        $script:denied = ''
        (Get-Answer 'Invoke-Changes' (, $add))[1] | Should -Be "report`t0`t`t"
        [IO.Directory]::Exists($folder) | Should -BeTrue
        $script:answers['Get-Website'] = { foreach ($one in 'Shop', $site) { [pscustomobject]@{ name = $one } } }
        (Get-Answer 'Invoke-Changes' (, @('change', '0', 'remove-site', $site)))[1] | Should -Be "report`t0`t`t"
        [IO.Directory]::Exists($folder) | Should -BeFalse
        @(Get-Calls 'Remove-Website' | ForEach-Object { $_.Passed.Name }) | Should -Be $site
    }

    It 'is not made where IIS shares its configuration, and one of another name is not removed' {
        $redirection = [IO.Path]::Combine((Get-ConfigurationFolder), 'redirection.config')
        [IO.File]::WriteAllText($redirection, '<configuration><configurationRedirection enabled="true" path="/elsewhere" /></configuration>')
        try { (Get-Answer 'Invoke-Changes' (, @('change', '0', 'add-site', $site, '127.0.0.1:8443:', '0')))[1] | Should -BeLike "report`t0`trefused`t*shares its configuration*" }
        finally { [IO.File]::Delete($redirection) }
        Get-Calls 'New-Website' | Should -BeNullOrEmpty
        [IO.Directory]::Exists($folder) | Should -BeFalse
        (Get-Answer 'Invoke-Changes' (, @('change', '0', 'remove-site', 'Shop')))[1] | Should -BeLike "report`t0`trefused`t*no rehearsal*"
        Get-Calls 'Remove-Website' | Should -BeNullOrEmpty
    }

    It 'keeps a folder that somebody put files into' {
        $null = [IO.Directory]::CreateDirectory($folder)
        [IO.File]::WriteAllText([IO.Path]::Combine($folder, 'a file'), '')
        (Get-Answer 'Invoke-Changes' (, @('change', '0', 'remove-site', $site)))[1] | Should -BeLike "report`t0`trefused`t*"
        [IO.File]::Exists([IO.Path]::Combine($folder, 'a file')) | Should -BeTrue
    }
}

Describe 'a task' {
    It 'that never ran has no time at which it did' {
        Initialize-Reading
        $script:answers['Get-ScheduledTask'] = { foreach ($one in 'A', 'B') { [pscustomobject]@{ TaskPath = '\'; TaskName = $one; State = 'Disabled' } } }
        $script:answers['Get-ScheduledTaskInfo'] = { param($Passed) [pscustomobject]@{ LastTaskResult = 267011; LastRunTime = $(if ($Passed.TaskName -eq 'B') { [datetime]::SpecifyKind([datetime]'2026-01-02', 'Utc') }) } }
        $script:answers['Export-ScheduledTask'] = { param($Passed) "<$($Passed.TaskName)/>" }
        Get-Answer 'Read-Tasks' (, @(, '\*')) | Should -Be 'ok', "task`t\\`tA`tDisabled`t267011`t`t<A/>", "task`t\\`tB`tDisabled`t267011`t2026-01-02T00:00:00.0000000Z`t<B/>"
    }
}

Describe 'a server whose netsh does not start' {
    It 'is read but for what netsh can do' {
        Initialize-Reading
        [IO.File]::Delete((Get-SystemPath 'netsh.exe'))
        $answer = @(Get-Answer 'Read-Server' @())
        @($answer -like "failed`tnetsh`t*") | Should -BeLike "*System32*netsh.exe*"
        $answer | Should -Contain "read`trecords"
        Set-Program 'netsh.exe' 'done'
        Get-Answer 'Read-Server' @() | Should -Contain "netsh`tadd`tdone"
        Get-Answer 'Read-Netsh' @() | Should -Be 'ok', "netsh`tadd`tdone", "netsh`tupdate`tdone"
    }
}
