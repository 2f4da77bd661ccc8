import { distinct } from '../../base/order.ts';
import type { Note } from '../../documents/runs/plan.ts';
import { type HolderInUse, recordsIn, tlsHolder } from '../../kinds/holder.ts';
import type { Binding } from '../../kinds/iis/binding.ts';
import type { TlsRecord } from '../../kinds/tls/tls-record.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import { keyOf, type StandingBinding, servedHosts, usersOfRecord } from './bindings-of-records.ts';
import { type HolderFacts, type HolderSurvey, isMoved, type WhyNot } from './decide-holder.ts';
import { lineForRecord } from './decide-reported.ts';
import { endpointsToProve, listeningAddress } from './endpoints.ts';
import { leftAlone } from './left-alone.ts';
import type { coOwners } from './owners.ts';
import type { RenewalPair } from './renewal-pair.ts';
import { mayStandOn } from './unreadable.ts';

/** Everything that is looked up for a record, indexed once, so that the work is linear in the number of records. */
export interface RecordSurvey extends HolderSurvey {
  readonly unreadableBindings: readonly Binding[];
  readonly coOwners: ReturnType<typeof coOwners>;
}

/** A certificate binding, with the bindings that use it. */
export function factsOfRecord(record: TlsRecord, survey: RecordSurvey): HolderFacts {
  const bindings = survey.bindings.get(record.key) ?? [];
  const place = keyOf(record.key);
  return {
    consumers: [...usersOfRecord(record, bindings), ...survey.coOwners(record)],
    isMoved: true,
    whyNot: (pair) => whyNot(record, bindings, pair, survey),
    swap: {
      holder: tlsHolder(record),
      stores: null,
      carriesRun: 'no',
      served: () => servedHosts(place, bindings, survey.hasRecord),
      surroundings: () => ({
        verify: endpointsToProve(place, bindings, survey),
        notes: notesOnRecord(record, bindings, survey),
      }),
    },
  };
}

/** A holder that is moved, with what counts for the certificate bindings that are part of it: who else uses them, and what is against that. */
export function factsWithRecords(standing: HolderInUse, own: HolderFacts, survey: RecordSurvey): HolderFacts {
  const records = recordsIn(standing.holder);
  const { swap } = own;
  if (swap === null || records.length === 0 || !isMoved(standing, survey.configuration)) return own;
  const shared = records
    .filter(({ key }) => survey.bindings.has(key))
    .map((record) => ({ record, place: keyOf(record.key), bindings: survey.bindings.get(record.key) ?? [] }));
  const users = shared.flatMap(({ record, bindings }) => usersOfRecord(record, bindings));
  const coOwners = records.flatMap(survey.coOwners).filter(({ kind }) => kind !== standing.holder.kind);
  return {
    ...own,
    consumers: [...own.consumers, ...users, ...coOwners],
    swap: {
      ...swap,
      served() {
        const served = shared.map(({ place, bindings }) => servedHosts(place, bindings, survey.hasRecord));
        const own = swap.served();
        return {
          hosts: [own, ...served].flatMap(({ hosts }) => hosts),
          catchAll: [own, ...served].some(({ catchAll }) => catchAll),
          address: null,
        };
      },
      surroundings() {
        const { verify, notes } = swap.surroundings();
        return {
          verify: [...verify, ...shared.flatMap(({ place, bindings }) => endpointsToProve(place, bindings, survey))],
          notes: [...notes, ...shared.flatMap(({ record, bindings }) => notesOnRecord(record, bindings, survey))],
        };
      },
    },
  };
}

/** If a record of IIS were taken for another product's, it would be left behind silently. */
function whyNot(
  record: TlsRecord,
  bindings: readonly StandingBinding[],
  pair: RenewalPair | undefined,
  { configuration, unreadableBindings }: RecordSurvey,
): WhyNot | null {
  const skip = leftAlone(record, bindings, pair?.renewal.new ?? null, configuration);
  if (skip?.reason !== 'other-program' || pair === undefined) return skip;
  if (mayStandOn(unreadableBindings, record)) {
    const detail =
      'It has the application id of IIS. No binding that can be read uses it, but one that cannot be read may.';
    return { block: 'binding-unreadable', detail };
  }
  const { besides, command } = lineForRecord(record, pair.renewal);
  const detail = besides == null ? skip.detail : `${skip.detail} ${besides}`;
  return { ...skip, detail, ...(command === undefined ? {} : { command }) };
}

function notesOnRecord(record: TlsRecord, bindings: readonly StandingBinding[], survey: RecordSurvey): readonly Note[] {
  const notes: Note[] = [];
  const hidden = hiddenByListenList(record, bindings, survey);
  if (hidden !== null) notes.push({ code: 'listen-list', text: hidden });
  const stopped = bindings.filter(({ siteState }) => siteState === 'stopped').map(({ site }) => site);
  if (stopped.length > 0) {
    const sites = distinct(stopped).join(', ');
    notes.push({ code: 'site-stopped', text: `Not tested, because the site is stopped: ${sites}.` });
  }
  // Before a run, an unknown netsh is assumed to have the usual options; for a capture nothing is said about them.
  const inexpressible =
    isKnown(survey.snapshot, 'netsh') || survey.snapshot.server.kind !== 'replay' ? survey.inexpressible(record) : [];
  if (inexpressible.length > 0) {
    notes.push({
      code: 'not-restorable',
      text: `netsh on this server cannot write ${inexpressible.join(', ')}. It is changed in place, and an undo restores only its certificate.`,
    });
  }
  return notes;
}

/** Why no client reaches a record of any address; `null` if one does. */
function hiddenByListenList(
  { key }: TlsRecord,
  bindings: readonly StandingBinding[],
  { snapshot, hasRecord }: RecordSurvey,
): string | null {
  const { listenOnly } = snapshot;
  const place = keyOf(key);
  const addresses = place.table === 'ip' ? [place.address] : bindings.map(({ parts }) => parts.address);
  const surroundings = { hasRecord, listenOnly };
  if (addresses.length === 0) return null;
  if (addresses.some((address) => listeningAddress(address, place.port, surroundings) !== null)) return null;
  return `Not tested, because HTTP.SYS listens only on ${listenOnly.join(', ')}, where other certificate bindings answer on port ${place.port}.`;
}
