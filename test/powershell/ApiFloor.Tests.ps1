# Windows PowerShell 5.1 stands on whatever .NET Framework the server has, from 4.5.2 (Server 2012 R2) on. So every type
# and every static member that a script of the product names is looked up in Microsoft's reference assemblies (fidelity: framework-floor).

BeforeAll {
    . "$PSScriptRoot/ApiFloor.ps1"
    $root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
    $scripts = foreach ($folder in 'module', 'src/server/windows/adapter', 'src/kinds', 'test/windows/suites') {
        (Get-ChildItem -LiteralPath "$root/$folder" -Recurse -File -Include *.ps1, *.psm1).FullName
    }
    # What is wrong in each script, with its name before it.
    function Find-Wrong([scriptblock] $Wrong) { foreach ($path in $scripts) { & $Wrong $path | ForEach-Object { '{0}: {1}' -f [IO.Path]::GetRelativePath($root, $path), $_ } } }

    # What is newer than the floor, why it is used all the same, and where it first is. The scripts find such a type by
    # its name with Find-LaterType and do without it where there is none.
    $exceptions = @(
        @{ Type = 'System.Security.Cryptography.X509Certificates.RSACertificateExtensions'; Since = '4.6'; In = 'net461'
            Reason = 'opens a key of either kind of key storage; without it keys are unknown' }
        @{ Type = 'System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions'; Since = '4.6.1'; In = 'net461'
            Reason = 'the same for keys of elliptic curves' }
        @{ Type = 'System.IO.FileSystemAclExtensions'; Since = 'PowerShell 7'; In = ''
            Reason = 'PowerShell 7 has no CreateDirectory with rights; the tests run in it' }
    )

    # Came between 4.5, whose reference assemblies are the oldest that are read here, and 4.5.2. None is in use.
    $beforeTheFloor = @()
}

Describe 'the .NET that the scripts need' {
    It 'is 4.5, of whose types and static members and of PowerShell 5.1 they name no others' {
        $scripts.Count | Should -BeGreaterThan 100
        Find-Wrong { param($path) Find-MissingMember -Path $path -Floor 'net45' | Where-Object { $beforeTheFloor -cnotcontains $_.Name } | ForEach-Object { "line $($_.Line): $($_.Name) ($(Get-Reason $_))" } } | Should -BeNullOrEmpty
    }

    It 'gives them no encoding of the server: in Windows PowerShell another than here, and on each server another' {
        Find-Wrong { param($path) [regex]::Match([IO.File]::ReadAllText($path), 'Encoding\]::Default|Console\]::(?:Input|Output)Encoding|-Encoding\b|\$OutputEncoding') | Where-Object Success | ForEach-Object Value } | Should -BeNullOrEmpty
    }

    It 'has the data protection of Windows, with the arguments that secrets.ps1 gives it' {
        foreach ($member in 'Protect', 'Unprotect') {
            Test-StaticMember -Version 'net45' -Type 'System.Security.Cryptography.ProtectedData' -Member $member -Arguments 3 | Should -BeTrue -Because $member
        }
        Test-StaticMember -Version 'net45' -Type 'System.Security.Cryptography.DataProtectionScope' -Member 'LocalMachine' | Should -BeTrue
        (Find-ReferenceType -Version 'net45' -Name 'System.Security.Cryptography.ProtectedData').Assembly | Should -BeExactly 'System.Security'
    }

    It 'is passed only by name, from the list, and only where what is later is there' {
        Find-Wrong {
            param($path)
            foreach ($use in @(Find-LaterUse -Path $path)) {
                $since = $exceptions | Where-Object { $_.Type -ceq $use.Type }
                if (-not $since) { "line $($use.Line): $($use.Type) is not in the list"; continue }
                if (-not $use.Guarded) { "line $($use.Line) has to compare what it found with nothing" }
                if ($since.In -eq '') { continue }
                foreach ($member in $use.Members) { if (-not (Test-StaticMember -Version $since.In -Type $use.Type -Member $member.Name -Arguments $member.Arguments)) { "line $($use.Line): $($member.Name)" } }
            }
        } | Should -BeNullOrEmpty
    }

    It 'is newer than the floor exactly where the list says so' {
        $used = foreach ($script in Get-ProductScript $root) { (Find-LaterUse -Path $script).Type }
        $used | Sort-Object -Unique | Should -Be ($exceptions.Type | Sort-Object)
        foreach ($exception in $exceptions) {
            Find-ReferenceType -Version 'net45' -Name $exception.Type | Should -BeNullOrEmpty -Because 'it would be no exception'
        }
    }
}

Describe 'the check itself' {
    BeforeAll {
        function Find-MissingIn([string] $Text) {
            $path = [IO.Path]::Combine([IO.Path]::GetTempPath(), "certrebind-floor-$([guid]::NewGuid()).ps1")
            [IO.File]::WriteAllText($path, $Text)
            try { @(Find-MissingMember -Path $path -Floor 'net45' | ForEach-Object { $_.Name }) } finally { [IO.File]::Delete($path) }
        }
    }

    It 'notices <What>' -ForEach @(
        @{ What = 'a type of 4.6'; Text = '[Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($c)'
            Missing = 'Security.Cryptography.X509Certificates.RSACertificateExtensions' }
        @{ What = 'a static method of 4.6'; Text = '[DateTimeOffset]::FromUnixTimeSeconds(1)'; Missing = '[DateTimeOffset]::FromUnixTimeSeconds(1)' }
        @{ What = 'an overload that came later'; Text = '[string]::Join(1, 2, 3, 4, 5, 6, 7); [Array]::Reverse(1, 2); [IO.Path]::GetFullPath($a, $b)'
            Missing = '[Array]::Reverse(1, 2)', '[IO.Path]::GetFullPath($a, $b)' }
        @{ What = 'a static property of 7'; Text = '[Text.Encoding]::Latin1'; Missing = '[Text.Encoding]::Latin1' }
        @{ What = 'a constructor that came later'; Text = '[Security.Cryptography.Rfc2898DeriveBytes]::new($a, $b, 1, $d)'
            Missing = '[Security.Cryptography.Rfc2898DeriveBytes]::new($a, $b, 1, $d)' }
        @{ What = 'the type of a parameter'; Text = 'function f { param([Threading.Lock] $l) $l }'; Missing = 'Threading.Lock' }
        @{ What = 'a type that New-Object makes'; Text = "New-Object -TypeName System.Threading.Lock"; Missing = 'System.Threading.Lock' }
        @{ What = 'the property of a class'; Text = 'class A { [Threading.Lock] $l }'; Missing = 'Threading.Lock' }
        @{ What = 'an attribute'; Text = 'function f { param([Experimental("x", "Show")] $a) $a }'; Missing = 'Experimental' }
        @{ What = 'a type accelerator of 7'; Text = '[semver]"1.0"'; Missing = 'semver' }
        @{ What = 'a type of PowerShell 7'; Text = '[Management.Automation.SemanticVersion]::Parse("1")'; Missing = 'Management.Automation.SemanticVersion' }
        @{ What = 'a type in an assembly that nobody loads'; Text = '[System.Web.HttpUtility]::HtmlEncode("x")'; Missing = 'System.Web.HttpUtility' }
    ) {
        Find-MissingIn $Text | Should -Be $Missing
    }

    It 'lets pass what is there, inherited and nested members too' {
        Find-MissingIn @'
Add-Type -AssemblyName System.Web
[System.Web.HttpUtility]::HtmlEncode('x')
[IO.FileStream]::Synchronized($s); [int]::MaxValue; [Environment+SpecialFolder]::System; [Guid]::new(); [string[]]@('a')
[Collections.Generic.List[string]]::new(); [Collections.Generic.Dictionary[string, [int[]]]]::new(1); [ordered]@{}
class B { [string] $Text; [B] $Next; B() { } }
[B]::new(); [pscustomobject]@{}; [Management.Automation.ErrorRecord]::new($a, 'b', 'NotSpecified', $null); [void]1
function f { [CmdletBinding()] [OutputType([string])] param([Parameter(Mandatory = $true)] [switch] $a) $a }
[PowerShell]::Create()
'@ | Should -BeNullOrEmpty
    }
}
