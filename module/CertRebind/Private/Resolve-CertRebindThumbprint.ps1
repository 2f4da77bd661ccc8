# Accepts a certificate object wherever a thumbprint is asked for: as text it ends with its thumbprint. The program
# itself reads a thumbprint in any form it was copied in. No PowerShell class does this, because classes break when a
# module is imported into several runspaces of one process.
function Resolve-CertRebindThumbprint {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowEmptyString()] [AllowNull()] [string] $Text)

    if ($Text -match '\[Thumbprint\]\s+([0-9A-Fa-f]{40})\s*$') { $Matches[1] } else { $Text }
}
