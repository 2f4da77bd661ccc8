# What a script names of .NET, from its syntax tree, looked up in reference assemblies. Only their metadata is read, with
# System.Reflection.Metadata: nothing of another .NET is loaded.

. "$PSScriptRoot/Syntax.ps1"

$script:Assemblies = @{}
# What Test-StaticMember answered.
$script:Members = @{}
$script:NuGet = [IO.Path]::GetFullPath("$PSScriptRoot/../../.cache/nuget")

# The assemblies in which Windows PowerShell finds types that nobody asked for; every other one is loaded with Add-Type.
$script:Loaded = 'mscorlib', 'System', 'System.Core', 'System.Xml', 'System.DirectoryServices', 'System.Management.Automation'

# Type accelerators of Windows PowerShell 5.1 that have no name of their own in .NET (about_Type_Accelerators of 5.1).
$script:Accelerators = @{
    adsi = 'System.DirectoryServices.DirectoryEntry'; adsisearcher = 'System.DirectoryServices.DirectorySearcher'
    bool = 'System.Boolean'; byte = 'System.Byte'; char = 'System.Char'; double = 'System.Double'; int = 'System.Int32'
    long = 'System.Int64'; string = 'System.String'; array = 'System.Array'; hashtable = 'System.Collections.Hashtable'
    regex = 'System.Text.RegularExpressions.Regex'; xml = 'System.Xml.XmlDocument'; void = 'System.Void'
    scriptblock = 'System.Management.Automation.ScriptBlock'; psobject = 'System.Management.Automation.PSObject'
    switch = 'System.Management.Automation.SwitchParameter'; ref = 'System.Management.Automation.PSReference'
    pscustomobject = 'System.Management.Automation.PSObject'; ordered = 'System.Collections.Specialized.OrderedDictionary'
    powershell = 'System.Management.Automation.PowerShell'; CmdletBinding = 'System.Management.Automation.CmdletBindingAttribute'
    Parameter = 'System.Management.Automation.ParameterAttribute'; Alias = 'System.Management.Automation.AliasAttribute'
    OutputType = 'System.Management.Automation.OutputTypeAttribute'; DscResource = 'System.Management.Automation.DscResourceAttribute'
    DscProperty = 'System.Management.Automation.DscPropertyAttribute'; SupportsWildcards = 'System.Management.Automation.SupportsWildcardsAttribute'
    AllowNull = 'System.Management.Automation.AllowNullAttribute'; AllowEmptyString = 'System.Management.Automation.AllowEmptyStringAttribute'
    AllowEmptyCollection = 'System.Management.Automation.AllowEmptyCollectionAttribute'
    ValidateSet = 'System.Management.Automation.ValidateSetAttribute'; ValidateRange = 'System.Management.Automation.ValidateRangeAttribute'
    ValidatePattern = 'System.Management.Automation.ValidatePatternAttribute'; ValidateScript = 'System.Management.Automation.ValidateScriptAttribute'
    ValidateNotNull = 'System.Management.Automation.ValidateNotNullAttribute'
    ValidateNotNullOrEmpty = 'System.Management.Automation.ValidateNotNullOrEmptyAttribute'
    ArgumentCompleter = 'System.Management.Automation.ArgumentCompleterAttribute'; PSTypeName = 'System.Management.Automation.PSTypeNameAttribute'
}

function Get-ProductScript([string] $Root) {
    foreach ($folder in 'module', 'src/server/windows/adapter', 'src/kinds') {
        (Get-ChildItem -LiteralPath "$Root/$folder" -Recurse -File -Include *.ps1, *.psm1).FullName
    }
}

# Types of a .NET Framework (net45 ...) by full name, with the assembly they are in.
function Get-ReferenceType([string] $Version) {
    if ($script:Assemblies.ContainsKey($Version)) { return $script:Assemblies[$Version] }
    $types = [Collections.Generic.Dictionary[string, object]]::new([StringComparer]::OrdinalIgnoreCase)
    $folders = @(
        (Get-ChildItem -Path "$script:NuGet/microsoft.netframework.referenceassemblies.$Version/*/build/.NETFramework/v*" -Directory).FullName
        (Get-ChildItem -Path "$script:NuGet/powershellstandard.library/*/lib/net452" -Directory).FullName)
    foreach ($file in [IO.Directory]::GetFiles($folders[0], '*.dll') + [IO.Directory]::GetFiles($folders[1], '*.dll')) {
        $portable = [Reflection.PortableExecutable.PEReader]::new([IO.MemoryStream]::new([IO.File]::ReadAllBytes($file)))
        if (-not $portable.HasMetadata) { continue }
        $reader = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($portable)
        $names = @{}
        foreach ($handle in $reader.TypeDefinitions) {
            $definition = $reader.GetTypeDefinition($handle)
            $visibility = [int]$definition.Attributes -band 7
            if ($visibility -ne 1 -and $visibility -ne 2) { continue }
            $name = $reader.GetString($definition.Name)
            if ($visibility -eq 2) {
                $outer = $names[$definition.GetDeclaringType()]
                if ($null -eq $outer) { continue }
                $name = "$outer+$name"
            } else {
                $namespace = $reader.GetString($definition.Namespace)
                if ($namespace -ne '') { $name = "$namespace.$name" }
            }
            $names[$handle] = $name
            if (-not $types.ContainsKey($name)) {
                $types[$name] = [pscustomobject]@{ Name = $name; Reader = $reader; Definition = $definition; Assembly = [IO.Path]::GetFileNameWithoutExtension($file) }
            }
        }
    }
    $script:Assemblies[$Version] = $types
    $types
}

# As PowerShell looks a name up: an accelerator, the name itself, the name below System, and for an attribute without its ending.
function Find-ReferenceType([string] $Version, [string] $Name) {
    $types = Get-ReferenceType $Version
    $full = if ($script:Accelerators.ContainsKey($Name)) { $script:Accelerators[$Name] } else { $Name }
    foreach ($candidate in $full, "System.$full", "${full}Attribute", "System.${full}Attribute") {
        if ($types.ContainsKey($candidate)) { return $types[$candidate] }
    }
}

# Whether a type has a public static member of this name, or one that it inherits; for a call, one that takes so many
# arguments. `new` is a constructor.
function Test-StaticMember([string] $Version, [string] $Type, [string] $Member, $Arguments) {
    $asked = "$Version $Type $Member $Arguments"
    if (-not $script:Members.ContainsKey($asked)) { $script:Members[$asked] = Find-StaticMember $Version $Type $Member $Arguments }
    $script:Members[$asked]
}

function Find-StaticMember([string] $Version, [string] $Type, [string] $Member, $Arguments) {
    $found = Find-ReferenceType $Version $Type
    while ($null -ne $found) {
        if (Test-OwnMember $found $Member $Arguments) { return $true }
        if ($Member -eq 'new') { return $false }
        $base = $found.Definition.BaseType
        $name = if ($base.IsNil) { '' } elseif ($base.Kind -eq 'TypeReference') {
            $reference = $found.Reader.GetTypeReference($base)
            '{0}.{1}' -f $found.Reader.GetString($reference.Namespace), $found.Reader.GetString($reference.Name)
        } elseif ($base.Kind -eq 'TypeDefinition') {
            $definition = $found.Reader.GetTypeDefinition($base)
            '{0}.{1}' -f $found.Reader.GetString($definition.Namespace), $found.Reader.GetString($definition.Name)
        } else { '' }
        $found = if ($name -ne '') { Find-ReferenceType $Version $name }
    }
    $false
}

function Test-OwnMember($Type, [string] $Member, $Arguments) {
    $reader = $Type.Reader
    $isNew = $Member -eq 'new'
    if ($isNew -and $Arguments -eq 0 -and (Test-ValueType $Type)) { return $true }
    foreach ($handle in $Type.Definition.GetMethods()) {
        $method = $reader.GetMethodDefinition($handle)
        $attributes = [int]$method.Attributes
        $isStatic = ($attributes -band 0x10) -ne 0
        if (($attributes -band 7) -ne 6 -or $isStatic -eq $isNew) { continue }
        $name = $reader.GetString($method.Name)
        if ($null -eq $Arguments) {
            if ($name -eq "get_$Member" -or $name -eq "set_$Member" -or $name -eq $Member) { return $true }
        } elseif ($name -eq $(if ($isNew) { '.ctor' } else { $Member }) -and (Test-ArgumentCount $reader $method $Arguments)) { return $true }
    }
    if ($null -ne $Arguments) { return $false }
    foreach ($handle in $Type.Definition.GetFields()) {
        $field = $reader.GetFieldDefinition($handle)
        if (([int]$field.Attributes -band 0x17) -eq 0x16 -and $reader.GetString($field.Name) -eq $Member) { return $true }
    }
    $false
}

function Test-ValueType($Type) {
    $base = $Type.Definition.BaseType
    $base.Kind -eq 'TypeReference' -and $Type.Reader.GetString($Type.Reader.GetTypeReference($base).Name) -in 'ValueType', 'Enum' -or
    $base.Kind -eq 'TypeDefinition' -and $Type.Reader.GetString($Type.Reader.GetTypeDefinition($base).Name) -in 'ValueType', 'Enum'
}

# With optional parameters fewer will do, with a list at the end any number from there on.
function Test-ArgumentCount($Reader, $Method, [int] $Count) {
    $least = 0
    $most = 0
    # The signature says how many there are; only those with a name, a default or an attribute have a row.
    $blob = $Reader.GetBlobReader($Method.Signature)
    $header = $blob.ReadSignatureHeader()
    if ($header.IsGeneric) { $null = $blob.ReadCompressedInteger() }
    $least = $most = $blob.ReadCompressedInteger()
    foreach ($handle in $Method.GetParameters()) {
        $parameter = $Reader.GetParameter($handle)
        if ($parameter.SequenceNumber -eq 0) { continue }
        if (([int]$parameter.Attributes -band 0x10) -ne 0) { $least-- }
        foreach ($attribute in $parameter.GetCustomAttributes()) {
            if ((Get-AttributeName $Reader $attribute) -eq 'ParamArrayAttribute') { $least--; $most = [int]::MaxValue }
        }
    }
    $Count -ge $least -and $Count -le $most
}

function Get-AttributeName($Reader, $Handle) {
    $constructor = $Reader.GetCustomAttribute($Handle).Constructor
    if ($constructor.Kind -eq 'MemberReference') {
        $parent = $Reader.GetMemberReference($constructor).Parent
        if ($parent.Kind -eq 'TypeReference') { return $Reader.GetString($Reader.GetTypeReference($parent).Name) }
    } elseif ($constructor.Kind -eq 'MethodDefinition') {
        return $Reader.GetString($Reader.GetTypeDefinition($Reader.GetMethodDefinition($constructor).GetDeclaringType()).Name)
    }
}

# The names in a written type, without brackets: of `Dictionary[string, List[int]]` all three.
function Get-TypeName($TypeName) {
    switch ($TypeName) {
        { $_ -is [Management.Automation.Language.ArrayTypeName] } { Get-TypeName $_.ElementType; break }
        { $_ -is [Management.Automation.Language.GenericTypeName] } {
            '{0}`{1}' -f $_.TypeName.Name, $_.GenericArguments.Count
            foreach ($argument in $_.GenericArguments) { Get-TypeName $argument }
            break
        }
        default { $_.Name }
    }
}

# What a script names and the floor does not have: line, name, and what Get-Reason needs to say why.
function Find-MissingMember([string] $Path, [string] $Floor) {
    $tree = Read-Tree $Path
    $own = @((Find-Node $tree ([Management.Automation.Language.TypeDefinitionAst])).Name)
    $loads = @($script:Loaded) + @(Get-LoadedAssembly $tree) + @(Get-LoadedAssembly (Read-ModuleTree $Path))
    $seen = @{}
    foreach ($named in Get-NamedType $tree) {
        if ($own -contains $named.Name -or $seen.ContainsKey($named.Name)) { continue }
        $seen[$named.Name] = $true
        $type = Find-ReferenceType $Floor $named.Name
        if ($null -eq $type) {
            [pscustomobject]@{ Line = $named.Line; Name = $named.Name; Type = $named.Name; Member = $null; Arguments = $null; Assembly = $null }
        } elseif ($loads -notcontains $type.Assembly) {
            [pscustomobject]@{ Line = $named.Line; Name = $named.Name; Type = $named.Name; Member = $null; Arguments = $null; Assembly = $type.Assembly }
        }
    }
    foreach ($member in Find-Node $tree ([Management.Automation.Language.MemberExpressionAst])) {
        if (-not $member.Static -or $member.Expression -isnot [Management.Automation.Language.TypeExpressionAst]) { continue }
        if ($member.Member -isnot [Management.Automation.Language.StringConstantExpressionAst]) { continue }
        $name = @(Get-TypeName $member.Expression.TypeName)[0]
        if ($own -contains $name -or $null -eq (Find-ReferenceType $Floor $name)) { continue }
        $arguments = Get-ArgumentCount $member
        if (Test-StaticMember $Floor $name $member.Member.Value $arguments) { continue }
        [pscustomobject]@{ Line = $member.Extent.StartLineNumber; Name = $member.Extent.Text; Type = $name; Member = $member.Member.Value; Arguments = $arguments; Assembly = $null }
    }
}

# Why something is missing. The later versions are read for this alone.
function Get-Reason($Missing) {
    if ($Missing.Assembly) { return "$($Missing.Assembly) is loaded by nobody" }
    foreach ($version in 'net461', 'net462', 'net48') {
        $isThere = if ($null -eq $Missing.Member) { $null -ne (Find-ReferenceType $version $Missing.Type) } else { Test-StaticMember $version $Missing.Type $Missing.Member $Missing.Arguments }
        if ($isThere) { return "first in $version" }
    }
    'not in .NET Framework'
}

function Get-ArgumentCount($Member) {
    if ($Member -is [Management.Automation.Language.InvokeMemberExpressionAst]) { @($Member.Arguments | Where-Object { $null -ne $_ }).Count }
}

# Types that are written, each where it is written first: in expressions, casts, parameters, properties of classes, attributes, New-Object.
function Get-NamedType($Tree) {
    $written = [Collections.Generic.HashSet[string]]::new()
    foreach ($node in @(Find-Node $Tree ([Management.Automation.Language.TypeExpressionAst])) + @(Find-Node $Tree ([Management.Automation.Language.AttributeBaseAst]))) {
        if (-not $written.Add($node.TypeName.FullName)) { continue }
        foreach ($name in Get-TypeName $node.TypeName) { [pscustomobject]@{ Line = $node.Extent.StartLineNumber; Name = $name } }
    }
    foreach ($call in Find-Node $Tree ([Management.Automation.Language.CommandAst])) {
        if ($call.GetCommandName() -ne 'New-Object') { continue }
        $name = $call.CommandElements | Select-Object -Skip 1 | Where-Object { $_ -is [Management.Automation.Language.StringConstantExpressionAst] } | Select-Object -First 1
        [pscustomobject]@{ Line = $call.Extent.StartLineNumber; Name = $name.Value }
    }
}

# A script of the module is loaded by the file that names its assemblies.
function Read-ModuleTree([string] $Path) {
    for ($folder = [IO.Path]::GetDirectoryName($Path); $folder; $folder = [IO.Path]::GetDirectoryName($folder)) {
        $module = [IO.Path]::Combine($folder, 'CertRebind.psm1')
        if ([IO.File]::Exists($module)) { return Read-Tree $module }
    }
}

function Get-LoadedAssembly($Tree) {
    if ($null -eq $Tree) { return }
    foreach ($call in Find-Node $Tree ([Management.Automation.Language.CommandAst])) {
        if ($call.GetCommandName() -eq 'Add-Type') { $call.CommandElements[-1].Value }
    }
}

# Uses of Find-LaterType: which type, whether what it found is compared with nothing in the same function, and which static
# members are taken from it (GetMethod: extension methods, of one argument).
function Find-LaterUse([string] $Path) {
    foreach ($call in Find-Node (Read-Tree $Path) ([Management.Automation.Language.CommandAst])) {
        if ($call.GetCommandName() -ne 'Find-LaterType') { continue }
        $function = $call
        while ($function -isnot [Management.Automation.Language.FunctionDefinitionAst]) { $function = $function.Parent }
        $variable = $call.Parent.Parent.Left.Extent.Text
        $comparisons = (Find-Node $function ([Management.Automation.Language.BinaryExpressionAst])).Extent.Text
        $members = foreach ($member in Find-Node $function ([Management.Automation.Language.MemberExpressionAst])) {
            if ($member.Expression.Extent.Text -ne $variable) { continue }
            if ($member.Static) { [pscustomobject]@{ Name = $member.Member.Value; Arguments = Get-ArgumentCount $member } }
            elseif ($member.Member.Value -eq 'GetMethod') { [pscustomobject]@{ Name = $member.Arguments[0].Value; Arguments = 1 } }
        }
        [pscustomobject]@{
            Line = $call.Extent.StartLineNumber; Type = [string]$call.CommandElements[1].Value; Members = @($members)
            Guarded = $comparisons -contains "`$null -ne $variable" -or $comparisons -contains "`$null -eq $variable"
        }
    }
}
