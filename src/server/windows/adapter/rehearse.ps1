# What only a rehearsal reads and changes, on things that it made itself. Each change returns a code and a message like
# any other.

# Rows: `<look> ...`. `seen <text>...` as Windows gives them.
function Read-Rehearsal {
    param([string[][]]$Request)
    foreach ($row in $Request) {
        switch ($row[0]) {
            'binding-certificate' {
                $binding = Get-RehearsalBinding $row[1] $row[2]
                Add-Row 'seen', ([string]$binding.certificateHash), ([string]$binding.certificateStoreName)
            }
            'netsh-record' { Add-Row 'seen', (Invoke-SystemProgram 'netsh.exe' 'http', 'show', 'sslcert', $row[1]).Text }
            'log-access' {
                Import-Part 'Microsoft.PowerShell.Diagnostics'
                Add-Row 'seen', ([string](Get-WinEvent -ListLog $row[1]).SecurityDescriptor)
            }
            'intermediates' { Add-Row (@('seen') + @(Get-StoreCertificates 'CA' | ForEach-Object -Process { $_.Thumbprint })) }
            'engine-line' { Add-Row 'seen', ([string]$PSVersionTable.PSVersion), ([string]$row[1].Length) }
            'engine-json' {
                Test-JsonLength ([int]$row[1])
                Add-Row 'seen', ([string]$PSVersionTable.PSVersion)
            }
            default { throw "the adapter cannot look at $($row[0])" }
        }
    }
}

function Invoke-RehearsalAct {
    param([string]$Act, [string[]]$Row)
    switch ($Act) {
        'add-site' { Add-RehearsalSite $Row }
        'remove-site' { Remove-RehearsalSite $Row[0] }
        'add-certificate' { Add-RehearsalCertificate $Row[0] $Row[1] }
        'remove-certificate' { Remove-RehearsalCertificate $Row[0] $Row[1] }
        'register-again' {
            Import-Part 'ScheduledTasks'
            $null = Register-ScheduledTask -TaskPath $Row[0] -TaskName $Row[1] -Xml $Row[2]
            '', ''
        }
        'announce' { Switch-StoreCertificate $Row[0] $Row[1] $false }
        'binding-method' { Invoke-RehearsalMethod $Row }
        default { throw "the adapter has no change $Act" }
    }
}

# Writes JSON of at least this many characters and reads it back; an error if this PowerShell cannot handle it.
function Test-JsonLength {
    param([int]$Characters)
    # With quotes and comma each text takes 1024 characters.
    $texts = [string[]]@(for ($written = 0; $written -lt $Characters; $written += 1024) { 'x' * 1021 })
    $json = ConvertTo-Json -InputObject @{ texts = $texts } -Compress
    $back = ConvertFrom-Json -InputObject $json
    if ($json.Length -lt $Characters -or [string]::Join(' ', $back.texts) -cne [string]::Join(' ', $texts)) {
        throw "JSON of $Characters characters did not come back as it was"
    }
}

# `<name>`, then `<binding information> <sslFlags>` for each binding. The site serves an empty folder of its own below
# the temporary folder, which is that of the state folder once `enable` has created it, and that of Windows before.
function Add-RehearsalSite {
    param([string[]]$Row)
    Import-Part 'WebAdministration'
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), $Row[0])
    $null = [IO.Directory]::CreateDirectory($folder)
    for ($at = 1; $at -lt $Row.Count; $at += 2) {
        $address, $port, $hostName = $Row[$at].Split(':')
        $flags = [int]$Row[$at + 1]
        if ($at -eq 1) {
            # By itself the cmdlet adds one to the highest id, and fails on a server that has no site yet.
            $id = [uint32]1
            foreach ($site in @(Get-Website)) { if ([uint32]$site.id -ge $id) { $id = [uint32]$site.id + 1 } }
            try {
                $null = New-Website -Name $Row[0] -Id $id -PhysicalPath $folder -IPAddress $address -Port ([int]$port) -HostHeader $hostName -Ssl -SslFlags $flags
            } catch {
                [IO.Directory]::Delete($folder)
                throw
            }
        } else {
            $null = New-WebBinding -Name $Row[0] -Protocol 'https' -IPAddress $address -Port ([int]$port) -HostHeader $hostName -SslFlags $flags
        }
    }
    '', ''
}

function Remove-RehearsalSite {
    param([string]$Name)
    Import-Part 'WebAdministration'
    foreach ($site in @(Get-Website)) {
        if ([string]$site.name -eq $Name) { Remove-Website -Name $Name }
    }
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), $Name)
    if ([IO.Directory]::Exists($folder)) { [IO.Directory]::Delete($folder) }
    '', ''
}

function Add-RehearsalCertificate {
    param([string]$HostName, [string]$FriendlyName)
    Import-Part 'PKI'
    $store = 'Cert:\LocalMachine\My'
    if ((Get-Command -Name 'New-SelfSignedCertificate').Parameters.ContainsKey('FriendlyName')) {
        $until = [datetime]::Now.AddDays(1)
        $null = New-SelfSignedCertificate -DnsName $HostName -CertStoreLocation $store -FriendlyName $FriendlyName -NotAfter $until
    } else {
        # That of Server 2012 R2 (fidelity: self-signed-copy).
        $made = New-SelfSignedCertificate -DnsName $HostName -CertStoreLocation $store
        Use-StoreCertificate 'My' $made.Thumbprint { param($Opened, $Certificate) $Certificate.FriendlyName = $FriendlyName }
    }
    '', ''
}

# The copy without a key first, which Windows puts among the intermediate authorities: a rehearsal that was killed is
# recognised by what is in My.
function Remove-RehearsalCertificate {
    param([string]$Thumbprint, [string]$Store)
    Use-StoreCertificate $Store $Thumbprint {
        param($Opened, $Certificate)
        if (-not ([string]$Certificate.FriendlyName).StartsWith('CertRebind-Rehearsal')) { throw 'the certificate is no rehearsal''s' }
        Use-StoreCertificate 'CA' $Thumbprint { param($Opened, $Certificate) $Opened.Remove($Certificate) }
        $rsa = Find-LaterType 'System.Security.Cryptography.X509Certificates.RSACertificateExtensions'
        $key = if ($null -ne $rsa) { $rsa::GetRSAPrivateKey($Certificate) }
        $Opened.Remove($Certificate)
        if ($null -eq $rsa) { throw 'this .NET Framework cannot open its key, which is left' }
        if ($null -ne $key) { Remove-Key $key }
    }
    '', ''
}

# `<site> <binding information> <method> <hash>`.
function Invoke-RehearsalMethod {
    param([string[]]$Row)
    $binding = Get-RehearsalBinding $Row[0] $Row[1]
    switch ($Row[2]) {
        'AddSslCertificate' { $null = $binding.AddSslCertificate($Row[3], 'My') }
        'RebindSslCertificate' { $null = $binding.RebindSslCertificate($Row[3], 'My') }
        'RemoveSslCertificate' { $null = $binding.RemoveSslCertificate() }
    }
    '', ''
}

function Get-RehearsalBinding {
    param([string]$Site, [string]$Information)
    Import-Part 'WebAdministration'
    $found = @(Get-WebBinding -Name $Site -Protocol 'https' | Where-Object -FilterScript { [string]$_.bindingInformation -eq $Information })
    if ($found.Count -ne 1) { throw "there is no binding $Information" }
    $found[0]
}
