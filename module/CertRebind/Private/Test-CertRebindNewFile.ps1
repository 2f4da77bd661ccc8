# Whether a file may be written: one that exists only with -Force; otherwise writes one error.
function Test-CertRebindNewFile {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [string] $Path,
        [switch] $Force
    )

    if ($Force -or -not [System.IO.File]::Exists($Path)) { return $true }
    $Caller.WriteError((New-CertRebindErrorRecord -Code 'not-writable' -Category 'WriteError' -Target $Path -Message (
                $script:messages.AlreadyThere -f $Path) -Hint $script:messages.AlreadyThereHint))
    $false
}
