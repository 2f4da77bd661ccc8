import { parseApplicationHost } from './application-host.ts';
import { sha256Hex } from './canonical-json.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { certificatesInFile } from './certificate-files.ts';
import { CertRebindError } from './errors.ts';
import { decodeHttpSysTables } from './http-sys-tables.ts';
import { parseNetshText } from './netsh-text.ts';
import { parseRegistryExport } from './registry-export.ts';
import { type Snapshot, type Unreadable, unreadableIn } from './snapshot.ts';
import { decodeAs, sniffEncoding } from './text-encoding.ts';
import type { TlsRecord } from './tls-record.ts';
import { unknownParts } from './unknown-parts.ts';

/** A file that was brought here from a server, and the name to call it by. */
export interface BroughtFile {
  readonly where: string;
  readonly bytes: Uint8Array;
}

/** What Windows' own tools export on a server without this program. */
export interface BroughtFiles {
  /** When it was put together: the time that a plan of it looks at. */
  readonly at: string;
  readonly configuration: BroughtFile;
  /** `reg export` of the parameters of HTTP.SYS. */
  readonly registry: BroughtFile | null;
  /** `netsh http show sslcert`, when there is no registry export. */
  readonly netsh: BroughtFile | null;
  readonly certificates: readonly BroughtFile[];
}

/**
 * A snapshot of what was brought. What the files do not tell is unknown and named in `notLookedAt`, never assumed.
 * @throws CertRebindError `bad-xml`, `bad-input` for a file that cannot be read at all
 */
export function importSnapshot({ at, configuration, registry, netsh, certificates }: BroughtFiles): Snapshot {
  const host = parseApplicationHost(configuration.bytes, configuration.where);
  const tables =
    registry !== null
      ? decodeHttpSysTables(parseRegistryExport(registry.bytes, registry.where))
      : netsh !== null
        ? parseNetshText(textOf(netsh), netsh.where)
        : { records: [], unreadable: [] };
  const found = readCertificates(certificates, tables.records);
  return {
    schema: 'certrebind/snapshot/1',
    takenAt: at,
    server: {
      id: `import-${sha256Hex(Buffer.from(configuration.bytes).toString('base64')).slice(0, 32)}`,
      name: 'imported server',
      kind: 'replay',
      iis: '',
      osBuild: 0,
    },
    account: 'unknown',
    sources: [
      { part: 'sites', from: configuration.where },
      ...[registry ?? netsh].flatMap((file) => (file === null ? [] : [{ part: 'records', from: file.where }])),
      ...(certificates.length === 0 ? [] : [{ part: 'certificates', from: `${certificates.length} files` }]),
    ],
    webService: 'unknown',
    webAdministration: 'unknown',
    listenOnly: [],
    sites: host.sites,
    records: tables.records,
    unreadable: [
      ...unreadableIn('sites', host.unreadable),
      ...unreadableIn('records', tables.unreadable),
      ...unreadableIn('certificates', found.unreadable),
    ],
    certificates: found.certificates,
    ftps: host.ftps,
    legacySslMetadata: host.legacyMetadata5506,
    others: [],
    notLookedAt: unknownParts('not-given', [
      ...(registry === null && netsh === null ? (['records'] as const) : []),
      ...(registry === null && netsh !== null ? (['options of the TLS records'] as const) : []),
      ...(certificates.length === 0 ? (['certificates'] as const) : []),
      'keys',
      'renewal properties',
      'site states',
      'tasks',
      'lifecycle',
      'netsh',
      'others',
    ]),
    tasks: [],
    lifecycle: { enabled: null, oldestRecordId: null, lastRecordId: null, events: [] },
    netsh: { update: null, options: null },
  };
}

/** A certificate lies in the stores that records name for it, and in `My` when none does. */
function readCertificates(
  files: readonly BroughtFile[],
  records: readonly TlsRecord[],
): { readonly certificates: readonly Certificate[]; readonly unreadable: readonly Unreadable[] } {
  const stores = new Map<string, Set<string>>();
  for (const { thumbprint, store } of records) {
    if (thumbprint !== null) stores.set(thumbprint, (stores.get(thumbprint) ?? new Set()).add(store));
  }
  const found = new Map<string, Certificate>();
  const unreadable: Unreadable[] = [];
  const unknown = { key: 'unknown', archived: false, renewedTo: null, friendlyName: null } as const;
  for (const { where, bytes } of files) {
    const inFile = certificatesInFile(bytes);
    if (inFile.length === 0) unreadable.push({ where, text: '', why: 'no certificate in DER, PEM or PKCS #7' });
    for (const der of inFile) {
      const certificate = parseCertificate(der, { store: 'My', ...unknown });
      found.set(certificate.thumbprint, certificate);
    }
  }
  // Chains come along in exported files, and no endpoint serves an authority's certificate as its own.
  const issuers = new Set([...found.values()].filter((one) => one.issuer !== one.subject).map(({ issuer }) => issuer));
  const certificates = [...found.values()].filter((one) => stores.has(one.thumbprint) || !issuers.has(one.subject));
  return {
    certificates: certificates.flatMap((certificate) =>
      [...(stores.get(certificate.thumbprint) ?? ['My'])].map((store) => ({ ...certificate, store })),
    ),
    unreadable,
  };
}

/** The output of a program in a Windows console is text of its code page, of PowerShell UTF-16. */
function textOf({ bytes, where }: BroughtFile): string {
  const encoding = sniffEncoding(bytes);
  const text =
    encoding === null ? (decodeAs('utf-8', bytes) ?? decodeAs('windows-1252', bytes)) : decodeAs(encoding, bytes);
  if (text === null) throw new CertRebindError('bad-input', { message: `${where} is no text.`, where });
  return text;
}
