using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using CertRebindLab;

// The name that scripts and error messages know these objects by.
namespace Microsoft.IIs.PowerShell.Framework
{
    /// <summary>An element of applicationHost.config as WebAdministration hands it out.</summary>
    public abstract class ConfigurationElement
    {
        protected ConfigurationElement(XElement element, string itemXPath)
        {
            Element = element;
            ItemXPath = itemXPath;
        }

        protected XElement Element { get; }
        public string ItemXPath { get; }
        public string PSPath => "MACHINE/WEBROOT/APPHOST";
        public string ElementTagName => Element.Name.LocalName;

        protected string Text(string name) => (string)Element.Attribute(name) ?? "";
    }

    public sealed class SiteElement : ConfigurationElement
    {
        private readonly ServerState server;

        internal SiteElement(XElement element, string itemXPath, ServerState server) : base(element, itemXPath)
        {
            this.server = server;
        }

        public string name => Text("name");
        public long id => long.TryParse(Text("id"), out var number) ? number : 0;
        public bool serverAutoStart => !string.Equals(Text("serverAutoStart"), "false", StringComparison.OrdinalIgnoreCase);

        /// <summary>Asked of the running service, which is not there to answer when it is stopped.</summary>
        public string state
        {
            get
            {
                if (!server.WebServiceRuns) throw Error("The service has not been started.", 0x80070426);
                // fidelity: ftp-site-state
                if (!IsOfWeb && server.Switch("ftp-site-state") == "fails") throw Error("The object identifier does not reapply a valid object.", 0x800710D8);
                return server.StoppedSites.Contains(name) ? "Stopped" : "Started";
            }
        }

        private bool IsOfWeb => Element.Elements("bindings").Elements("binding")
            .Any(binding => ((string)binding.Attribute("protocol") ?? "").ToLowerInvariant() is "http" or "https");

        private static COMException Error(string text, uint number) =>
            new COMException($"{text} (Exception from HRESULT: 0x{number:X8})", unchecked((int)number));
    }

    /// <summary>A binding. Its certificate is not in the configuration; it was read from the record that the binding stands on.</summary>
    public sealed class BindingElement : ConfigurationElement
    {
        private readonly string site;

        internal BindingElement(XElement element, string itemXPath, string site, string hash, string store) : base(element, itemXPath)
        {
            this.site = site;
            certificateHash = hash;
            certificateStoreName = store;
        }

        public string protocol => Text("protocol");
        public string bindingInformation => Text("bindingInformation");
        public int sslFlags => FlagsOf(Element);
        public string certificateHash { get; }
        public string certificateStoreName { get; }

        public void RebindSslCertificate(string certificateHash, string certificateStoreName) =>
            Call("RebindSslCertificate", certificateHash, certificateStoreName);

        public void AddSslCertificate(string certificateHash, string certificateStoreName) =>
            Call("AddSslCertificate", certificateHash, certificateStoreName);

        public void RemoveSslCertificate() => Call("RemoveSslCertificate", null, null);

        public void EnableDsMapper() => throw new NotImplementedException("Lab: EnableDsMapper is not modelled.");

        public void DisableDsMapper() => throw new NotImplementedException("Lab: DisableDsMapper is not modelled.");

        public override string ToString() => $"{protocol} {bindingInformation}";

        internal static int FlagsOf(XElement binding) => int.TryParse((string)binding.Attribute("sslFlags"), out var flags) ? flags : 0;

        private void Call(string method, string hash, string store)
        {
            var request = new JsonObject
            {
                ["kind"] = "binding-method",
                ["site"] = site,
                ["information"] = bindingInformation,
                ["method"] = method,
            };
            if (hash != null) request["hash"] = hash;
            if (store != null) request["store"] = store;
            Pipe.Ask(request);
        }
    }

    /// <summary>The sites of a lab's applicationHost.config, with what HTTP.SYS and the service add to it.</summary>
    internal sealed class Sites
    {
        private readonly ServerState state;
        private readonly XDocument document;

        private Sites(params string[] more)
        {
            state = ServerState.Read(new[] { "applicationHost", "switches" }.Concat(more).ToArray());
            try
            {
                document = XDocument.Parse(state.ApplicationHost.TrimStart('\uFEFF'));
            }
            catch (XmlException error)
            {
                throw new COMException(
                    $"Filename: \\\\?\\C:\\Windows\\system32\\inetsrv\\config\\applicationHost.config\r\nLine number: {error.LineNumber}\r\n"
                    + "Error: Configuration file is not well-formed XML\r\n",
                    unchecked((int)0x8007000D));
            }
        }

        public static Sites WithStates() => new Sites("webService", "stoppedSites");

        public static Sites WithRecords() => new Sites("httpSys");

        public IEnumerable<SiteElement> All() => Elements().Select(site => new SiteElement(site, PathOf(site), state));

        public IEnumerable<BindingElement> Bindings(Func<string, bool> ofSite)
        {
            var records = Records();
            foreach (var site in Elements().Where(site => ofSite(NameOf(site))))
            {
                foreach (var binding in site.Elements("bindings").Elements("binding"))
                {
                    var key = RecordKeyOf(binding);
                    var hash = "";
                    var store = "";
                    if (key != null && records.TryGetValue(key, out var record) && record.Hash != null)
                    {
                        hash = record.Hash.ToLowerInvariant();
                        store = string.IsNullOrEmpty(record.Store) ? "MY" : record.Store;
                    }
                    yield return new BindingElement(binding, PathOf(site), NameOf(site), hash, store);
                }
            }
        }

        private IEnumerable<XElement> Elements() =>
            document.Root.Elements("system.applicationHost").Elements("sites").Elements("site");

        private static string NameOf(XElement site) => (string)site.Attribute("name") ?? "";

        private static string PathOf(XElement site) =>
            $"/system.applicationHost/sites/site[@name='{NameOf(site)}' and @id='{(string)site.Attribute("id")}']";

        private Dictionary<string, (string Hash, string Store)> Records()
        {
            var records = new Dictionary<string, (string, string)>(StringComparer.OrdinalIgnoreCase);
            foreach (var table in new[] { "SslBindingInfo", "SslSniBindingInfo" })
            {
                foreach (var entry in state.Table(table) ?? Enumerable.Empty<System.Text.Json.JsonElement>())
                {
                    var values = entry.GetProperty("values");
                    var key = Value(values, "HostnamePort") as string ?? entry.GetProperty("subKey").GetString();
                    var hash = Value(values, "SslCertHash") as byte[];
                    records[key] = (hash == null ? null : Convert.ToHexString(hash), Value(values, "SslCertStoreName") as string);
                }
            }
            return records;
        }

        private static object Value(System.Text.Json.JsonElement values, string name) =>
            values.TryGetProperty(name, out var raw) ? RegistryValue.From(raw).Data : null;

        /// <summary>The key of the record in its table; null for bindings without TLS and for the central store.</summary>
        private static string RecordKeyOf(XElement binding)
        {
            if (!string.Equals((string)binding.Attribute("protocol"), "https", StringComparison.OrdinalIgnoreCase)) return null;
            var information = (string)binding.Attribute("bindingInformation") ?? "";
            var lastColon = information.LastIndexOf(':');
            var portColon = lastColon < 1 ? -1 : information.LastIndexOf(':', lastColon - 1);
            if (portColon < 0) return null;
            var address = information.Substring(0, portColon);
            var port = information.Substring(portColon + 1, lastColon - portColon - 1);
            var host = information.Substring(lastColon + 1);
            switch (BindingElement.FlagsOf(binding) & 3)
            {
                case 0: return AddressKey(address, port);
                // The SNI flag without a host is a catch-all.
                case 1: return host == "" ? AddressKey(address, port) : host + ":" + port;
                default: return null;
            }
        }

        private static string AddressKey(string address, string port) => (address == "*" || address == "" ? "0.0.0.0" : address) + ":" + port;
    }
}
