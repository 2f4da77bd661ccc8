import type { InputFile } from '../../base/document.ts';
import { CertRebindError } from '../../base/errors.ts';
import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import { decodeHttpSysTables, httpParametersPath } from '../../kinds/tls/http-sys-tables.ts';
import { inNoStore, parseCertificate } from '../../model/certificates/certificate.ts';
import { certificatesInFile } from '../../model/certificates/certificate-files.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import { dwordOf, type RegistryKey } from '../../model/windows/raw-value.ts';
import { addCertificate, newCertificate } from '../kernel/certificates.ts';
import type { HttpSysTables, LabState } from '../kernel/lab-state.ts';
import { registryKeys } from '../kernel/snapshot.ts';
import { tablesFrom } from './folder.ts';
import { parseRegistryExport } from './registry-export.ts';

/**
 * The tables of HTTP.SYS in the control set that the server runs with. An export of another key would look like a
 * server without certificate bindings.
 * @throws CertRebindError `bad-input`
 */
export function exportedTables({ bytes, where }: InputFile): HttpSysTables {
  const keys = parseRegistryExport(bytes, where);
  if (!keys.some(({ path }) => controlSet.test(path))) {
    throw new CertRebindError('bad-input', {
      message: `${where} does not contain a registry key of HTTP.SYS.`,
      where,
      hint: 'Make it with: reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters http.reg',
    });
  }
  const inForce = keysInForce(keys);
  if (typeof inForce === 'string') {
    throw new CertRebindError('bad-input', {
      message: `${where} does not contain the active control set. ${inForce}`,
      where,
      hint: 'Export HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters, or add HKLM\\SYSTEM\\Select to the same file.',
    });
  }
  const parameters = /^.*\\Services\\HTTP\\Parameters/i;
  return tablesFrom(
    inForce.map(({ path, values }) => ({ path: path.replace(parameters, httpParametersPath), values })),
  );
}

/**
 * A whole hive shows the control set in force a second time as CurrentControlSet; a hive that was loaded from a file only
 * has numbered ones, and its key Select says which one is in use (fidelity: control-sets).
 * @returns what is wrong when nothing tells which one it is
 */
function keysInForce(keys: readonly RegistryKey[]): readonly RegistryKey[] | string {
  const setOf = ({ path }: RegistryKey) => nameOf(controlSet.exec(path)?.[1] ?? null);
  const sets = [...new Set(keys.flatMap((key) => setOf(key) ?? []))].sort();
  const inForce = sets.includes(currentSet) ? currentSet : (selectedSet(keys) ?? (sets.length > 1 ? null : sets[0]));
  const found = `the tables of ${sets.join(' and ')}`;
  if (inForce == null) return `It has ${found}, but no key Select that says which one is active.`;
  if (!sets.includes(inForce)) return `Its key Select names ${inForce}, but it only has ${found}.`;
  return keys.filter((key) => setOf(key) === inForce);
}

const currentSet = 'CurrentControlSet';
const controlSet = /\\(CurrentControlSet|ControlSet\d{3})\\Services\\HTTP\\Parameters(?:\\|$)/i;

/** As Windows writes it, in whatever form it is given. */
function nameOf(set: string | null): string | null {
  return set === null ? null : /^current/i.test(set) ? currentSet : `ControlSet${set.slice(-3)}`;
}

function selectedSet(keys: readonly RegistryKey[]): string | null {
  const values = keys.find(({ path }) => /\\Select$/i.test(path))?.values ?? {};
  const [, value] = Object.entries(values).find(([name]) => name.toLowerCase() === 'current') ?? [];
  const current = value === undefined ? null : dwordOf(value);
  return current === null ? null : nameOf(String(current).padStart(3, '0'));
}

/**
 * The server with these certificates, which have no keys: each in the stores that records and FTP sites name for it, else
 * in My. Exported files often include chains: issuers of others go to CA.
 * @throws CertRebindError `bad-input` naming a file that cannot be read
 */
export function withCertificates(state: LabState, files: readonly InputFile[], now: string): LabState {
  const found = new Map(files.flatMap(certificatesOf));
  const issuers = new Set([...found.values()].filter((one) => one.issuer !== one.subject).map(({ issuer }) => issuer));
  const { records } = decodeHttpSysTables(registryKeys(state.httpSys));
  const { holders } = parseApplicationHost(state.applicationHost, 'applicationHost.config');
  const users = [...records, ...holders.map(({ value }) => value)];
  return [...found.values()].reduce((server, { der, thumbprint, subject }) => {
    const named = new Set(
      users.filter((one) => one.thumbprint === thumbprint).map(({ store }) => normaliseStore(store)),
    );
    const stores = named.size > 0 ? [...named] : [issuers.has(subject) ? 'CA' : 'My'];
    return stores.reduce(
      (current, store) => addCertificate(current, newCertificate(der, { store, key: 'missing' }), now),
      server,
    );
  }, state);
}

function certificatesOf({ where, bytes }: InputFile) {
  const inFile = certificatesInFile(bytes);
  if (inFile.length === 0) throw unreadable(where, 'it contains no certificate in DER, PEM or PKCS #7');
  const properties = { ...inNoStore, store: 'My', key: 'missing' } as const;
  return inFile.map((der) => {
    try {
      const { thumbprint, subject, issuer } = parseCertificate(der, properties);
      return [thumbprint, { der, thumbprint, subject, issuer }] as const;
    } catch (thrown) {
      if (!(thrown instanceof CertRebindError)) throw thrown;
      throw unreadable(where, 'a certificate in it cannot be read');
    }
  });
}

function unreadable(where: string, why: string): CertRebindError {
  return new CertRebindError('bad-input', { message: `${where} was not taken: ${why}.`, where });
}
