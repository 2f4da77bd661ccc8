using System;
using System.Collections;
using System.Collections.Generic;
using System.Text.Json.Nodes;

namespace CertRebindLab
{
    /// <summary>The rootDSE of a domain controller as [adsi] gives it, as far as it has its certificate looked at again.</summary>
    public sealed class RootDse
    {
        private const string attribute = "renewServerCertificate";

        public RootDse(string path)
        {
            if (path != "LDAP://localhost/rootDSE") throw new NotImplementedException($"Lab: [adsi]'{path}' is not modelled.");
        }

        public IReadOnlyDictionary<string, ArrayList> Properties { get; } = new Dictionary<string, ArrayList> { [attribute] = new ArrayList() };

        public void CommitChanges()
        {
            if (Properties[attribute].Count > 0) Pipe.Ask(new JsonObject { ["kind"] = "set-ldaps", ["what"] = "renew" });
        }
    }
}
