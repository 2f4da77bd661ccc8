import { type Certificate, parseCertificate, unknownStore } from '../certificates/certificate.ts';
import { certificatesInFile } from '../certificates/certificate-files.ts';
import { tlsHolder } from '../holders/holder.ts';
import { parseApplicationHost } from '../holders/iis/application-host.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { decodeHttpSysTables, isHttpParameters, keysInForce } from '../holders/tls/http-sys-tables.ts';
import { isEmptyNetshList, parseNetshText } from '../holders/tls/netsh-text.ts';
import { type Unreadable, unknownParts, unreadableIn } from '../holders/unknown-parts.ts';
import { sha256Hex } from '../text/canonical-json.ts';
import { CertRebindError } from '../text/errors.ts';
import { decodeText } from '../text/text-encoding.ts';
import { parseRegistryExport } from '../windows/registry-export.ts';

/** A file that was copied from a server, and the name to show for it. */
export interface BroughtFile {
  readonly where: string;
  readonly bytes: Uint8Array;
}

/** What Windows' own tools export on a server where this program is not installed. */
export interface BroughtFiles {
  /** When the export was made: the time that a plan for it uses. */
  readonly at: string;
  readonly configuration: BroughtFile;
  /** `reg export` of the parameters of HTTP.SYS. */
  readonly registry: BroughtFile | null;
  /** `netsh http show sslcert`, when there is no registry export. */
  readonly netsh: BroughtFile | null;
  readonly certificates: readonly BroughtFile[];
}

/**
 * A snapshot from the given files. What the files do not contain is unknown and named in `notLookedAt`, never assumed.
 * @throws CertRebindError `bad-xml`, `bad-input` for a file that cannot be read at all
 */
export function importSnapshot({ at, configuration, registry, netsh, certificates }: BroughtFiles): Snapshot {
  const host = parseApplicationHost(configuration.bytes, configuration.where);
  const tables =
    registry !== null ? tablesOf(registry) : netsh !== null ? recordsOf(netsh) : { records: [], unreadable: [] };
  const found = readCertificates(certificates, [...tables.records, ...host.holders.map(({ value }) => value)]);
  return {
    schema: 'certrebind/snapshot/2',
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
    scheduleService: 'unknown',
    webAdministration: 'unknown',
    listenOnly: [],
    sites: host.sites,
    holders: [...tables.records.map(tlsHolder), ...host.holders],
    unreadable: [
      ...unreadableIn('sites', host.unreadable),
      ...unreadableIn('records', tables.unreadable),
      ...unreadableIn('certificates', found.unreadable),
    ],
    certificates: found.certificates,
    legacySslMetadata: host.legacyMetadata5506,
    notLookedAt: unknownParts('not-given', [
      ...(registry === null && netsh === null ? (['records'] as const) : []),
      ...(registry === null && netsh !== null ? (['options of the TLS records'] as const) : []),
      // A folder shows what is in it, but not what somebody left out.
      certificates.length === 0 ? ('certificates' as const) : ('other certificates' as const),
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

/** Otherwise an export of another key would look like a server without TLS records. */
function tablesOf({ bytes, where }: BroughtFile) {
  const keys = parseRegistryExport(bytes, where);
  if (keys.some(({ path }) => isHttpParameters(path))) {
    const inForce = keysInForce(keys);
    if (typeof inForce !== 'string') return decodeHttpSysTables(inForce);
    throw new CertRebindError('bad-input', {
      message: `${where} does not contain the active control set. ${inForce}`,
      where,
      hint: 'Export HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters, or add HKLM\\SYSTEM\\Select to the same file.',
    });
  }
  throw new CertRebindError('bad-input', {
    message: `${where} does not contain a registry key of HTTP.SYS.`,
    where,
    hint: 'Make it with: reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters http.reg',
  });
}

/** @throws CertRebindError `bad-input` for a text that netsh did not write */
function recordsOf(netsh: BroughtFile) {
  const text = textOf(netsh);
  const found = parseNetshText(text, netsh.where);
  if (found.records.length + found.unreadable.length > 0 || isEmptyNetshList(text)) return found;
  throw new CertRebindError('bad-input', {
    message: `${netsh.where} does not contain the output of netsh http show sslcert.`,
    where: netsh.where,
    hint: 'Make it with: netsh http show sslcert > netsh.txt',
  });
}

/**
 * A certificate is in the stores that records and FTP sites name for it; if none of them names it, its store is not
 * known. A file that cannot be read is named, and the others are used.
 */
function readCertificates(
  files: readonly BroughtFile[],
  users: readonly { readonly thumbprint: string | null; readonly store: string }[],
): { readonly certificates: readonly Certificate[]; readonly unreadable: readonly Unreadable[] } {
  const stores = new Map<string, Set<string>>();
  for (const { thumbprint, store } of users) {
    if (thumbprint !== null) add(stores, thumbprint, store);
  }
  const found = new Map<string, Certificate>();
  const unreadable: Unreadable[] = [];
  const unknown = { key: 'unknown', archived: false, renewedTo: null, friendlyName: null } as const;
  for (const { where, bytes } of files) {
    const inFile = certificatesInFile(bytes);
    if (inFile.length === 0) unreadable.push({ where, text: '', why: 'no certificate in DER, PEM or PKCS #7' });
    for (const der of inFile) {
      try {
        const certificate = parseCertificate(der, { store: unknownStore, ...unknown });
        found.set(certificate.thumbprint, certificate);
      } catch (thrown) {
        if (!(thrown instanceof CertRebindError)) throw thrown;
        unreadable.push({ where, text: '', why: 'a certificate in it cannot be read' });
      }
    }
  }
  // Exported files often include chains, and no endpoint serves an authority's certificate as its own.
  const issuers = new Set([...found.values()].filter((one) => one.issuer !== one.subject).map(({ issuer }) => issuer));
  const certificates = [...found.values()].filter((one) => stores.has(one.thumbprint) || !issuers.has(one.subject));
  return {
    certificates: certificates.flatMap((certificate) =>
      [...(stores.get(certificate.thumbprint) ?? [unknownStore])].map((store) => ({ ...certificate, store })),
    ),
    unreadable,
  };
}

function add(stores: Map<string, Set<string>>, thumbprint: string, store: string): void {
  // Store names are compared without regard to case.
  const known = stores.get(thumbprint) ?? new Set();
  if (![...known].some((name) => name.toLowerCase() === store.toLowerCase())) known.add(store);
  stores.set(thumbprint, known);
}

/** The output of a program in a Windows console is text of its code page, of PowerShell UTF-16. */
function textOf({ bytes, where }: BroughtFile): string {
  const text = decodeText(bytes);
  if (text === null) throw new CertRebindError('bad-input', { message: `${where} is not a text file.`, where });
  return text;
}
