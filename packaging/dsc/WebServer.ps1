configuration WebServer {
    Import-DscResource -ModuleName CertRebindDsc
    Node 'localhost' {
        CertRebind Rebind {
            IsSingleInstance = 'Yes'
            Ensure           = 'Present'
            ReplaceNative    = $true
            PolicyFile       = 'C:\Deploy\certrebind.json'
        }
    }
}
WebServer -OutputPath C:\Deploy\Mof
Start-DscConfiguration -Path C:\Deploy\Mof -Wait -Verbose
