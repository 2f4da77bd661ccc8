# What the servers are asked, from the parameters of Invoke-CertRebindFleet; an error of the caller and nothing where they do not fit together.
function New-CertRebindFleetRequest {
    [CmdletBinding()]
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory = $true)] [System.Management.Automation.PSCmdlet] $Caller,
        [Parameter(Mandatory = $true)] [string] $Action,
        [AllowNull()] [AllowEmptyString()] [string] $Old,
        [AllowNull()] [AllowEmptyString()] [string] $New,
        [AllowNull()] [AllowEmptyCollection()] [object[]] $Plan,
        [AllowNull()] [AllowEmptyString()] [string] $Campaign,
        # Of -Action Install: the file, and how to enable.
        [AllowNull()] [AllowEmptyString()] [string] $Package,
        [switch] $ReplaceNative,
        [switch] $Alongside,
        [switch] $NoProof
    )

    $hasPair = $Old -and $New
    $hasPlan = $null -ne $Plan
    $wrong = $null
    if ([bool]$Old -ne [bool]$New) {
        $wrong = $script:messages.FleetHalfPair
    } elseif ($hasPair -and $Action -notin 'Plan', 'Rebind') {
        $wrong = $script:messages.FleetPairUnused -f $Action
    } elseif ($hasPlan -and $Action -ne 'Rebind') {
        $wrong = $script:messages.FleetPlanUnused -f $Action
    } elseif ($Action -eq 'Rebind' -and $hasPair -eq $hasPlan) {
        $wrong = $script:messages.FleetWhat
    } elseif ($Campaign -and ($Action -in 'Delete', 'Install' -or -not $script:fleetActions[$Action].Changes)) {
        $wrong = $script:messages.FleetCampaignUnused -f $Action
    } elseif ($Action -ne 'Install' -and ($Package -or $ReplaceNative -or $Alongside -or $NoProof)) {
        $wrong = $script:messages.FleetInstallUnused -f $Action
    } elseif ($ReplaceNative -and ($Alongside -or $NoProof)) {
        $wrong = if ($NoProof) { $script:messages.FleetNoProof } else { $script:messages.FleetNativeTask }
    }
    if ($wrong) {
        $Caller.WriteError((New-CertRebindErrorRecord -Code 'bad-argument' -Category 'InvalidArgument' -Message $wrong -Hint $null -Target $null))
        return
    }

    $planned = $null
    if ($hasPlan) {
        $planned = @{}
        foreach ($one in $Plan) {
            if (Test-CertRebindFleetType -Object $one.Outcome -Type 'CertRebind.Plan') { $planned[$one.Server] = $one.Outcome }
        }
    }
    if ($hasPair) {
        $Old = Resolve-CertRebindThumbprint -Text $Old
        $New = Resolve-CertRebindThumbprint -Text $New
    }
    $bring = $null
    if ($Action -eq 'Install') {
        $bring = Get-CertRebindPackage -Caller $Caller -Path $Package
        if (-not $bring) { return }
    }
    $text = if ($bring) { $script:messages.FleetInstall -f $bring.Path, $bring.Sha256 } elseif ($Action -eq 'Rebind' -and $hasPair) { $script:messages.SwapPair -f $Old, $New } elseif ($Action -eq 'Undo' -and $Campaign) { $script:messages.FleetUndo } else { $script:messages["Fleet$Action"] }
    [pscustomobject]@{
        Command = $script:fleetActions[$Action].Command; Changes = $script:fleetActions[$Action].Changes; Old = $Old; New = $New; Planned = $planned; Text = $text
        Package = $bring; EnableOption = @(if ($ReplaceNative) { '--replace-native' }; if ($Alongside) { '--alongside' }; if ($NoProof) { '--no-proof' })
    }
}
