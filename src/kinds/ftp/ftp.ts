import { powerShellText } from '../../base/safe-text.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { type Binding, isFtp, type Site } from '../iis/binding.ts';
import { type ClientEndpoint, type MovableKindRules, ordinary, type Standing } from '../kind-rules.ts';
import { holderKey, type KeyText, nameInKey } from '../record-key.ts';

/** An FTP site's certificate, or the defaults' (`site: null`), which needs no restart (fidelity: ftp-site-store, ftp-takes-effect). */
export interface FtpsSetting {
  readonly site: string | null;
  readonly thumbprint: Thumbprint;
  readonly store: string;
}

/** The certificates of IIS FTP sites, and the one that sites without their own take from the defaults. */
export const ftpRules: MovableKindRules<'ftp', FtpsSetting> = {
  ...ordinary,
  plural: 'FTP sites',
  inIisConfiguration: true,
  stores: null,
  anonymised: ({ site }, names) => ({ site: site === null ? null : names.site(site) }),
  anonymisedName: (site, names) => (site === '*' ? site : names.site(site)),
  user: (site) => (site === '*' ? 'FTP site defaults' : `FTP ${site}`),
  owner: ({ site }) => (site === null ? 'The defaults of FTP sites' : `The FTP site ${site}`),
  differences: (wanted, found) => (wanted.site === found.site ? [] : ['site']),
  withCertificate: (setting, thumbprint, store) => ({ ...setting, thumbprint, store: normaliseStore(store) }),
  endpoints(holders, sites) {
    const own = new Map(holders.map(({ value: { site } }) => [lowered(site), [] as Site[]]));
    // A site without its own setting takes that of the defaults.
    for (const site of sites) (own.get(lowered(site.name)) ?? own.get(null))?.push(site);
    return ({ value }) =>
      (own.get(lowered(value.site)) ?? []).flatMap(({ name, state, bindings }) =>
        bindings.flatMap((binding) => endpointOf(binding).map((found) => ({ ...found, site: name, state }))),
      );
  },
};

export function ftpHolder(setting: FtpsSetting): Standing<'ftp', FtpsSetting> {
  return { kind: 'ftp', key: ftpKey(setting.site), value: setting };
}

/**
 * `ftp/Shop`, and `ftp/*` for the defaults. Neither can be the key of a certificate binding, because no host contains a slash,
 * and the second cannot name a site, because IIS allows no star in names.
 */
export function ftpKey(site: string | null): KeyText {
  return holderKey('ftp', site ?? '*');
}

/** `null` for the defaults. */
export function siteOfFtp(key: KeyText): string | null {
  const site = nameInKey(key);
  return site === '*' ? null : site;
}

/** IIS begins with TLS at once at this port and at no other (fidelity: ftp-implicit-port). */
export const implicitFtpPort = 990;

/** For a person: an FTP site, or the defaults, gets this certificate, in the PowerShell of IIS. */
export function ftpCommand(key: KeyText, thumbprint: Thumbprint): string {
  const site = siteOfFtp(key);
  const owner = site === null ? 'siteDefaults' : `site[@name="${site}"]`;
  const filter = powerShellText(`/system.applicationHost/sites/${owner}/ftpServer/security/ssl`);
  return `Set-WebConfigurationProperty -PSPath MACHINE/WEBROOT/APPHOST -Filter ${filter} -Name serverCertHash -Value ${thumbprint}`;
}

function lowered(site: string | null): string | null {
  return site?.toLowerCase() ?? null;
}

function endpointOf({ protocol, parts }: Binding): readonly Pick<ClientEndpoint, 'endpoint' | 'host'>[] {
  if (!isFtp(protocol) || parts === null) return [];
  const { address, port, host } = parts;
  const endpoint = { address: address === '*' ? '0.0.0.0' : address, port, serverName: host === '' ? null : host };
  return [{ endpoint: port === implicitFtpPort ? endpoint : { ...endpoint, startTls: 'ftp' }, host }];
}
