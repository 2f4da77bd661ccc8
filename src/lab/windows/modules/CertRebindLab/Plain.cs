using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertRebindLab
{
    /// <summary>
    /// JSON as what scripts work with, and back. The cmdlets for it take longer to load than a session of the adapter takes
    /// to read a server.
    /// </summary>
    public static class Plain
    {
        /// <summary>Hashtables, arrays, texts, numbers and truth values.</summary>
        public static object Of(JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    var table = new Hashtable(StringComparer.OrdinalIgnoreCase);
                    foreach (var property in element.EnumerateObject()) table[property.Name] = Of(property.Value);
                    return table;
                case JsonValueKind.Array: return element.EnumerateArray().Select(Of).ToArray();
                case JsonValueKind.String: return element.GetString();
                case JsonValueKind.Number: return element.TryGetInt64(out var whole) ? whole : (object)element.GetDouble();
                case JsonValueKind.Null: return null;
                default: return element.GetBoolean();
            }
        }

        public static JsonObject ToJson(IDictionary table)
        {
            var json = new JsonObject();
            foreach (DictionaryEntry entry in table) json[(string)entry.Key] = Node(entry.Value);
            return json;
        }

        private static JsonNode Node(object value)
        {
            switch (value is PSObject wrapped ? wrapped.BaseObject : value)
            {
                case null: return null;
                case string text: return text;
                case bool truth: return truth;
                case int number: return number;
                case long number: return number;
                case uint number: return number;
                case double number: return number;
                case IDictionary table: return ToJson(table);
                case IEnumerable list: return new JsonArray(list.Cast<object>().Select(Node).ToArray());
                case var other: throw new NotImplementedException($"Lab: a {other.GetType()} in a request is not modelled.");
            }
        }
    }
}
