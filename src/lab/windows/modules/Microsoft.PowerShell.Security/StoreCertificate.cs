using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace CertRebindLab
{
    /// <summary>One certificate of one LocalMachine store, as the lab holds it.</summary>
    public sealed class StoreCertificate
    {
        private readonly byte[] der;
        private readonly JsonElement key;
        private readonly string friendlyName;

        private StoreCertificate(JsonElement entry)
        {
            Thumbprint = entry.GetProperty("thumbprint").GetString();
            Store = entry.GetProperty("store").GetString();
            Archived = entry.GetProperty("archived").GetBoolean();
            friendlyName = entry.GetProperty("friendlyName").GetString() ?? "";
            der = Convert.FromBase64String(entry.GetProperty("der").GetString());
            key = entry.GetProperty("key");
        }

        private StoreCertificate(string store, byte[] der)
        {
            Store = store;
            this.der = der;
            friendlyName = "";
            Thumbprint = Convert.ToHexString(SHA1.HashData(der));
        }

        public string Thumbprint { get; }
        public string Store { get; }

        /// <summary>Whether a key is the one of this certificate; never where it has none.</summary>
        internal bool HasKeyOf(byte[] publicKey)
        {
            if (!HasKey) return false;
            using (var certificate = X509CertificateLoader.LoadCertificate(der))
            {
                return certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey);
            }
        }

        /// <summary>Where the file of its key lies; null where the lab keeps none.</summary>
        internal string KeyFile => Pipe.KeyFolder == null || !Directory.Exists(Pipe.KeyFolder) ? null : Path.Combine(Pipe.KeyFolder, Thumbprint);
        public bool Archived { get; }

        /// <summary>Everything in the stores; the authorities stand in Root and CA.</summary>
        public static List<StoreCertificate> All()
        {
            var state = ServerState.Read(ServerState.OfAuthorities.Append("certificates").ToArray());
            return state.Certificates.Select(entry => new StoreCertificate(entry))
                .Concat(state.Authorities.Select(one => new StoreCertificate(one.IsRoot ? "Root" : "CA", one.Der)))
                .ToList();
        }

        /// <summary>
        /// A real certificate, with its real key when the lab lets it be opened. A key that is there and cannot be opened
        /// shows as HasPrivateKey without one to be had. What .NET keeps to itself where there is no Windows is laid over it.
        /// </summary>
        public PSObject ToItem()
        {
            var certificate = X509CertificateLoader.LoadCertificate(der);
            var hasKey = HasKey;
            if (hasKey && KeyOpens)
            {
                certificate = WithKey(certificate);
                PlaceKeyFile();
            }
            var item = new PSObject(certificate);
            item.Properties.Add(new PSNoteProperty("FriendlyName", friendlyName));
            item.Properties.Add(new PSCodeProperty("Archived", getArchived, setArchived));
            item.Properties.Add(new PSNoteProperty(ArchivedAsRead, Archived));
            item.Properties.Add(new PSNoteProperty("HasPrivateKey", hasKey));
            return item;
        }

        /// <summary>An empty file where the key of the real one would lie: what is looked at is its path, and its rights are the lab's.</summary>
        private void PlaceKeyFile()
        {
            if (KeyFile != null && !File.Exists(KeyFile)) File.WriteAllText(KeyFile, "");
        }

        private const string ArchivedAsRead = "LabArchived";
        private static readonly MethodInfo getArchived = typeof(StoreCertificate).GetMethod(nameof(GetArchived));
        private static readonly MethodInfo setArchived = typeof(StoreCertificate).GetMethod(nameof(SetArchived));

        public static bool GetArchived(PSObject item) => (bool)item.Properties[ArchivedAsRead].Value;

        /// <summary>Into every store that has the certificate, as Windows shares the property.</summary>
        public static void SetArchived(PSObject item, bool archived)
        {
            Pipe.Ask(new System.Text.Json.Nodes.JsonObject
            {
                ["kind"] = "archive-certificate",
                ["thumbprint"] = ((X509Certificate2)item.BaseObject).Thumbprint,
                ["archived"] = archived,
            });
            item.Properties[ArchivedAsRead].Value = archived;
        }

        private bool HasKey => key.ValueKind == JsonValueKind.Object || (key.ValueKind == JsonValueKind.String && key.GetString() != "missing");

        internal bool KeyOpens => key.ValueKind == JsonValueKind.Object
            ? key.GetProperty("readyAt").GetDateTimeOffset() <= DateTimeOffset.UtcNow
            : key.GetString() == "usable";

        private X509Certificate2 WithKey(X509Certificate2 certificate)
        {
            var file = Path.Combine(Pipe.Folder, "keys", Thumbprint + ".key");
            if (!File.Exists(file)) return certificate;
            var pem = File.ReadAllText(file);
            if (certificate.PublicKey.Oid.Value == "1.2.840.10045.2.1")
            {
                using (var key = ECDsa.Create())
                {
                    key.ImportFromPem(pem);
                    return certificate.CopyWithPrivateKey(key);
                }
            }
            using (var key = RSA.Create())
            {
                key.ImportFromPem(pem);
                return certificate.CopyWithPrivateKey(key);
            }
        }
    }

    /// <summary>What an opened key has on Windows besides what .NET has everywhere: as CngKey.</summary>
    public sealed class StoredKey
    {
        private readonly byte[] publicKey;

        private StoredKey(byte[] publicKey) { this.publicKey = publicKey; }

        public static object Of(PSObject key) => new StoredKey(((AsymmetricAlgorithm)key.BaseObject).ExportSubjectPublicKeyInfo());

        /// <summary>Says nothing where the lab keeps it; the file shows that.</summary>
        public void Delete()
        {
            foreach (var owner in Owners())
            {
                Pipe.Ask(new System.Text.Json.Nodes.JsonObject { ["kind"] = "delete-key", ["thumbprint"] = owner.Thumbprint, ["own"] = false });
            }
            foreach (var owner in Owners().Where(one => !one.KeyOpens && one.KeyFile != null)) File.Delete(owner.KeyFile);
        }

        private IEnumerable<StoreCertificate> Owners() => StoreCertificate.All().Where(one => one.HasKeyOf(publicKey)).ToList();
    }
}
