using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using Microsoft.Win32;

namespace CertRebindLab
{
    /// <summary>One registry value: its kind and its bytes, and what .NET makes of them.</summary>
    public sealed class RegistryValue
    {
        private static readonly string[] kinds =
        {
            "REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_LINK",
            "REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTOR", "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD",
        };

        private readonly int kind;
        private readonly byte[] bytes;

        public RegistryValue(int kind, byte[] bytes) { this.kind = kind; this.bytes = bytes; }

        public static RegistryValue Of(string text) => new RegistryValue(1, Encoding.Unicode.GetBytes(text + "\0"));
        public static RegistryValue Of(string[] texts) => new RegistryValue(7, Encoding.Unicode.GetBytes(string.Concat(texts.Select(text => text + "\0")) + "\0"));
        public static RegistryValue Of(int number) => new RegistryValue(4, BitConverter.GetBytes(number));
        public static RegistryValue Of(byte[] bytes) => new RegistryValue(3, bytes);

        /// <summary>From the form that the lab keeps: name of the kind, bytes in base64.</summary>
        public static RegistryValue From(JsonElement raw)
        {
            var type = raw.GetProperty("type").GetString();
            var kind = Array.IndexOf(kinds, type);
            if (kind < 0) kind = Convert.ToInt32(type.Substring("REG_".Length), 16);
            return new RegistryValue(kind, Convert.FromBase64String(raw.GetProperty("base64").GetString()));
        }

        /// <summary>As .NET tells it: kinds it has no name for are Unknown.</summary>
        public RegistryValueKind Kind
        {
            get
            {
                switch (kind)
                {
                    case 0: return RegistryValueKind.None;
                    case 1: return RegistryValueKind.String;
                    case 2: return RegistryValueKind.ExpandString;
                    case 3: return RegistryValueKind.Binary;
                    case 4: return RegistryValueKind.DWord;
                    case 7: return RegistryValueKind.MultiString;
                    case 11: return RegistryValueKind.QWord;
                    default: return RegistryValueKind.Unknown;
                }
            }
        }

        /// <summary>As .NET gives it: numbers, strings, bytes; a value too short for its kind comes as its bytes.</summary>
        public object Data
        {
            get
            {
                switch (kind)
                {
                    case 1:
                    case 2:
                        return Text();
                    case 4:
                        return bytes.Length == 4 ? (object)BitConverter.ToInt32(bytes, 0) : bytes.ToArray();
                    case 7:
                        return Encoding.Unicode.GetString(bytes).TrimEnd('\0').Split('\0');
                    case 11:
                        return bytes.Length == 8 ? (object)BitConverter.ToInt64(bytes, 0) : bytes.ToArray();
                    default:
                        return bytes.ToArray();
                }
            }
        }

        private string Text() => Encoding.Unicode.GetString(bytes).TrimEnd('\0');
    }

    /// <summary>
    /// A key of the lab's registry with the members of Microsoft.Win32.RegistryKey that reading needs. That class itself
    /// refuses to exist where there is no Windows.
    /// </summary>
    public sealed class RegistryKey : IDisposable
    {
        private readonly Lazy<IReadOnlyDictionary<string, Func<RegistryKey>>> children;
        private readonly IReadOnlyDictionary<string, RegistryValue> values;
        private readonly Func<string, RegistryKey> findChild;

        /// <param name="children">All sub-keys, asked for when somebody wants to see them; each is made when it is opened.</param>
        /// <param name="findChild">One sub-key, where that is cheaper than all of them.</param>
        internal RegistryKey(
            string name,
            IReadOnlyDictionary<string, RegistryValue> values,
            Func<IReadOnlyDictionary<string, Func<RegistryKey>>> children,
            Func<string, RegistryKey> findChild = null)
        {
            Name = name;
            this.values = values;
            this.children = new Lazy<IReadOnlyDictionary<string, Func<RegistryKey>>>(children);
            this.findChild = findChild;
        }

        /// <summary>Full name, beginning with HKEY_LOCAL_MACHINE.</summary>
        public string Name { get; }
        public string ChildName => Name.Substring(Name.LastIndexOf('\\') + 1);
        public int SubKeyCount => children.Value.Count;
        public int ValueCount => values.Count;
        public string[] GetSubKeyNames() => children.Value.Keys.ToArray();
        public string[] GetValueNames() => values.Keys.ToArray();
        public object GetValue(string name) => GetValue(name, null);
        public object GetValue(string name, object defaultValue) =>
            values.TryGetValue(name ?? "", out var value) ? value.Data : defaultValue;
        /// <summary>Environment variables are never expanded here, so both options give the text as it stands.</summary>
        public object GetValue(string name, object defaultValue, RegistryValueOptions options) => GetValue(name, defaultValue);
        public RegistryValueKind GetValueKind(string name)
        {
            if (values.TryGetValue(name ?? "", out var value)) return value.Kind;
            throw new System.IO.IOException("The specified registry key does not exist.");
        }
        public RegistryKey OpenSubKey(string name)
        {
            var key = this;
            foreach (var part in name.Split('\\', '/'))
            {
                key = key.Child(part);
                if (key == null) return null;
            }
            return key;
        }
        public RegistryKey OpenSubKey(string name, bool writable)
        {
            if (writable) throw new NotImplementedException("Lab: writing to the registry is not modelled; HTTP.SYS would not look at it either.");
            return OpenSubKey(name);
        }
        private RegistryKey Child(string name) => findChild != null && !children.IsValueCreated
            ? findChild(name)
            : children.Value.GetValueOrDefault(name)?.Invoke();
        /// <summary>This key with the sub-keys of another one, whose own come second.</summary>
        internal RegistryKey With(RegistryKey other) => other == null ? this : new RegistryKey(Name, values, () => children.Value
            .Concat(other.children.Value.Where(one => !children.Value.ContainsKey(one.Key)))
            .ToDictionary(one => one.Key, one => one.Value, StringComparer.OrdinalIgnoreCase));
        public void Close() { }
        public void Dispose() { }
        public override string ToString() => Name;
    }
}
