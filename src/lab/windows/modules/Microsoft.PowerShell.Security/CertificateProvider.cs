using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Provider;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertRebindLab
{
    /// <summary>
    /// The drive Cert: of a lab: store locations, stores, certificates. Archived certificates appear with -Force only.
    /// Like the real one it finds nothing by wildcard inside thumbprints that it would not list.
    /// </summary>
    [CmdletProvider("Certificate", ProviderCapabilities.ShouldProcess)]
    public sealed class CertificateProvider : NavigationCmdletProvider
    {
        private static readonly string[] locations = { "CurrentUser", "LocalMachine" };
        private static readonly string[] stores = { "My", "WebHosting", "CA", "Root", "Disallowed" };

        protected override Collection<PSDriveInfo> InitializeDefaultDrives() => new Collection<PSDriveInfo>
        {
            new PSDriveInfo("Cert", ProviderInfo, "/", "The lab's certificate stores", null),
        };

        protected override bool IsValidPath(string path) => true;

        protected override bool ItemExists(string path)
        {
            var parts = Parts(path);
            switch (parts.Length)
            {
                case 0: return true;
                case 1: return locations.Contains(parts[0], StringComparer.OrdinalIgnoreCase);
                case 2: return FindStore(parts) != null;
                case 3: return FindCertificate(parts, true) != null;
                default: return false;
            }
        }

        protected override bool IsItemContainer(string path) => Parts(path).Length < 3;

        protected override bool HasChildItems(string path) => IsItemContainer(path) && ItemExists(path);

        /// <summary>The base class asks for every folder above whether it exists, which is two dozen readings of the lab each time.</summary>
        protected override string GetChildName(string path)
        {
            var trimmed = path.Replace('\\', '/').TrimEnd('/');
            return trimmed.Substring(trimmed.LastIndexOf('/') + 1);
        }

        protected override void GetItem(string path)
        {
            var parts = Parts(path);
            switch (parts.Length)
            {
                case 0:
                    return;
                case 1:
                    WriteItemObject(new CertificateLocation(parts[0]), path, true);
                    return;
                case 2:
                    WriteStore(parts[0], FindStore(parts), path);
                    return;
                default:
                    var certificate = FindCertificate(parts, true);
                    if (certificate != null) WriteItemObject(certificate.ToItem(), path, false);
                    return;
            }
        }

        protected override void GetChildItems(string path, bool recurse) => WriteChildren(path, recurse ? uint.MaxValue : 0);

        protected override void GetChildItems(string path, bool recurse, uint depth) => WriteChildren(path, recurse ? depth : 0);

        protected override void GetChildNames(string path, ReturnContainers returnContainers)
        {
            foreach (var name in ChildNames(path)) WriteItemObject(name, MakePath(path, name), Parts(path).Length < 2);
        }

        protected override void RemoveItem(string path, bool recurse)
        {
            var parts = Parts(path);
            var certificate = parts.Length == 3 ? FindCertificate(parts, true) : null;
            if (certificate == null) throw new NotImplementedException($"Lab: removing {path} is not modelled, only a certificate can be.");
            if (!ShouldProcess(path, "Remove certificate")) return;
            Pipe.Ask(new System.Text.Json.Nodes.JsonObject
            {
                ["kind"] = "remove-certificate",
                ["thumbprint"] = certificate.Thumbprint,
                ["store"] = certificate.Store,
            });
        }

        private void WriteChildren(string path, uint depth)
        {
            var parts = Parts(path);
            if (parts.Length == 2)
            {
                var store = FindStore(parts);
                if (store == null || !IsMachine(parts[0])) return;
                foreach (var certificate in InStore(StoreCertificate.All(), store))
                {
                    if (Stopping) return;
                    if (certificate.Archived && !Force) continue;
                    WriteItemObject(certificate.ToItem(), MakePath(path, certificate.Thumbprint), false);
                }
                return;
            }
            foreach (var name in ChildNames(path))
            {
                var child = MakePath(path, name);
                if (parts.Length == 0) WriteItemObject(new CertificateLocation(name), child, true);
                else WriteStore(parts[0], name, child);
                if (depth > 0) WriteChildren(child, depth - 1);
            }
        }

        private IEnumerable<string> ChildNames(string path)
        {
            var parts = Parts(path);
            switch (parts.Length)
            {
                case 0: return locations;
                case 1: return StoreNames(parts[0]);
                case 2:
                    return IsMachine(parts[0])
                        ? InStore(StoreCertificate.All(), FindStore(parts)).Where(one => !one.Archived || Force).Select(one => one.Thumbprint)
                        : Enumerable.Empty<string>();
                default: return Enumerable.Empty<string>();
            }
        }

        private void WriteStore(string location, string name, string path)
        {
            if (name == null) return;
            WriteItemObject(new CertificateStore(location, name), path, true);
        }

        private static string FindStore(string[] parts) =>
            stores.FirstOrDefault(name => IsMachine(parts[0]) && string.Equals(name, parts[1], StringComparison.OrdinalIgnoreCase))
            ?? StoreNames(parts[0]).FirstOrDefault(name => string.Equals(name, parts[1], StringComparison.OrdinalIgnoreCase));

        /// <summary>Windows makes stores as they are used; a lab has the usual ones and whatever else holds a certificate.</summary>
        private static IEnumerable<string> StoreNames(string location) => IsMachine(location)
            ? stores.Concat(StoreCertificate.All().Select(one => one.Store)).Distinct(StringComparer.OrdinalIgnoreCase)
            : new[] { "My", "CA", "Root" };

        private static StoreCertificate FindCertificate(string[] parts, bool archivedToo) => !IsMachine(parts[0])
            ? null
            : InStore(StoreCertificate.All(), parts[1]).FirstOrDefault(one =>
                (archivedToo || !one.Archived) && string.Equals(one.Thumbprint, parts[2], StringComparison.OrdinalIgnoreCase));

        private static IEnumerable<StoreCertificate> InStore(IEnumerable<StoreCertificate> all, string store) =>
            all.Where(one => string.Equals(one.Store, store, StringComparison.OrdinalIgnoreCase));

        private static bool IsMachine(string location) => string.Equals(location, "LocalMachine", StringComparison.OrdinalIgnoreCase);

        private static string[] Parts(string path) => path.Split(new[] { '/', '\\' }, StringSplitOptions.RemoveEmptyEntries);
    }

    public sealed class CertificateLocation
    {
        internal CertificateLocation(string location) { Location = location; }
        public string Location { get; }
    }

    /// <summary>As X509Store, whose stores of the machine are on Windows only.</summary>
    public sealed class CertificateStore
    {
        private OpenFlags? opened;

        internal CertificateStore(string location, string name) { Location = location; Name = name; }
        public string Location { get; }
        public string Name { get; }

        public void Open(OpenFlags flags) => opened = flags;

        public void Close() => opened = null;

        /// <summary>None while it is not open.</summary>
        public StoreCertificates Certificates => new StoreCertificates(StoreCertificate.All()
            .Where(one => opened.HasValue && string.Equals(one.Store, Name, StringComparison.OrdinalIgnoreCase))
            .Where(one => !one.Archived || Has(OpenFlags.IncludeArchived)));

        public void Remove(X509Certificate2 certificate)
        {
            if (!Has(OpenFlags.ReadWrite)) throw new System.Security.Cryptography.CryptographicException("Access is denied.");
            Pipe.Ask(new System.Text.Json.Nodes.JsonObject
            {
                ["kind"] = "remove-certificate",
                ["thumbprint"] = certificate.Thumbprint,
                ["store"] = Name,
            });
        }

        /// <summary>With its key where it has one, which .NET lets anybody take out where there is no Windows.</summary>
        public void Add(X509Certificate2 certificate)
        {
            if (!Has(OpenFlags.ReadWrite)) throw new System.Security.Cryptography.CryptographicException("Access is denied.");
            if (certificate.HasPrivateKey)
            {
                using (var key = (AsymmetricAlgorithm)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey())
                {
                    Pipe.AskHost(new System.Text.Json.Nodes.JsonObject
                    {
                        ["ask"] = "keep-key",
                        ["thumbprint"] = certificate.Thumbprint,
                        ["key"] = key.ExportPkcs8PrivateKeyPem(),
                    });
                }
            }
            Pipe.Ask(new System.Text.Json.Nodes.JsonObject
            {
                ["kind"] = "add-certificate",
                ["certificate"] = new System.Text.Json.Nodes.JsonObject
                {
                    ["thumbprint"] = certificate.Thumbprint,
                    ["store"] = Name,
                    ["der"] = Convert.ToBase64String(certificate.RawData),
                    ["key"] = certificate.HasPrivateKey ? "usable" : "missing",
                    ["archived"] = false,
                    ["renewedTo"] = null,
                    ["friendlyName"] = null,
                },
            });
        }

        private bool Has(OpenFlags flag) => opened.HasValue && (opened.Value & flag) == flag;
    }

    public sealed class StoreCertificates : List<PSObject>
    {
        internal StoreCertificates(IEnumerable<StoreCertificate> certificates)
            : base(certificates.Select(one => one.ToItem())) { }

        public IEnumerable<PSObject> Find(X509FindType type, object value, bool validOnly)
        {
            if (type != X509FindType.FindByThumbprint || validOnly)
            {
                throw new NotImplementedException($"Lab: {type} is not modelled, only FindByThumbprint of valid and other ones.");
            }
            return this.Where(one => string.Equals(((X509Certificate2)one.BaseObject).Thumbprint, value as string, StringComparison.OrdinalIgnoreCase)).ToList();
        }
    }
}
