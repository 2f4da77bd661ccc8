import type { Endpoint } from '../certificates/handshake.ts';
import { recordsOf } from '../holders/holder.ts';
import type { KeyText } from '../holders/record-key.ts';
import { reportedHolders } from '../holders/reported/reported.ts';
import { reportedRules } from '../holders/reported/reported-kinds.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { iisAppId } from '../holders/tls/tls-record.ts';
import { bindingsByRecord, keyOf } from './bindings-of-records.ts';
import { endpointOfKey } from './endpoints.ts';
import type { ServerEndpoint } from './endpoints-of-server.ts';
import { ownerOf, winrmAppId } from './owners.ts';

/**
 * Where clients get the certificates of what is only reported. Nothing needs to listen there, and no decision of a plan
 * uses it.
 */
export function endpointsOfReported(snapshot: Snapshot): readonly ServerEndpoint[] {
  return [...endpointsOfRoles(snapshot), ...endpointsOfRecords(snapshot)];
}

/** The expected certificate of a role is known if one of its certificates is. */
function endpointsOfRoles(snapshot: Snapshot): readonly ServerEndpoint[] {
  const holders = reportedHolders(snapshot);
  const kinds = new Set([...holders, ...(snapshot.roles ?? [])].map(({ kind }) => kind));
  return [...kinds].flatMap((kind) => {
    const { called, dial = [] } = reportedRules[kind];
    const own = holders.filter((one) => one.kind === kind);
    const [one = null, ...others] = own;
    const expected = others.length === 0 ? (one?.thumbprint ?? null) : null;
    const key = one?.key ?? (`${kind}/${called}` as KeyText);
    return dial.map((at) => endpointOn(key, { address: '0.0.0.0', serverName: null, ...at }, expected, called));
  });
}

/** TLS records that belong neither to IIS nor to a holder that is dialled. */
function endpointsOfRecords({ holders, sites, listenOnly }: Snapshot): readonly ServerEndpoint[] {
  const records = recordsOf({ holders });
  const standing = bindingsByRecord(sites);
  const keys = new Set(records.map(({ key }) => key));
  const surroundings = { hasRecord: (key: KeyText) => keys.has(key), listenOnly };
  return records
    .filter(({ key, appId }) => !standing.has(key) && ![iisAppId, winrmAppId].includes(appId.toLowerCase()))
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
  return { key, expected, endpoint, sites: [called], skipped: null, mayBeSilent: true };
}
