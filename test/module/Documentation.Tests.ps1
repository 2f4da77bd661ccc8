# What pages tell of PowerShell. What its commands print: Documentation.Slow.Tests.ps1.

BeforeAll {
    Import-Module -Name "$PSScriptRoot/Lab.psm1"
}

Describe 'the function certrebind of docs/getting-started.md' {
    It 'passes on what is piped to it' {
        . ([scriptblock]::Create((Get-ShellFunction)))
        '{"policy":{"undoo":"run"}}' | certrebind dsc test 2>&1 | Out-String | Should -Match 'undoo'
    }
}

Describe 'docs/powershell.md' {
    It 'names every function of the module' {
        $text = [IO.File]::ReadAllText("$(Get-Root)/docs/powershell.md")
        foreach ($name in (Get-ChildItem -LiteralPath "$(Get-Root)/module/CertRebind/Public").BaseName) { $text.Contains("``$name``") | Should -BeTrue -Because $name }
    }
}
