# Lets a certificate stand wherever a thumbprint is asked for; the program itself reads a thumbprint in whatever form it
# was copied.
class CertRebindThumbprintTransformation : System.Management.Automation.ArgumentTransformationAttribute {
    [object] Transform([System.Management.Automation.EngineIntrinsics] $engineIntrinsics, [object] $inputData) {
        $value = $inputData
        if ($value -is [System.Management.Automation.PSObject]) { $value = $value.PSObject.BaseObject }
        if ($value -is [System.Security.Cryptography.X509Certificates.X509Certificate2]) { return $value.Thumbprint }
        return $inputData
    }
}
