# The certificates of an answer, each with what was not looked at on the server, and with lines that can be typed here.
function ConvertTo-CertRebindRenewed {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [psobject] $Document)

    $unseen = @($Document.notLookedAt | ForEach-Object -Process { ConvertTo-CertRebindWord -Text $_ })
    foreach ($certificate in $Document.certificates) {
        foreach ($place in $certificate.places) {
            $place.commands = @(foreach ($line in $place.commands) {
                    # A setting has no whole line of this module.
                    if ($line -like 'certrebind config *') { 'certrebind.exe{0}' -f $line.Substring('certrebind'.Length) } else { ConvertTo-CertRebindWord -Text $line }
                })
        }
        # Types.ps1xml has these as well, for completion.
        $more = [ordered]@{ new = $certificate.counts.new; old = $certificate.counts.old; notLookedAt = $unseen }
        foreach ($name in $more.Keys) { $certificate.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new($name, $more[$name]), $true) }
        $certificate
    }
}
