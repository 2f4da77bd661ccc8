# Every argument completion of this module. A completer offers nothing rather than an error.

function Register-CertRebindCompleter {
    [CmdletBinding()]
    param()

    $thumbprint = {
        param($command, $parameter, $word)
        $null = $command, $parameter
        Get-CertRebindCompletion -Of 'thumbprint' -Word $word
    }
    $run = {
        param($command, $parameter, $word)
        $null = $command, $parameter
        Get-CertRebindCompletion -Of 'run' -Word $word
    }
    $code = {
        param($command, $parameter, $word)
        $null = $command, $parameter
        Get-CertRebindCompletion -Of 'code' -Word $word
    }
    Register-ArgumentCompleter -CommandName 'Invoke-CertRebind', 'New-CertRebindPlan' -ParameterName OldThumbprint -ScriptBlock $thumbprint
    Register-ArgumentCompleter -CommandName 'Invoke-CertRebind', 'New-CertRebindPlan' -ParameterName NewThumbprint -ScriptBlock $thumbprint
    Register-ArgumentCompleter -CommandName 'Get-CertRebindHistory', 'Undo-CertRebind' -ParameterName Run -ScriptBlock $run
    Register-ArgumentCompleter -CommandName 'Get-CertRebindCode' -ParameterName Code -ScriptBlock $code
}

function Get-CertRebindCompletion {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Of, [AllowEmptyString()] [string] $Word)

    $begun = $Word.Trim('"', "'")
    try {
        $offers = switch ($Of) {
            'thumbprint' { Get-CertRebindCertificateOffer }
            'run' {
                # The newest first: it is the one that is looked for.
                $runs = @(Get-CertRebindHistory -ErrorAction Stop)
                [array]::Reverse($runs)
                foreach ($run in $runs) { @{ Text = $run.run; About = '{0:u} {1}' -f $run.at, $run.result } }
            }
            'code' { foreach ($code in Get-CertRebindCode -ErrorAction Stop) { @{ Text = $code.code; About = $code.text } } }
        }
    } catch {
        return
    }
    foreach ($offer in $offers) {
        if (-not $offer.Text.StartsWith($begun, [System.StringComparison]::OrdinalIgnoreCase)) { continue }
        $list = if ($Of -eq 'thumbprint') { $offer.About } else { $offer.Text }
        [System.Management.Automation.CompletionResult]::new($offer.Text, $list, 'ParameterValue', $offer.About)
    }
}

# From the stores where there are any, archived certificates too, since a renewal archives the old one. Elsewhere the
# program is asked what the server has.
function Get-CertRebindCertificateOffer {
    [CmdletBinding()]
    param()

    if (Test-Path -LiteralPath 'Cert:\LocalMachine') {
        foreach ($store in 'My', 'WebHosting') {
            $path = 'Cert:\LocalMachine\{0}' -f $store
            if (-not (Test-Path -LiteralPath $path)) { continue }
            foreach ($certificate in Get-ChildItem -LiteralPath $path -Force) {
                New-CertRebindCertificateOffer -Thumbprint $certificate.Thumbprint -NotAfter $certificate.NotAfter -Subject (
                    $certificate.GetNameInfo('SimpleName', $false))
            }
        }
        return
    }
    $file = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), [System.Guid]::NewGuid().ToString('N') + '.json')
    try {
        $null = Export-CertRebindSnapshot -Path $file -Confirm:$false -ErrorAction Stop
        foreach ($found in (Import-CertRebindSnapshot -Path $file -ErrorAction Stop).certificates) {
            New-CertRebindCertificateOffer -Thumbprint $found.thumbprint -NotAfter $found.notAfter -Subject $found.commonName
        }
    } finally {
        [System.IO.File]::Delete($file)
    }
}

function New-CertRebindCertificateOffer {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Thumbprint, [string] $Subject, [datetime] $NotAfter)

    if (-not $Subject) { $Subject = $Thumbprint.Substring(0, 8) }
    $until = $NotAfter.ToUniversalTime().ToString('yyyy-MM-dd', [System.Globalization.CultureInfo]::InvariantCulture)
    @{ Text = $Thumbprint; About = '{0}, until {1}' -f $Subject, $until }
}
