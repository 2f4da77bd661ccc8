# The module in the PowerShell that runs this: Windows PowerShell 5.1 on a Windows with the package unpacked below
# `unpacked`, and the engine of the tests on a lab everywhere else.

BeforeAll {
    $onWindows = $env:OS -eq 'Windows_NT'
    if ($onWindows) {
        Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'unpacked', 'CertRebind', 'CertRebind.psd1')) -Global
    } else {
        Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, '..', 'module', 'Lab.psm1'))
        $lab = Start-Lab
        Import-CertRebind
    }
}

AfterAll {
    Remove-Module -Name CertRebind -Force
    if (-not $onWindows) { Stop-Lab $lab }
}

Describe 'the module where it is used' {
    It 'starts its program and reads what it says' {
        $code = Get-CertRebindCode -Code locked
        $code.exit | Should -Be 6
        $code.hint | Should -Be 'Wait for it with -Wait.'
    }

    It 'has the members of its types before anything ran' {
        $members = (Get-TypeData -TypeName CertRebind.Run).Members.Keys
        $members | Should -Contain 'result'
    }

    It 'tells an error with what to do about it, and ends nothing else' {
        $problems = @()
        Undo-CertRebind -Run nonsense -Confirm:$false -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[-1].FullyQualifiedErrorId | Should -Be 'no-such-run,Undo-CertRebind'
        $problems[-1].ErrorDetails.RecommendedAction | Should -BeLike '*Get-CertRebindHistory'
    }

    It 'keeps the text of a document as it was, and makes moments of moments' {
        $status = Get-CertRebind
        $status.PSObject.TypeNames[0] | Should -Be 'CertRebind.Status'
        $status.enabled | Should -BeOfType bool
    }
}
