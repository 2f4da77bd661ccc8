import type { Message } from '../../documents/notification.ts';
import type { Trigger } from '../../documents/trigger.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { certificateNames, coversHost, normaliseHost } from '../../model/certificates/host-name.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { type EventCertificate, type LifecycleEvent, toIsoTime } from '../../model/windows/lifecycle-event.ts';

/** One certificate of an event: what the event says of it, and the certificate itself where a store has it. */
interface Concerned {
  readonly told: EventCertificate;
  readonly stored: Certificate | null;
}

export type StoredCertificates = ReadonlyMap<Thumbprint, Certificate>;

/** The thumbprints that an event names, whose certificates have to be read. */
export function thumbprintsOf({ old, new: successor, certificate }: LifecycleEvent): readonly Thumbprint[] {
  return [certificate, old, successor].flatMap((told) => told?.thumbprint ?? []);
}

/**
 * Why an event does not match a trigger; `null` if it does. The log's own queries cannot look into names, so it is
 * decided here. For a renewal either certificate may match, because names and issuers may change with it.
 */
export function whyNotFor(trigger: Trigger, event: LifecycleEvent, stored: StoredCertificates): string | null {
  const concerned = [event.certificate, event.new, event.old].flatMap((told) =>
    told === null ? [] : { told, stored: told.thumbprint === null ? null : (stored.get(told.thumbprint) ?? null) },
  );
  const unmet = (holds: (certificate: Concerned) => boolean) => !concerned.some(holds);
  if (trigger.names.length > 0 && unmet((certificate) => hasOneOf(namesOf(certificate), trigger.names))) {
    return `no certificate of the event has one of the names ${trigger.names.join(', ')}`;
  }
  const { issuer } = trigger;
  if (issuer !== null && unmet((certificate) => isIssuedBy(certificate, issuer))) {
    return `no certificate of the event that is in a store is issued by ${issuer}`;
  }
  if (trigger.ekus.length > 0 && unmet((certificate) => hasUsage(certificate, trigger.ekus))) {
    return `no certificate of the event is for ${trigger.ekus.join(', ')}`;
  }
  return null;
}

/**
 * What a trigger's program gets as environment variables: values of the certificate itself come before those of the
 * event, whose text anybody may have written. No value can be mistaken for several.
 */
export function triggerValues(
  trigger: Pick<Trigger, 'id' | 'on'>,
  event: LifecycleEvent,
  stored: StoredCertificates,
): Readonly<Record<string, string>> {
  const main = event.new ?? event.certificate ?? event.old;
  const certificate = main?.thumbprint == null ? null : (stored.get(main.thumbprint) ?? null);
  const concerned = main === null ? null : { told: main, stored: certificate };
  const values: Readonly<Record<string, string | number | null>> = {
    TRIGGER: trigger.id,
    EVENT: trigger.on,
    EVENT_ID: event.eventId,
    RECORD_ID: event.recordId,
    EVENT_TIME: event.timeCreated,
    WRITTEN_BY: event.userId,
    OLD_THUMBPRINT: event.old?.thumbprint ?? null,
    NEW_THUMBPRINT: event.new?.thumbprint ?? null,
    THUMBPRINT: main?.thumbprint ?? null,
    SUBJECT: certificate?.subject ?? main?.names[0] ?? null,
    ISSUER: certificate?.issuer ?? null,
    NAMES: concerned === null ? null : namesOf(concerned).join(','),
    NOT_AFTER: certificate?.notAfter ?? toIsoTime(main?.notAfter ?? ''),
    STORE: certificate?.store ?? null,
  };
  return asEnvironment(values);
}

/** The same of what a run did. */
export function outcomeValues(id: string, { id: messageId, news }: Message): Readonly<Record<string, string>> {
  return asEnvironment({
    TRIGGER: id,
    EVENT: news.kind,
    EVENT_ID: news.eventId,
    EVENT_TIME: news.at,
    MESSAGE_ID: messageId,
    RUN: news.run,
    HEADLINE: news.headline,
    DETAILS: news.lines.join(' | '),
    NAMES: news.names.join(','),
  });
}

function asEnvironment(values: Readonly<Record<string, string | number | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      // A value with a zero byte would keep the program from starting, and one with a line break could look like two.
      const printable = String(value ?? '').replace(/\p{Cc}+/gu, ' ');
      return [`CERTREBIND_${name}`, printable.slice(0, 4000)];
    }),
  );
}

/** Only values that can be a host name: an event's list begins with the subject and may contain anything. */
function namesOf({ told, stored }: Concerned): readonly string[] {
  if (stored !== null) return certificateNames(stored);
  return told.names.flatMap((name) => normaliseHost(name) ?? []);
}

/** Whether one of these names is wanted; `*.` stands for any below. */
export function hasOneOf(dnsNames: readonly string[], wanted: readonly string[]): boolean {
  const names = { commonName: null, dnsNames, ipAddresses: dnsNames };
  return wanted.some((pattern) => {
    if (coversHost(names, pattern)) return true;
    return pattern.startsWith('*.') && dnsNames.some((name) => name.endsWith(pattern.slice(1)));
  });
}

/** Events do not name the issuer, so the issuer of a certificate that no store has is unknown. */
function isIssuedBy({ stored }: Concerned, issuer: string): boolean {
  if (stored === null) return false;
  const wanted = issuer.toLowerCase();
  const known = stored.issuer.toLowerCase();
  return known === wanted || known.split(', ').includes(`cn=${wanted}`);
}

/** Without a list of usages a certificate is for every one. */
function hasUsage({ told, stored }: Concerned, wanted: readonly string[]): boolean {
  const ekus = stored === null ? told.ekus : (stored.ekus ?? []);
  return ekus.length === 0 || ekus.some((oid) => wanted.includes(oid));
}
