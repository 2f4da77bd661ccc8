import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../../kinds/snapshot.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import { canonicalIpv6 } from '../../model/certificates/ip-address.ts';
import type { DialTarget, Server, WrittenOnServer } from '../../server/server.ts';
import { type OpenLab, type OpenLabOptions, openLab } from '../host/channel.ts';
import { inspectPaths, makeProtectedFolder } from '../host/path-safety.ts';
import type { FrontListener } from '../host/tls-front.ts';
import { labServerFrom } from './server-over-channel.ts';

export interface LabServerOptions extends OpenLabOptions {
  /** The account with which the server is read; SYSTEM if absent, like the scheduled task. */
  readonly account?: Account;
}

export interface LabServer {
  readonly server: Server;
  /** Absolute. */
  readonly folder: string;
  /** `enable` was run through this kind of server; the lab's scheduler starts programs the same way. */
  rememberServer(kind: string): Promise<void>;
}

/**
 * The port to the lab in a folder, served or not.
 * @throws CertRebindError `not-a-lab`
 */
export async function openLabServer(folder: string, options: LabServerOptions = {}): Promise<LabServer> {
  const channel = await openLab(folder, options);
  const server = labServerFrom({
    channel,
    account: options.account ?? 'system',
    dial: (endpoint) => dialLab(channel, endpoint),
    now: () => new Date(),
    inspect: async (paths) => inspectPaths(channel.folder, paths),
    onDisk: (written) => onDiskOfLab(channel.folder, written),
    makeFolder: makeProtectedFolder,
    startsTasks: channel.isServed(),
    keepKey: (thumbprint, key) => channel.ask({ ask: 'keep-key', thumbprint, key }),
    issue: (name, friendlyName) => channel.ask({ ask: 'issue', name, friendlyName }),
  });
  return {
    server,
    folder: channel.folder,
    rememberServer: async (kind) => {
      await channel.ask({ ask: 'remember-server', server: kind });
    },
  };
}

/** The disk of a lab is a folder in its own one. */
export function onDiskOfLab(lab: string, written: WrittenOnServer): WrittenOnServer {
  const disk = realpathSync(lab);
  const folders = written.folders.map((path) => join(disk, path.replaceAll('%', '').replaceAll('\\', '/')));
  return { ...written, folders, disks: ['/'] };
}

/** Where a client of the lab's address really connects: to a listener of that address, or to the one of any address. */
export function dialLab(lab: Pick<OpenLab, 'listeners'>, endpoint: Endpoint): DialTarget {
  const listeners = lab.listeners();
  if (listeners.length === 0) {
    return { reachable: false, reason: 'the lab is not served. Start it with certrebind lab serve' };
  }
  const onPort = listeners.filter(({ port }) => port === endpoint.port);
  const wanted = endpoint.address === '*' ? '0.0.0.0' : (canonicalIpv6(endpoint.address) ?? endpoint.address);
  const family = wanted.includes(':') ? ['::', '0.0.0.0'] : ['0.0.0.0'];
  const listener = [wanted, ...family]
    .map((address) => onPort.find((candidate) => candidate.address === address))
    .find((candidate): candidate is FrontListener => candidate !== undefined);
  if (listener === undefined) {
    return { reachable: false, reason: `the lab has no listener for ${endpoint.address} port ${endpoint.port}` };
  }
  return listener.listening
    ? { reachable: true, host: listener.host, port: listener.localPort }
    : { reachable: false, reason: listener.reason };
}
