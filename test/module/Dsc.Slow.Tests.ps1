# Dsc.Tests.ps1 in the other situations, and what needs engines of its own.

$slow = $true
. "$PSScriptRoot/Dsc.Tests.ps1"

Describe 'constrained language' {
    BeforeAll {
        # In a process of its own, since this one has read the same scripts in full language and would not parse them anew.
        function Invoke-Constrained([string] $Script) {
            [IO.File]::WriteAllText("$TestDrive/constrained.ps1", @'
param($Script)
$space = [runspacefactory]::CreateRunspace()
$space.Open()
$space.LanguageMode = 'ConstrainedLanguage'
$shell = [powershell]::Create()
$shell.Runspace = $space
$output = @($shell.AddScript($Script).Invoke())
@{ output = $output; errors = @($shell.Streams.Error | ForEach-Object { [string]$_ }) } | ConvertTo-Json -Compress
'@)
            & ([Environment]::ProcessPath) -NoProfile -NonInteractive -File "$TestDrive/constrained.ps1" $Script | ConvertFrom-Json
        }
        $folder = "$(Get-Root)/module"
    }

    It 'lets the commands be loaded, and each says what is the matter' {
        $seen = Invoke-Constrained "Import-Module '$folder/CertRebind/CertRebind.psd1'; foreach (`$command in Get-Command -Module CertRebind -Verb Get, Test, Enable, Disable | Where-Object Name -NE Get-CertRebindInventory) { try { & `$command.Name -ErrorAction Ignore; 'went on' } catch { `$_.FullyQualifiedErrorId } }"
        $seen.errors | Should -BeNullOrEmpty
        $seen.output.Count | Should -BeGreaterThan 8
        $seen.output | Sort-Object -Unique | Should -BeLike 'constrained-language,*'
    }

    It 'is the reason why the class has a module of its own' {
        $seen = Invoke-Constrained "`$env:PSModulePath = '$folder'; Import-Module '$folder/CertRebindDsc/CertRebindDsc.psd1'"
        $seen.errors -join '' | Should -BeLike '*class*'
    }
}
