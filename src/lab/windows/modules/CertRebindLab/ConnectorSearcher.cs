using System;
using System.Collections;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CertRebindLab
{
    /// <summary>[adsisearcher], for objects of classes in the configuration partition.</summary>
    public sealed class ConnectorSearcher
    {
        private readonly string filter;

        public ConnectorSearcher(string filter) { this.filter = filter; }

        public RootDse SearchRoot { get; set; }
        public int PageSize { get; set; }
        public TimeSpan ClientTimeout { get; set; }

        public FoundObjects FindAll()
        {
            if (SearchRoot?.Path != "LDAP://" + RootDse.Partition) throw new NotImplementedException("Lab: only the configuration partition is modelled.");
            var found = new FoundObjects();
            foreach (Match match in Regex.Matches(filter, @"\(objectClass=(\w+)\)"))
            {
                var request = new JsonObject { ["kind"] = "read-class", ["namespace"] = "LDAP", ["className"] = match.Groups[1].Value };
                var objects = Pipe.Ask(request).GetProperty("objects");
                if (objects.ValueKind != System.Text.Json.JsonValueKind.Array) continue;
                foreach (var one in objects.EnumerateArray())
                {
                    var properties = new Dictionary<string, ArrayList>(StringComparer.OrdinalIgnoreCase) { ["msExchSmtpTLSCertificate"] = new ArrayList() };
                    foreach (var property in one.EnumerateObject()) properties[property.Name] = new ArrayList { property.Value.GetString() };
                    found.Add(new FoundObject(properties));
                }
            }
            return found;
        }
    }

    public sealed class FoundObjects : List<FoundObject>, IDisposable
    {
        public void Dispose() { }
    }

    public sealed record FoundObject(IReadOnlyDictionary<string, ArrayList> Properties);
}
