using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Provider;
using System.Text.Json.Nodes;

namespace CertRebindLab
{
    /// <summary>
    /// The drive HKLM: of a lab. It can be read, and what is listed as installed can be written, and the certificate of the Web Management Service; whatever else is asked of it
    /// is not modelled and says so.
    /// </summary>
    [CmdletProvider("Registry", ProviderCapabilities.ShouldProcess)]
    public sealed class RegistryProvider : NavigationCmdletProvider, IDynamicPropertyCmdletProvider
    {
        protected override Collection<PSDriveInfo> InitializeDefaultDrives() => new Collection<PSDriveInfo>
        {
            new PSDriveInfo("HKLM", ProviderInfo, "/", "The lab's registry", null),
        };

        protected override bool IsValidPath(string path) => true;

        protected override bool ItemExists(string path) => RegistryView.Find(path) != null;

        protected override bool IsItemContainer(string path) => ItemExists(path);

        protected override bool HasChildItems(string path) => (RegistryView.Find(path)?.SubKeyCount ?? 0) > 0;

        /// <summary>The base class asks for every folder above whether it exists, which is two dozen readings of the lab each time.</summary>
        protected override string GetChildName(string path)
        {
            var trimmed = path.Replace('\\', '/').TrimEnd('/');
            return trimmed.Substring(trimmed.LastIndexOf('/') + 1);
        }

        protected override void GetItem(string path)
        {
            var key = Demand(path);
            if (key != null) Write(key, path);
        }

        protected override void GetChildItems(string path, bool recurse) => WriteChildren(path, recurse ? uint.MaxValue : 0);

        protected override void GetChildItems(string path, bool recurse, uint depth) => WriteChildren(path, recurse ? depth : 0);

        protected override void GetChildNames(string path, ReturnContainers returnContainers)
        {
            var key = Demand(path);
            if (key == null) return;
            foreach (var name in key.GetSubKeyNames()) WriteItemObject(name, MakePath(path, name), true);
        }

        public void GetProperty(string path, Collection<string> providerSpecificPickList)
        {
            var key = Demand(path);
            if (key == null) return;
            var names = providerSpecificPickList == null || providerSpecificPickList.Count == 0
                ? key.GetValueNames()
                : Picked(key, providerSpecificPickList, path).ToArray();
            if (names.Length == 0) return;
            var properties = new PSObject();
            foreach (var name in names) properties.Properties.Add(new PSNoteProperty(name == "" ? "(default)" : name, key.GetValue(name)));
            WritePropertyObject(properties, path);
        }

        public object GetPropertyDynamicParameters(string path, Collection<string> providerSpecificPickList) => null;
        public void SetProperty(string path, PSObject propertyValue) => throw NotModelled("Set-ItemProperty");
        public object SetPropertyDynamicParameters(string path, PSObject propertyValue) => null;
        public void ClearProperty(string path, Collection<string> propertyToClear) => throw NotModelled("Clear-ItemProperty");
        public object ClearPropertyDynamicParameters(string path, Collection<string> propertyToClear) => null;

        protected override void NewItem(string path, string itemTypeName, object newItemValue)
        {
            if (RegistryView.IsNtds(path)) return;
            Write(DemandProduct(path, "New-Item"), new JsonObject());
            GetItem(path);
        }

        protected override void RemoveItem(string path, bool recurse)
        {
            if (RegistryView.IsNtds(path)) SetLdaps("remove", path);
            else Pipe.Ask(new JsonObject { ["kind"] = "remove-registry-key", ["key"] = DemandProduct(path, "Remove-Item") });
        }

        protected override void MoveItem(string path, string destination)
        {
            if (!RegistryView.IsNtds(path) || GetChildName(path) != GetChildName(destination)) throw NotModelled("Move-Item");
            SetLdaps("remove", path);
        }

        protected override void CopyItem(string path, string copyPath, bool recurse)
        {
            if (!RegistryView.IsNtds(copyPath) || GetChildName(path) != GetChildName(copyPath)) throw NotModelled("Copy-Item");
            SetLdaps("add", copyPath);
        }

        private void SetLdaps(string what, string path) =>
            Pipe.Ask(new JsonObject { ["kind"] = "set-ldaps", ["what"] = what, ["hash"] = GetChildName(path) });

        public void NewProperty(string path, string propertyName, string propertyTypeName, object value)
        {
            var isWebManagement = propertyTypeName == "Binary" && propertyName == "SslCertificateHash" && RegistryView.IsWebManagement(path);
            var ofRole = !isWebManagement && (propertyTypeName == "String" || propertyTypeName == "Binary") ? RegistryView.RoleKeyOf(path) : null;
            if (isWebManagement)
            {
                Pipe.Ask(new JsonObject { ["kind"] = "set-wmsvc", ["hash"] = Convert.ToHexString(LanguagePrimitives.ConvertTo<byte[]>(value)) });
            }
            else if (ofRole != null)
            {
                JsonNode written = propertyTypeName == "String"
                    ? LanguagePrimitives.ConvertTo<string>(value)
                    : new JsonObject { ["type"] = "REG_BINARY", ["base64"] = Convert.ToBase64String(LanguagePrimitives.ConvertTo<byte[]>(value)) };
                Pipe.Ask(new JsonObject { ["kind"] = "set-role-value", ["key"] = ofRole, ["name"] = propertyName, ["value"] = written });
            }
            else
            {
                JsonNode data = propertyTypeName switch
                {
                    "DWord" => LanguagePrimitives.ConvertTo<int>(value),
                    "String" => LanguagePrimitives.ConvertTo<string>(value),
                    _ => throw NotModelled($"New-ItemProperty -PropertyType {propertyTypeName}"),
                };
                Write(DemandProduct(path, "New-ItemProperty"), new JsonObject { [propertyName] = data });
            }
            WritePropertyObject(value, path);
        }

        public object NewPropertyDynamicParameters(string path, string propertyName, string propertyTypeName, object value) => null;
        public void RemoveProperty(string path, string propertyName) => throw NotModelled("Remove-ItemProperty");
        public object RemovePropertyDynamicParameters(string path, string propertyName) => null;
        public void RenameProperty(string path, string sourceProperty, string destinationProperty) => throw NotModelled("Rename-ItemProperty");
        public object RenamePropertyDynamicParameters(string path, string sourceProperty, string destinationProperty) => null;
        public void CopyProperty(string sourcePath, string sourceProperty, string destinationPath, string destinationProperty) => throw NotModelled("Copy-ItemProperty");
        public object CopyPropertyDynamicParameters(string sourcePath, string sourceProperty, string destinationPath, string destinationProperty) => null;
        public void MoveProperty(string sourcePath, string sourceProperty, string destinationPath, string destinationProperty) => throw NotModelled("Move-ItemProperty");
        public object MovePropertyDynamicParameters(string sourcePath, string sourceProperty, string destinationPath, string destinationProperty) => null;

        private static void Write(string key, JsonObject values) =>
            Pipe.Ask(new JsonObject { ["kind"] = "write-registry", ["key"] = key, ["values"] = values });

        private static string DemandProduct(string path, string what) => RegistryView.ProductOf(path) ?? throw NotModelled(what);

        private IEnumerable<string> Picked(RegistryKey key, IEnumerable<string> wanted, string path)
        {
            foreach (var name in wanted)
            {
                var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
                var matches = key.GetValueNames().Where(value => pattern.IsMatch(value)).ToArray();
                if (matches.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                {
                    WriteError(new ErrorRecord(
                        new PSArgumentException($"Property {name} does not exist at path {key.Name}."),
                        "System.Management.Automation.PSArgumentException", ErrorCategory.InvalidArgument, path));
                }
                foreach (var match in matches) yield return match;
            }
        }

        private void WriteChildren(string path, uint depth)
        {
            var key = Demand(path);
            if (key != null) WriteChildren(key, path, depth);
        }

        private void WriteChildren(RegistryKey key, string path, uint depth)
        {
            foreach (var name in key.GetSubKeyNames())
            {
                if (Stopping) return;
                var child = key.OpenSubKey(name);
                var childPath = path.TrimEnd('/') + "/" + name;
                Write(child, childPath);
                if (depth > 0) WriteChildren(child, childPath, depth - 1);
            }
        }

        private void Write(RegistryKey key, string path)
        {
            var item = new PSObject(key);
            // What the real provider adds, and its table view shows.
            item.Properties.Add(new PSNoteProperty("Property", key.GetValueNames().Select(name => name == "" ? "(default)" : name).ToArray()));
            WriteItemObject(item, path, true);
        }

        private RegistryKey Demand(string path)
        {
            var key = RegistryView.Find(path);
            if (key == null)
            {
                WriteError(new ErrorRecord(
                    new ItemNotFoundException($"Cannot find path '{path}' because it does not exist."),
                    "PathNotFound", ErrorCategory.ObjectNotFound, path));
            }
            return key;
        }

        private static Exception NotModelled(string what) =>
            new NotImplementedException($"Lab: {what} on HKLM: is not modelled; writing to the registry does not change a running HTTP.SYS.");
    }
}
