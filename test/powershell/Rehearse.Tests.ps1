# How a rehearsal makes its certificates on different Windows, with cmdlets that have the parameters of each.
BeforeAll {
    $adapter = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'server', 'windows', 'adapter')
    foreach ($part in 'call', 'parts', 'rehearse') { . ([IO.Path]::Combine($adapter, "$part.ps1")) }
    function Import-Part { param($Name) }
    $certificate = [pscustomobject]@{ Thumbprint = 'AA'; FriendlyName = '' }
    function Use-StoreCertificate { param($Store, $Thumbprint, $Block) if ($Thumbprint -eq 'AA') { & $Block $null $certificate } }
}

Describe 'the certificate of a rehearsal' {
    It 'gets its name and its end as it is made' {
        function New-SelfSignedCertificate {
            param([string[]]$DnsName, [string]$CertStoreLocation, [string]$FriendlyName, [datetime]$NotAfter)
            $script:asked = $PSBoundParameters
        }
        Add-RehearsalCertificate 'host.invalid' 'CertRebind-Rehearsal 1 old'
        $script:asked.FriendlyName | Should -Be 'CertRebind-Rehearsal 1 old'
        ($script:asked.NotAfter - [datetime]::Now).TotalHours | Should -BeLessThan 25
    }

    It 'gets its name afterwards on Server 2012 R2, whose cmdlet takes none' {
        function New-SelfSignedCertificate { param([string[]]$DnsName, [object]$CloneCert, [string]$CertStoreLocation) $certificate }
        Add-RehearsalCertificate 'host.invalid' 'CertRebind-Rehearsal 1 old'
        $certificate.FriendlyName | Should -Be 'CertRebind-Rehearsal 1 old'
    }
}
