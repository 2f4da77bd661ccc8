import { findingEntry, placeStates } from '../../base/codes/finding-codes.ts';
import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import { listed, stateOf } from '../../documents/finding.ts';
import type { Finding, PlaceStatus } from '../../documents/status.ts';
import type { VerifiedEndpoint } from '../../documents/verify.ts';
import { consumerText } from '../../kinds/consumer.ts';
import { reportedPlaces } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { reportedKindOf } from '../../kinds/reported/reported.ts';
import { reportedRules } from '../../kinds/reported/reported-kinds.ts';
import { type Endpoint, endpointId } from '../../model/certificates/handshake.ts';
import { keyOf, type UsedBinding } from '../known/bindings-of-records.ts';
import { ownerOf } from '../known/owners.ts';
import { placesInPlan } from '../plan/decide-holder.ts';
import type { Evidence } from './facts.ts';

/**
 * Every place whose certificate a person chooses, as people know it, with the worst that was found there; places that only
 * the endpoints tell of, and bindings without a record, included.
 */
export function placeStatuses(evidence: Evidence, findings: readonly Finding[]): readonly PlaceStatus[] {
  const { wire, succession } = evidence;
  const renewedByNames = new Set(evidence.unrecorded.flatMap(({ keys }) => keys));
  const seen = groupBy(wire, ({ key }) => key);
  const worst = new Map<KeyText, Finding>();
  for (const found of findings.filter(tellsOfPlaces))
    for (const key of found.keys) if (!worst.has(key)) worst.set(key, found);
  return namedPlaces(evidence)
    .map((place) => {
      const endpoints = seen.get(place.key) ?? [];
      const served = endpoints.filter(({ result }) => result === 'served');
      const [shown] = [...served.filter(({ matches }) => matches === false), ...served];
      const certificate = shown?.thumbprint ?? place.certificate;
      const next = succession.successorOf(certificate);
      const known = next.is === 'known' ? next.renewal.new : null;
      const found = worst.get(place.key) ?? (place.partOf === undefined ? undefined : worst.get(place.partOf));
      const told = found?.renewal;
      return {
        key: place.key,
        name: place.name,
        address: place.address,
        ...(found === undefined
          ? byWire(endpoints, known !== null ? excluded : renewedByNames.has(place.key) ? unrecorded : null)
          : byFinding(found)),
        certificate,
        isServed: shown !== undefined,
        successor: known ?? (told?.corroborated === true && told.old === certificate ? told.new : null),
      };
    })
    .sort((a, b) => placeStates.indexOf(a.state) - placeStates.indexOf(b.state) || compareText(a.name, b.name));
}

/** What is for information does not make a place worse, but may say what it waits for. */
function tellsOfPlaces({ code, severity }: Finding): boolean {
  const state = stateOf(code);
  return state !== null && (severity !== 'info' || state === 'waiting' || state === 'rolled-back');
}

type Judged = Pick<PlaceStatus, 'state' | 'code' | 'severity' | 'why' | 'missingNames'>;

function byFinding({ code, severity, missingNames, cause, renewal }: Finding): Judged {
  const text = findingEntry(code)?.text ?? code;
  const lacks = `The new certificate ${renewal?.new.slice(0, 8) ?? ''} lacks ${listed(missingNames)}.`;
  const why = missingNames.length > 0 ? lacks : (cause ?? text);
  return { state: stateOf(code) ?? 'not-tested', code, severity, why, missingNames };
}

const excluded = 'A newer certificate is here, and the configuration excludes this.';
const unrecorded = 'A newer certificate with its names is here, and nothing records that it is the renewal.';

/** @param whyOld why the newest certificate that is here is not there; `null` if it is */
function byWire(endpoints: readonly VerifiedEndpoint[], whyOld: string | null): Judged {
  const told = { code: null, severity: null, missingNames: [] };
  if (whyOld !== null) return { ...told, state: 'left-alone', why: whyOld };
  const reason = endpoints.find((one) => one.reason !== null)?.reason;
  return endpoints.some(({ result }) => result === 'served')
    ? { ...told, state: 'verified', why: '' }
    : {
        ...told,
        state: 'not-tested',
        why: reason == null ? 'As configured.' : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
      };
}

/** `partOf`: the holder with which it is changed. */
type NamedPlace = Pick<PlaceStatus, 'key' | 'name' | 'address' | 'certificate'> & {
  readonly partOf?: KeyText | undefined;
};

function namedPlaces({ snapshot, configuration, wire, survey }: Evidence): readonly NamedPlace[] {
  const { bindings } = survey;
  const { holders, recordsInThem } = placesInPlan(snapshot, configuration);
  const records = [...survey.records.values()].filter(({ key }) => !recordsInThem.has(key) || bindings.has(key));
  const recorded = new Set(records.map(({ key }) => key));
  const named: readonly NamedPlace[] = [
    ...[...bindings].flatMap(([key, standing]) =>
      recorded.has(key) ? [] : { key, ...sitesAt(key, standing), certificate: null },
    ),
    ...records.map(({ key, appId, thumbprint }) => {
      const standing = bindings.get(key) ?? [];
      const at = sitesAt(key, standing);
      const name = standing.length > 0 ? at.name : (ownerOf(appId) ?? `application ${appId}`);
      return { key, name, address: at.address, certificate: thumbprint, partOf: recordsInThem.get(key) };
    }),
    ...holders.map(({ key, consumer, thumbprint, endpoints }) => ({
      key,
      name: consumerText(consumer),
      address: listed(distinct(endpoints.map(({ endpoint, host }) => addressText({ ...endpoint, host })))),
      certificate: thumbprint,
    })),
    ...reportedPlaces(snapshot).map(({ key, consumer, thumbprint }) => ({
      key,
      name: consumerText(consumer),
      address: addressesSeen(wire, key),
      certificate: thumbprint,
    })),
  ];
  const known = new Set(named.map(({ key }) => key));
  return [
    ...named,
    // Roles of which nothing tells the certificate.
    ...distinct(wire.flatMap(({ key }) => (known.has(key) ? [] : key))).map((key) => {
      const kind = reportedKindOf(key);
      return {
        key,
        name: kind === null ? key : reportedRules[kind].called,
        address: addressesSeen(wire, key),
        certificate: null,
      };
    }),
  ];
}

function sitesAt(key: KeyText, standing: readonly UsedBinding[]): Pick<PlaceStatus, 'name' | 'address'> {
  const name = listed(distinct(standing.map(({ site }) => site)));
  if (standing.length > 0) return { name, address: listed(distinct(standing.map(({ parts }) => addressText(parts)))) };
  const place = keyOf(key);
  return { name, address: place.table === 'ip' ? addressText({ ...place, host: '' }) : key };
}

function addressesSeen(wire: readonly VerifiedEndpoint[], key: KeyText): string {
  const met = new Map(wire.flatMap((one) => (one.key === key ? [[endpointId(one.endpoint), one.endpoint]] : [])));
  return listed([...met.values()].map((endpoint) => addressText({ ...endpoint, host: endpoint.serverName ?? '' })));
}

/** `shop.example.com:443`, `192.0.2.1:443`, `any host, port 443` */
function addressText({ address, port, host }: Pick<Endpoint, 'address' | 'port'> & { readonly host: string }): string {
  if (host !== '') return `${host}:${port}`;
  if (['*', '0.0.0.0', '::'].includes(address)) return `any host, port ${port}`;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
