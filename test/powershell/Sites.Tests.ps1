# A property that throws reads as nothing in PowerShell, but not one that an object finds by its own means.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    . ([IO.Path]::Combine($adapter, 'read-iis.ps1'))
    function Add-Rows { param($All) foreach ($fields in $All) { $script:added += , $fields } }
    function Import-Part { param($Name) }
    function Get-Website { }
    Add-Type -TypeDefinition @'
using System.Dynamic;
using System.Runtime.InteropServices;
public class CertRebindFtpSite : DynamicObject
{
    public override bool TryGetMember(GetMemberBinder binder, out object result)
    {
        if (binder.Name == "state") throw new COMException("The object identifier does not reapply a valid object.", unchecked((int)0x800710D8));
        result = binder.Name == "name" ? "Files" : (object)6;
        return true;
    }
}
'@
}

Describe 'the states of sites' {
    BeforeEach { $script:added = @() }

    It 'are each read by itself, so that one that fails hides no other' {
        Mock Get-Website {
            [CertRebindFtpSite]::new()
            [pscustomobject]@{ name = 'Shop'; id = 7; state = 'Started' }
        }
        Add-SiteRows
        $added[0] | Should -Be @('site', 'Files', '6', '')
        $added[1] | Should -Be @('site', 'Shop', '7', 'Started')
    }
}
