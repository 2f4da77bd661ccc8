using System;
using System.Linq;
using System.Management.Automation;
using Microsoft.IIs.PowerShell.Framework;

namespace Microsoft.IIs.PowerShell.Provider
{
    [Cmdlet(VerbsCommon.Get, "Website")]
    public sealed class GetWebsiteCommand : PSCmdlet
    {
        [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
        public string Name { get; set; }

        protected override void ProcessRecord()
        {
            var matches = Wildcard.On(Name);
            foreach (var site in Sites.WithStates().All().Where(site => matches(site.name))) WriteObject(Typed.As(site, "site"));
        }
    }

    /// <summary>Every filter takes wildcards, also where "*" was meant as the address.</summary>
    [Cmdlet(VerbsCommon.Get, "WebBinding")]
    public sealed class GetWebBindingCommand : PSCmdlet
    {
        [Parameter(Position = 0, ValueFromPipelineByPropertyName = true), ValidateNotNull]
        public string Name { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string Protocol { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string Port { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string IPAddress { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string HostHeader { get; set; }

        protected override void ProcessRecord()
        {
            var protocol = Wildcard.On(Protocol);
            var part = new[] { Wildcard.On(IPAddress), Wildcard.On(Port), Wildcard.On(HostHeader) };
            foreach (var binding in Sites.WithRecords().Bindings(Wildcard.On(Name)))
            {
                if (!protocol(binding.protocol)) continue;
                var parts = Split(binding.bindingInformation);
                if (!part.Zip(parts, (matches, text) => matches(text)).All(matched => matched)) continue;
                WriteObject(Typed.As(binding, "bindings#binding"));
            }
        }

        private static string[] Split(string information)
        {
            var host = information.LastIndexOf(':');
            var port = host < 1 ? -1 : information.LastIndexOf(':', host - 1);
            return port < 0
                ? new[] { "", "", information }
                : new[] { information.Substring(0, port), information.Substring(port + 1, host - port - 1), information.Substring(host + 1) };
        }
    }

    internal static class Wildcard
    {
        public static Func<string, bool> On(string filter)
        {
            if (string.IsNullOrEmpty(filter)) return _ => true;
            var pattern = new WildcardPattern(filter, WildcardOptions.IgnoreCase);
            return text => pattern.IsMatch(text);
        }
    }

    internal static class Typed
    {
        /// <summary>With the type name that views and messages use.</summary>
        public static PSObject As(ConfigurationElement element, string tag)
        {
            var item = new PSObject(element);
            item.TypeNames.Insert(0, "Microsoft.IIs.PowerShell.Framework.ConfigurationElement#" + tag);
            return item;
        }
    }
}
