using System;
using System.Collections.Generic;
using System.Linq;

namespace CertRebindLab
{
    /// <summary>Sources of the Application log: those that entries came from, and those registered in this session.</summary>
    public static class EventSources
    {
        private static readonly HashSet<string> registered = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

        public static IEnumerable<string> In(ServerState state) => state.ApplicationLog.GetProperty("entries").EnumerateArray()
            .Select(entry => entry.GetProperty("source").GetString())
            .Concat(registered)
            .Distinct(StringComparer.OrdinalIgnoreCase);

        public static void Add(string source) => registered.Add(source);
    }
}
