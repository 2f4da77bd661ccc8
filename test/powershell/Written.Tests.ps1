# Thumbprints in texts of Windows that are no files, over a Windows that StandIns.ps1 makes up.
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    $hash = 'A1B2C3D4E5F60718293A4B5C6D7E8F9001122334'
    $spaced = ($hash -split '(..)' -ne '' -join ' ').ToLowerInvariant()
    $services = 'HKLM:\SYSTEM\CurrentControlSet\Services'
    $policies = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services'
    function Get-Written { @(Get-Answer 'Read-Written' (, $hash)) | Where-Object { $_ -notlike "disk`t*" } }
}

Describe 'texts that name a certificate' {
    BeforeEach {
        Reset-StandIns ([IO.Path]::Combine($TestDrive, 'windows'))
        $script:answers['Get-Item'] = { param($Passed) Get-WindowsItem $Passed }
        $script:answers['Get-ScheduledTask'] = { }
        $script:registry = @{ $services = @{ } }
        $script:configuration = [IO.Path]::Combine($script:SystemRoot, 'System32', 'inetsrv', 'config', 'applicationHost.config')
        [IO.File]::WriteAllText($script:configuration, '<configuration><system.applicationHost><sites/></system.applicationHost></configuration>')
    }

    It 'are arguments of tasks in any folder, whatever their other actions are' {
        $script:answers['Get-ScheduledTask'] = {
            [pscustomobject]@{ TaskPath = '\Own\'; TaskName = 'Sign'; Actions = @(
                    [pscustomobject]@{ ClassId = '{1}'; Data = $hash }
                    [pscustomobject]@{ Execute = 'a.exe'; Arguments = $null }
                    [pscustomobject]@{ Execute = 'a.exe'; Arguments = "-p Pa55 -t $hash $hash" }) }
            [pscustomobject]@{ TaskPath = '\'; TaskName = 'None'; Actions = $null }
        }
        Get-Written | Should -Be 'ok', "read`tfolders of sites", "written`ttask`t\\Own\\Sign`t$hash", "read`targuments of tasks", "read`tcommand lines of services", "read`tpolicies of Remote Desktop", "texts`t2"
        (Get-Calls 'Get-ScheduledTask').Passed.TaskPath | Should -Be '\*'
    }

    It 'are command lines of services' {
        $script:registry = @{ $services = @{ }; "$services\Proxy" = @{ ImagePath = "proxy.exe --key Pa55 --certificate $($hash.ToLowerInvariant())" }; "$services\Other" = @{ ImagePath = 'other.exe'; Description = $hash }; "$services\Bare" = @{ } }
        Get-Written | Should -Be 'ok', "read`tfolders of sites", "read`targuments of tasks", "written`tservice`tProxy`t$hash", "read`tcommand lines of services", "read`tpolicies of Remote Desktop", "texts`t3"
    }

    It 'are policies of Remote Desktop, of every kind of value and below its key' {
        $script:registry[$policies] = @{ TrustedCertThumbprints = "BB, $spaced"; AllowSignedFiles = 1 }
        $script:registry["$policies\Client"] = @{ Bytes = [byte[]]@(for ($at = 0; $at -lt 40; $at += 2) { [Convert]::ToByte($hash.Substring($at, 2), 16) }); Texts = [string[]]@('x', $hash) }
        $told = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services'
        $written = @(Get-Written | Where-Object { $_ -like "written`t*" })
        $written | Sort-Object | Should -Be "written`tpolicy`t$told\\Client\\Bytes`t$hash", "written`tpolicy`t$told\\Client\\Texts`t$hash", "written`tpolicy`t$told\\TrustedCertThumbprints`t$hash"
        Get-Written | Select-Object -Last 1 | Should -Be "texts`t4"
    }

    It 'are told with nothing else that stands in them' {
        $script:registry["$services\Proxy"] = @{ ImagePath = "proxy.exe --password Pa55w0rd --certificate $hash" }
        $script:registry[$policies] = @{ Text = "Pa55w0rd $hash" }
        $script:answers['Get-ScheduledTask'] = { [pscustomobject]@{ TaskPath = '\'; TaskName = 'A'; Actions = , [pscustomobject]@{ Arguments = "Pa55w0rd $hash" } } }
        [IO.File]::WriteAllText($script:configuration, '<configuration><system.applicationHost><sites><site><application><virtualDirectory password="Pa55w0rd" physicalPath="C:\a"/></application></site></sites></system.applicationHost></configuration>')
        $answer = Get-Written
        @($answer | Where-Object { $_ -like "written`t*" }).Count | Should -Be 3
        "$answer" | Should -Not -Match 'Pa55w0rd'
    }

    It 'has <What>: <Found>' -ForEach @(
        @{ What = 'one behind digits that belong to a word'; Text = 'fed {0}'; Found = 1 }
        @{ What = 'one in a longer run of digits'; Text = '00{0}FF'; Found = 1 }
        @{ What = 'one with hyphens'; Text = '{1}'; Found = 1 }
        @{ What = 'another thumbprint'; Text = '{2}'; Found = 0 }
        @{ What = 'all but one of its digits'; Text = '{3}'; Found = 0 }
    ) {
        $script:registry["$services\Proxy"] = @{ ImagePath = $Text -f $hash, $spaced.Replace(' ', '-'), ('B' * 40), $hash.Substring(1) }
        @(Get-Written | Where-Object { $_ -like "written`t*" }).Count | Should -Be $Found
    }

    It 'are looked for in the folders of sites, and no others, of which the variables are replaced' {
        $env:CERTREBIND_TEST_DRIVE = 'C:'
        [IO.File]::WriteAllText($script:configuration, '<configuration><system.applicationHost><sites><site><application><virtualDirectory physicalPath="%CERTREBIND_TEST_DRIVE%\a"/><virtualDirectory physicalPath="D:\b"/></application></site><virtualDirectoryDefaults physicalPath="E:\no"/></sites></system.applicationHost></configuration>')
        try { Get-Written | Where-Object { $_ -like "folder`t*" } | Should -Be "folder`tC:\\a", "folder`tD:\\b" } finally { $env:CERTREBIND_TEST_DRIVE = $null }
        @(Get-Answer 'Read-Written' (, $hash) | Where-Object { $_ -like "disk`t*" }).Count | Should -BeGreaterThan 0
    }

    It 'are told as far as they can be read' {
        $script:answers['Get-ScheduledTask'] = { throw (New-Denial 'tasks') }
        [IO.File]::WriteAllText($script:configuration, '<configuration>')
        $script:registry["$services\Proxy"] = @{ ImagePath = $hash }
        $answer = Get-Written
        $answer | Where-Object { $_ -like "failed`t*" } | ForEach-Object { ($_ -split "`t")[1] } | Should -Be 'folders of sites', 'arguments of tasks'
        $answer | Should -Contain "written`tservice`tProxy`t$hash"
    }
}
