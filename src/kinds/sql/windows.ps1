# Instances of SQL Server (fidelity: sql-certificate).

$script:SqlServers = 'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server'
$script:HolderParts['sql'] = { Add-SqlPart }
$script:Readings['sql'] = { Add-SqlRows }
$script:Puts['put-sql'] = { Set-SqlCertificate $args[0] }

function Get-SqlInstances {
    $list = Get-RegistryKey "$($script:SqlServers)\Instance Names\SQL"
    foreach ($name in @(if ($null -ne $list) { $list.GetValueNames() })) {
        $id = [string]$list.GetValue($name, '')
        [ordered]@{ instance = $name; id = $id; certificate = [string](Get-RegistryTexts "$($script:SqlServers)\$id\MSSQLServer\SuperSocketNetLib" 'Certificate') }
    }
}

function Add-SqlRows {
    foreach ($instance in @(Get-SqlInstances)) { Add-Record 'sql' $instance }
}

# The instances, what is known of each, and its service (Add-ServiceRow).
function Add-SqlPart {
    foreach ($instance in @(Get-SqlInstances)) {
        $name = $instance.instance
        Add-Record 'sql' $instance
        $settings = "$($script:SqlServers)\$($instance.id)\MSSQLServer"
        $enabled, $all = Get-RegistryTexts "$settings\SuperSocketNetLib\Tcp" 'Enabled', 'ListenOnAllIPs'
        $ports, $chosen = Get-RegistryTexts "$settings\SuperSocketNetLib\Tcp\IPAll" 'TcpPort', 'TcpDynamicPorts'
        $cluster = if ($null -ne (Get-RegistryKey "$($script:SqlServers)\$($instance.id)\Cluster")) { '1' } else { '' }
        $connections = ''
        if ($instance.certificate -ne '') {
            $listens = @("$ports,$chosen".Split([char[]]@(',', ' '), [StringSplitOptions]::RemoveEmptyEntries)) + ''
            $connections = Measure-Connections $listens[0]
        }
        Add-Record 'sql-facts' ([ordered]@{
                instance = $name; enabled = $enabled; allAddresses = $all; ports = $ports; chosenPort = $chosen; cluster = $cluster
                groups = (Get-RegistryTexts "$settings\HADR" 'HADR_Enabled'); connections = $connections
            })
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
