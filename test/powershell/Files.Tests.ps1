# Folders that come into being with their rights. What .NET has for it on Windows alone is played by types with the same
# members, which make real folders (that the real ones have these members, ApiFloor.Tests.ps1 looks up).
BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'StandIns.ps1'))
    Add-Type -TypeDefinition @'
using System.Collections.Generic;
using System.IO;
using System.Security.AccessControl;
public class CertRebindSecurity
{
    public string Form;
    public void SetSecurityDescriptorSddlForm(string form) { Form = "All of " + form; }
}
public static class CertRebindFolders
{
    public static string Form;
    public static bool IsLater;
    // What .NET Framework has, later .NET has not, and the other way round.
    public static string DemandEarlier(string path) { if (IsLater) throw new System.MissingMethodException(path); return path; }
    public static DirectoryInfo CreateDirectory(string path, CertRebindSecurity security) { return Make(DemandEarlier(path), security); }
    internal static DirectoryInfo Make(string path, CertRebindSecurity security) { Form = security.Form; return Directory.CreateDirectory(path); }
}
public class CertRebindSid
{
    public string Value;
    // Windows knows no letters of a domain where there is none.
    public CertRebindSid(string letters) { if (letters == "EA") throw new System.ArgumentException(letters); Value = "S-" + letters; }
}
public static class CertRebindAcl
{
    public static DirectoryInfo CreateDirectory(CertRebindSecurity security, string path) { return CertRebindFolders.Make(path, security); }
}
'@
    $text = [IO.File]::ReadAllText([IO.Path]::Combine($adapter, 'folders.ps1')) -replace '\[Security\.AccessControl\.DirectorySecurity\]', '[CertRebindSecurity]' -replace '\[Security\.Principal\.SecurityIdentifier\]', '[CertRebindSid]'
    . ([scriptblock]::Create($text.Replace('[IO.Directory]::CreateDirectory', '[CertRebindFolders]::CreateDirectory')))
    function Find-LaterType { param([string]$Name) if ([CertRebindFolders]::IsLater -and $Name -eq 'System.IO.FileSystemAclExtensions') { [CertRebindAcl] } }
    function Initialize-Files {
        $script:place = [IO.Path]::Combine($TestDrive, [guid]::NewGuid())
        Reset-StandIns $place
        [CertRebindFolders]::IsLater = $true
    }
}

Describe 'a folder of the state' {
    BeforeEach { Initialize-Files }

    It 'has its owner and rights from its beginning, with <_>' -ForEach '.NET', '.NET Framework' {
        [CertRebindFolders]::IsLater = $_ -eq '.NET'
        $folders = 'one', 'two' | ForEach-Object { [IO.Path]::Combine($place, $_) }
        Get-Answer 'New-ProtectedFolder' @(@($folders[0], 'O:BAD:PAI'), @($folders[1], 'O:SYD:PAI')) | Should -Be (@('ok') + @($folders | ForEach-Object { "created`t$_" }))
        foreach ($folder in $folders) { [IO.Directory]::Exists($folder) | Should -BeTrue }
        [CertRebindFolders]::Form | Should -Be 'All of O:SYD:PAI'
    }
}

Describe 'the administrators of a server' {
    It 'are those that Windows means by their letters, and nobody where it means nobody' {
        Initialize-Files
        Get-Answer 'Read-Paths' @() | Should -Be 'ok', "administrators`tS-LA`tS-DA`t"
    }
}
