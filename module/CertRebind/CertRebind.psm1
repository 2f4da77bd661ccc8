Set-StrictMode -Version 3

# Reads and writes JSON the same way in every PowerShell. Constrained language has no Add-Type, and the module must load
# there too, so that its commands can say what is wrong.
if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') { Add-Type -AssemblyName System.Runtime.Serialization }
# Named, since on a server in another language nothing would be found.
Import-LocalizedData -BindingVariable messages -FileName CertRebind.Messages.psd1 -UICulture en-US

# A restricted session (JEA) puts a function without -First and -Last in its place.
Set-Alias -Name Select-Object -Value Microsoft.PowerShell.Utility\Select-Object

$script:moduleFolder = $PSScriptRoot
$script:checkedExecutable = $null

foreach ($folder in 'Private', 'Fleet', 'Public') {
    foreach ($file in Get-ChildItem -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath $folder) -Filter *.ps1) {
        . $file.FullName
    }
}

Register-CertRebindCompleter
