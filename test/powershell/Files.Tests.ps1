# Files and folders that come into being with their rights. What .NET has for it on Windows alone is played by types with the same
# members, which write real files (that the real ones have these members, ApiFloor.Tests.ps1 looks up).
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
    public void SetSecurityDescriptorSddlForm(string form, AccessControlSections sections) { Form = sections + " of " + form; }
}
public class CertRebindStream : FileStream
{
    public static readonly List<string> Did = new List<string>();
    public CertRebindStream(string path, FileMode mode, FileSystemRights rights, FileShare share, int size, FileOptions options, CertRebindSecurity security)
        : this(CertRebindFolders.DemandEarlier(path), mode, rights, share, size, options, security, true) { }
    internal CertRebindStream(string path, FileMode mode, FileSystemRights rights, FileShare share, int size, FileOptions options, CertRebindSecurity security, bool known)
        : base(path, mode, FileAccess.ReadWrite, share, size, options) { Did.Add(string.Join("; ", mode, rights, share, options, security.Form)); }
    public override void Flush(bool toDisk) { if (toDisk) Did.Add("flushed " + Length); base.Flush(toDisk); }
    public override void Close() { Did.Add("closed"); base.Close(); }
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
    public static FileStream Create(FileInfo file, FileMode mode, FileSystemRights rights, FileShare share, int size, FileOptions options, CertRebindSecurity security)
    { return new CertRebindStream(file.FullName, mode, rights, share, size, options, security, true); }
    public static DirectoryInfo CreateDirectory(CertRebindSecurity security, string path) { return CertRebindFolders.Make(path, security); }
}
'@
    foreach ($part in 'files', 'folders') {
        $text = [IO.File]::ReadAllText([IO.Path]::Combine($adapter, "$part.ps1")) -replace '\[Security\.AccessControl\.(File|Directory)Security\]', '[CertRebindSecurity]' -replace '\[Security\.Principal\.SecurityIdentifier\]', '[CertRebindSid]'
        . ([scriptblock]::Create($text.Replace('[IO.FileStream]', '[CertRebindStream]').Replace('[IO.Directory]::CreateDirectory', '[CertRebindFolders]::CreateDirectory')))
    }
    function Find-LaterType { param([string]$Name) if ([CertRebindFolders]::IsLater -and $Name -eq 'System.IO.FileSystemAclExtensions') { [CertRebindAcl] } }
    function Initialize-Files {
        $script:place = [IO.Path]::Combine($TestDrive, [guid]::NewGuid())
        Reset-StandIns $place
        $script:path = [IO.Path]::Combine($place, 'new.pem')
        $script:answers['Get-Acl'] = { param($Passed) [pscustomobject]@{ Sddl = "O:BAD:P($($Passed.LiteralPath))" } }
        [CertRebindStream]::Did.Clear()
        [CertRebindFolders]::IsLater = $true
    }
}

Describe 'a file with a key' {
    BeforeEach {
        Initialize-Files
        function Write-Beside([string] $Content) { Get-Answer 'Write-BesideFile' (, @($path, 'live.pem', $Content)) }
    }

    It 'has the access of the other from its beginning, is open to nobody else, and is on the disk, with <_>' -ForEach '.NET', '.NET Framework' {
        [CertRebindFolders]::IsLater = $_ -eq '.NET'
        Write-Beside ([Convert]::ToBase64String([byte[]](0, 255, 13))) | Should -Be 'ok'
        [IO.File]::ReadAllBytes($path) | Should -Be 0, 255, 13
        [CertRebindStream]::Did | Select-Object -Unique | Should -Be 'CreateNew; Write, Read; None; WriteThrough; Access of O:BAD:P(live.pem)', 'flushed 3', 'closed'
    }

    It 'is an error where one is there, which stays as it is' {
        [IO.File]::WriteAllText($path, 'mine')
        Write-Beside 'AAAA' | Should -BeLike "error`t*"
        [IO.File]::ReadAllText($path) | Should -Be 'mine'
    }

    It 'is let go of where its content does not come through' {
        Write-Beside '!' | Should -BeLike "error`t*"
        [CertRebindStream]::Did | Should -Contain 'closed'
    }

    It 'is not made where the rights of the other cannot be read' {
        $script:denied = 'Get-Acl'
        Write-Beside 'AAAA' | Should -BeLike "error`taccess-denied`tZugriff verweigert*"
        [IO.File]::Exists($path) | Should -BeFalse
    }
}

Describe 'a file that takes the place of another' {
    BeforeEach {
        Initialize-Files
        $live, $kept = [IO.Path]::Combine($place, 'live.pem'), [IO.Path]::Combine($place, 'kept.pem')
        [IO.File]::WriteAllText($path, 'new')
        function Switch-Live { Get-Answer 'Switch-File' (, @($path, $live, $kept)) }
    }

    It 'leaves that one under the name for what is kept' {
        [IO.File]::WriteAllText($live, 'old')
        Switch-Live | Should -Be 'ok'
        [IO.File]::ReadAllText($live), [IO.File]::ReadAllText($kept) | Should -Be 'new', 'old'
        [IO.File]::Exists($path) | Should -BeFalse
    }

    It 'only gets its name where there is none' {
        Switch-Live | Should -Be 'ok'
        [IO.File]::ReadAllText($live) | Should -Be 'new'
        [IO.File]::Exists($path) | Should -BeFalse
    }

    It 'does so while no other run changes anything' {
        $held = [IO.File]::Open($script:ChangingFile, 'OpenOrCreate', 'ReadWrite', 'None')
        try { Switch-Live | Should -BeLike "error`tbusy`t*" } finally { $held.Dispose() }
        [IO.File]::Exists($live) | Should -BeFalse
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
