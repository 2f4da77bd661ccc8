import type { Binding } from './binding.ts';
import type { Certificate } from './certificate.ts';
import type { Consumer } from './consumer.ts';
import { normaliseHost } from './host-name.ts';
import { isIpv4 } from './ip-address.ts';
import type { EventCertificate, LifecycleEvent } from './lifecycle-event.ts';
import { formatRecordKey, type KeyText, toRecordKey } from './record-key.ts';
import type { Snapshot } from './snapshot.ts';
import { parseThumbprint, type Thumbprint } from './thumbprint.ts';
import { makeTlsRecord, recordValues, type TlsRecord } from './tls-record.ts';
import { unknownParts } from './unknown-parts.ts';

/**
 * The same server under other names, for showing to strangers: hosts, addresses, sites, subjects, thumbprints, stores,
 * accounts and free text are replaced, each by the same pseudonym wherever it stands, so that every decision about the
 * snapshot stays what it was. Times, ports, flags, application ids, key types and usages are kept. Every part is built
 * anew, so that a field of tomorrow is left out until somebody decides what becomes of it.
 */
export function anonymise(snapshot: Snapshot): Snapshot {
  const names = pseudonyms();
  const { server, lifecycle, netsh } = snapshot;
  return {
    schema: snapshot.schema,
    takenAt: snapshot.takenAt,
    server: { id: 'anonymous', name: 'SERVER', kind: server.kind, iis: server.iis, osBuild: server.osBuild },
    account: snapshot.account,
    sources: snapshot.sources.map(({ part, from }) => ({ part, from: names.source(from) })),
    webService: snapshot.webService,
    sites: snapshot.sites.map(({ name, id, state, bindings }) => ({
      name: names.site(name),
      id,
      state,
      bindings: bindings.map((binding) => anonymousBinding(binding, names)),
    })),
    records: snapshot.records.map((record) => anonymousRecord(record, names)),
    unreadable: snapshot.unreadable.map(({ part, text }) => ({
      part,
      where: 'withheld',
      text: shapeOf(text),
      why: 'it could not be read (the reason may quote it)',
    })),
    certificates: snapshot.certificates.map((certificate) => anonymousCertificate(certificate, names)),
    ftps: snapshot.ftps.map(({ site, thumbprint, store }) => ({
      site: site === null ? null : names.site(site),
      thumbprint: names.hash(thumbprint),
      store: names.store(store),
    })),
    legacySslMetadata: snapshot.legacySslMetadata,
    webAdministration: snapshot.webAdministration,
    listenOnly: snapshot.listenOnly.map((address) => names.address(address)),
    others: snapshot.others.map(({ thumbprint, consumer }) => ({
      thumbprint: names.hash(thumbprint),
      consumer: anonymousConsumer(consumer, names),
    })),
    notLookedAt: [
      ...snapshot.notLookedAt.map(({ part, why }) => ({ part, why })),
      ...(snapshot.tasks.length > 0 ? unknownParts('withheld', ['tasks']) : []),
    ],
    // Their XML holds commands, paths and accounts, and no plan looks at it.
    tasks: [],
    lifecycle: {
      enabled: lifecycle.enabled,
      oldestRecordId: lifecycle.oldestRecordId,
      lastRecordId: lifecycle.lastRecordId,
      events: lifecycle.events.map((event) => anonymousEvent(event, names)),
    },
    netsh: { update: netsh.update, options: netsh.options },
  };
}

type Pseudonyms = ReturnType<typeof pseudonyms>;

/** Numbers in the order of appearance, so that nothing of the original can be computed back from them. */
function pseudonyms() {
  const label = numbered((n) => `n${n}`);
  const address4 = numbered((n) => `198.18.${(n >> 8) & 255}.${n & 255}`);
  const address6 = numbered((n) => `2001:db8::${n.toString(16)}`);
  const thumbprint = numbered((n) => n.toString(16).toUpperCase().padStart(40, '0'));
  const sha256 = numbered((n) => n.toString(16).toUpperCase().padStart(64, '0'));
  const site = numbered((n) => `Site ${n}`);
  const store = numbered((n) => `Store${n}`);
  const text = numbered((n) => `Text ${n}`);
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
    /** Label by label, so that what lies below a domain, and under its wildcard, still does. */
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
    /** Accounts that are the same on every Windows are kept: whether SYSTEM wrote an event decides what it is worth. */
    user: (written: string): string => (/^S-1-5-(?:\d{1,2}|32-\d+)$/.test(written) ? written : user(written)),
    /** A path can name a server or a person. */
    source: (written: string): string => (/^[\w ]*(?:\.config)?$/.test(written) ? written : 'withheld'),
  };
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

function anonymousKey(key: KeyText, names: Pseudonyms): KeyText {
  const parts = toRecordKey(key);
  switch (parts?.table) {
    case 'ip':
      return formatRecordKey({ ...parts, address: names.address(parts.address) });
    case 'sni':
      return formatRecordKey({ ...parts, host: names.host(parts.host) });
    default:
      return key;
  }
}

function anonymousBinding({ protocol, information, sslFlags, parts, recordKey }: Binding, names: Pseudonyms): Binding {
  const kept =
    parts === null ? null : { ...parts, address: names.address(parts.address), host: names.host(parts.host) };
  return {
    protocol,
    information: kept === null ? shapeOf(information) : informationOf(kept),
    sslFlags,
    parts: kept,
    recordKey: recordKey === null ? null : anonymousKey(recordKey, names),
  };
}

function informationOf({ address, port, host }: { address: string; port: number; host: string }): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}:${host}`;
}

/** Raw values are written anew from what they mean; of unknown ones name, type and length are kept. */
function anonymousRecord(record: TlsRecord, names: Pseudonyms): TlsRecord {
  const { options } = record;
  const made = makeTlsRecord({
    key: anonymousKey(record.key, names),
    thumbprint: record.thumbprint === null ? null : names.thumbprint(record.thumbprint),
    store: names.store(record.store),
    appId: record.appId,
    flags: options.flags,
    certCheckMode: options.certCheckMode,
    revocationFreshnessSeconds: options.revocationFreshnessSeconds,
    urlRetrievalTimeoutMs: options.urlRetrievalTimeoutMs,
    ctlIdentifier: options.ctlIdentifier === null ? null : names.text(options.ctlIdentifier),
    ctlStoreName: options.ctlStoreName === null ? null : names.store(options.ctlStoreName),
    more: Object.fromEntries(
      options.unknownValues.map((name) => {
        const { type = 'REG_BINARY', base64 = '' } = record.raw[name] ?? {};
        return [name, { type, base64: Buffer.alloc(Buffer.from(base64, 'base64').length).toString('base64') }];
      }),
    ),
  });
  const present = new Set(Object.keys(record.raw).map((name) => name.toLowerCase()));
  const known: ReadonlySet<string> = new Set(Object.values(recordValues));
  const raw = Object.entries(made.raw).filter(([name]) => !known.has(name) || present.has(name.toLowerCase()));
  return { ...made, raw: Object.fromEntries(raw) };
}

function anonymousCertificate(certificate: Certificate, names: Pseudonyms): Certificate {
  const { commonName } = certificate;
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
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    ekus: certificate.ekus,
    keyType: certificate.keyType,
    key: certificate.key,
    ...(certificate.keyReason === undefined ? {} : { keyReason: names.text(certificate.keyReason) }),
    archived: certificate.archived,
    renewedTo: certificate.renewedTo === null ? null : names.thumbprint(certificate.renewedTo),
    friendlyName: certificate.friendlyName === null ? null : names.text(certificate.friendlyName),
    chain: certificate.chain,
  };
}

function hostOrText(name: string, names: Pseudonyms): string {
  return normaliseHost(name) === null ? names.text(name) : names.host(name);
}

function anonymousConsumer(consumer: Consumer, names: Pseudonyms): Consumer {
  switch (consumer.kind) {
    case 'iis-binding':
      return {
        kind: consumer.kind,
        site: names.site(consumer.site),
        information: shapeOf(consumer.information),
        siteState: consumer.siteState,
      };
    case 'ftps':
      return { kind: consumer.kind, site: consumer.site === null ? null : names.site(consumer.site) };
    case 'http-sys':
      return { kind: consumer.kind, appId: consumer.appId, owner: consumer.owner };
    default:
      return { kind: consumer.kind, detail: consumer.detail === '' ? '' : names.text(consumer.detail) };
  }
}

function anonymousEvent(event: LifecycleEvent, names: Pseudonyms): LifecycleEvent {
  const side = (certificate: EventCertificate | null): EventCertificate | null =>
    certificate === null
      ? null
      : {
          thumbprint: certificate.thumbprint === null ? null : names.thumbprint(certificate.thumbprint),
          template: certificate.template === null ? null : names.text(certificate.template),
          names: certificate.names.map(names.text),
          ekus: certificate.ekus,
          notAfter: certificate.notAfter,
        };
  return {
    recordId: event.recordId,
    eventId: event.eventId,
    timeCreated: event.timeCreated,
    userId: event.userId === null ? null : names.user(event.userId),
    processName: event.processName === null ? null : names.text(event.processName),
    accountName: event.accountName === null ? null : names.text(event.accountName),
    context: event.context,
    action: event.action,
    old: side(event.old),
    new: side(event.new),
    certificate: side(event.certificate),
  };
}

/** What a text looks like, when even its reader could not tell what it says. */
function shapeOf(text: string): string {
  return text.replace(/\p{L}/gu, 'x').replace(/\p{N}/gu, '0');
}
