using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertRebindLab
{
    /// <summary>Sources of the Application log; in labs made earlier those that entries came from.</summary>
    public static class EventSources
    {
        public static IEnumerable<string> In(ServerState state) =>
            (state.ApplicationLog.TryGetProperty("sources", out var sources)
                ? sources.EnumerateArray().Select(source => source.GetString())
                : state.ApplicationLog.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("source").GetString()))
            .Distinct(StringComparer.OrdinalIgnoreCase);

        public static void Add(string source) => Pipe.Ask(new JsonObject { ["kind"] = "add-log-source", ["source"] = source });
        public static void Remove(string source) => Pipe.Ask(new JsonObject { ["kind"] = "remove-log-source", ["source"] = source });
    }
}
