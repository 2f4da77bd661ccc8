import { anonymised, anonymisedKey } from '../../../kinds/holder.ts';
import type { Binding } from '../../../kinds/iis/binding.ts';
import { sharedConfiguration } from '../../../kinds/place.ts';
import { centralStoreSource, formatRecordKey, type KeyText, toRecordKey } from '../../../kinds/record-key.ts';
import type { Snapshot } from '../../../kinds/snapshot.ts';
import { knownParameters } from '../../../kinds/tls/netsh-options.ts';
import { unknownParts } from '../../../kinds/unknown-parts.ts';
import type { Certificate } from '../../../model/certificates/certificate.ts';
import { keyTypes } from '../../../model/certificates/certificate.ts';
import { dayMs } from '../../../model/certificates/deadline.ts';
import { normaliseHost } from '../../../model/certificates/host-name.ts';
import { isIpv4 } from '../../../model/certificates/ip-address.ts';
import { parseThumbprint, type Thumbprint } from '../../../model/certificates/thumbprint.ts';
import { comparedOrganisation, type Trust } from '../../../model/certificates/trust.ts';
import type { EventCertificate, LifecycleEvent } from '../../../model/windows/lifecycle-event.ts';

/**
 * The same server under other names, for showing to strangers: hosts, addresses, sites, subjects, thumbprints, stores,
 * accounts and free text are replaced, each by the same pseudonym everywhere, so that every decision about the snapshot
 * stays the same. Only numbers and the words of the lists below are kept: a word on no list may be a name. Every part
 * is built again, so that a field added later is left out until somebody decides how to treat it. Times of validity
 * become days, because exact times identify a certificate in public logs.
 */
export function anonymise(snapshot: Snapshot, names = pseudonyms(snapshot)): Snapshot {
  const { server, lifecycle, netsh } = snapshot;
  return {
    schema: snapshot.schema,
    takenAt: snapshot.takenAt,
    server: {
      id: 'anonymous',
      name: 'SERVER',
      kind: server.kind,
      iis: /^\d{1,3}(?:\.\d{1,5})?$/.test(server.iis) ? server.iis : '',
      osBuild: server.osBuild,
    },
    account: snapshot.account,
    sources: snapshot.sources.map(({ part, from }) => ({
      part: kept(sourceParts, part) ?? 'other',
      from: kept(sourceTexts, from) ?? 'withheld',
    })),
    webService: snapshot.webService,
    sites: snapshot.sites.map(({ name, id, state, bindings }) => ({
      name: names.site(name),
      id,
      state,
      bindings: bindings.map((binding) => anonymousBinding(binding, names)),
    })),
    holders: snapshot.holders.map((holder) => anonymised(holder, names)),
    unreadable: snapshot.unreadable.map(({ part, text }) => ({
      part,
      where: 'withheld',
      // Another record may be left alone because of this record's key.
      text: part === 'records' ? keyText(text, names) : names.shape(text),
      why: 'it could not be read (the reason may quote it)',
    })),
    certificates: snapshot.certificates.map((certificate) => anonymousCertificate(certificate, names)),
    ...(snapshot.trust === undefined ? {} : { trust: anonymousTrust(snapshot.trust, names) }),
    legacySslMetadata: snapshot.legacySslMetadata,
    scheduleService: snapshot.scheduleService,
    webAdministration: snapshot.webAdministration,
    listenOnly: snapshot.listenOnly.map((address) => names.address(address)),
    ...(snapshot.http3 === true ? { http3: true } : {}),
    notLookedAt: [
      ...snapshot.notLookedAt.map(({ part, why }) => ({ part, why })),
      ...(snapshot.tasks.length > 0 ? unknownParts('withheld', ['tasks']) : []),
    ],
    // Their XML contains commands, paths and accounts, and no plan reads it.
    tasks: [],
    lifecycle: {
      enabled: lifecycle.enabled,
      oldestRecordId: lifecycle.oldestRecordId,
      lastRecordId: lifecycle.lastRecordId,
      events: lifecycle.events.map((event) => anonymousEvent(event, names)),
    },
    netsh: { update: netsh.update, options: netsh.options?.filter((name) => netshParameters.has(name)) ?? null },
  };
}

export type Pseudonyms = ReturnType<typeof pseudonyms>;

/** Numbers in the order of appearance, so that nothing of the original can be computed back from them. */
export function pseudonyms({ takenAt, holders }: Pick<Snapshot, 'takenAt' | 'holders'>) {
  const label = numbered((n) => `n${n}`);
  const address4 = numbered((n) => `198.18.${(n >> 8) & 255}.${n & 255}`);
  const address6 = numbered((n) => `2001:db8::${n.toString(16)}`);
  const thumbprint = numbered((n) => n.toString(16).toUpperCase().padStart(40, '0'));
  const sha256 = numbered((n) => n.toString(16).toUpperCase().padStart(64, '0'));
  const site = numbered((n) => `Site ${n}`);
  const store = numbered((n) => `Store${n}`);
  const text = numbered((n) => `Text ${n}`);
  const value = numbered((n) => `Value ${n}`);
  const usage = numbered((n) => `2.25.${n}`);
  const unparsed = numbered((n) => `unreadable-${n}`);
  const ports = new Set(holders.flatMap(({ key }) => toRecordKey(key)?.port ?? []));
  const user = numbered((n) => `S-1-5-21-0-0-0-${1000 + n}`);
  const hash = (written: string): string =>
    written.length === 64 ? sha256(written.toUpperCase()) : thumbprint(written.toUpperCase());
  const address = (written: string): string => {
    if (keptAddresses.has(written)) return written;
    return isIpv4(written) ? address4(written) : address6(written.toLowerCase());
  };
  return {
    hash,
    thumbprint: (written: Thumbprint): Thumbprint => parseThumbprint(hash(written), 'pseudonym'),
    address,
    /** Label by label, so that names below a domain, and under its wildcard, still are. */
    host: (written: string): string =>
      isIpv4(written) || written.includes(':')
        ? address(written)
        : written
            .toLowerCase()
            .split('.')
            .map((part) => (part === '*' || part === '' ? part : label(part)))
            .join('.'),
    site: (written: string): string => site(written.toLowerCase()),
    store: (written: string): string =>
      keptStores.has(written.toLowerCase()) ? written : store(written.toLowerCase()),
    text,
    /** A value of the registry that is not known, and with a backslash behind it a key below the record. */
    value: (written: string): string => `${value(written)}${written.endsWith('\\') ? '\\' : ''}`,
    usage: (oid: string): string => (publicUsage.test(oid) ? oid : usage(oid)),
    unparsed: (key: string): string => unparsed(key),
    /** The day, unless that would make a valid certificate look expired, or the reverse. */
    validity: (time: string): string => dayOf(time, takenAt),
    /**
     * Stands for a text that its reader could not understand; ports of records are kept, because decisions depend on
     * them.
     */
    shape: (written: string): string =>
      written
        .split(':')
        .map((part) =>
          /^\d{1,5}$/.test(part) && ports.has(Number(part))
            ? part
            : part.replace(/\p{L}/gu, 'x').replace(/\p{N}/gu, '0'),
        )
        .join(':'),
    /** Accounts that are the same on every Windows are kept: decisions depend on whether SYSTEM wrote an event. */
    user: (written: string): string => (/^S-1-5-(?:\d{1,2}|32-\d+)$/.test(written) ? written : user(written)),
  };
}

/** The word as in the list, or `null`. */
function kept(words: readonly string[], written: string): string | null {
  return words.find((word) => word === written) ?? null;
}

const sourceParts = [sharedConfiguration, centralStoreSource, 'sites', 'site states', 'records', 'certificates'];
const sourceTexts = [
  'applicationHost.config',
  'registry tables of HTTP.SYS',
  'stores My and WebHosting',
  'WebAdministration',
];
const protocols = ['http', 'https', 'ftp', 'net.tcp', 'net.pipe', 'net.msmq', 'msmq.formatname'];
const contexts = ['Machine', 'User'];
const actions = ['Renew', 'Enroll'];
const publicKeyType =
  /^(?:(?:RSA|RSA-PSS|DSA) \d{3,5}|EC (?:P-256|P-384|P-521|secp256k1|brainpoolP\d{3}[rt]1)|unknown)$/;
const namedKeyTypes = new Set(keyTypes.values());
const netshParameters: ReadonlySet<string> = new Set(knownParameters);
/** Usages of the standards and of Microsoft; below 311.21.8 every organisation has numbers of its own. */
const publicUsage =
  /^(?:1\.3\.6\.1\.5\.5\.7\.3\.\d+|2\.5\.29\.37\.0|1\.3\.6\.1\.4\.1\.311\.(?!21\.8\.)\d+(?:\.\d+){1,4})$/;

function dayOf(time: string, takenAt: string): string {
  const [exact, asOf] = [Date.parse(time), Date.parse(takenAt)];
  const day = Math.floor(exact / dayMs) * dayMs;
  return new Date(day <= asOf && exact > asOf ? day + dayMs : day).toISOString();
}

const keptAddresses: ReadonlySet<string> = new Set(['*', '0.0.0.0', '::', '127.0.0.1', '::1']);
const keptStores: ReadonlySet<string> = new Set(['my', 'webhosting', 'root', 'ca', 'remote desktop', 'addressbook']);

function numbered(pseudonym: (n: number) => string): (original: string) => string {
  const known = new Map<string, string>();
  return (original) => {
    const before = known.get(original);
    if (before !== undefined) return before;
    const made = pseudonym(known.size + 1);
    known.set(original, made);
    return made;
  };
}

export function anonymousKey(key: KeyText, names: Pseudonyms): KeyText {
  return anonymisedKey(key, names) ?? formatRecordKey({ table: 'sni', host: names.unparsed(key), port: 1 });
}

function keyText(text: string, names: Pseudonyms): string {
  const key = toRecordKey(text);
  return key === null ? names.shape(text) : anonymousKey(formatRecordKey(key), names);
}

function anonymousBinding({ protocol, information, sslFlags, parts, recordKey }: Binding, names: Pseudonyms): Binding {
  const hidden =
    parts === null ? null : { address: names.address(parts.address), port: parts.port, host: names.host(parts.host) };
  return {
    protocol: kept(protocols, protocol.trim().toLowerCase()) ?? 'other',
    information:
      hidden === null
        ? names.shape(information)
        : `${hidden.address.includes(':') ? `[${hidden.address}]` : hidden.address}:${hidden.port}:${hidden.host}`,
    sslFlags,
    parts: hidden,
    recordKey: recordKey === null ? null : anonymousKey(recordKey, names),
  };
}

function anonymousCertificate(certificate: Certificate, names: Pseudonyms): Certificate {
  const { commonName, keyType } = certificate;
  return {
    thumbprint: names.thumbprint(certificate.thumbprint),
    sha256: names.hash(certificate.sha256),
    store: names.store(certificate.store),
    subject: names.text(certificate.subject),
    issuer: names.text(certificate.issuer),
    serialNumber: names.hash(certificate.serialNumber),
    commonName: commonName === null ? null : hostOrText(commonName, names),
    dnsNames: certificate.dnsNames.map((name) => hostOrText(name, names)),
    ipAddresses: certificate.ipAddresses.map((address) => names.address(address)),
    notBefore: names.validity(certificate.notBefore),
    notAfter: names.validity(certificate.notAfter),
    ekus: certificate.ekus?.map(names.usage) ?? null,
    keyType: namedKeyTypes.has(keyType) || publicKeyType.test(keyType) ? keyType : 'unknown',
    ...(certificate.weakHash === undefined ? {} : { weakHash: certificate.weakHash }),
    ...(certificate.signs === undefined ? {} : { signs: certificate.signs }),
    ...(certificate.authority === undefined ? {} : { authority: certificate.authority }),
    key: certificate.key,
    ...(certificate.keyReason === undefined ? {} : { keyReason: names.text(certificate.keyReason) }),
    archived: certificate.archived,
    renewedTo: certificate.renewedTo === null ? null : names.thumbprint(certificate.renewedTo),
    friendlyName: certificate.friendlyName === null ? null : names.text(certificate.friendlyName),
    chain: certificate.chain,
    ...(certificate.intermediates === undefined ? {} : { intermediates: certificate.intermediates.map(names.text) }),
    ...(certificate.issuedBy === undefined ? {} : { issuedBy: certificate.issuedBy.map(names.thumbprint) }),
    ...(certificate.selfSigned === undefined ? {} : { selfSigned: certificate.selfSigned }),
    ...(certificate.disallowed === undefined ? {} : { disallowed: certificate.disallowed }),
    ...(certificate.template === undefined ? {} : { template: names.usage(certificate.template) }),
    ...(certificate.publicKey === undefined ? {} : { publicKey: names.hash(certificate.publicKey) }),
  };
}

function anonymousTrust({ authorities, list }: Trust, names: Pseudonyms): Trust {
  return {
    authorities: authorities.map((authority) => ({
      thumbprint: names.thumbprint(authority.thumbprint),
      subject: names.text(authority.subject),
      // Two ways of writing one organisation stay one.
      organisation: authority.organisation === null ? null : names.text(comparedOrganisation(authority.organisation)),
      issuedBy: authority.issuedBy.map(names.thumbprint),
      standing: authority.standing,
      ...(authority.notForServers === undefined ? {} : { notForServers: authority.notForServers }),
      ...(authority.distrustsFrom === undefined ? {} : { distrustsFrom: names.validity(authority.distrustsFrom) }),
      ...(authority.notAfter === undefined ? {} : { notAfter: names.validity(authority.notAfter) }),
    })),
    list,
  };
}

function hostOrText(name: string, names: Pseudonyms): string {
  return normaliseHost(name) === null ? names.text(name) : names.host(name);
}

function anonymousEvent(event: LifecycleEvent, names: Pseudonyms): LifecycleEvent {
  const side = (certificate: EventCertificate | null): EventCertificate | null =>
    certificate === null
      ? null
      : {
          thumbprint: certificate.thumbprint === null ? null : names.thumbprint(certificate.thumbprint),
          template: certificate.template === null ? null : names.text(certificate.template),
          names: certificate.names.map(names.text),
          ekus: certificate.ekus.map(names.usage),
          notAfter: validityOf(certificate.notAfter, names),
        };
  return {
    recordId: event.recordId,
    eventId: event.eventId,
    timeCreated: Number.isNaN(Date.parse(event.timeCreated)) ? '' : new Date(event.timeCreated).toISOString(),
    userId: event.userId === null ? null : names.user(event.userId),
    processName: event.processName === null ? null : names.text(event.processName),
    accountName: event.accountName === null ? null : names.text(event.accountName),
    context: event.context === null ? null : (kept(contexts, event.context) ?? names.text(event.context)),
    action: event.action === null ? null : (kept(actions, event.action) ?? names.text(event.action)),
    old: side(event.old),
    new: side(event.new),
    certificate: side(event.certificate),
  };
}

/** An event holds a text, which may be anything. */
function validityOf(notAfter: string | null, names: Pseudonyms): string | null {
  return notAfter === null || Number.isNaN(Date.parse(notAfter))
    ? null
    : names.validity(new Date(notAfter).toISOString());
}
