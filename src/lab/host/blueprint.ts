import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import { type KeyText, toRecordKey } from '../../kinds/record-key.ts';
import type { RecordFields } from '../kernel/http-sys.ts';
import { checkBits, flagBits } from '../kernel/netsh-options.ts';
import type { PlannedBinding, PlannedSite } from './application-host-text.ts';
import type { KeyType } from './keys.ts';

/** A certificate to be issued for a new lab; records name it by its index in the list. */
export interface PlannedCertificate {
  readonly names: readonly string[];
  readonly store: 'My' | 'WebHosting';
  readonly keyType: KeyType;
  readonly friendlyName: string;
}

export interface PlannedRecord {
  /** Key text. */
  readonly key: string;
  /** Place in the list of certificates; `null` for a record of the central store. */
  readonly certificate: number | null;
  /** The product that the record belongs to, when it is not IIS. */
  readonly appId?: string;
  readonly options?: Partial<Pick<RecordFields, 'flags' | 'checkMode' | 'freshnessSeconds' | 'urlTimeoutMs'>>;
}

/** The certificate of an FTP site, or of the defaults. */
export interface PlannedFtp {
  readonly site: string | null;
  /** Place in the list of certificates. */
  readonly certificate: number;
}

export interface Blueprint {
  readonly sites: readonly PlannedSite[];
  readonly stoppedSites: readonly string[];
  readonly certificates: readonly PlannedCertificate[];
  readonly records: readonly PlannedRecord[];
  readonly ftps: readonly PlannedFtp[];
  /** Host names of files in the central store. */
  readonly centralHosts: readonly string[];
}

const otherProduct = '{5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10}';
const shop = 0;
const partners = 1;
const firstHosted = 2;

/**
 * A small server with every relation between bindings and records. Most of them use the first certificate, and its
 * first name is used by one SNI binding only, where none of its other names would do.
 */
export function sampleServer(sites: number): Blueprint {
  const base = sampleBase();
  const missing = sites - base.sites.length;
  return missing > 0 ? withHostedSites(base, missing) : base;
}

function sampleBase(): Blueprint {
  return {
    certificates: [
      {
        names: [
          'shop.example.com',
          'www.example.net',
          'portal.example.net',
          'intranet.example.net',
          'wiki.example.net',
          'admin.example.net',
          'pay.example.net',
          '*.apps.example.com',
        ],
        store: 'My',
        keyType: 'rsa',
        friendlyName: 'Example web sites',
      },
      {
        names: ['api.example.org', 'partners.example.org'],
        store: 'WebHosting',
        keyType: 'ec',
        friendlyName: 'Example partners',
      },
    ],
    sites: [
      { name: 'Default Web Site', bindings: [http('*:80:'), https('*:443:')] },
      { name: 'Intranet', bindings: [https('*:443:intranet.example.net')] },
      { name: 'Wiki', bindings: [https('*:443:wiki.example.net')] },
      { name: 'Shop', bindings: [http('*:80:shop.example.com'), sni('*:443:shop.example.com'), https('*:8443:')] },
      { name: 'Public Web', bindings: [http('*:80:www.example.net'), sni('*:443:www.example.net')] },
      { name: 'Portal', bindings: [sni('*:443:portal.example.net'), sni('*:9443:admin.example.net')] },
      { name: 'Partner API', bindings: [sni('*:443:api.example.org')] },
      { name: 'Apps', bindings: [sni('*:443:*.apps.example.com')] },
      { name: 'Payments', bindings: [https('192.0.2.10:443:pay.example.net')] },
      { name: 'Version 6', bindings: [https('[2001:db8::20]:443:')] },
      { name: 'Old Shop', bindings: [https('*:8444:')] },
      { name: 'Central', bindings: [{ ...https('*:8445:central.example.com'), sslFlags: 3 }] },
    ],
    stoppedSites: ['Old Shop'],
    records: [
      { key: '0.0.0.0:443', certificate: shop },
      { key: 'shop.example.com:443', certificate: shop },
      { key: 'www.example.net:443', certificate: shop, options: { flags: flagBits.disableLegacyTls } },
      {
        key: 'portal.example.net:443',
        certificate: shop,
        options: {
          flags: flagBits.negotiateClientCertificate | flagBits.dsMapper,
          checkMode: checkBits.cachedOnly | checkBits.useFreshness,
          freshnessSeconds: 3600,
          urlTimeoutMs: 15_000,
        },
      },
      { key: 'admin.example.net:9443', certificate: shop },
      { key: 'api.example.org:443', certificate: partners },
      { key: '*.apps.example.com:443', certificate: shop },
      { key: '192.0.2.10:443', certificate: shop },
      { key: '[2001:db8::20]:443', certificate: shop },
      { key: '0.0.0.0:8443', certificate: partners },
      { key: '0.0.0.0:8444', certificate: shop },
      { key: '(central-store):8445', certificate: null },
      { key: '0.0.0.0:10443', certificate: shop, appId: otherProduct },
    ],
    ftps: [],
    centralHosts: ['central.example.com'],
  };
}

/**
 * The same server with FTP sites: one with its own certificate, one named by host, one that uses the defaults'
 * certificate.
 */
export function withFtpSites(base: Blueprint): Blueprint {
  return {
    ...base,
    sites: [
      ...base.sites,
      { name: 'Files', bindings: [ftp('*:21:'), ftp('*:990:')] },
      { name: 'Partner Files', bindings: [ftp('*:2121:portal.example.net')] },
      { name: 'Uploads', bindings: [ftp('*:2122:')] },
    ],
    ftps: [
      { site: null, certificate: shop },
      { site: 'Files', certificate: shop },
      { site: 'Partner Files', certificate: shop },
    ],
  };
}

/** How many certificates the sites that only make the server large share among them, beside the first. */
const hostedCertificates = 8;

/** Three quarters of the further sites use the first certificate, so that it stays the one bound most widely. */
function withHostedSites(base: Blueprint, count: number): Blueprint {
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const certificateOf = (number: number): number =>
    number % 4 === 0 ? firstHosted + ((number / 4) % hostedCertificates) : shop;
  const hostOf = (number: number): string =>
    `site-${`${number}`.padStart(5, '0')}.hosted-${certificateOf(number)}.example.com`;
  const first = base.certificates.map((certificate, at) =>
    at === shop ? { ...certificate, names: [...certificate.names, `*.hosted-${shop}.example.com`] } : certificate,
  );
  const hosted = Array.from(
    { length: hostedCertificates },
    (_, at): PlannedCertificate => ({
      names: [`*.hosted-${firstHosted + at}.example.com`],
      store: 'WebHosting',
      keyType: 'rsa',
      friendlyName: `Hosted sites ${at + 1}`,
    }),
  );
  return {
    ...base,
    certificates: [...first, ...hosted],
    sites: [
      ...base.sites,
      ...numbers.map((number) => ({ name: `Site ${number}`, bindings: [sni(`*:443:${hostOf(number)}`)] })),
    ],
    records: [
      ...base.records,
      ...numbers.map((number) => ({ key: `${hostOf(number)}:443`, certificate: certificateOf(number) })),
    ],
  };
}

function http(information: string): PlannedBinding {
  return { protocol: 'http', information, sslFlags: 0 };
}

function https(information: string): PlannedBinding {
  return { protocol: 'https', information, sslFlags: 0 };
}

function ftp(information: string): PlannedBinding {
  return { protocol: 'ftp', information, sslFlags: 0 };
}

function sni(information: string): PlannedBinding {
  return { protocol: 'https', information, sslFlags: 1 };
}

/** Public authorities take about as many names in one certificate. */
const namesInOne = 100;

/**
 * Records and certificates that fit an existing configuration: a record for every https binding, and certificates that
 * cover the hosts of their records. Records without a host get the first certificate.
 * @throws CertRebindError `bad-xml`, `bad-input` as `parseApplicationHost`
 */
export function recordsFor(
  applicationHost: string,
  where: string,
): {
  readonly sites: number;
  readonly certificates: readonly PlannedCertificate[];
  readonly records: readonly PlannedRecord[];
  readonly centralHosts: readonly string[];
} {
  const { sites } = parseApplicationHost(applicationHost, where);
  const hosts = new Map<KeyText, Set<string>>();
  for (const { recordKey, parts } of sites.flatMap((site) => site.bindings)) {
    if (recordKey === null) continue;
    const known = hosts.get(recordKey) ?? new Set<string>();
    if (parts !== null && parts.host !== '') known.add(parts.host);
    hosts.set(recordKey, known);
  }
  const keys = [...hosts.keys()];
  const isCentral = (key: KeyText): boolean => toRecordKey(key)?.table === 'ccs';
  const groups: Set<string>[] = [];
  const records = keys.map((key): PlannedRecord => {
    if (isCentral(key)) return { key, certificate: null };
    const wanted = [...(hosts.get(key) ?? [])];
    if (wanted.length === 0) return { key, certificate: 0 };
    const last = groups.at(-1);
    const group = last === undefined || last.size + wanted.length > namesInOne ? new Set<string>() : last;
    if (group !== last) groups.push(group);
    for (const host of wanted) group.add(host);
    return { key, certificate: groups.length - 1 };
  });
  const names = groups.length === 0 ? [['lab.example.com']] : groups.map((group) => [...group]);
  return {
    sites: sites.length,
    certificates: names.map((group, at) => ({
      names: group,
      store: 'My',
      keyType: 'rsa',
      friendlyName: `Lab certificate ${at + 1}`,
    })),
    records,
    centralHosts: keys.filter(isCentral).flatMap((key) => [...(hosts.get(key) ?? [])]),
  };
}
