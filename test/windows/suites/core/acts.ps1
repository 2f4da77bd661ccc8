# What no port of the program does, on things of our own: one act or look each time, by its name.
param([string] $File, [string] $Name, [string] $A, [string] $B, [string] $C, [string] $D)
. "$PSScriptRoot/../parts.ps1"

function Get-OwnBinding {
    $found = @(Get-WebBinding -Name $A -Protocol https | Where-Object { [string]$_.bindingInformation -eq $B })
    if ($found.Count -ne 1) { throw "there is no binding $B" }
    $found[0]
}

$acts = @{
    'announce'       = {
        $pair = foreach ($thumbprint in $A, $B) { Get-Item -LiteralPath "Cert:\LocalMachine\My\$thumbprint" -ErrorAction Stop }
        Switch-Certificate -OldCert $pair[0] -NewCert $pair[1] -Confirm:$false -ErrorAction Stop
    }
    'binding-method' = {
        $binding = Get-OwnBinding
        switch ($C) {
            'AddSslCertificate' { $binding.AddSslCertificate($D, 'My') }
            'RebindSslCertificate' { $binding.RebindSslCertificate($D, 'My') }
        }
    }
    'netsh-update'   = {
        Invoke-Demanded 'netsh.exe' 'http', 'update', 'sslcert', $A, "certhash=$B", "appid=$C", 'certstorename=My'
    }
}
Ask 'done' {
    if ($acts.ContainsKey($Name)) {
        try { $null = & $acts[$Name]; '' }
        catch {
            $exception = $_.Exception
            while ($null -ne $exception.InnerException) { $exception = $exception.InnerException }
            "$($exception.Message) "
        }
    }
}
Ask 'seen' {
    switch ($Name) {
        'netsh-record' { $null, $lines = Invoke-Program 'netsh.exe' 'http', 'show', 'sslcert', $A; $lines -join "`n" }
        'intermediates' { (Get-ChildItem -LiteralPath 'Cert:\LocalMachine\CA').Thumbprint }
        'log-access' { [string](Get-WinEvent -ListLog $A).SecurityDescriptor }
        'event-xml' { Get-WinEvent -LogName $A -MaxEvents 50 | Where-Object { "$($_.RecordId)" -eq $B } | ForEach-Object { $_.ToXml() } }
    }
}
Write-Told $File
