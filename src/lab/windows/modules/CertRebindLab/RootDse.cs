using System;
using System.Collections;
using System.Collections.Generic;
using System.Text.Json.Nodes;

namespace CertRebindLab
{
    /// <summary>The directory as [adsi] gives it: the rootDSE, as far as it has the certificate of a domain controller looked at again and names the configuration partition, and that.</summary>
    public sealed class RootDse
    {
        private const string attribute = "renewServerCertificate";
        public const string Partition = "CN=Configuration,DC=example,DC=com";

        public RootDse(string path)
        {
            Path = path;
            if (path != "LDAP://localhost/rootDSE" && path != "LDAP://rootDSE" && path != "LDAP://" + Partition) throw new NotImplementedException($"Lab: [adsi]'{path}' is not modelled.");
        }

        public string Path { get; }

        public IReadOnlyDictionary<string, ArrayList> Properties { get; } = new Dictionary<string, ArrayList>
        {
            [attribute] = new ArrayList(), ["configurationNamingContext"] = new ArrayList { Partition },
        };

        public void CommitChanges()
        {
            if (Properties[attribute].Count > 0) Pipe.Ask(new JsonObject { ["kind"] = "set-ldaps", ["what"] = "renew" });
        }
    }
}
