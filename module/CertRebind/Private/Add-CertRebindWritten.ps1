# Gives each certificate the texts that name it, or one that it replaces, and what was not searched.
function Add-CertRebindWritten {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [psobject[]] $Certificate,
        [Parameter(Mandatory = $true)] [psobject] $Written
    )

    foreach ($one in $Certificate) {
        # Without it, one certificate was asked for.
        $replaces = $one.PSObject.Properties['replaces']
        $own = @($Written.found | Where-Object -FilterScript { $null -eq $replaces -or $replaces.Value -contains $_.thumbprint -or @($_.thumbprint, $_.replacedBy) -contains $one.thumbprint })
        $more = [ordered]@{ written = $own; notSearched = @($Written.notRead) }
        foreach ($name in $more.Keys) { $one.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new($name, $more[$name]), $true) }
    }
    $told = @($Certificate | ForEach-Object -Process { $_.written })
    foreach ($text in $Written.found) {
        if ($told -contains $text) { continue }
        Write-Warning -Message ($script:messages.WrittenAlone -f ((@($text.where, $text.line) -ne $null) -join ':'), $text.thumbprint)
    }
}
