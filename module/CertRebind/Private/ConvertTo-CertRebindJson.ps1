# The counterpart of ConvertFrom-CertRebindJson: an object that was read is written as it was, since a plan carries a
# digest of itself. ConvertTo-Json writes moments and deep objects differently in each version of PowerShell.
function ConvertTo-CertRebindJson {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowNull()] [object] $InputObject)

    $text = [System.Text.StringBuilder]::new()
    Add-CertRebindJson -Text $text -Value $InputObject
    $text.ToString()
}

$script:numberTypes = [byte], [int16], [int], [long], [uint32], [uint64], [single], [double], [decimal]

# Properties that every object has besides its own after it crossed a session or a job.
$script:addedByRemoting = 'PSComputerName', 'PSShowComputerName', 'PSSourceJobInstanceId', 'RunspaceId'

# Properties that a document may lack and that are never null in one. CertRebind.Types.ps1xml lets an object without them read
# as null, and as null they come out of a session.
$script:absentOrValue = 'certificates', 'http3', 'roles', 'timeZone', 'trust'

function Add-CertRebindJson {
    param([System.Text.StringBuilder] $Text, [object] $Value)

    $invariant = [System.Globalization.CultureInfo]::InvariantCulture
    if ($null -eq $Value) {
        [void]$Text.Append('null')
    } elseif ($Value -is [string] -or $Value -is [char]) {
        [void]$Text.Append((ConvertTo-CertRebindJsonText -Text $Value))
    } elseif ($Value -is [bool]) {
        [void]$Text.Append($Value.ToString().ToLowerInvariant())
    } elseif ($Value -is [datetime]) {
        $moment = $Value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", $invariant)
        [void]$Text.Append('"').Append($moment).Append('"')
    } elseif ($Value -is [System.Collections.IDictionary]) {
        Add-CertRebindJsonObject -Text $Text -Entries @(
            foreach ($key in $Value.Keys) { , @([string]$key, $Value[$key]) })
    } elseif ($Value -is [System.Collections.IEnumerable]) {
        $separator = ''
        [void]$Text.Append('[')
        foreach ($item in $Value) {
            [void]$Text.Append($separator)
            Add-CertRebindJson -Text $Text -Value $item
            $separator = ','
        }
        [void]$Text.Append(']')
    } elseif ($script:numberTypes -contains $Value.GetType()) {
        [void]$Text.Append($Value.ToString($invariant))
    } elseif ($Value -is [System.ValueType]) {
        [void]$Text.Append((ConvertTo-CertRebindJsonText -Text ([string]$Value)))
    } else {
        Add-CertRebindJsonObject -Text $Text -Entries @(
            foreach ($member in $Value.PSObject.Properties) {
                if ($member.MemberType -ne 'NoteProperty' -or $script:addedByRemoting -contains $member.Name) { continue }
                if ($null -eq $member.Value -and $script:absentOrValue -contains $member.Name) { continue }
                # Made of the holders of a snapshot for people to read, and a value of its own after a session.
                if ($member.Name -ceq 'records' -and $null -ne $Value.PSObject.Properties['holders']) { continue }
                , @($member.Name, $member.Value)
            })
    }
}

function Add-CertRebindJsonObject {
    param([System.Text.StringBuilder] $Text, [object[]] $Entries)

    $separator = ''
    [void]$Text.Append('{')
    foreach ($entry in $Entries) {
        [void]$Text.Append($separator).Append((ConvertTo-CertRebindJsonText -Text $entry[0])).Append(':')
        Add-CertRebindJson -Text $Text -Value $entry[1]
        $separator = ','
    }
    [void]$Text.Append('}')
}

# ASCII, so that no encoding on the way can harm a name.
function ConvertTo-CertRebindJsonText {
    param([string] $Text)

    $escaped = [regex]::Replace($Text, '[^\x20\x21\x23-\x5b\x5d-\x7e]', {
            param($match)
            '\u{0:x4}' -f [int][char]$match.Value
        })
    '"' + $escaped + '"'
}
