# Certificate rebind of a server as Desired State Configuration. In a separate module, because a class cannot be loaded
# in constrained language and the commands of CertRebind must be. Only the program decides what is in the desired state.
Set-StrictMode -Version 3

class CertRebindReason {
    [DscProperty()]
    [string] $Code

    [DscProperty()]
    [string] $Phrase
}

class CertRebindFinding {
    [DscProperty()]
    [string] $Code

    [DscProperty()]
    [string] $Severity

    [DscProperty()]
    [string] $Message

    # In UTC; empty if it is not known.
    [DscProperty()]
    [string] $Since

    [DscProperty()]
    [string[]] $Commands
}

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

    # The configuration file to use. If it is left out, the configuration is not changed.
    [DscProperty()]
    [string] $PolicyFile

    # Disable the certificate rebind task of IIS Manager if it is active.
    [DscProperty()]
    [bool] $ReplaceNative

    # Keep the task of IIS Manager active.
    [DscProperty()]
    [bool] $Alongside

    # Register the tasks without the proof that they work: for images and containers. Not with ReplaceNative.
    [DscProperty()]
    [bool] $NoProof

    # With Absent: enable the task of IIS Manager again if CertRebind disabled it.
    [DscProperty()]
    [bool] $RestoreNative

    # Every task is registered as it should be, and their log is enabled.
    [DscProperty(NotConfigurable)]
    [bool] $Enabled

    # The configuration in force equals the policy file.
    [DscProperty(NotConfigurable)]
    [bool] $PolicyInForce

    # The task of IIS Manager: absent, disabled or enabled.
    [DscProperty(NotConfigurable)]
    [string] $NativeTask

    # What keeps the server from being as it is wanted.
    [DscProperty(NotConfigurable)]
    [CertRebindReason[]] $Reasons

    # What is wrong with the server, as Get-CertRebind says. No part of the desired state: a set cannot mend it.
    [DscProperty(NotConfigurable)]
    [CertRebindFinding[]] $Findings

    [CertRebind] Get() {
        $state = $this.Ask('test')
        $now = [CertRebind]::new()
        foreach ($name in 'IsSingleInstance', 'PolicyFile', 'ReplaceNative', 'Alongside', 'RestoreNative', 'NoProof') { $now.$name = $this.$name }
        $now.Ensure = if ($state._exist) { 'Present' } else { 'Absent' }
        $now.Enabled = $state.lifecycleLog -eq 'enabled' -and @($state.tasks | Where-Object -Property is -NE -Value 'ours').Count -eq 0
        $now.PolicyInForce = @($state.differences | Where-Object -Property code -Like -Value 'configuration-*').Count -eq 0
        $now.NativeTask = $state.nativeTask
        $now.Reasons = @(foreach ($difference in $state.differences) {
                [CertRebindReason]@{ Code = 'CertRebind:CertRebind:{0}' -f $difference.code; Phrase = $difference.text }
            })
        $now.Findings = @(foreach ($found in $this.Ask('get').PSObject.Properties['findings'].Value) {
                $since = if ($found.since) { $found.since.ToString('u', [System.Globalization.CultureInfo]::InvariantCulture) }
                [CertRebindFinding]@{ Code = $found.code; Severity = $found.severity; Message = $found.message; Since = $since; Commands = @($found.commands) }
            })
        return $now
    }

    [bool] Test() {
        return $this.Ask('test')._inDesiredState
    }

    [void] Set() {
        $null = $this.Ask('set')
    }

    hidden [psobject] Ask([string] $Verb) {
        $wanted = [ordered]@{
            _exist        = $this.Ensure -ne 'Absent'
            replaceNative = $this.ReplaceNative
            alongside     = $this.Alongside
            restoreNative = $this.RestoreNative
            noProof       = $this.NoProof
        }
        return Invoke-RequiredModule -Verb $Verb -Wanted $wanted -PolicyFile $this.PolicyFile
    }
}

# In the module that starts the program. An engine of DSC loads it where Get-Module of this module does not see it.
function Invoke-RequiredModule {
    param([string] $Verb, [System.Collections.IDictionary] $Wanted, [string] $PolicyFile)

    $module = $ExecutionContext.SessionState.Module.RequiredModules[0]
    & $module { param($Given) Invoke-CertRebindDsc @Given } @{ Verb = $Verb; Wanted = $Wanted; PolicyFile = $PolicyFile }
}
