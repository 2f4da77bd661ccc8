import { xmlElement } from '../../base/xml-text.ts';

export interface PlannedSite {
  readonly name: string;
  readonly bindings: readonly PlannedBinding[];
}

export interface PlannedBinding {
  readonly protocol: string;
  /** `ip:port:host`. */
  readonly information: string;
  readonly sslFlags: number;
}

/** An `applicationHost.config` as IIS 10 keeps it, reduced to what has to do with sites. */
export function formatApplicationHost(sites: readonly PlannedSite[]): string {
  const written = sites.map((site, at) => siteText(site, at + 1)).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- Configuration of a CertRebind lab server. Edit it only while the lab is not served. -->
<configuration>
  <configSections>
    <sectionGroup name="system.applicationHost">
      <section name="applicationPools" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
      <section name="customMetadata" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
      <section name="sites" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
    </sectionGroup>
  </configSections>
  <system.applicationHost>
    <applicationPools>
      <add name="DefaultAppPool" managedRuntimeVersion="v4.0" />
      <applicationPoolDefaults managedRuntimeVersion="v4.0">
        <processModel identityType="ApplicationPoolIdentity" />
      </applicationPoolDefaults>
    </applicationPools>
    <customMetadata />
    <sites>
${written}
      <siteDefaults>
        <logFile logFormat="W3C" directory="%SystemDrive%\\inetpub\\logs\\LogFiles" />
      </siteDefaults>
      <applicationDefaults applicationPool="DefaultAppPool" />
    </sites>
  </system.applicationHost>
</configuration>
`;
}

function siteText({ name, bindings }: PlannedSite, id: number): string {
  const folder = `%SystemDrive%\\inetpub\\sites\\${id}`;
  return `      ${xmlElement(
    'site',
    { name, id: `${id}` },
    `
        <application path="/">
          ${xmlElement('virtualDirectory', { path: '/', physicalPath: folder })}
        </application>
        <bindings>
${bindings.map((binding) => `          ${bindingText(binding)}`).join('\n')}
        </bindings>
      `,
  )}`;
}

/** `sslFlags` is written for https only, as IIS does. */
function bindingText({ protocol, information, sslFlags }: PlannedBinding): string {
  return xmlElement('binding', {
    protocol,
    bindingInformation: information,
    sslFlags: protocol === 'https' ? `${sslFlags}` : null,
  });
}
