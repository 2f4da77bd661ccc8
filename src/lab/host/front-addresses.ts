import { parseApplicationHost } from '../../holders/iis/application-host.ts';
import { toRecordKey } from '../../holders/record-key.ts';
import { smbQuicPort } from '../../holders/smb-quic/smb-quic.ts';
import { rdpPorts } from '../kernel/holders/rdp.ts';
import { hasSmbQuic } from '../kernel/holders/smb-quic.ts';
import { sqlPorts } from '../kernel/holders/sql.ts';
import { listEntries, listenList } from '../kernel/http-sys.ts';
import type { LabState } from '../kernel/lab-state.ts';
import { ftpBindings } from '../kernel/sites.ts';
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
  const ofFtp = ftpBindings(state).map(({ parts: { address, port } }): FrontAddress => {
    return { address: address === '*' ? '0.0.0.0' : address, port, service: 'ftp' };
  });
  const ofRdp = rdpPorts(state).map((port): FrontAddress => ({ address: '0.0.0.0', port, service: 'rdp' }));
  const ofSmb = hasSmbQuic(state) ? [{ address: '0.0.0.0', port: smbQuicPort, service: 'smb' } as const] : [];
  const ofSql = sqlPorts(state).map((port): FrontAddress => ({ address: '0.0.0.0', port, service: 'tds' }));
  const ofHttp = [...ofPorts, ...ofList];
  const ofHttp3 = state.switches.http3 === 'off' ? [] : ofHttp.map((at): FrontAddress => ({ ...at, service: 'h3' }));
  const distinct = new Map(
    [...ofHttp, ...ofHttp3, ...ofFtp, ...ofRdp, ...ofSql, ...ofSmb].map((each) => [frontId(each), each]),
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
