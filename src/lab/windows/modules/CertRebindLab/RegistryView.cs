using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertRebindLab
{
    /// <summary>The part of HKEY_LOCAL_MACHINE that a lab has, built from its state whenever somebody looks.</summary>
    public static class RegistryView
    {
        public const string Hive = "HKEY_LOCAL_MACHINE";
        private const string services = @"SYSTEM\CurrentControlSet\Services";
        private const string parameters = @"SYSTEM\CurrentControlSet\Services\HTTP\Parameters";

        /// <summary>
        /// Null when there is no such key. What never changes in a lab is read once: the machine's facts, and which tables
        /// there are, since Windows never removes one. Whatever can change is asked for when a key of it is opened.
        /// </summary>
        public static RegistryKey Find(string path)
        {
            var parts = path.Split(new[] { '\\', '/' }, StringSplitOptions.RemoveEmptyEntries);
            var name = string.Join("\\", parts);
            if (root == null || (IsMissingTable(name) && root.OpenSubKey(name) == null)) root = Root(ServerState.Read("id", "name", "iis", "osBuild", "switches", "httpSys", "others"));
            if (parts.Length == 0) return root;
            var own = root.OpenSubKey(name);
            if (own == null) return KeyOfRole(name);
            // Of services some are made here, and others belong to roles.
            return SamePath(parts, services) ? own.With(KeyOfRole(name)) : own;
        }

        /// <summary>What roles keep is asked for each time, since people change it; null where there is nothing.</summary>
        private static RegistryKey KeyOfRole(string name)
        {
            var key = Pipe.Ask(new JsonObject { ["kind"] = "read-registry", ["key"] = name }).GetProperty("key");
            if (key.ValueKind == JsonValueKind.Null) return null;
            return new RegistryKey(
                $@"{Hive}\{name}",
                key.GetProperty("values").EnumerateObject().ToDictionary(value => value.Name, value => ValueOf(value.Value), StringComparer.OrdinalIgnoreCase),
                () => key.GetProperty("subKeys").EnumerateArray().ToDictionary(
                    subKey => subKey.GetString(), subKey => (Func<RegistryKey>)(() => KeyOfRole($@"{name}\{subKey.GetString()}")), StringComparer.OrdinalIgnoreCase));
        }

        private static RegistryValue ValueOf(JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Number: return RegistryValue.Of(value.GetInt32());
                case JsonValueKind.String: return RegistryValue.Of(value.GetString());
                default: return RegistryValue.From(value);
            }
        }

        private static RegistryKey root;

        private static bool IsMissingTable(string name) => name.StartsWith(parameters, StringComparison.OrdinalIgnoreCase);

        /// <summary>Keys of records by sub-key, for the layout in which a sub-key of the SNI table does not tell.</summary>
        private static readonly Dictionary<string, string> recordKeys = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        private static readonly Dictionary<string, Func<RegistryKey>> none = new Dictionary<string, Func<RegistryKey>>();

        private static RegistryKey TableKey(string table) => new RegistryKey(
            $@"{Hive}\{parameters}\{table}",
            new Dictionary<string, RegistryValue>(),
            () => Entries(table, ServerState.Read("httpSys")),
            subKey => FindEntry(table, subKey));

        private static IReadOnlyDictionary<string, Func<RegistryKey>> Entries(string table, ServerState state) => (state.Table(table) ?? Array.Empty<JsonElement>())
            .Select(entry => EntryKey(table, entry))
            .GroupBy(key => key.ChildName, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => (Func<RegistryKey>)(() => group.First()), StringComparer.OrdinalIgnoreCase);

        private static RegistryKey FindEntry(string table, string subKey)
        {
            var key = table == "SslCcsBindingInfo" ? "(central-store):" + subKey : subKey;
            if (table == "SslSniBindingInfo" && !recordKeys.TryGetValue(subKey, out key))
            {
                if (subKey.StartsWith("{")) return Entries(table, ServerState.Read("httpSys")).GetValueOrDefault(subKey)?.Invoke();
                key = subKey;
            }
            var request = new JsonObject { ["kind"] = "read-records", ["keys"] = new JsonArray(key) };
            var entry = Pipe.Ask(request).GetProperty("records")[0].GetProperty("entry");
            if (entry.ValueKind == JsonValueKind.Null) return null;
            return SamePath(new[] { entry.GetProperty("subKey").GetString() }, subKey) ? EntryKey(table, entry) : null;
        }

        private static bool SamePath(IEnumerable<string> parts, string path) =>
            string.Equals(string.Join("\\", parts), path, StringComparison.OrdinalIgnoreCase);

        private static RegistryKey EntryKey(string table, JsonElement entry)
        {
            var subKey = entry.GetProperty("subKey").GetString();
            var values = new Dictionary<string, RegistryValue>(StringComparer.OrdinalIgnoreCase);
            foreach (var value in entry.GetProperty("values").EnumerateObject()) values[value.Name] = RegistryValue.From(value.Value);
            if (values.TryGetValue("HostnamePort", out var host) && host.Data is string name) recordKeys[subKey] = name;
            return new RegistryKey($@"{Hive}\{parameters}\{table}\{subKey}", values, () => none);
        }

        /// <summary>Keys being gathered, before they become what people see.</summary>
        private sealed class Draft
        {
            public readonly Dictionary<string, Draft> Children = new Dictionary<string, Draft>(StringComparer.OrdinalIgnoreCase);
            public readonly Dictionary<string, RegistryValue> Values = new Dictionary<string, RegistryValue>(StringComparer.OrdinalIgnoreCase);
            /// <summary>In place of all that: what is made when somebody looks.</summary>
            public Func<RegistryKey> Made;

            public Draft At(string path)
            {
                var draft = this;
                foreach (var part in path.Split('\\'))
                {
                    if (!draft.Children.TryGetValue(part, out var next)) draft.Children[part] = next = new Draft();
                    draft = next;
                }
                return draft;
            }

            public RegistryKey Finish(string name) => Made != null ? Made() : new RegistryKey(name, Values, () => Children.ToDictionary(
                pair => pair.Key, pair => (Func<RegistryKey>)(() => pair.Value.Finish($@"{name}\{pair.Key}")), StringComparer.OrdinalIgnoreCase));
        }

        private static RegistryKey Root(ServerState state)
        {
            var root = new Draft();
            AddWindows(root, state);
            if (state.Iis != "") AddIis(root, state);
            AddHttpSys(root, state);
            AddEventLog(root);
            AddProducts(root);
            AddStores(root, state);
            AddOthers(root, state);
            return root.Finish(Hive);
        }

        private static void AddWindows(Draft root, ServerState state)
        {
            var version = root.At(@"SOFTWARE\Microsoft\Windows NT\CurrentVersion").Values;
            version["CurrentBuild"] = RegistryValue.Of(state.OsBuild.ToString());
            version["CurrentBuildNumber"] = RegistryValue.Of(state.OsBuild.ToString());
            version["InstallationType"] = RegistryValue.Of("Server");
            root.At(@"SOFTWARE\Microsoft\Cryptography").Values["MachineGuid"] = RegistryValue.Of(state.Id);
            root.At(@"SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName").Values["ComputerName"] = RegistryValue.Of(state.Name);
        }

        private static void AddIis(Draft root, ServerState state)
        {
            var parts = state.Iis.Split('.');
            var setup = root.At(@"SOFTWARE\Microsoft\InetStp").Values;
            setup["MajorVersion"] = RegistryValue.Of(int.Parse(parts[0]));
            setup["MinorVersion"] = RegistryValue.Of(int.Parse(parts[1]));
            setup["VersionString"] = RegistryValue.Of($"Version {state.Iis}");
        }

        private static void AddHttpSys(Draft root, ServerState state)
        {
            var http = root.At(parameters);
            if (state.Switch("listen-list") == "one-address") http.Values["ListenOnlyList"] = RegistryValue.Of(new[] { "192.0.2.77" });
            if (state.Switch("http3") != "off") http.Values["EnableHttp3"] = RegistryValue.Of(1);
            foreach (var table in ServerState.Tables.Where(table => state.Table(table) != null))
            {
                http.At(table).Made = () => TableKey(table);
            }
        }

        private static void AddEventLog(Draft root) => root.At(@"SYSTEM\CurrentControlSet\Services\EventLog\Application").Made = () => Folder(
            @"SYSTEM\CurrentControlSet\Services\EventLog\Application",
            () => EventSources.In(ServerState.Read("applicationLog")).Select(source => (source, new Dictionary<string, RegistryValue>())));

        /// <summary>What is listed as installed; the one part that programs write.</summary>
        private static void AddProducts(Draft root) => root.At(products).Made = () => Folder(
            products,
            () => ServerState.Read("registry").Registry
                .Where(key => key.Name.StartsWith(products + "\\", StringComparison.OrdinalIgnoreCase))
                .Select(key => (
                    key.Name.Substring(products.Length + 1),
                    key.Value.EnumerateObject().ToDictionary(
                        value => value.Name,
                        value => ValueOf(value.Value),
                        StringComparer.OrdinalIgnoreCase))));

        private const string products = @"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";

        /// <summary>The key of a product as the lab keeps it; null for any other part of the registry.</summary>
        public static string ProductOf(string path)
        {
            var name = string.Join("\\", path.Split(new[] { '\\', '/' }, StringSplitOptions.RemoveEmptyEntries));
            return name.StartsWith(products + "\\", StringComparison.OrdinalIgnoreCase) ? products + name.Substring(products.Length) : null;
        }

        /// <summary>The key that a role keeps something in; null for any other part of the registry.</summary>
        public static string RoleKeyOf(string path)
        {
            var name = string.Join("\\", path.Split(new[] { '\\', '/' }, StringSplitOptions.RemoveEmptyEntries));
            return KeyOfRole(name) == null ? null : name;
        }

        /// <summary>Whether a key belongs to the stores of a domain controller's service.</summary>
        public static bool IsNtds(string path) => string.Join("\\", path.Split(new[] { '\\', '/' }, StringSplitOptions.RemoveEmptyEntries))
            .StartsWith(@"SOFTWARE\Microsoft\Cryptography\Services\NTDS\SystemCertificates\", StringComparison.OrdinalIgnoreCase);

        public static bool IsWebManagement(string path) => SamePath(path.Split(new[] { '\\', '/' }, StringSplitOptions.RemoveEmptyEntries), WebManagement);

        /// <summary>The machine's stores as the registry keeps them: one value with every property of a certificate.</summary>
        private static void AddStores(Draft root, ServerState atStart)
        {
            if (atStart.Switch("root-store") == "only-stored")
            {
                root.At(@"SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot").Values["DisableRootAutoUpdate"] = RegistryValue.Of(1);
            }
            const string fetched = @"SOFTWARE\Microsoft\SystemCertificates\AuthRoot\Certificates";
            root.At(fetched).Made = () => Folder(fetched, () =>
            {
                var state = ServerState.Read(ServerState.OfAuthorities);
                return state.Authorities
                    .Where(one => one.IsRoot && state.Switch("root-store") == "fetched")
                    .Select(one => (one.Thumbprint, new Dictionary<string, RegistryValue>()));
            });
            const string lists = @"SOFTWARE\Microsoft\SystemCertificates\CA\CRLs";
            root.At(lists).Made = () => Folder(lists, () => ServerState.Read(ServerState.OfAuthorities).RevocationLists
                .Select(list => (Convert.ToHexString(SHA1.HashData(list)), new Dictionary<string, RegistryValue>(StringComparer.OrdinalIgnoreCase)
                {
                    ["Blob"] = RegistryValue.Of(CertificateBlob.OfList(list)),
                })));
            foreach (var store in new[] { "My", "WebHosting" })
            {
                var path = $@"SOFTWARE\Microsoft\SystemCertificates\{store}\Certificates";
                root.At(path).Made = () => Folder(path, () => ServerState.Read("certificates").Certificates
                    .Where(certificate => SamePath(new[] { certificate.GetProperty("store").GetString() }, store))
                    .Select(certificate => (
                        certificate.GetProperty("thumbprint").GetString(),
                        new Dictionary<string, RegistryValue>(StringComparer.OrdinalIgnoreCase)
                        {
                            ["Blob"] = RegistryValue.Of(CertificateBlob.Of(certificate)),
                        })));
            }
        }

        /// <summary>A key whose sub-keys are asked for when somebody looks at them.</summary>
        private static RegistryKey Folder(string path, Func<IEnumerable<(string Name, Dictionary<string, RegistryValue> Values)>> subKeys) => new RegistryKey(
            $@"{Hive}\{path}",
            new Dictionary<string, RegistryValue>(),
            () => subKeys().ToDictionary(
                key => key.Name,
                key => (Func<RegistryKey>)(() => new RegistryKey($@"{Hive}\{path}\{key.Name}", key.Values, () => none)),
                StringComparer.OrdinalIgnoreCase));

        /// <summary>Where products outside IIS keep their own copy of a thumbprint.</summary>
        private static void AddOthers(Draft root, ServerState state)
        {
            foreach (var other in state.Others)
            {
                var kind = other.GetProperty("consumer").GetProperty("kind").GetString();
                switch (kind)
                {
                    case "rdp":
                        var listener = other.GetProperty("consumer").GetProperty("detail").GetString();
                        root.At(@"SYSTEM\CurrentControlSet\Control\Terminal Server").Values["fDenyTSConnections"] = RegistryValue.Of(0);
                        root.At($@"SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\{listener}").Made = () => Listener(listener);
                        break;
                    case "winrm":
                        var name = other.GetProperty("consumer").GetProperty("detail").GetString();
                        root.At($@"{winrm}\{name}").Made = () => WinrmListener(name);
                        break;
                    case "wmsvc":
                        root.At(@"SYSTEM\CurrentControlSet\Services\WMSVC").Values["Start"] = RegistryValue.Of(2);
                        root.At(WebManagement).Made = WebManagementKey;
                        break;
                    // The rest keep theirs outside the registry.
                }
            }
        }

        /// <summary>As it is when somebody looks: programs change it.</summary>
        private static RegistryKey Listener(string name)
        {
            var values = new Dictionary<string, RegistryValue>(StringComparer.OrdinalIgnoreCase) { ["PortNumber"] = RegistryValue.Of(3389) };
            values["SSLCertificateSHA1Hash"] = RegistryValue.Of(Convert.FromHexString(Other("rdp", name).GetProperty("thumbprint").GetString()));
            return new RegistryKey($@"{Hive}\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\{name}", values, () => none);
        }

        private static JsonElement Other(string kind, string detail) => ServerState.Read("others").Others
            .Select(other => (Consumer: other.GetProperty("consumer"), Other: other))
            .First(one => one.Consumer.GetProperty("kind").GetString() == kind && one.Consumer.GetProperty("detail").GetString() == detail).Other;

        private const string winrm = @"SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener";

        private static RegistryKey WinrmListener(string name)
        {
            var values = new Dictionary<string, RegistryValue>(StringComparer.OrdinalIgnoreCase);
            var listener = Other("winrm", name);
            if (listener.TryGetProperty("remoting", out var remoting))
            {
                values["Port"] = RegistryValue.Of(remoting.GetProperty("port").GetInt32());
                values["certThumbprint"] = RegistryValue.Of(listener.GetProperty("thumbprint").GetString());
                var hostname = remoting.GetProperty("hostname").GetString();
                if (hostname != null) values["hostname"] = RegistryValue.Of(hostname);
            }
            return new RegistryKey($@"{Hive}\{winrm}\{name}", values, () => none);
        }

        public const string WebManagement = @"SOFTWARE\Microsoft\WebManagement\Server";

        private static RegistryKey WebManagementKey()
        {
            var values = new Dictionary<string, RegistryValue>(StringComparer.OrdinalIgnoreCase);
            foreach (var service in ServerState.Read("others").Others)
            {
                if (!service.TryGetProperty("management", out var management)) continue;
                var hash = service.GetProperty("thumbprint").GetString();
                if (hash != "") values["SslCertificateHash"] = RegistryValue.Of(Convert.FromHexString(hash));
                values["Port"] = RegistryValue.Of(management.GetProperty("port").GetInt32());
                values["IPAddress"] = RegistryValue.Of(management.GetProperty("address").GetString());
            }
            return new RegistryKey($@"{Hive}\{WebManagement}", values, () => none);
        }
    }
}
