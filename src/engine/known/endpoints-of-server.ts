import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { recordsOf } from '../../kinds/holder.ts';
import { type HolderInUse, holdersInUse, recordKeysInHolders, reportedPlaces } from '../../kinds/place.ts';
import { holderKey, isOfCentralStore, type KeyText } from '../../kinds/record-key.ts';
import { reportedRules } from '../../kinds/reported/reported-kinds.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { iisAppId } from '../../kinds/tls/certificate-binding.ts';
import { allowsHttp3 } from '../../kinds/tls/tls-flags.ts';
import { type Endpoint, endpointId, whyNeverDialled } from '../../model/certificates/handshake.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { bindingsBehindIpv6, bindingsByRecord, keyOf, type UsedBinding } from './bindings-of-records.ts';
import { endpointOfKey, endpointsOf } from './endpoints.ts';
import { ownerOf, winrmAppId } from './owners.ts';

/** Where clients get the certificates of a server, and which one the holder behind each endpoint names. */
export interface ServerEndpoint {
  readonly key: KeyText;
  /** `null` for the central certificate store, whose records name nothing, and if it is not known. */
  readonly expected: Thumbprint | null;
  readonly endpoint: Endpoint;
  readonly sites: readonly string[];
  /** Why no certificate is expected there; `null` if one is. */
  readonly skipped: string | null;
  /** Whether it is not an error if nothing listens there; absent for no. */
  readonly mayBeSilent?: true;
}

/**
 * Every endpoint under an IIS binding, over HTTP/3 too where that is enabled, in the order of the records, then those of other holders. A binding whose record is absent has none. Where
 * another product has a record for any IPv6 address, the bindings of any address are met there too.
 */
export function endpointsOfServer(snapshot: Snapshot): readonly ServerEndpoint[] {
  const records = new Map(recordsOf(snapshot).map((record) => [record.key, record]));
  const standing = bindingsByRecord(snapshot.sites);
  const surroundings = { hasRecord: (key: KeyText) => records.has(key), listenOnly: snapshot.listenOnly };
  const webServiceStopped = snapshot.webService === 'stopped' ? 'the web service is stopped' : null;
  const ofRecords = [...standing, ...bindingsBehindIpv6(records.keys(), standing)].flatMap(([key, bindings]) => {
    const record = records.get(key);
    if (record === undefined) return [];
    const answersHttp3 = snapshot.http3 === true && allowsHttp3(record.options.flags);
    const endpointsAt = (isMeant: (binding: UsedBinding) => boolean) => {
      const meant = bindings.filter(isMeant);
      const sitesAt = sitesByName(meant);
      return endpointsOf(keyOf(key), meant, surroundings).map((endpoint) => {
        return { key, expected: record.thumbprint, endpoint, sites: sitesAt(endpoint) };
      });
    };
    const reached = endpointsAt(({ siteState }) => siteState !== 'stopped');
    const met = new Set(reached.map(({ endpoint }) => endpointId(endpoint)));
    const unreached = endpointsAt(({ siteState }) => siteState === 'stopped');
    return [
      ...reached.flatMap((one): readonly ServerEndpoint[] => {
        const isNameless = isOfCentralStore(key) && one.endpoint.serverName === null;
        const why = webServiceStopped ?? (isNameless ? 'its binding has no host name' : null);
        const endpoint = { ...one.endpoint, startTls: 'h3' } as const;
        const overQuic = { ...one, endpoint, skipped: webServiceStopped ?? whyNeverDialled(endpoint) };
        return [{ ...one, skipped: why }, ...(answersHttp3 ? [overQuic] : [])];
      }),
      ...unreached
        .filter(({ endpoint }) => !met.has(endpointId(endpoint)))
        .map((one) => ({ ...one, skipped: webServiceStopped ?? 'the site is stopped' })),
    ];
  });
  return [...ofRecords, ...holdersInUse(snapshot).flatMap(endpointsOfHolder)];
}

function endpointsOfHolder({ key, thumbprint, endpoints }: HolderInUse): readonly ServerEndpoint[] {
  const met = groupBy(endpoints, ({ endpoint }) => endpointId(endpoint));
  return [...met.values()].flatMap((there) => {
    const running = there.filter(({ state }) => state !== 'stopped');
    const [first] = running.length > 0 ? running : there;
    if (first === undefined) return [];
    return {
      key,
      expected: thumbprint,
      endpoint: first.endpoint,
      sites: distinct(there.map(({ site }) => site)),
      skipped: running.length > 0 ? null : 'the site is stopped',
    };
  });
}

/**
 * Names the sites whose binding asks for an endpoint's name; a binding without a host answers if no name is asked for.
 * If no binding asks for the name, all sites are named.
 */
function sitesByName(bindings: readonly UsedBinding[]): (endpoint: Endpoint) => readonly string[] {
  const wildcards = bindings.filter(({ parts: { host } }) => host.startsWith('*.'));
  const byHost = groupBy(bindings, ({ parts: { host } }) => host);
  return ({ serverName }) => {
    const below = wildcards.filter(({ parts: { host } }) => serverName?.endsWith(host.slice(1)) === true);
    const named = [...(byHost.get(serverName ?? '') ?? []), ...below];
    return distinct((named.length > 0 ? named : bindings).map(({ site }) => site));
  };
}

/** All that is dialled to see what clients get. An endpoint of a certificate binding that belongs to a reported holder is listed once. */
export function endpointsToVerify(snapshot: Snapshot): readonly ServerEndpoint[] {
  const ofServer = endpointsOfServer(snapshot);
  const met = new Set(ofServer.map(({ endpoint }) => endpointId(endpoint)));
  return [...ofServer, ...endpointsOfReported(snapshot).filter(({ endpoint }) => !met.has(endpointId(endpoint)))];
}

/**
 * Where clients get the certificates of what is only reported. Nothing needs to listen there, and no decision of a plan
 * uses it.
 */
export function endpointsOfReported(snapshot: Snapshot): readonly ServerEndpoint[] {
  return [...endpointsOfRoles(snapshot), ...endpointsOfRecords(snapshot)];
}

/** The expected certificate of a role is known if one of its certificates is. */
function endpointsOfRoles(snapshot: Snapshot): readonly ServerEndpoint[] {
  const holders = reportedPlaces(snapshot);
  const kinds = new Set([...holders, ...(snapshot.roles ?? [])].map(({ kind }) => kind));
  return [...kinds].flatMap((kind) => {
    const { called, dial = [] } = reportedRules[kind];
    const own = holders.filter((one) => one.kind === kind);
    const [one = null, ...others] = own;
    const expected = others.length === 0 ? (one?.thumbprint ?? null) : null;
    const key = one?.key ?? holderKey(kind, called);
    return dial.map((at) => endpointOn(key, { address: '0.0.0.0', serverName: null, ...at }, expected, called));
  });
}

/** Certificate bindings that belong neither to IIS nor to another holder, which is dialled itself. */
function endpointsOfRecords({ holders, sites, listenOnly }: Snapshot): readonly ServerEndpoint[] {
  const parts = recordKeysInHolders({ holders, sites });
  const records = recordsOf({ holders });
  const standing = bindingsByRecord(sites);
  const keys = new Set(records.map(({ key }) => key));
  const surroundings = { hasRecord: (key: KeyText) => keys.has(key), listenOnly };
  return records
    .filter(
      ({ key, appId }) =>
        !standing.has(key) && !parts.has(key) && ![iisAppId, winrmAppId].includes(appId.toLowerCase()),
    )
    .flatMap(({ key, appId, thumbprint }) =>
      endpointOfKey(keyOf(key), surroundings).map((endpoint) =>
        endpointOn(key, endpoint, thumbprint, ownerOf(appId) ?? `application ${appId}`),
      ),
    );
}

function endpointOn(
  key: KeyText,
  endpoint: Endpoint,
  expected: ServerEndpoint['expected'],
  called: string,
): ServerEndpoint {
  return { key, expected, endpoint, sites: [called], skipped: whyNeverDialled(endpoint), mayBeSilent: true };
}
