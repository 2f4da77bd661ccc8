using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertRebindLab
{
    /// <summary>
    /// Parts of what the lab says of itself, at one moment: the whole of a large server takes longer to send than anything
    /// that is done with it. Never kept: another process may have changed it since.
    /// </summary>
    public sealed class ServerState
    {
        public static readonly string[] Tables = { "SslBindingInfo", "SslSniBindingInfo", "SslCcsBindingInfo" };

        private readonly JsonElement state;

        private ServerState(JsonElement state) { this.state = state; }

        public static ServerState Read(params string[] parts) => new ServerState(Pipe.Ask(new JsonObject
        {
            ["kind"] = "read",
            ["only"] = new JsonArray(parts.Select(part => (JsonNode)part).ToArray()),
        }).GetProperty("parts"));

        public string Id => Text("id");
        public string Name => Text("name");
        /// <summary><c>major.minor</c>, empty without IIS.</summary>
        public string Iis => Text("iis");
        public int OsBuild => state.GetProperty("osBuild").GetInt32();
        public string ApplicationHost => Text("applicationHost");
        public bool WebServiceRuns => Text("webService") == "started";
        public IReadOnlyCollection<string> StoppedSites =>
            state.GetProperty("stoppedSites").EnumerateArray().Select(site => site.GetString()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        public IEnumerable<JsonElement> Certificates => state.GetProperty("certificates").EnumerateArray();
        /// <summary>Parts that the stores CA and Root are read from.</summary>
        public static readonly string[] OfAuthorities = { "authorities", "roots", "withheld", "revocationLists", "switches" };
        /// <summary>Those of the stores CA and Root, as DER: the one that issues renewals may be missing there.</summary>
        public IEnumerable<(string Thumbprint, bool IsRoot, byte[] Der)> Authorities
        {
            get
            {
                var roots = state.GetProperty("roots").EnumerateArray().Select(root => root.GetString()).ToHashSet();
                var withheld = Switch("renewal-issuer") == "missing" ? Text("withheld") : null;
                return state.GetProperty("authorities").EnumerateArray()
                    .Select(der => Convert.FromBase64String(der.GetString()))
                    .Select(der => (Thumbprint: Convert.ToHexString(SHA1.HashData(der)), Der: der))
                    .Where(one => one.Thumbprint != withheld)
                    .Select(one => (one.Thumbprint, roots.Contains(one.Thumbprint), one.Der));
            }
        }
        public IEnumerable<byte[]> RevocationLists =>
            state.GetProperty("revocationLists").EnumerateArray().Select(der => Convert.FromBase64String(der.GetString()));
        public IEnumerable<JsonElement> Tasks => state.GetProperty("tasks").EnumerateArray();
        public JsonElement Lifecycle => state.GetProperty("lifecycle");
        public JsonElement ApplicationLog => state.GetProperty("applicationLog");
        public IEnumerable<JsonProperty> Registry =>
            state.TryGetProperty("registry", out var keys) ? keys.EnumerateObject() : Enumerable.Empty<JsonProperty>();
        public IEnumerable<JsonElement> Others => state.GetProperty("others").EnumerateArray();
        public string RemotingStatus() => Others.Any(other =>
            other.TryGetProperty("remoting", out var remoting) && remoting.GetProperty("state").GetString() == "started") ? "Running" : "Stopped";
        public string ManagementStatus() => Others.Any(other =>
            other.TryGetProperty("management", out var management) && management.GetProperty("state").GetString() == "started") ? "Running" : "Stopped";
        public string Switch(string name) => state.GetProperty("switches").GetProperty(name).GetString();

        /// <summary>The entries of one table below HTTP\Parameters; null for a table that never had one.</summary>
        public IEnumerable<JsonElement> Table(string name)
        {
            var table = state.GetProperty("httpSys").GetProperty(name);
            return table.ValueKind == JsonValueKind.Null ? null : table.EnumerateArray();
        }

        private string Text(string name) => state.GetProperty(name).GetString();
    }
}
