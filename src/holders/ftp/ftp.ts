import { normaliseStore } from '../../certificates/store-name.ts';
import { type Binding, type FtpsSetting, isFtp, type Site } from '../iis/binding.ts';
import type { MovableKindRules, Standing, StandingPlace } from '../kind-rules.ts';
import type { KeyText } from '../record-key.ts';

/** The certificates of IIS FTP sites, and the one that sites without their own take from the defaults. */
export const ftpRules: MovableKindRules<'ftp', FtpsSetting> = {
  prefix: 'ftp/',
  plural: 'FTP sites',
  part: 'ftps',
  differences: (wanted, found) => (wanted.site === found.site ? [] : ['site']),
  withCertificate: (setting, thumbprint, store) => ({ ...setting, thumbprint, store: normaliseStore(store) }),
  standing({ ftps, sites }) {
    const own = new Map(ftps.map(({ site }) => [lowered(site), [] as Site[]]));
    // A site without its own setting takes that of the defaults.
    for (const site of sites) (own.get(lowered(site.name)) ?? own.get(null))?.push(site);
    return ftps.map((setting) => standingSetting(setting, own.get(lowered(setting.site)) ?? []));
  },
};

/**
 * `ftp/Shop`, and `ftp/*` for the defaults. Neither can be the key of a TLS record, because no host contains a slash,
 * and the second cannot name a site, because IIS allows no star in names.
 */
export function ftpKey(site: string | null): KeyText {
  return `ftp/${site ?? '*'}` as KeyText;
}

/** The site of a key; `null` for the defaults, `undefined` for a key of another kind. */
export function siteOfFtpKey(key: KeyText): string | null | undefined {
  if (!key.startsWith('ftp/')) return undefined;
  const site = key.slice('ftp/'.length);
  return site === '*' ? null : site;
}

/** IIS begins with TLS at once at this port and at no other (fidelity: ftp-implicit-port). */
export const implicitFtpPort = 990;

/** The setting of a site, compared without regard to case, or of the defaults. */
export function ftpSettingOf(ftps: readonly FtpsSetting[], site: string | null): FtpsSetting | null {
  return ftps.find((setting) => lowered(setting.site) === lowered(site)) ?? null;
}

function standingSetting(setting: FtpsSetting, sites: readonly Site[]): Standing<'ftp', FtpsSetting> {
  return {
    holder: { kind: 'ftp', key: ftpKey(setting.site), value: setting },
    consumer: { kind: 'ftps', site: setting.site },
    places: sites.flatMap(({ name, state, bindings }) =>
      bindings.flatMap((binding) => placeOf(binding).map((place) => ({ ...place, site: name, state }))),
    ),
  };
}

function lowered(site: string | null): string | null {
  return site?.toLowerCase() ?? null;
}

function placeOf({ protocol, parts }: Binding): readonly Pick<StandingPlace, 'endpoint' | 'host'>[] {
  if (!isFtp(protocol) || parts === null) return [];
  const { address, port, host } = parts;
  const endpoint = { address: address === '*' ? '0.0.0.0' : address, port, serverName: host === '' ? null : host };
  return [{ endpoint: port === implicitFtpPort ? endpoint : { ...endpoint, startTls: 'ftp' }, host }];
}
