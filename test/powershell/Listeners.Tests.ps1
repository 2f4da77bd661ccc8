# What is read again of listeners after a change: those that name a certificate of their own, and no others.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    $hash = 'AA' * 20
    $bytes = [byte[]](@(0xAA) * 20)
    $stations = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations'
    $listeners = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener'
    $web = 'HKLM:\SOFTWARE\Microsoft\WebManagement\Server'
    $table = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo'
    function Get-Holders([string] $Kind, [hashtable] $Registry) {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, 'windows'))
        # Its stand-in answers with keys of this table.
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        $script:registry = $Registry
        @(Get-Answer 'Read-Holders' (, [string[]]@($Kind)))
    }
}

Describe 'listeners that are read again' {
    It 'of Remote Desktop are those with a certificate of their own' {
        Get-Holders 'rdp' @{ $stations = @{}; "$stations\RDP-Tcp" = @{ SSLCertificateSHA1Hash = $bytes }; "$stations\Console" = @{}; "$stations\Other" = @{ SSLCertificateSHA1Hash = [byte[]]@() } } |
            Should -Be @('ok', "#rdp`tlistener`tcertificate", "rdp`tRDP-Tcp`t$hash", "read`trdp")
    }

    It 'of WinRM are those of HTTPS that name one, its letters as anywhere else' {
        Get-Holders 'winrm' @{
            $listeners = @{}; "$listeners\*+HTTPS" = @{ certThumbprint = 'aa ' * 20; Port = 5986; hostname = 'web01.example.com' }
            "$listeners\*+HTTP" = @{ certThumbprint = 'bb'; Port = 5985 }; "$listeners\192.0.2.1+HTTPS" = @{ certThumbprint = ''; Port = 5986 }
        } | Should -Be @('ok', "#winrm`tlistener`tcertificate`tport`thostname", "winrm`t*+HTTPS`t$hash`t5986`tweb01.example.com", "read`twinrm")
    }

    It 'of Web Management come with the records of its address and of any, at its port' {
        $record = @{ SslCertHash = $bytes }
        $rows = Get-Holders 'wmsvc' @{
            $web = @{ SslCertificateHash = $bytes; IPAddress = '192.0.2.5'; Port = 8172 }; $table = @{}
            "$table\192.0.2.5:8172" = $record; "$table\0.0.0.0:8172" = $record; "$table\192.0.2.6:8172" = $record; "$table\0.0.0.0:443" = $record
        }
        $rows[2] | Should -Be "wmsvc`t$hash`t8172`t192.0.2.5"
        @($rows -like "record`t*" -replace '^record\t\w+\t([^\t]+)\t.*$', '$1') | Should -Be @('192.0.2.5:8172', '0.0.0.0:8172')
    }

    It 'of Web Management are looked for at 8172 where it names no port' {
        $rows = Get-Holders 'wmsvc' @{ $web = @{}; $table = @{}; "$table\0.0.0.0:8172" = @{ SslCertHash = $bytes } }
        $rows[1..2] | Should -Be "#wmsvc`tcertificate`tport`taddress", "wmsvc`t`t`t"
        $rows[3] | Should -BeLike "record`tSslBindingInfo`t0.0.0.0:8172`t*"
    }

    It 'are none where <_> is not installed' -ForEach 'rdp', 'winrm', 'wmsvc' {
        Get-Holders $_ @{} | Should -Be @('ok', "read`t$_")
    }
}

Describe 'holders of which this Windows has none' {
    It 'of Web Management have a port without a service where that is not installed' {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, 'windows'))
        $script:registry = @{ $web = @{ SslCertificateHash = $bytes; Port = 8172; IPAddress = '*' } }
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        @(Get-Answer 'Read-Server' @()) -match '^wmsvc|web-management' | Should -Be "read`tweb-management"
    }
}
