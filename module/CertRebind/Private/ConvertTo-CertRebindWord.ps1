# The program speaks of its own commands and options; in PowerShell the same is said with the commands of this module.

# What the program says, and what a person types here. The search puts longer words first, so the order here is free.
# What has no command of this module keeps the program's words.
$script:spokenWords = @{
    'certrebind --help'                                  = 'Get-Help -Name about_CertRebind'
    'certrebind apply <plan>'                            = 'Invoke-CertRebind -PlanPath <plan>'
    'certrebind capture'                                 = 'Export-CertRebindSnapshot'
    'certrebind capture --for-support'                   = 'Export-CertRebindSupport'
    'certrebind config add'                              = 'certrebind.exe config add'
    'certrebind config check'                            = 'certrebind.exe config check'
    'certrebind config schema'                           = 'certrebind.exe config schema'
    'certrebind config set'                              = 'certrebind.exe config set'
    'certrebind config unset'                            = 'certrebind.exe config unset'
    'certrebind config show'                             = 'Get-CertRebindConfiguration'
    'certrebind disable'                                 = 'Disable-CertRebind'
    'certrebind dismiss'                                 = 'Hide-CertRebindFinding'
    'certrebind dismiss <thumbprint>'                    = 'Hide-CertRebindFinding -Thumbprint <thumbprint>'
    'certrebind doctor'                                  = 'Test-CertRebind'
    'certrebind doctor --fix'                            = 'Repair-CertRebind -Code'
    'certrebind dsc schema'                              = 'certrebind.exe dsc schema'
    'certrebind enable'                                  = 'Enable-CertRebind'
    'certrebind explain'                                 = 'Get-CertRebindCode'
    'certrebind history'                                 = 'Get-CertRebindHistory'
    'certrebind history <run> --json'                    = 'Get-CertRebindHistory -Run <run>'
    'certrebind history last'                            = 'Get-CertRebindHistory -Run last'
    'certrebind history last --json'                     = 'Get-CertRebindHistory -Run last'
    'certrebind import <file>'                           = 'Import-CertRebindCertificate <file>'
    'certrebind import <file> --replace <host>'          = 'Import-CertRebindCertificate <file> -Replace <host>'
    'certrebind import <file> --replace <old>'           = 'Import-CertRebindCertificate <file> -Replace <old>'
    'certrebind install'                                 = 'Enable-CertRebind'
    'certrebind lab'                                     = 'certrebind.exe lab'
    'certrebind notify'                                  = 'certrebind.exe notify'
    'certrebind notify mail <host> --from <address> --to <address>' = 'Set-CertRebindConfiguration -MailServer <host> -MailFrom <address> -MailTo <address>'
    'certrebind plan'                                    = 'New-CertRebindPlan'
    'certrebind plan --out'                              = 'New-CertRebindPlan -Path'
    'certrebind rebind'                                  = 'Invoke-CertRebind'
    'certrebind reconcile'                               = 'Sync-CertRebind'
    'certrebind reconcile --now'                         = 'Sync-CertRebind -Now'
    'certrebind rehearse'                                = 'Invoke-CertRebindRehearsal'
    'certrebind report'                                  = 'Export-CertRebindReport'
    'certrebind retire'                                  = 'Invoke-CertRebindRetirement'
    'certrebind retire --delete'                         = 'Invoke-CertRebindRetirement -Delete'
    'certrebind secret'                                  = 'certrebind.exe secret'
    'certrebind status'                                  = 'Get-CertRebind'
    'certrebind trigger add'                             = 'Register-CertRebindTrigger'
    'certrebind trigger list'                            = 'Get-CertRebindTrigger'
    'certrebind trigger remove'                          = 'Unregister-CertRebindTrigger -Id'
    'certrebind undo'                                    = 'Undo-CertRebind'
    'certrebind uninstall'                               = 'certrebind.exe uninstall'
    'certrebind usage'                                   = 'Get-CertRebindUsage'
    'certrebind verify'                                  = 'Test-CertRebindEndpoint'
    'certrebind watch'                                   = 'certrebind.exe watch'
    'certrebind watch add'                               = 'Register-CertRebindWatch'
    'certrebind watch list'                              = 'Get-CertRebindWatch'
    'certrebind watch remove'                            = 'Unregister-CertRebindWatch'
    'enable --replace-native'                            = 'Enable-CertRebind -ReplaceNative'
    'trigger add --on'                                   = 'Register-CertRebindTrigger -On'
    'usage --renewed'                                    = 'Get-CertRebindUsage -Renewed'
    'verify, doctor or status --check'                   = 'Test-CertRebindEndpoint, Test-CertRebind or certrebind.exe status --check'
    '--alongside'                                        = '-Alongside'
    '--debug'                                            = '-Debug'
    '--digest'                                           = '-Digest'
    '--downgrade'                                        = '-Force'
    '--force'                                            = '-Force'
    '--new'                                              = '-NewThumbprint'
    '--no-proof'                                         = '-NoProof'
    '--now'                                              = '-Now'
    '--old'                                              = '-OldThumbprint'
    '--replace-native'                                   = '-ReplaceNative'
    '--replay <file>'                                    = 'New-CertRebindPlan -Snapshot'
    '--overwrite'                                        = '-Force'
    '--reapply'                                          = '-Reapply'
    '--restore-native'                                   = '-RestoreNative'
    'certrebind enable --successors same-names'          = 'Enable-CertRebind -Successors SameNames'
    '--wait'                                             = '-Wait'
    '--yes'                                              = '-Confirm:$false'
}

# Invoke-CertRebind has no parameters for these.
foreach ($option in '--allow names-fewer', '--allow names-lost', '--allow trust-lost', '--reason revoked') {
    $said = "rebind --old <old> --new <new> $option"
    $script:spokenWords["certrebind $said"] = "certrebind.exe $said"
}

$script:spokenPattern = $null

# A line that sets settings, each with its value: it ends where the text ends.
$script:spokenSettings = [regex]'(?m)certrebind config set(?<pair> [a-z][A-Za-z.-]*[A-Za-z] [^\s''"]+)+(?=\r?$)'

# What the program says to people in these objects. Plans and outcomes stay as they are: they carry digests.
$script:spokenTypes = @{
    'CertRebind.Action'  = 'title', 'hint'
    'CertRebind.Code'    = 'text', 'hint'
    'CertRebind.CodeLine' = , 'line'
    'CertRebind.Finding' = 'message', 'hint'
    'CertRebind.RenewedPlace' = , 'why'
    'CertRebind.Spoken'  = , 'item'
}

function ConvertTo-CertRebindWord {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()] [AllowEmptyString()] [string] $Text)

    if (-not $Text) { return $Text }
    if ($null -eq $script:spokenPattern) {
        $longestFirst = $script:spokenWords.Keys | Sort-Object -Property Length -Descending | ForEach-Object -Process { [regex]::Escape($_) }
        $script:spokenPattern = [regex]('(?<![\w.\\-])(?:{0})(?![\w-])' -f ($longestFirst -join '|'))
    }
    $settings = $script:spokenSettings.Replace($Text, {
            param($match)
            $pairs = $match.Groups['pair'].Captures | ForEach-Object -Process {
                $key, $value = $_.Value.Trim().Split(' ')
                if ($key -notmatch '^\w+$') { $key = "'$key'" }
                "$key = '$value'"
            }
            'Set-CertRebindConfiguration -Setting @{{ {0} }}' -f ($pairs -join '; ')
        })
    $said = $script:spokenPattern.Replace($settings, { param($match) $script:spokenWords[$match.Value] })
    # The program tells moments in UTC; people also get them by the clock of this console.
    [regex]::Replace($said, '\b(\d{4}-\d\d-\d\d \d\d:\d\d) UTC\b(?![+-])', {
            param($match)
            $here = [datetime]::Parse($match.Groups[1].Value, [Globalization.CultureInfo]::InvariantCulture, 'AssumeUniversal')
            $match.Value + $(if ($here.ToString('zzz') -ne '+00:00') { $here.ToString(' (HH:mm zzz)', [Globalization.CultureInfo]::InvariantCulture) })
        })
}
