import type { Certificate } from '../model/certificates/certificate.ts';
import type { Endpoint } from '../model/certificates/handshake.ts';
import { canonicalAddress } from '../model/certificates/ip-address.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { ServiceAccount } from '../model/windows/service-account.ts';
import type { RunState, Site } from './iis/binding.ts';
import { type KeyText, nameInKey } from './record-key.ts';
import type { CertificateBinding } from './tls/certificate-binding.ts';

/** What every holder's value says of its certificate. */
export interface NamesCertificate {
  /** `null` if it names none. */
  readonly thumbprint: Thumbprint | null;
  /** Of the local machine; empty for a holder that keeps its certificate itself. */
  readonly store: string;
}

/** The pseudonyms under which a server is shown to strangers: each name has the same one everywhere. */
export interface Names {
  thumbprint(written: Thumbprint): Thumbprint;
  /** Of a SHA-1 or a SHA-256. */
  hash(written: string): string;
  address(written: string): string;
  host(written: string): string;
  site(written: string): string;
  store(written: string): string;
  /** Of any other text. */
  text(written: string): string;
  /** Of a value of the registry that is not known. */
  value(written: string): string;
}

/** What tells a kind of holder from the others: pure functions of its value. */
export interface KindRules<Value extends NamesCertificate> {
  /** Every difference but the certificate and its store, by name. */
  differences(wanted: Value, found: Value): readonly string[];
  /** The same value with another certificate. */
  withCertificate(value: Value, thumbprint: Thumbprint, store: string): Value;
}

/** Whether this session came in through a listener of the server. */
export type CarriesRun = 'yes' | 'no' | 'unknown';

/** What a snapshot says of a holder beside its value: a plan needs it, and nothing changes it. */
export interface HolderContext {
  /** Where clients meet a service that is no site of IIS. */
  readonly listens?: { readonly address: string; readonly port: number; readonly state: RunState };
  /** Who chooses its certificate; absent for a person. Only a person's choice is changed. */
  readonly chosenBy?: 'policy' | 'unknown';
  /** Whether this run came in through it, so that changing it could cut the run off; absent for no. */
  readonly carriesRun?: CarriesRun;
  /** What has to be restarted for a new certificate to be used; absent for nothing. */
  readonly service?: ServiceSeen;
}

/** A service that reads the certificate of a holder only when it starts. */
export interface ServiceSeen {
  /** Of Windows. */
  readonly name: string;
  readonly state: RunState;
  /** Services that need it and run now, in the order in which they are stopped. */
  readonly dependents: readonly string[];
  /** How many connections or sessions end with it; `null` if that is not known. */
  readonly sessions: number | null;
  /** Only if it opens the private key itself. */
  readonly runsAs?: ServiceAccount;
  /** Why it is never restarted here, as a sentence; absent for no reason. */
  readonly refuses?: string;
}

/**
 * The services that a change restarts, in the order in which they are stopped; they are started in the reverse.
 * @minItems 1
 */
export type Restart = readonly string[];

export function restartOf({ name, dependents }: ServiceSeen): Restart {
  return [...dependents, name];
}

/** How a person changes a holder: whole commands, and what else that person has to know. */
export interface ByHand {
  readonly command: string;
  readonly besides: string;
}

/** A holder as it stands on a server. */
export interface Standing<Kind extends string, Value> extends HolderContext {
  readonly kind: Kind;
  readonly key: KeyText;
  readonly value: Value;
}

/** What was read for a snapshot when the holders of its kinds are asked for. */
export interface ReadSoFar {
  readonly sites: readonly Site[];
  readonly records: readonly CertificateBinding[];
  readonly certificates: readonly Certificate[];
}

/** What is known of a holder of one kind at one moment. */
export type Now<Kind extends string, Value> =
  | { readonly state: 'holds'; readonly holder: { readonly kind: Kind; readonly key: KeyText; readonly value: Value } }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly why: string };

/** The same of a certificate binding. */
export type RecordNow = Now<'tls', CertificateBinding>;

/** Where clients get the certificate of a holder, and whose site, or which service, answers there. */
export interface ClientEndpoint {
  readonly endpoint: Endpoint;
  /** The host that clients ask for, in A-labels; empty if any host is answered. */
  readonly host: string;
  readonly site: string;
  readonly state: RunState;
}

/** What tells a kind whose service is restarted from the others: a policy has to allow that. */
export interface RestartRules<Value> {
  /** For whoever does it without this program. */
  byHand(value: Value, service: ServiceSeen, successor: Thumbprint | null): ByHand;
  /**
   * Where clients do not show which certificate its service uses, so that only a restart that ended well does, and more than one may
   * be needed: why what the service stored when it started shows that it uses another one. `null` where clients show it.
   */
  readonly notInUse: ((value: Value) => string | null) | null;
  /** What it holds if its service starts neither with the new certificate nor with the old one; `null` for nothing else. */
  lastResort(value: Value): Value | null;
}

/**
 * A kind that a policy may move. Certificate bindings always are and are not among these. Each answers every question;
 * `ordinary` has the answers of most.
 */
export interface MovableKindRules<Kind extends string, Value extends NamesCertificate> extends KindRules<Value> {
  /** For people: what its holders are called together. */
  readonly plural: string;
  /** For people: who uses the certificate, by what follows the kind in its key. */
  user(name: string): string;
  /** For people: itself, at the beginning of a sentence. */
  owner(value: Value): string;
  /** What it holds besides thumbprint and store, under other names; built again from what is known. */
  anonymised(value: Value, names: Names): Omit<Value, keyof NamesCertificate>;
  /** The pseudonym of what follows the kind in a key. */
  anonymisedName(name: string, names: Names): string;
  /** Where clients meet each of its holders, some of them at bindings of IIS. */
  endpoints(
    holders: readonly Standing<Kind, Value>[],
    sites: readonly Site[],
  ): (holder: Standing<Kind, Value>) => readonly ClientEndpoint[];
  /** The certificate bindings that are part of it. */
  records(value: Value): readonly CertificateBinding[];
  /** The port where it answers at every certificate binding by address, also those of other programs; `null` for none. */
  sharedPort(value: Value): number | null;
  /** What else it names besides the certificate that clients get. */
  alsoNames(value: Value): readonly Thumbprint[];
  /** Whether it decides about its certificate at all. */
  isOwn(value: Value): boolean;
  /** Its certificate stands in the configuration of IIS, which servers may share. */
  readonly inIisConfiguration: boolean;
  /** The only stores from which its holders take certificates; `null` for any. */
  readonly stores: readonly string[] | null;
  /** A way by which people administer the server: changed one at a time. */
  readonly isAdminChannel: boolean;
  /** Of a service that reads the certificate only when it starts; `null` for others. */
  readonly restarts: RestartRules<Value> | null;
  /**
   * Its service is told of a new certificate, and what it answers proves nothing: it gets the old one again where clients
   * get another one than the new for half a minute.
   */
  readonly showsAtOnce: boolean;
  /** Why its service would not start with a certificate, or would not use it; `null` if nothing known is against it. */
  unfit(value: Value, successor: Certificate, server: { readonly name: string }): string | null;
}

/** A service that takes its certificate from My, and that nothing else depends on. */
export const ordinary = {
  anonymisedName: (name: string, names: Names) => names.text(name),
  withCertificate: <Value extends NamesCertificate>(value: Value, thumbprint: Thumbprint) => ({ ...value, thumbprint }),
  records: () => [],
  sharedPort: () => null,
  alsoNames: () => [],
  isOwn: () => true,
  inIisConfiguration: false,
  stores: ['My'],
  isAdminChannel: false,
  restarts: null,
  showsAtOnce: false,
  unfit: () => null,
} as const;

/**
 * Such a service that clients meet where it listens.
 * @param startTls what is spoken there before TLS, or over it
 * @param hostOf the name that clients ask for, which may be an address; empty for any
 */
export function listening<Value>(
  user: (name: string) => string,
  startTls?: Endpoint['startTls'],
  hostOf: (value: Value) => string = () => '',
) {
  const endpointsOf = ({ key, listens, value }: Standing<string, Value>): readonly ClientEndpoint[] => {
    if (listens === undefined) return [];
    const { address, port, state } = listens;
    const host = hostOf(value);
    const isName = host !== '' && canonicalAddress(host) === null;
    const endpoint = { address: address === '*' ? '0.0.0.0' : address, port, serverName: isName ? host : null };
    const site = user(nameInKey(key));
    return [{ endpoint: startTls === undefined ? endpoint : { ...endpoint, startTls }, host, site, state }];
  };
  return { ...ordinary, user, endpoints: () => endpointsOf };
}
