import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import { toRecordKey } from '../../kinds/record-key.ts';
import { listensForHolders } from '../kernel/holders/kinds.ts';
import { listEntries, listenList } from '../kernel/http-sys.ts';
import type { LabState } from '../kernel/lab-state.ts';
import { type FrontAddress, type FrontListener, frontId } from './tls-front.ts';

/**
 * Every address and port that an https or ftp binding or a record names; names without an address are at any address.
 */
export function addressesOf(state: LabState): readonly FrontAddress[] {
  const { sites } = parseApplicationHost(state.applicationHost, 'applicationHost.config');
  const ofBindings = sites
    .flatMap(({ bindings }) => bindings)
    .flatMap(({ recordKey, parts }) => (recordKey === null || parts === null ? [] : [parts]))
    .map(({ address, port }) => ({ address: address === '*' ? '0.0.0.0' : address, port }));
  const ofRecords = listEntries(state.httpSys).flatMap(({ key }) => addressOfRecord(key));
  const ofPorts = [...ofBindings, ...ofRecords];
  const ofList = listenList(state.switches).flatMap((address) => ofPorts.map(({ port }) => ({ address, port })));
  const distinct = new Map<string, FrontAddress>(
    [...ofPorts, ...ofList, ...listensForHolders(state)].map((each) => [frontId(each), each]),
  );
  return [...distinct.values()];
}

function addressOfRecord(text: string): readonly FrontAddress[] {
  const key = toRecordKey(text);
  if (key === null) return [];
  return [{ address: key.table === 'ip' ? key.address : '0.0.0.0', port: key.port }];
}

/** The certificate bindings at an address that has a listener. */
export function countEndpoints(state: LabState, listeners: readonly FrontListener[]): number {
  const listening = new Set(listeners.filter((each) => each.listening).map(frontId));
  return listEntries(state.httpSys)
    .flatMap(({ key }) => addressOfRecord(key))
    .filter(({ address, port }) => listening.has(`${address} ${port}`)).length;
}
