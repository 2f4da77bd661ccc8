# What only a rehearsal changes, on things that it made itself. Each change returns a code and a message like any other.

function Invoke-RehearsalAct {
    param([string]$Act, [string[]]$Row)
    switch ($Act) {
        'add-site' { Add-RehearsalSite $Row }
        'remove-site' { Remove-RehearsalSite $Row[0] }
        'add-certificate' { Add-RehearsalCertificate $Row[0] $Row[1] }
        'remove-certificate' { Remove-RehearsalCertificate $Row[0] $Row[1] }
        default { throw "the adapter has no change $Act" }
    }
}

# `<name>`, then `<binding information> <sslFlags>` for each binding. The site serves an empty folder of its own below
# the temporary folder, which is that of the state folder once `enable` has created it, and that of Windows before.
function Add-RehearsalSite {
    param([string[]]$Row)
    if ([IO.Path]::GetDirectoryName((Get-ConfigurationPath)) -ne (Get-ConfigurationFolder)) {
        throw 'IIS shares its configuration with other servers, and a site made here would be one of theirs too'
    }
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
    if (-not $Name.StartsWith('CertRebind-Rehearsal')) { throw 'the site is no rehearsal''s' }
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
