# Instances of SQL Server (fidelity: sql-certificate).

$script:SqlServers = 'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server'
$script:HolderParts['sql'] = { Add-SqlPart }
$script:Readings['sql'] = { Add-SqlRows }
$script:Puts['put-sql'] = { Set-SqlCertificate $args[0] }

# Name, id and certificate of each instance.
function Get-SqlInstances {
    $list = Get-RegistryKey "$($script:SqlServers)\Instance Names\SQL"
    foreach ($name in @(if ($null -ne $list) { $list.GetValueNames() })) {
        $id = [string]$list.GetValue($name, '')
        , @($name, $id, [string](Get-RegistryTexts "$($script:SqlServers)\$id\MSSQLServer\SuperSocketNetLib" 'Certificate'))
    }
}

# `sql <instance> <id> <certificate>` for each instance.
function Add-SqlRows {
    foreach ($instance in @(Get-SqlInstances)) { Add-Row (@('sql') + $instance) }
}

# The instances (Add-SqlRows); then for each `sql-facts <instance> <TCP enabled> <listens on all addresses> <ports> <port of the last start> <cluster> <availability groups> <open connections>`
# and its service (Add-ServiceRow).
function Add-SqlPart {
    foreach ($instance in @(Get-SqlInstances)) {
        $name, $id, $hash = $instance
        Add-Row 'sql', $name, $id, $hash
        $settings = "$($script:SqlServers)\$id\MSSQLServer"
        $enabled, $all = Get-RegistryTexts "$settings\SuperSocketNetLib\Tcp" 'Enabled', 'ListenOnAllIPs'
        $ports, $chosen = Get-RegistryTexts "$settings\SuperSocketNetLib\Tcp\IPAll" 'TcpPort', 'TcpDynamicPorts'
        $cluster = if ($null -ne (Get-RegistryKey "$($script:SqlServers)\$id\Cluster")) { '1' } else { '' }
        $connections = ''
        if ($hash -ne '') {
            $listens = @("$ports,$chosen".Split([char[]]@(',', ' '), [StringSplitOptions]::RemoveEmptyEntries)) + ''
            $connections = Measure-Connections $listens[0]
        }
        Add-Row 'sql-facts', $name, $enabled, $all, $ports, $chosen, $cluster, (Get-RegistryTexts "$settings\HADR" 'HADR_Enabled'), $connections
        Add-ServiceRow $(if ($name -eq 'MSSQLSERVER') { $name } else { "MSSQL`$$name" })
    }
}

# `<instance> <expected hash, or nothing> <hash, or nothing> <id>`. Only the value: the instance reads it when it starts.
function Set-SqlCertificate {
    param([string[]]$Row)
    $instance, $expected, $hash, $id = $Row
    $key = "$($script:SqlServers)\$id\MSSQLServer\SuperSocketNetLib"
    if ($null -eq (Get-RegistryKey $key)) { return 'refused', "there is no instance $instance" }
    # People paste hashes with invisible characters.
    $now = (Get-RegistryTexts $key 'Certificate') -replace '[^0-9A-Fa-f]', ''
    if ($expected -ne '' -and $now -ne $expected) { return 'changed-meanwhile', 'the instance does not hold the expected certificate' }
    $null = New-ItemProperty -LiteralPath $key -Name 'Certificate' -PropertyType 'String' -Value $hash.ToLowerInvariant() -Force
    '', ''
}
