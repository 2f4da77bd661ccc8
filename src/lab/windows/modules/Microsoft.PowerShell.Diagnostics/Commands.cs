using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Security;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using CertRebindLab;

// The namespace is part of the error ids that scripts look at.
namespace Microsoft.PowerShell.Commands
{
    /// <summary>Get-WinEvent over the lab's lifecycle log and its Application log.</summary>
    [Cmdlet(VerbsCommon.Get, "WinEvent", DefaultParameterSetName = "GetLogSet")]
    public sealed class GetWinEventCommand : PSCmdlet
    {
        [Parameter(Position = 0, ParameterSetName = "GetLogSet", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public string[] LogName { get; set; }

        [Parameter(ParameterSetName = "ListLogSet", Mandatory = true), AllowEmptyCollection]
        public string[] ListLog { get; set; }

        [Parameter]
        public long MaxEvents { get; set; } = -1;

        [Parameter]
        public SwitchParameter Oldest { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        [Parameter] public string ComputerName { get; set; }
        [Parameter] public PSCredential Credential { get; set; }
        [Parameter] public Hashtable[] FilterHashtable { get; set; }
        [Parameter] public string FilterXPath { get; set; }
        [Parameter] public System.Xml.XmlDocument FilterXml { get; set; }
        [Parameter] public string[] ListProvider { get; set; }
        [Parameter] public string[] Path { get; set; }
        [Parameter] public string[] ProviderName { get; set; }

        private static readonly string[] modelled = { "LogName", "ListLog", "MaxEvents", "Oldest", "Force" };

        protected override void ProcessRecord()
        {
            foreach (var name in MyInvocation.BoundParameters.Keys)
            {
                if (!modelled.Contains(name) && !CommonParameters.Contains(name))
                {
                    throw new NotImplementedException($"Lab: Get-WinEvent -{name} is not modelled.");
                }
            }
            var state = ServerState.Read("name", "lifecycle", "applicationLog");
            if (ListLog != null)
            {
                foreach (var name in ListLog)
                {
                    var log = EventLogs.Find(state, name);
                    if (log == null) WriteNoLog(name); else WriteObject(log);
                }
                return;
            }
            if (LogName == null) throw new NotImplementedException("Lab: Get-WinEvent without -LogName is not modelled.");
            foreach (var name in LogName)
            {
                if (EventLogs.Find(state, name) == null)
                {
                    WriteNoLog(name);
                    continue;
                }
                var events = EventLogs.Events(state, name).ToList();
                if (!Oldest) events.Reverse();
                if (MaxEvents > 0) events = events.Take((int)Math.Min(MaxEvents, int.MaxValue)).ToList();
                if (events.Count == 0)
                {
                    WriteError(new ErrorRecord(
                        new Exception("No events were found that match the specified selection criteria."),
                        "NoMatchingEventsFound", ErrorCategory.ObjectNotFound, null));
                }
                WriteObject(events, true);
            }
        }

        private void WriteNoLog(string name) => WriteError(new ErrorRecord(
            new Exception($"There is not an event log on the localhost computer that matches \"{name}\"."),
            "NoMatchingLogsFound", ErrorCategory.ObjectNotFound, null));
    }
}

namespace CertRebindLab
{
    public static class EventLogs
    {
        public const string Lifecycle = "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational";

        public static EventLogState Find(ServerState state, string name)
        {
            if (Is(name, Lifecycle))
            {
                return new EventLogState(Lifecycle, state.Lifecycle.GetProperty("enabled").GetBoolean(), Numbers(state.Lifecycle, "events"));
            }
            return Is(name, "Application")
                ? new EventLogState("Application", true, Numbers(state.ApplicationLog, "entries"))
                : null;
        }

        /// <summary>Oldest first.</summary>
        public static IEnumerable<EventLogEntry> Events(ServerState state, string name) => Is(name, Lifecycle)
            ? state.Lifecycle.GetProperty("events").EnumerateArray().Select(entry => new EventLogEntry(entry.GetProperty("xml").GetString()))
            : state.ApplicationLog.GetProperty("entries").EnumerateArray().Select(entry => new EventLogEntry(XmlOf(entry, state.Name)));

        private static bool Is(string name, string log) => string.Equals(name, log, StringComparison.OrdinalIgnoreCase);

        private static List<long> Numbers(JsonElement log, string list) =>
            log.GetProperty(list).EnumerateArray().Select(entry => entry.GetProperty("recordId").GetInt64()).ToList();

        private static string XmlOf(JsonElement entry, string computer)
        {
            XNamespace ns = "http://schemas.microsoft.com/win/2004/08/events/event";
            var level = entry.GetProperty("level").GetString() switch { "error" => 2, "warning" => 3, _ => 4 };
            return new XElement(ns + "Event",
                new XElement(ns + "System",
                    new XElement(ns + "Provider", new XAttribute("Name", entry.GetProperty("source").GetString())),
                    new XElement(ns + "EventID", new XAttribute("Qualifiers", 0), entry.GetProperty("eventId").GetInt32()),
                    new XElement(ns + "Level", level),
                    new XElement(ns + "TimeCreated", new XAttribute("SystemTime", entry.GetProperty("timeCreated").GetString())),
                    new XElement(ns + "EventRecordID", entry.GetProperty("recordId").GetInt64()),
                    new XElement(ns + "Channel", "Application"),
                    new XElement(ns + "Computer", computer)),
                new XElement(ns + "EventData", new XElement(ns + "Data", entry.GetProperty("text").GetString())))
                .ToString(SaveOptions.DisableFormatting);
        }
    }

    /// <summary>As EventLogConfiguration, whose real class needs Windows.</summary>
    public sealed class EventLogState
    {
        private readonly bool wasEnabled;

        internal EventLogState(string name, bool enabled, List<long> records)
        {
            LogName = name;
            IsEnabled = wasEnabled = enabled;
            RecordCount = records.Count;
            OldestRecordNumber = records.Count == 0 ? (long?)null : records[0];
        }

        public string LogName { get; }
        public bool IsEnabled { get; set; }
        public long? RecordCount { get; }
        public long? OldestRecordNumber { get; }

        public string SecurityDescriptor => LogName == EventLogs.Lifecycle
            ? Pipe.Ask("read-log-access").GetProperty("text").GetString()
            : throw new NotImplementedException($"Lab: the access descriptor of {LogName} is not modelled.");

        public void SaveChanges()
        {
            if (IsEnabled == wasEnabled) return;
            if (LogName != EventLogs.Lifecycle) throw new NotImplementedException($"Lab: switching {LogName} is not modelled.");
            Pipe.Ask(new JsonObject { ["kind"] = "enable-log", ["enabled"] = IsEnabled });
        }
    }

    /// <summary>As EventLogRecord: the event's XML and what is looked at most.</summary>
    public sealed class EventLogEntry
    {
        private readonly string xml;
        private readonly Lazy<XElement> system;

        internal EventLogEntry(string xml)
        {
            this.xml = xml;
            system = new Lazy<XElement>(() => XElement.Parse(xml).Elements().First(element => element.Name.LocalName == "System"));
        }

        public long? RecordId => long.Parse(Text("EventRecordID"));
        public int Id => int.Parse(Text("EventID"));
        public string ProviderName => (string)Element("Provider").Attribute("Name");
        public string LogName => Text("Channel");
        public string MachineName => Text("Computer");
        public DateTime? TimeCreated => DateTimeOffset.Parse(
            (string)Element("TimeCreated").Attribute("SystemTime"), CultureInfo.InvariantCulture).LocalDateTime;
        public string ToXml() => xml;

        private string Text(string name) => Element(name).Value;

        private XElement Element(string name) => system.Value.Elements().First(element => element.Name.LocalName == name);
    }
}
