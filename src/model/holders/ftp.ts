import type { Binding, FtpsSetting, Site } from '../binding.ts';
import type { KeyText } from '../record-key.ts';
import type { Snapshot } from '../snapshot.ts';
import { normaliseStore } from '../tls-record.ts';
import type { MovableKindRules, Standing, StandingPlace } from './kind-rules.ts';

/** The certificates of IIS FTP sites, and the one that sites without their own take from the defaults. */
export const ftpRules: MovableKindRules<'ftp', FtpsSetting> = {
  prefix: 'ftp/',
  plural: 'FTP sites',
  part: 'ftps',
  differences: (wanted, found) => (wanted.site === found.site ? [] : ['site']),
  withCertificate: (setting, thumbprint, store) => ({ ...setting, thumbprint, store: normaliseStore(store) }),
  standing: ({ ftps, sites }) => ftps.map((setting) => standingSetting(setting, ftps, sites)),
};

/**
 * `ftp/Shop`, and `ftp/*` for the defaults. Neither is the key of a TLS record, since no host has a slash, nor is the
 * second the name of a site, since IIS takes no star in one.
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

function standingSetting(
  setting: FtpsSetting,
  all: Snapshot['ftps'],
  sites: readonly Site[],
): Standing<'ftp', FtpsSetting> {
  const own = new Set(all.flatMap(({ site }) => site?.toLowerCase() ?? []));
  const isOf = ({ name }: Site) =>
    setting.site === null ? !own.has(name.toLowerCase()) : name.toLowerCase() === setting.site.toLowerCase();
  return {
    holder: { kind: 'ftp', key: ftpKey(setting.site), value: setting },
    consumer: { kind: 'ftps', site: setting.site },
    places: sites
      .filter(isOf)
      .flatMap(({ name, state, bindings }) =>
        bindings.flatMap((binding) => placeOf(binding).map((place) => ({ ...place, site: name, state }))),
      ),
  };
}

function placeOf({ protocol, parts }: Binding): readonly Pick<StandingPlace, 'endpoint' | 'host'>[] {
  if (protocol.trim().toLowerCase() !== 'ftp' || parts === null) return [];
  const { address, port, host } = parts;
  const endpoint = { address: address === '*' ? '0.0.0.0' : address, port, serverName: host === '' ? null : host };
  return [{ endpoint: port === implicitFtpPort ? endpoint : { ...endpoint, startTls: 'ftp' }, host }];
}
