import type { Binding } from '../../src/kinds/iis/binding.ts';
import { makeCertificateBinding, type RecordParts } from '../../src/kinds/tls/certificate-binding.ts';
import { formatApplicationHost } from '../../src/lab/host/application-host-text.ts';
import { thumbprintOf } from '../../src/lab/kernel/certificates.ts';
import type { Fault } from '../../src/lab/kernel/faults.ts';
import { putEntry } from '../../src/lab/kernel/http-sys.ts';
import type { HttpSysTables, LabCertificate, LabState } from '../../src/lab/kernel/lab-state.ts';
import { defaultSwitches, type Switches } from '../../src/lab/kernel/switches.ts';
import { parseThumbprint, type Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import { certificateDer, type DerParts } from './certificate-der.ts';
import { now } from './snapshot.ts';

/** What a certificate of a lab is made of; whatever is left out is as a healthy server certificate has it. */
export interface LabCertificateParts
  extends Partial<Pick<DerParts, 'names' | 'notBefore' | 'notAfter' | 'ekus' | 'keyType' | 'keySeed'>>,
    Partial<Pick<LabCertificate, 'store' | 'key' | 'archived' | 'friendlyName'>> {
  /** Label of the successor that the renewal property names; it is added before. */
  readonly renewedTo?: string;
  /** `false`: the issuing certificate is not on the server. */
  readonly chain?: boolean;
  /** `issuing`: by an intermediate; `renewing`: by the one that issues renewals. By the root when absent. */
  readonly issuer?: 'issuing' | 'renewing';
}

export interface LabBuilder {
  /** A certificate by a label; the same label in another store is the same certificate. */
  certificate(label: string, parts?: LabCertificateParts): LabBuilder;
  /** Bindings as `https` and `sni` of the snapshot builder make them; each stands on a record only if one is added. */
  site(name: string, bindings: readonly Binding[], state?: 'started' | 'stopped'): LabBuilder;
  /** A certificate binding by its key text; `null` for one of the central store. */
  record(key: string, label: string | null, parts?: Omit<RecordParts, 'key' | 'thumbprint'>): LabBuilder;
  /** A file of the central store, which is switched on by it. */
  centralFile(host: string, label: string): LabBuilder;
  switched<S extends keyof Switches>(name: S, position: Switches[S]): LabBuilder;
  fault(fault: Omit<Fault, 'nth' | 'times'> & Partial<Fault>): LabBuilder;
  with(parts: Partial<LabState>): LabBuilder;
  thumbprint(label: string): Thumbprint;
  build(): LabState;
}

/** A lab server in good order with nothing on it; every call gives a new builder. */
export function labState(): LabBuilder {
  return builder({ state: emptyState, sites: [], ders: new Map() });
}

interface Parts {
  readonly state: LabState;
  readonly sites: readonly { readonly name: string; readonly bindings: readonly Binding[] }[];
  readonly ders: ReadonlyMap<string, string>;
}

function builder(parts: Parts): LabBuilder {
  const { state, sites, ders } = parts;
  const next = (changes: Partial<LabState>, more: Partial<Parts> = {}) =>
    builder({ ...parts, ...more, state: { ...state, ...changes } });
  const thumbprint = (label: string) => {
    const der = ders.get(label);
    if (der === undefined) throw new TypeError(`the lab has no certificate ${label}`);
    return parseThumbprint(thumbprintOf(der), label);
  };
  return {
    certificate(label, certificate = {}) {
      const der = ders.get(label) ?? makeDer(label, certificate);
      const added: LabCertificate = {
        thumbprint: thumbprintOf(der),
        der,
        store: certificate.store ?? 'My',
        key: certificate.key ?? 'usable',
        archived: certificate.archived ?? false,
        renewedTo: certificate.renewedTo === undefined ? null : thumbprint(certificate.renewedTo),
        friendlyName: certificate.friendlyName ?? null,
      };
      return next({ certificates: [...state.certificates, added] }, { ders: new Map([...ders, [label, der]]) });
    },
    site(name, bindings, run = 'started') {
      const stoppedSites = run === 'stopped' ? [...state.stoppedSites, name] : state.stoppedSites;
      const all = [...sites, { name, bindings }];
      return next({ stoppedSites, applicationHost: formatApplicationHost(all) }, { sites: all });
    },
    record(key, label, record = {}) {
      const made = makeCertificateBinding({ key, thumbprint: label === null ? null : thumbprint(label), ...record });
      return next({ httpSys: withRecord(state.httpSys, made) });
    },
    centralFile(host, label) {
      const der = ders.get(label) ?? makeDer(label, { names: [host] });
      const files = [...state.centralStore.files, { host, der }];
      return next({ centralStore: { enabled: true, files } }, { ders: new Map([...ders, [label, der]]) });
    },
    switched: (name, position) => next({ switches: { ...state.switches, [name]: position } }),
    fault: (fault) => next({ faults: [...state.faults, { nth: 1, times: 1, ...fault, seen: 0 }] }),
    with: (changes) => next(changes),
    thumbprint,
    build: () => state,
  };
}

function makeDer(label: string, parts: LabCertificateParts): string {
  const names = parts.names ?? ['shop.example.com'];
  return certificateDer({
    subject: names[0] ?? label,
    issuer: parts.chain === false ? 'Unknown Issuing' : (parts.issuer ?? authorityName),
    names,
    notBefore: parts.notBefore ?? '2026-01-01T00:00:00Z',
    notAfter: parts.notAfter ?? '2027-01-01T00:00:00Z',
    ekus: parts.ekus === undefined ? ['1.3.6.1.5.5.7.3.1'] : parts.ekus,
    keyType: parts.keyType ?? 'ec',
    seed: label,
    ...(parts.keySeed === undefined ? {} : { keySeed: parts.keySeed }),
    authority: false,
    ...(parts.chain === false ? {} : { signedBy: parts.issuer ?? authorityName }),
  }).toString('base64');
}

function withRecord(tables: HttpSysTables, record: ReturnType<typeof makeCertificateBinding>): HttpSysTables {
  const isPort = record.key.startsWith('(');
  const subKey = isPort ? record.key.slice(record.key.lastIndexOf(':') + 1) : record.key;
  return putEntry(tables, record.key, { subKey, values: record.raw });
}

const authorityName = 'Test Root';

const authorities = [authorityName, 'issuing', 'renewing'].map((subject) =>
  certificateDer({
    subject,
    issuer: authorityName,
    names: [],
    notBefore: '2020-01-01T00:00:00Z',
    notAfter: '2040-01-01T00:00:00Z',
    ekus: null,
    keyType: 'ed25519',
    seed: subject,
    authority: true,
    signedBy: authorityName,
  }).toString('base64'),
);

const emptyState: LabState = {
  schema: 'certrebind/lab-state/1',
  id: 'lab-1',
  name: 'WEB01',
  iis: '10.0',
  osBuild: 20348,
  switches: defaultSwitches,
  faults: [],
  applicationHost: formatApplicationHost([]),
  stoppedSites: [],
  webService: 'started',
  httpSys: { SslBindingInfo: null, SslSniBindingInfo: null, SslCcsBindingInfo: null },
  certificates: [],
  authorities,
  roots: authorities.slice(0, 1).map(thumbprintOf),
  withheld: thumbprintOf(authorities[2] ?? ''),
  revocationLists: [],
  centralStore: { enabled: false, files: [] },
  wire: { previous: {}, loaded: [] },
  others: [],
  notLookedAt: [],
  tasks: [],
  bootedAt: now,
  tickedAt: now,
  lifecycle: { enabled: true, nextRecordId: 1, limit: 1000, events: [] },
  applicationLog: { nextRecordId: 1, limit: 1000, entries: [] },
  counters: { reads: 0, writes: 0 },
};
