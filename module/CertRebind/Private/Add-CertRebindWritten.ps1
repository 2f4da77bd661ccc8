# Gives each certificate the texts that name it, or one that it replaces.
function Add-CertRebindWritten {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [psobject[]] $Certificate,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [psobject[]] $Found
    )

    foreach ($one in $Certificate) {
        $replaced = $one.PSObject.Properties['replaces']
        $named = @($one.thumbprint) + @(if ($null -ne $replaced) { $replaced.Value })
        $own = @($Found | Where-Object -FilterScript { $named -contains $_.thumbprint })
        $one.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new('written', $own), $true)
    }
}
