# Values that only this machine can read: the data protection of Windows, in the scope of the machine. No value is
# passed through a pipeline or as a parameter of a command, because module logging would write it down (fidelity:
# machine-data-protection).

# The lab's stand-in, because .NET has no data protection without Windows.
$script:DataProtection = ''

# Rows: `<name> <value>`. Answers `secret <base64>` for each; it is read only under the same name.
function Protect-Secret {
    param([string[][]]$Request)
    $api = Get-DataProtection
    foreach ($row in $Request) {
        $bytes = $api::Protect([Text.Encoding]::UTF8.GetBytes($row[1]), (Get-SecretEntropy $row[0]), 'LocalMachine')
        Add-Row 'secret', ([Convert]::ToBase64String($bytes))
    }
}

# Rows: `<name> <base64>`. Answers `secret <value>` for each.
function Unprotect-Secret {
    param([string[][]]$Request)
    $api = Get-DataProtection
    foreach ($row in $Request) {
        try {
            $bytes = $api::Unprotect([Convert]::FromBase64String($row[1]), (Get-SecretEntropy $row[0]), 'LocalMachine')
        } catch {
            throw (New-AdapterError 'secret-unreadable' (Get-ErrorMessage $_) $row[0])
        }
        Add-Row 'secret', ([Text.Encoding]::UTF8.GetString($bytes))
    }
}

function Get-DataProtection {
    if ($script:DataProtection -ne '') { return $script:DataProtection -as [type] }
    Add-Type -AssemblyName 'System.Security'
    [Security.Cryptography.ProtectedData]
}

# Not secret itself: it prevents a value from being read under the name of another, or by a program that gives none.
function Get-SecretEntropy {
    param([string]$Name)
    , [Text.Encoding]::UTF8.GetBytes("CertRebind secret $Name")
}
