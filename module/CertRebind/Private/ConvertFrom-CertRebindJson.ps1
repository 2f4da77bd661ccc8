# ConvertFrom-Json does not work here: Windows PowerShell limits the length of its input, and PowerShell 7 turns any
# text that looks like a date into one, even the name of a site. A single loop, because one call per value would take
# minutes for ten thousand bindings.
function ConvertFrom-CertRebindJson {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Text)

    $reader = [System.Runtime.Serialization.Json.JsonReaderWriterFactory]::CreateJsonReader(
        [System.Text.Encoding]::UTF8.GetBytes($Text), [System.Xml.XmlDictionaryReaderQuotas]::Max)
    $invariant = [System.Globalization.CultureInfo]::InvariantCulture
    $utc = [System.Globalization.DateTimeStyles]'AssumeUniversal, AdjustToUniversal'
    $moments = [System.Collections.Generic.HashSet[string]]::new([string[]]$script:momentNames)

    # The container being filled, and the containers around it.
    $outer = [System.Collections.Generic.Stack[object]]::new()
    $members = $null
    $items = $null
    $type = $null
    $name = $null
    $value = $null

    [void]$reader.Read()
    while (-not $reader.EOF) {
        if ($reader.NodeType -eq 'Element') {
            $kind = $reader.GetAttribute('type')
            $given = $reader.GetAttribute('item')
            $name = if ($null -ne $given) { $given } else { $reader.LocalName }
            if ($kind -eq 'object' -or $kind -eq 'array') {
                $partType = $null
                if ($null -ne $items) {
                    $partType = $type
                } elseif ($null -ne $type -and $script:partTypes.ContainsKey($type)) {
                    $partType = $script:partTypes[$type][$name]
                }
                $outer.Push(@($members, $items, $type, $name))
                $type = $partType
                $members = $null
                $items = $null
                if ($kind -eq 'object') {
                    $members = [System.Collections.Specialized.OrderedDictionary]::new([System.StringComparer]::Ordinal)
                } else {
                    $items = [System.Collections.Generic.List[object]]::new()
                }
                $isEmpty = $reader.IsEmptyElement
                [void]$reader.Read()
                if (-not $isEmpty) { continue }
            } else {
                $read = $reader.ReadElementContentAsString()
                if ($kind -eq 'string') {
                    $value = $read
                    if ($moments.Contains($name) -and $read -match '^\d{4}-\d\d-\d\dT[\d:.]+Z$') {
                        $value = [datetime]::Parse($read, $invariant, $utc)
                    } elseif ($outer.Count -eq 1 -and $name -eq 'schema' -and $read -match '^certrebind/([a-z-]+)/') {
                        $type = $script:documentTypes[$Matches[1]]
                    }
                } elseif ($kind -eq 'number') {
                    $whole = 0L
                    if (-not [long]::TryParse($read, 'AllowLeadingSign', $invariant, [ref]$whole)) {
                        $value = [double]::Parse($read, $invariant)
                    } elseif ([Math]::Abs($whole) -le [int]::MaxValue) {
                        $value = [int]$whole
                    } else {
                        $value = $whole
                    }
                } elseif ($kind -eq 'boolean') {
                    $value = $read -eq 'true'
                } else {
                    $value = $null
                }
                if ($outer.Count -eq 0) { return $value }
                if ($null -ne $type -and $kind -eq 'string' -and $script:spokenTypes.ContainsKey($type) -and $script:spokenTypes[$type] -contains $name) {
                    $value = ConvertTo-CertRebindWord -Text $value
                }
                if ($null -ne $items) { $items.Add($value) } else { $members[$name] = $value }
                continue
            }
        } elseif ($reader.NodeType -ne 'EndElement') {
            [void]$reader.Read()
            continue
        } else {
            [void]$reader.Read()
        }

        # An object or a list is complete and goes where it belongs.
        $isList = $null -ne $items
        if ($isList) {
            $value = $items.ToArray()
        } elseif ($outer.Peek()[3] -eq 'raw') {
            # Names of registry values are not all possible as names of properties.
            $value = $members
        } else {
            $value = [pscustomobject]$members
            # What has no type of its own still says as text what it holds.
            if ($null -eq $type -and $outer.Count -gt 1) { $value.PSObject.TypeNames.Insert(0, 'CertRebind.Part') }
            if ($null -ne $type) {
                $value.PSObject.TypeNames.Insert(0, $type)
                # The name that the object gets when it crosses a session, a job or a file, so that a parameter needs one name.
                if ($script:takenTypes -contains $type) { $value.PSObject.TypeNames.Insert(1, 'Deserialized.' + $type) }
            }
        }
        $members, $items, $type, $name = $outer.Pop()
        if ($outer.Count -eq 0) { return $value }
        if ($null -ne $items) { $items.Add($value) } else { $members[$name] = $value }
    }
}
