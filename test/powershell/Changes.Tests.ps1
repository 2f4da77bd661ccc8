# What changes do when Windows answers in another way than the first time, over a Windows that StandIns.ps1 makes up.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    $hash = 'AA' * 20
    $other = 'BB' * 20
    function Send-Changes([string[][]] $Changes) { Get-Answer 'Invoke-Changes' @(for ($at = 0; $at -lt $Changes.Count; $at++) { , (@('change', "$at") + $Changes[$at]) }) }
    # Code and message of the first report.
    function Get-Outcome([string[]] $Change) { (@(Send-Changes (, $Change))[1] -split "`t")[2, 3] }
}

Describe 'the bindings that swaps go through' {
    BeforeEach {
        Reset-StandIns $TestDrive
        $table = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslSniBindingInfo'
        $script:registry = @{ $table = @{ }; "$table\shop:443" = @{ SslCertHash = [byte[]](@(0xAA) * 20) } }
        $script:answers = @{
            'Get-Item' = { param($Passed) Get-WindowsItem $Passed }
            'Get-WebBinding' = { New-WindowsObject 'Binding' @{ sslFlags = 1; bindingInformation = '*:443:shop' } 'RebindSslCertificate' }
        }
        $configuration = Get-ConfigurationPath
        [IO.File]::WriteAllText($configuration, '<a/>')
        $swap = 'replace', 'SslSniBindingInfo', 'shop:443', $hash, '*:443:shop', '1,3', $other, 'My'
    }

    It 'are enumerated once while the configuration stays as it is' {
        foreach ($call in 1, 2, 3) { Get-Outcome $swap | Should -Be '', '' }
        @(Get-Calls 'Get-WebBinding').Count | Should -Be 1
    }

    It 'are enumerated again once <_>' -ForEach 'it was written', 'another one is in its place' {
        Get-Outcome $swap | Should -Be '', ''
        $written = [IO.File]::GetLastWriteTimeUtc($configuration)
        [IO.File]::WriteAllText($configuration, $(if ($_ -eq 'it was written') { '<b/>' } else { '<longer/>' }))
        # Of the same length an instant later, or of another one in the same instant.
        [IO.File]::SetLastWriteTimeUtc($configuration, $(if ($_ -eq 'it was written') { $written.AddTicks(10) } else { $written }))
        Get-Outcome $swap | Should -Be '', ''
        @(Get-Calls 'Get-WebBinding').Count | Should -Be 2
    }

    It 'are enumerated each time where it cannot be read' {
        [IO.File]::WriteAllText([IO.Path]::Combine((Get-ConfigurationFolder), 'redirection.config'), '<no xml')
        try { foreach ($call in 1, 2) { Get-Outcome $swap | Should -Be '', '' } }
        finally { [IO.File]::Delete([IO.Path]::Combine((Get-ConfigurationFolder), 'redirection.config')) }
        @(Get-Calls 'Get-WebBinding').Count | Should -Be 2
    }

    It 'are of records whose table is looked for anew by each call, since it may have been made again' {
        $null = Get-Answer 'Invoke-Changes' @((@('change', '0') + $swap), @('record', 'SslSniBindingInfo', 'shop:443'))
        $script:registry = @{ $table = @{ }; "$table\shop:443" = @{ SslCertHash = [byte[]](@(0xCC) * 20) } }
        Get-Outcome $swap | Should -Be 'changed-meanwhile', 'the record does not hold the expected certificate'
        [CertRebindKey]::Open | Should -BeNullOrEmpty
    }

    It 'are left alone where the record holds another certificate, or cannot be looked at' {
        $changed = 'changed-meanwhile', 'the record does not hold the expected certificate'
        $script:registry["$table\shop:443"] = @{ SslCertHash = [byte[]](@(0xBB) * 20) }
        Get-Outcome $swap | Should -Be $changed
        $script:registry["$table\shop:443"] = @{ }
        Get-Outcome $swap | Should -Be $changed
        # The name of no entry is that of the table itself.
        $script:registry = @{ $table = @{ SslCertHash = [byte[]](@(0xAA) * 20) } }
        foreach ($key in 'shop:443', '') {
            $swap[2] = $key
            Get-Outcome $swap | Should -Be $changed
        }
        $script:registry = @{ }
        Get-Outcome $swap | Should -Be $changed
        $script:denied = 'Get-Item'
        Get-Outcome $swap | Should -Be 'refused', 'Zugriff verweigert'
        @(Get-Calls 'Binding.RebindSslCertificate').Count | Should -Be 0
    }

    It 'are those of the first of its kinds, and of no other' -ForEach @(
        @{ Kinds = '3,1'; Code = ''; Says = '' }
        @{ Kinds = '0'; Code = 'refused'; Says = 'there is no binding *:443:shop on this record any more' }
    ) {
        $swap[5] = $Kinds
        Get-Outcome $swap | Should -Be $Code, $Says
        @(Get-Calls 'Binding.RebindSslCertificate').Count | Should -Be ([int]($Code -eq ''))
    }
}

Describe 'netsh' {
    BeforeEach { Reset-StandIns $TestDrive }

    It 'netsh that <Says> is started <Starts> times' -ForEach @(
        @{ Says = 'is busy with a new key once'; Texts = 'Fehler: 87', 'getan'; Codes = 1, 0; Verb = 'add'; Starts = 2; Pauses = , 1; Outcome = '', 'getan' }
        @{ Says = 'says so though it ends well'; Texts = 'Fehler: 87', 'getan'; Codes = 0, 0; Verb = 'update'; Starts = 2; Pauses = , 1; Outcome = '', 'getan' }
        @{ Says = 'is busy for good'; Texts = , 'Fehler: 87'; Codes = , 1; Verb = 'add'; Starts = 5; Pauses = 1, 2, 4, 8; Outcome = 'refused', 'netsh: Fehler: 87' }
        @{ Says = 'refuses a deletion'; Texts = 'Fehler: 87', 'getan'; Codes = 1, 0; Verb = 'delete'; Starts = 1; Pauses = @(); Outcome = 'refused', 'netsh: Fehler: 87' }
        @{ Says = 'has 87 in another number only'; Texts = 'Fehler: 1870', 'getan'; Codes = 1, 0; Verb = 'add'; Starts = 1; Pauses = @(); Outcome = 'refused', 'netsh: Fehler: 1870' }
        @{ Says = 'ends well and in many words'; Texts = , "`r`nGetan.`r`n"; Codes = , 0; Verb = 'add'; Starts = 1; Pauses = @(); Outcome = '', 'Getan.' }
    ) {
        Set-Program 'netsh.exe' $Texts $Codes
        Get-Outcome @('netsh', 'SslBindingInfo', '', '', 'http', $Verb, 'sslcert', 'ipport=0.0.0.0:443') | Should -Be $Outcome
        Get-Starts 'netsh.exe' | Should -Be @(1..$Starts | ForEach-Object { "http $Verb sslcert ipport=0.0.0.0:443" })
        $script:pauses | Should -Be $Pauses
    }

    It 'that complains on its other stream is refused in these words too' {
        [IO.File]::WriteAllText((Get-SystemPath 'netsh.exe'), "#!/bin/sh`ncat > /dev/null`necho Nein; echo 'Zugriff verweigert' >&2; exit 1`n")
        $said = (Get-Outcome @('netsh', 'SslBindingInfo', '', '', 'http', 'add', 'sslcert'))[1]
        $said | Should -BeLike 'netsh: *'
        # Either stream may come first.
        $said.Substring('netsh: '.Length) -split '\\n' | Sort-Object | Should -Be 'Nein', 'Zugriff verweigert'
    }

    It 'is not started where the record holds another certificate, or cannot be looked at' {
        $table = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo'
        $script:registry = @{ $table = @{ }; "$table\0.0.0.0:443" = @{ SslCertHash = [byte[]](@(0xBB) * 20) } }
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        $change = 'netsh', 'SslBindingInfo', '0.0.0.0:443', $hash, 'http', 'update', 'sslcert'
        (Get-Outcome $change)[0] | Should -Be 'changed-meanwhile'
        $script:registry["$table\0.0.0.0:443"] = @{ }
        Get-Outcome $change | Should -Be 'changed-meanwhile', 'the record does not hold the expected certificate'
        $script:registry = @{ }
        (Get-Outcome $change)[0] | Should -Be 'changed-meanwhile'
        $script:denied = 'Get-Item'
        Get-Outcome $change | Should -Be 'refused', 'Zugriff verweigert'
        Get-Starts 'netsh.exe' | Should -Be $null
    }
}

Describe 'the certificate of an FTP site' {
    BeforeEach {
        Reset-StandIns $TestDrive
        [IO.File]::WriteAllText((Get-ConfigurationPath), "<configuration><system.applicationHost><sites><siteDefaults/><site name='Tom&apos;s'/></sites></system.applicationHost></configuration>")
    }

    It 'is written in one commit, of the site or of the defaults' -ForEach @(
        @{ Site = "TOM'S"; Of = "site[@name=`"Tom's`"]" }
        @{ Site = ''; Of = 'siteDefaults' }
    ) {
        Get-Outcome @('put-ftp', $Site, '', $other, 'My') | Should -Be '', ''
        @($script:calls.Name) | Should -Be 'Start-WebCommitDelay', 'Set-WebConfigurationProperty', 'Set-WebConfigurationProperty', 'Stop-WebCommitDelay'
        @(Get-Calls 'Set-WebConfigurationProperty')[0].Passed.Filter | Should -BeExactly "/system.applicationHost/sites/$Of/ftpServer/security/ssl"
    }

    It 'is not written at all where its <_> value is refused' -ForEach 'first', 'second' {
        $script:refusedAt = if ($_ -eq 'first') { 1 } else { 2 }
        $script:answers['Set-WebConfigurationProperty'] = { if (@(Get-Calls 'Set-WebConfigurationProperty').Count -eq $script:refusedAt) { throw (New-Denial 'x') } }
        (Get-Outcome @('put-ftp', '', '', $other, 'My'))[0] | Should -Be 'refused'
        (Get-Calls 'Stop-WebCommitDelay').Passed.Commit | Should -BeFalse
    }
}

Describe 'the certificate of a Remote Desktop listener' {
    It 'chosen by <By> is <Outcome>' -ForEach @(
        @{ By = 'Windows'; Type = 1; Outcome = 'changed'; Code = '' }
        @{ By = 'group policy'; Type = 2; Outcome = 'left alone'; Code = 'refused' }
        @{ By = 'a person'; Type = 3; Outcome = 'changed'; Code = '' }
    ) {
        Reset-StandIns $TestDrive
        $script:answers['Get-CimInstance'] = { foreach ($name in 'Other', 'RDP-Tcp') { [pscustomobject]@{ TerminalName = $name; SSLCertificateSHA1HashType = $(if ($name -eq 'Other') { 3 } else { $Type }) } } }
        (Get-Outcome @('put-rdp', 'RDP-Tcp', '', $other))[0] | Should -Be $Code
        @(Get-Calls 'Set-CimInstance' | ForEach-Object { $_.Passed.InputObject.TerminalName }) | Should -Be @(if ($Code -eq '') { 'RDP-Tcp' })
    }

    It 'that is not there is refused' {
        Reset-StandIns $TestDrive
        Get-Outcome @('put-rdp', 'RDP-Tcp', '', $other) | Should -Be 'refused', 'there is no Remote Desktop listener RDP-Tcp'
    }
}

Describe 'the certificate of the Web Management Service' {
    It '<What>' -ForEach @(
        @{ What = 'whose registry refuses: its record is rolled back'; Texts = , 'getan'; Codes = , 0; Denied = 'New-ItemProperty'; Starts = 'http delete a', 'http add b', 'http delete b', 'http add a' }
        @{ What = 'whose new record netsh refuses: the old one is rolled back'; Texts = 'getan', 'Nein', 'getan'; Codes = 0, 1, 0; Denied = ''; Starts = 'http delete a', 'http add b', 'http delete b', 'http add a' }
        @{ What = 'whose old record netsh refuses to delete: nothing is rolled back'; Texts = , 'Nein'; Codes = , 1; Denied = ''; Starts = , 'http delete a' }
    ) {
        Reset-StandIns $TestDrive
        Set-Program 'netsh.exe' $Texts $Codes
        $script:denied = $Denied
        $forth, $back = @(foreach ($pair in @('a', 'b'), @('b', 'a')) { , @('2', '6', 'SslBindingInfo', '', '', 'http', 'delete', $pair[0], '6', 'SslBindingInfo', '', '', 'http', 'add', $pair[1]) })
        (Get-Outcome (@('put-wmsvc', $other) + $forth + $back))[0] | Should -Be 'refused'
        Get-Starts 'netsh.exe' | Should -Be $Starts
        if ($Denied -eq '') { @(Get-Calls 'New-ItemProperty').Count | Should -Be 0 }
    }
}

Describe 'the certificate of SSTP' {
    BeforeEach { Reset-StandIns $TestDrive }

    It 'that is not in My changes nothing' {
        Get-Outcome 'put-sstp', $other, '0', '0' | Should -Be 'refused', "$other is not in My"
        @(Get-Calls 'New-ItemProperty').Count | Should -Be 0
    }

    It 'has only those of its bindings rolled back that were reached: netsh says <Texts>' -ForEach @(
        @{ Texts = 'getan', 'Nein', 'getan'; Codes = 0, 1, 0; Starts = 'http update new4', 'http update new6', 'http update old4' }
        @{ Texts = 'getan', 'getan', 'Nein'; Codes = 0, 0, 1; Starts = 'http update new4', 'http update new6', 'http delete new9', 'http update old4', 'http update old6' }
    ) {
        Set-Program 'netsh.exe' $Texts $Codes
        function Get-Rows([string] $Which) { foreach ($one in @('0.0.0.0:443', 'update', '4'), @('[::]:443', 'update', '6'), @('[::]:444', 'delete', '9')) { '6', 'SslBindingInfo', $one[0], '', 'http', $one[1], "$Which$($one[2])" } }
        (Get-Outcome (@('put-sstp', '', '3') + (Get-Rows 'new') + '3' + (Get-Rows 'old')))[0] | Should -Be 'refused'
        Get-Starts 'netsh.exe' | Should -Be $Starts
    }
}

Describe 'the certificate of Remote Desktop Gateway' {
    BeforeEach {
        Reset-StandIns $TestDrive
        Set-Program 'netsh.exe' 'getan'
        $script:registry['HKLM:\SYSTEM\CurrentControlSet\Services\TSGateway'] = @{ }
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        $script:own = [byte[]](@(0xAA) * 20)
        $script:answers['Get-CimInstance'] = { [pscustomobject]@{ CertHash = $script:own } }
        $change = 'put-rd-gateway', $other, '1', '6', 'SslBindingInfo', '0.0.0.0:443', '', 'http', 'update', 'new', '1', '6', 'SslBindingInfo', '0.0.0.0:443', '', 'http', 'update', 'old'
    }

    It 'is refused at <Refused> by a number: then <Starts> were started' -ForEach @(
        @{ Refused = 'SetCertificateACL'; Starts = @() }
        @{ Refused = 'SetCertificate'; Starts = 'http update new', 'http update old' }
        @{ Refused = 'Configure'; Starts = 'http update new', 'http update old' }
        @{ Refused = 'RefreshCertContext'; Starts = 'http update new', 'http update old' }
    ) {
        $refused = $Refused
        $script:answers['Invoke-CimMethod'] = { param($Passed) [pscustomobject]@{ ReturnValue = [uint32]$(if ($Passed.MethodName -eq $refused) { 87 }) } }.GetNewClosure()
        $outcome = Get-Outcome $change
        $outcome[0] | Should -Be 'refused'
        $outcome[1] | Should -BeLike "*$Refused of Remote Desktop Gateway returned 87"
        Get-Starts 'netsh.exe' | Should -Be $Starts
    }

    It 'is not set again where Windows names it once the binding does' {
        $script:answers['Invoke-CimMethod'] = { $script:own = [byte[]](@(0xBB) * 20); [pscustomobject]@{ ReturnValue = [uint32]0 } }
        (Get-Outcome $change)[0] | Should -Be ''
        @(Get-Calls 'Invoke-CimMethod' | ForEach-Object { $_.Passed.MethodName }) | Should -Be 'SetCertificateACL', 'RefreshCertContext'
    }

    It 'is nothing to change where the role is not there' {
        $script:registry.Remove('HKLM:\SYSTEM\CurrentControlSet\Services\TSGateway')
        Get-Outcome $change | Should -Be 'refused', 'Windows does not tell of Remote Desktop Gateway'
        Get-Starts 'netsh.exe' | Should -Be @()
    }
}

Describe 'a record of the Web Management Service that is made again' {
    BeforeEach {
        Reset-StandIns $TestDrive
        Set-Program 'netsh.exe' 'getan'
        $remake = 'put-wmsvc', '', '2', '6', 'SslBindingInfo', '0.0.0.0:8172', $hash, 'http', 'delete', 'a', '6', 'SslBindingInfo', '0.0.0.0:8172', '', 'http', 'add', 'b', '1', '6', 'SslBindingInfo', '0.0.0.0:8172', '', 'http', 'add', 'a'
    }

    It 'has to hold the expected certificate before it is deleted, and is not there before it is added' {
        function Get-EntryHash { param($Table, $Name) if (@(Get-Starts 'netsh.exe').Count -eq 0) { $hash } }
        Get-Outcome $remake | Should -Be '', 'getan'
        Get-Starts 'netsh.exe' | Should -Be 'http delete a', 'http add b'
    }

    It 'is left alone where it holds another one' {
        function Get-EntryHash { param($Table, $Name) $other }
        (Get-Outcome $remake)[0] | Should -Be 'changed-meanwhile'
        Get-Starts 'netsh.exe' | Should -Be $null
    }
}

Describe 'the log of renewals' {
    It 'that is <Was> is saved as enabled, <Saved> times' -ForEach @(
        @{ Was = 'disabled'; IsEnabled = $false; Saved = 1 }
        @{ Was = 'enabled'; IsEnabled = $true; Saved = 0 }
    ) {
        Reset-StandIns $TestDrive
        $script:log = New-WindowsObject 'Log' @{ IsEnabled = $IsEnabled } 'SaveChanges'
        $script:seen = @()
        $script:answers = @{ 'Get-WinEvent' = { $script:log }; 'Log.SaveChanges' = { $script:seen += $script:log.IsEnabled } }
        Get-Outcome @('enable-log', 'Lifecycle') | Should -Be '', ''
        $script:seen | Should -Be @(@($true) * $Saved)
    }
}

Describe 'changes' {
    BeforeEach { Reset-StandIns $TestDrive }

    It 'that follow one that is refused are made' {
        $script:denied = 'Enable-ScheduledTask'
        Send-Changes @(@('enable-task', '\', 'A'), @('disable-task', '\', 'A')) | Should -Be 'ok', "report`t0`trefused`tZugriff verweigert", "report`t1`t`t", "read`trecords"
    }

    It 'are followed by what is to be read again, whatever became of them' {
        $table = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslSniBindingInfo'
        $script:registry = @{ $table = @{ }; "$table\a:443" = @{ }; "$table\b:443" = @{ } }
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        $rows = @(Get-Answer 'Invoke-Changes' @(@('change', '7', 'nonsense'), @('record', 'SslSniBindingInfo', 'b:443'), @('holders', 'rdp')))
        $rows[1] | Should -BeLike "report`t7`trefused`t*"
        $rows[2..4] | Should -Be "record`tSslSniBindingInfo`tb:443", "read`trecords", "read`trdp"
    }

    It 'that the adapter does not know are refused' {
        Get-Outcome @('nonsense', 'x') | Should -Be 'refused', 'the adapter has no change nonsense'
    }

    It 'that need a module which Windows lacks name it' {
        function Import-Part { param($Name) throw (New-AdapterError 'module-missing' $Name) }
        Get-Outcome @('enable-task', '\', 'A') | Should -Be 'refused', 'Windows has no module ScheduledTasks here'
    }
}

Describe 'what is so already' {
    BeforeEach {
        Reset-StandIns $TestDrive
        $log = 'HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application\CertRebind'
        $product = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Own'
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        function Get-Done { @($script:calls | ForEach-Object { $_.Name } | Where-Object { $_ -notlike 'Get-*' }) }
    }

    It 'is left as it is: <What>' -ForEach @(
        @{ What = 'a source of the log'; Keys = 'log'; Change = 'log', '130', 'Error', 'A text.'; Done = , 'Write-EventLog' }
        @{ What = 'no source'; Keys = @(); Change = , 'remove-log-source'; Done = @() }
        @{ What = 'no entry among the programs'; Keys = @(); Change = 'unlist-product', 'Own'; Done = @() }
        @{ What = 'an entry with all its values'; Keys = 'product'; Change = 'list-product', 'Own', 'Name', 'String', 'One', 'Size', 'DWord', '5'; Done = @() }
    ) {
        foreach ($key in $Keys) { $script:registry[$(if ($key -eq 'log') { $log } else { $product })] = @{ Name = 'One'; Size = 5 } }
        Get-Outcome $Change | Should -Be '', ''
        Get-Done | Should -Be $Done
    }

    It 'is not: a value in other letters, and one that is not there though it would be empty' {
        $script:registry[$product] = @{ Name = 'ONE' }
        Get-Outcome 'list-product', 'Own', 'Name', 'String', 'One', 'Note', 'String', '' | Should -Be '', ''
        @(Get-Calls 'New-ItemProperty' | ForEach-Object { "$($_.Passed.Name)=$($_.Passed.Value)" }) | Should -Be 'Name=One', 'Note='
    }
}

Describe 'orders to Task Scheduler' {
    It 'are given one after another, each to its task' {
        Reset-StandIns $TestDrive
        Get-Answer 'Invoke-TaskOrder' @(@('start-task', '\', 'A'), @('stop-task', '\Own\', 'B'), @('start-task', '\', 'C')) | Should -Be 'ok'
        @($script:calls | ForEach-Object { "$($_.Name) $($_.Passed.TaskPath)$($_.Passed.TaskName)" }) | Should -Be 'Start-ScheduledTask \A', 'Stop-ScheduledTask \Own\B', 'Start-ScheduledTask \C'
    }
}

Describe 'LDAPS' {
    BeforeEach {
        Reset-StandIns $TestDrive
        $ntds = 'HKLM:\SOFTWARE\Microsoft\Cryptography\Services\NTDS\SystemCertificates'
        $my = 'HKLM:\SOFTWARE\Microsoft\SystemCertificates\MY\Certificates'
        $script:registry = @{ "$ntds\MY\Certificates" = @{ }; "$ntds\MY\Certificates\$hash" = @{ Blob = 1 }; "$my\$other" = @{ Blob = 2 } }
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        $script:answers['New-Item'] = { param($Passed) $script:registry[$Passed.Path] = @{ } }
        $script:answers['Copy-Item'] = { param($Passed) $script:registry[$Passed.Destination] = $script:registry[$Passed.LiteralPath] }
        $script:answers['Remove-Item'] = { param($Passed) $script:registry.Remove($Passed.LiteralPath) }
        $script:answers['Move-Item'] = { param($Passed) $script:registry[$Passed.Destination] = $script:registry[$Passed.LiteralPath]; $script:registry.Remove($Passed.LiteralPath) }
        function Get-Stored { @(Get-LdapsHashes) -join ' ' }
        function Get-Said { @(Get-Calls 'RootDse.CommitChanges').Count }
    }

    It 'gets the new certificate, and what is nowhere else is kept and can come back' {
        Get-Outcome 'put-ldaps', $hash, $other | Should -Be '', ''
        Get-Stored | Should -Be $other
        Get-Outcome 'put-ldaps', $other, $hash | Should -Be '', ''
        Get-Stored | Should -Be $hash
        $script:registry["$ntds\MY\Certificates\$hash"].Blob | Should -Be 1
        Get-Said | Should -Be 2
        @(Get-Calls 'New-Item').Count, @(Get-Calls 'Move-Item').Count, @(Get-Calls 'Remove-Item').Count | Should -Be 1, 1, 1
    }

    It 'keeps what it kept before' {
        $script:registry["$ntds\CertRebind\Certificates"] = @{ }
        Get-Outcome 'put-ldaps', $hash, $other | Should -Be '', ''
        @(Get-Calls 'New-Item').Count | Should -Be 0
    }

    It 'is not changed where <What>' -ForEach @(
        @{ What = 'it holds another one'; Change = 'put-ldaps', 'CC', 'BB'; Code = 'changed-meanwhile' }
        @{ What = 'it holds one more'; More = $true; Change = 'put-ldaps', 'AA', 'BB'; Code = 'changed-meanwhile' }
        @{ What = 'any is right, and it holds one that nobody named'; Change = 'put-ldaps', '', 'BB'; Code = 'changed-meanwhile' }
        @{ What = 'the new one is nowhere'; Change = 'put-ldaps', 'AA', 'CC'; Code = 'refused' }
    ) {
        $full = @($Change | ForEach-Object { if ($_.Length -eq 2) { $_ * 20 } else { $_ } })
        if ($_.ContainsKey('More')) { $script:registry["$ntds\MY\Certificates\$('DD' * 20)"] = @{ } }
        (Get-Outcome $full)[0] | Should -Be $Code
        @(Get-Calls 'Remove-Item').Count + @(Get-Calls 'Move-Item').Count + (Get-Said) | Should -Be 0
    }

    It 'has the old one again where <Denied> is denied, and says so' -ForEach @(
        @{ Denied = 'Copy-Item'; Told = 1 }
        @{ Denied = 'RootDse.CommitChanges'; Told = 2 }
    ) {
        $script:registry["$my\$hash"] = @{ Blob = 1 }
        $answer, $once = $script:answers[$Denied], @{ Is = $true }
        $script:answers[$Denied] = { param($Passed)
            if ($once.Is) { $once.Is = $false; throw [InvalidOperationException]::new('Zugriff verweigert') }
            if ($null -ne $answer) { & $answer $Passed }
        }.GetNewClosure()
        Get-Outcome 'put-ldaps', $hash, $other | Should -Be 'refused', 'Zugriff verweigert'
        Get-Stored | Should -Be $hash
        Get-Said | Should -Be $Told
    }

    It 'comes back where it was lost' {
        $script:registry.Remove("$ntds\MY\Certificates\$hash")
        Get-Outcome 'put-ldaps', '', $other | Should -Be '', ''
        Get-Stored | Should -Be $other
    }

    It 'is read on a domain controller only' {
        Get-Answer 'Read-Holders' (, [string[]]@('ldaps')) | Should -Be 'ok', "read`tldaps"
        $script:registry['HKLM:\SYSTEM\CurrentControlSet\Control\ProductOptions'] = @{ ProductType = 'LanmanNT' }
        Get-Answer 'Read-Holders' (, [string[]]@('ldaps')) | Should -Be 'ok', "#ldaps`tcertificate", "ldaps`t$hash", "read`tldaps"
    }
}

Describe 'a holder' {
    BeforeEach {
        Reset-StandIns $TestDrive
        $stations = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations'
        $listeners = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener'
        function Initialize-Holders([string] $Held) {
            $script:held = $Held
            [IO.File]::WriteAllText((Get-ConfigurationPath), "<configuration><system.applicationHost><sites><siteDefaults><ftpServer><security><ssl serverCertHash='$Held'/></security></ftpServer></siteDefaults><site name='Bare'/></sites></system.applicationHost></configuration>")
            $bytes = [byte[]]@(for ($at = 0; $at -lt $Held.Length; $at += 2) { [Convert]::ToByte($Held.Substring($at, 2), 16) })
            $script:registry = @{ $stations = @{}; "$stations\Console" = @{}; "$stations\RDP-Tcp" = @{ SSLCertificateSHA1Hash = $bytes }; $listeners = @{}; "$listeners\*+HTTPS" = @{ certThumbprint = $Held -replace '..', '$0 ' } }
            $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
            $script:answers['Get-CimInstance'] = { param($Passed)
                if ($Passed.ClassName -eq 'Win32_TSGeneralSetting') { [pscustomobject]@{ TerminalName = 'RDP-Tcp'; SSLCertificateSHA1HashType = 3 } }
            }
        }
        function Get-Done { @($script:calls | ForEach-Object { $_.Name } | Where-Object { $_ -notlike 'Get-*' -and $_ -notlike '*-WebCommitDelay' }) }
    }

    It 'is changed where it holds what was planned, in whatever letters, and else not: <Kind>' -ForEach @(
        @{ Kind = 'ftp'; Change = 'put-ftp', ''; Rest = , 'My'; Done = 'Set-WebConfigurationProperty', 'Set-WebConfigurationProperty' }
        @{ Kind = 'rdp'; Change = 'put-rdp', 'RDP-Tcp'; Rest = @(); Done = , 'Set-CimInstance' }
        @{ Kind = 'winrm'; Change = 'put-winrm', '*+HTTPS'; Rest = @(); Done = , 'Set-WSManInstance' }
    ) {
        $change = [string[]]@($Change + @($hash, $other) + $Rest)
        Initialize-Holders $other
        $code, $says = Get-Outcome $change
        $code | Should -Be 'changed-meanwhile'
        $says | Should -Match '^the (FTP site|listener) does not hold the expected certificate$'
        Get-Done | Should -Be @()
        Initialize-Holders $hash.ToLowerInvariant()
        Get-Outcome $change | Should -Be '', ''
        Get-Done | Should -Be $Done
    }

    It 'that is not there is refused: <Change>' -ForEach @(
        @{ Change = 'put-ftp', 'Gone', '', 'BB', 'My'; Says = 'there is no site Gone' }
        @{ Change = 'put-rdp', 'Gone', '', 'BB'; Says = 'there is no Remote Desktop listener Gone' }
    ) {
        Initialize-Holders $hash
        Get-Outcome $Change | Should -Be 'refused', $Says
        Get-Done | Should -Be @()
    }

    It 'that is expected to hold one and holds none has changed' -ForEach @(
        @{ Change = 'put-ftp', 'Bare', 'AA', 'BB', 'My' }
        @{ Change = 'put-ftp', 'Gone', 'AA', 'BB', 'My' }
        @{ Change = 'put-rdp', 'Console', 'AA', 'BB' }
        @{ Change = 'put-rdp', 'Gone', 'AA', 'BB' }
        @{ Change = 'put-winrm', 'Gone+HTTPS', 'AA', 'BB' }
    ) {
        Initialize-Holders $hash
        (Get-Outcome $Change)[0] | Should -Be 'changed-meanwhile'
        Get-Done | Should -Be @()
    }
}
