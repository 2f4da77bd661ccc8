# Certificate rebind of a server as Desired State Configuration: on or off, and with which configuration.
[DscResource()]
class CertRebind {
    # There is one server, so there is one of this.
    [DscProperty(Key)]
    [ValidateSet('Yes')]
    [string] $IsSingleInstance

    # Present: enabled. Absent: its tasks are removed; history and configuration stay.
    [DscProperty()]
    [ValidateSet('Present', 'Absent')]
    [string] $Ensure = 'Present'

    # A configuration file that shall be in force. Nothing is said about the configuration when left out.
    [DscProperty()]
    [string] $PolicyFile

    # Take over from the task of IIS Manager where that is active.
    [DscProperty()]
    [bool] $ReplaceNative

    # Every task is registered as it should be.
    [DscProperty(NotConfigurable)]
    [bool] $Enabled

    # The configuration in force equals the policy file.
    [DscProperty(NotConfigurable)]
    [bool] $PolicyInForce

    [CertRebind] Get() {
        $now = [CertRebind]::new()
        $now.IsSingleInstance = $this.IsSingleInstance
        $now.PolicyFile = $this.PolicyFile
        $now.ReplaceNative = $this.ReplaceNative
        $status = Get-CertRebind -ErrorAction Stop
        $now.Enabled = Test-CertRebindTask -Status $status
        $now.Ensure = if (@($status.tasks | Where-Object -FilterScript { $_.is -in 'ours', 'changed' }).Count -gt 0) { 'Present' } else { 'Absent' }
        $now.PolicyInForce = Test-CertRebindPolicy -Path $this.PolicyFile
        return $now
    }

    [bool] Test() {
        $now = $this.Get()
        if ($this.Ensure -eq 'Absent') { return $now.Ensure -eq 'Absent' }
        return $now.Enabled -and $now.PolicyInForce
    }

    [void] Set() {
        $now = $this.Get()
        if ($this.Ensure -eq 'Absent') {
            if ($now.Ensure -ne 'Absent') { $null = Disable-CertRebind -Confirm:$false -ErrorAction Stop }
            return
        }
        # First what governs the runs, then what starts them.
        if (-not $now.PolicyInForce) { $null = Set-CertRebindConfiguration -Path $this.PolicyFile -Confirm:$false -ErrorAction Stop }
        if (-not $now.Enabled) {
            $how = @{ Confirm = $false; ErrorAction = 'Stop' }
            if ($this.ReplaceNative) { $how.ReplaceNative = $true }
            $null = Enable-CertRebind @how
        }
    }
}
