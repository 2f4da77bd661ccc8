# Every argument completion of this module. A completer offers nothing rather than an error.

# What is offered, by command and parameter.
$script:completed = @{
    'Get-CertRebindCode'           = @{ Code = 'code' }
    'Get-CertRebindHistory'        = @{ Run = 'run' }
    'Get-CertRebindTrigger'        = @{ Id = 'trigger' }
    'Get-CertRebindBinding'        = @{ Site = 'site' }
    'Get-CertRebindUsage'          = @{ Thumbprint = 'thumbprint'; Site = 'site' }
    'Hide-CertRebindFinding'       = @{ Code = 'finding'; Thumbprint = 'thumbprint' }
    'Invoke-CertRebind'            = @{ OldThumbprint = 'thumbprint'; NewThumbprint = 'thumbprint' }
    'New-CertRebindPlan'           = @{ OldThumbprint = 'thumbprint'; NewThumbprint = 'thumbprint' }
    'Repair-CertRebind'            = @{ Code = 'repair' }
    'Undo-CertRebind'              = @{ Run = 'run' }
    'Unregister-CertRebindTrigger' = @{ Id = 'trigger' }
}

function Register-CertRebindCompleter {
    [CmdletBinding()]
    param()

    $completer = {
        param($command, $parameter, $word)
        Get-CertRebindCompletion -Of $script:completed[$command][$parameter] -Word $word
    }
    foreach ($command in $script:completed.Keys) {
        foreach ($parameter in $script:completed[$command].Keys) {
            Register-ArgumentCompleter -CommandName $command -ParameterName $parameter -ScriptBlock $completer
        }
    }
}

function Get-CertRebindCompletion {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Of, [AllowEmptyString()] [string] $Word)

    $found = @(Find-CertRebindCompletion -Of $Of -Word $Word)
    if ($found.Count -gt 0) { return $found }
    # Where a completer returns nothing, PowerShell offers the files of the current folder.
    [System.Management.Automation.CompletionResult]::new($(if ($Word) { $Word } else { ' ' }), '-', 'Text', $script:messages.NothingToOffer)
}

function Find-CertRebindCompletion {
    param([string] $Of, [string] $Word)

    $begun = $Word.Trim('"', "'")
    try {
        $offers = switch ($Of) {
            'thumbprint' { Get-CertRebindCertificateOffer }
            'run' {
                # Newest first: that is usually the one wanted.
                $runs = @(Get-CertRebindHistory -ErrorAction Stop)
                [array]::Reverse($runs)
                foreach ($run in $runs) { @{ Text = $run.run; About = '{0:u} {1}' -f $run.at, $run.result } }
            }
            'site' {
                $sites = foreach ($used in Get-CertRebindUsage -ErrorAction Stop) {
                    foreach ($consumer in $used.consumers) { if ($consumer.PSObject.Properties['site']) { $consumer.site } }
                }
                foreach ($site in @($sites) | Sort-Object -Unique) { @{ Text = $site; About = $site } }
            }
            'trigger' { foreach ($trigger in Get-CertRebindTrigger -ErrorAction Stop) { @{ Text = $trigger.id; About = $trigger.on } } }
            'finding' {
                foreach ($code in Get-CertRebindCode -ErrorAction Stop) {
                    if ($code.kind -eq 'finding') { @{ Text = $code.code; About = $code.text } }
                }
            }
            'repair' {
                # The codes that the program repairs by itself; of other findings it names the command.
                $repaired = Test-CertRebind -ErrorAction Stop | Where-Object -FilterScript { $_.repair -eq 'plan' -or $_.code -in 'task-missing', 'task-changed', 'task-disabled', 'log-disabled' }
                foreach ($group in $repaired | Group-Object -Property code) { @{ Text = $group.Name; About = $group.Group[0].message } }
            }
            'code' { foreach ($code in Get-CertRebindCode -ErrorAction Stop) { @{ Text = $code.code; About = $code.text } } }
        }
    } catch {
        return
    }
    foreach ($offer in $offers) {
        if (-not $offer.Text.StartsWith($begun, [System.StringComparison]::OrdinalIgnoreCase)) { continue }
        $list = if ($Of -eq 'thumbprint') { $offer.About } else { $offer.Text }
        $text = $offer.Text
        # As a person would have to type it.
        if ($text -notmatch '^[\w-]+$') { $text = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($text) + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $list, 'ParameterValue', $offer.About)
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
    foreach ($found in (Get-CertRebindSnapshot -Caller $PSCmdlet -ErrorAction Stop).certificates) {
        New-CertRebindCertificateOffer -Thumbprint $found.thumbprint -NotAfter $found.notAfter -Subject $found.commonName
    }
}

function New-CertRebindCertificateOffer {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Thumbprint, [string] $Subject, [datetime] $NotAfter)

    if (-not $Subject) { $Subject = $Thumbprint.Substring(0, 8) }
    $until = $NotAfter.ToUniversalTime().ToString('yyyy-MM-dd', [System.Globalization.CultureInfo]::InvariantCulture)
    @{ Text = $Thumbprint; About = '{0}, until {1}' -f $Subject, $until }
}
