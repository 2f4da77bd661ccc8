import { CertRebindError } from '../../base/errors.ts';
import { inNoStore, parseCertificate } from '../../model/certificates/certificate.ts';
import { parseThumbprint } from '../../model/certificates/thumbprint.ts';
import { serverAuthentication } from '../../model/certificates/usages.ts';
import { localSystem } from '../../model/windows/service-account.ts';
import { newCertificate } from '../kernel/certificates.ts';
import type { LabCertificate, LabState } from '../kernel/lab-state.ts';
import type { LabRequest } from '../kernel/requests.ts';
import { type Authority, issueLeaf, type Leaf } from './authority.ts';
import { unusedKey } from './keys.ts';
import type { LabHost } from './lab-host.ts';
import { toPem } from './whole-file.ts';

/** How a certificate is renewed; absent settings are as in Windows' autoenrolment. */
export interface RenewOptions {
  readonly thumbprint: string;
  /** Names of the new certificate; the old one's when absent. */
  readonly names?: readonly string[];
  /** Store of the new certificate; the old one's when absent. */
  readonly store?: string;
  readonly event?: boolean;
  readonly privateKey?: boolean;
  readonly renewalProperty?: boolean;
  readonly archiveOld?: boolean;
  /** SID of the account that writes the events; SYSTEM when absent. */
  readonly writtenBy?: string;
  /** From now; a year when absent, and never before the old certificate ends. Negative: it has ended already. */
  readonly expiresInMs?: number;
  /** From now: when the new certificate becomes valid. */
  readonly validInMs?: number;
  /** The name of an authority of the lab; the server gets its intermediates too. */
  readonly issuer?: string;
  /** Nothing is done to the server: the new certificate comes as PEM, with its chain and key. */
  readonly apart?: boolean;
  /** Only the file of this host in the central certificate store becomes this; that is its name, if no others are given. */
  readonly central?: string;
}

export interface LabRenewed {
  readonly schema: 'certrebind/lab-renewed/1';
  readonly old: string;
  readonly new: string;
  readonly eventRecordId: number | null;
}

const day = 24 * 3600_000;

/**
 * Issues a successor and does to the stores and the log what a renewal does, in one step: the new certificate with its
 * key, event 1006, the renewal property, the old one archived, event 1001 (fidelity: renewal-order).
 * @throws CertRebindError `bad-thumbprint`; `bad-input` when no store has the certificate
 */
export async function renewOnHost(host: LabHost, options: RenewOptions): Promise<LabRenewed & { pem?: string }> {
  const old = findOld(host.state(), options.thumbprint);
  const key = unusedKey(describe(old).keyType.startsWith('EC') ? 'ec' : 'rsa', new Set(host.contents().keys.values()));
  const issuer = options.issuer === undefined ? host.renewalAuthority() : host.authority(options.issuer);
  const leaf = await issueSuccessor(issuer, old, key, options);
  host.addKey(leaf.thumbprint, key);
  const renewed = { schema: 'certrebind/lab-renewed/1', old: old.thumbprint, new: leaf.thumbprint } as const;
  const chain = [issuer.intermediate, ...(issuer.crossed === null ? [] : [issuer.crossed])];
  if (options.apart === true)
    return { ...renewed, eventRecordId: null, pem: [leaf.der, ...chain].map(toPem).join('') + key };
  if (options.central !== undefined) {
    const file = options.central.replace(/^\*\./, '_.');
    host.perform({ kind: 'set-central-file', host: file, der: leaf.der.toString('base64') });
    return { ...renewed, eventRecordId: null };
  }
  const { result } = host.perform({
    kind: 'batch',
    requests: [
      ...(options.issuer === undefined ? [] : chain.map(toStoreOfAuthorities)),
      ...renewalRequests(host.state(), old, leaf, options),
    ],
  });
  const last = result.kind === 'batch' && options.event !== false ? result.results.at(-1) : undefined;
  return { ...renewed, eventRecordId: last?.kind === 'event' ? last.recordId : null };
}

function findOld(state: LabState, written: string): LabCertificate {
  const thumbprint = parseThumbprint(written, 'lab renew');
  const found = state.certificates.filter((certificate) => certificate.thumbprint === thumbprint);
  const old = found.find(({ archived }) => !archived) ?? found[0];
  if (old !== undefined) return old;
  const known = state.certificates.map((certificate) => certificate.thumbprint).slice(0, 5);
  throw new CertRebindError('bad-input', {
    message: `No store of this lab has the certificate ${thumbprint}; it has ${known.join(', ') || 'none'}.`,
    where: thumbprint,
  });
}

function toStoreOfAuthorities(der: Buffer): LabRequest {
  return { kind: 'add-certificate', certificate: newCertificate(der, { store: 'CA', key: 'missing' }) };
}

function issueSuccessor(issuer: Authority, old: LabCertificate, key: string, options: RenewOptions): Promise<Leaf> {
  const now = Date.now();
  const { dnsNames, ipAddresses, commonName, notAfter, ekus } = describe(old);
  const own = options.central === undefined ? [...dnsNames, ...ipAddresses] : [options.central];
  const names = options.names ?? own;
  const usual = Math.max(now + 365 * day, Date.parse(notAfter) + day);
  const end = options.expiresInMs === undefined ? usual : now + options.expiresInMs;
  // Valid from a little before now, as authorities do, so that small clock differences do not matter.
  const begin = options.validInMs === undefined ? Math.min(now, end) - 10 * 60_000 : now + options.validInMs;
  return issueLeaf(issuer, {
    names,
    ...(commonName !== null && (options.names === undefined || names.length === 0) ? { commonName } : {}),
    notBefore: new Date(begin),
    notAfter: new Date(end),
    ekus,
    key,
  });
}

function renewalRequests(
  state: LabState,
  old: LabCertificate,
  leaf: Leaf,
  options: RenewOptions,
): readonly LabRequest[] {
  const writtenBy = options.writtenBy ?? localSystem;
  const writer = {
    writtenBy,
    processName: writtenBy === localSystem ? 'taskhostw.exe' : 'powershell.exe',
    accountName: writtenBy === localSystem ? `LAB\\${state.name}$` : writtenBy,
  };
  const requests: LabRequest[] = [
    {
      kind: 'add-certificate',
      certificate: newCertificate(leaf.der, {
        store: options.store ?? old.store,
        key: options.privateKey === false ? 'missing' : 'usable',
        friendlyName: old.friendlyName,
      }),
    },
    {
      kind: 'write-event',
      eventId: 1006,
      ...writer,
      action: 'Enroll',
      old: null,
      new: null,
      certificate: leaf.thumbprint,
    },
  ];
  if (options.renewalProperty !== false) {
    requests.push({ kind: 'set-renewal', thumbprint: old.thumbprint, renewedTo: leaf.thumbprint });
  }
  if (options.archiveOld !== false) {
    requests.push({ kind: 'archive-certificate', thumbprint: old.thumbprint, archived: true });
  }
  // Last, so that the programs it starts find everything done.
  if (options.event !== false) {
    requests.push({
      kind: 'write-event',
      eventId: 1001,
      ...writer,
      action: 'Renew',
      old: old.thumbprint,
      new: leaf.thumbprint,
      certificate: null,
    });
  }
  return requests;
}

function describe({ der, store }: LabCertificate) {
  return parseCertificate(Buffer.from(der, 'base64'), { ...inNoStore, store });
}

/** A certificate of one day; the lab's authority issues it, since its clients trust nobody else. */
export async function issueForRehearsal(host: LabHost, name: string, friendlyName: string): Promise<LabCertificate> {
  const key = unusedKey('ec', new Set(host.contents().keys.values()));
  const now = Date.now();
  const leaf = await issueLeaf(host.authority(), {
    names: [name],
    notBefore: new Date(now - 10 * 60_000),
    notAfter: new Date(now + day),
    ekus: [serverAuthentication],
    key,
  });
  host.addKey(leaf.thumbprint, key);
  return newCertificate(leaf.der, { store: 'My', friendlyName });
}
