import assert from 'node:assert/strict';
import { openLabServer } from '../../src/lab/client/lab-server.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { serveLab } from '../../src/lab/host/serve.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import type { Endpoint } from '../../src/model/certificates/handshake.ts';
import { tlsHandshaker } from '../../src/server/handshake.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

/** A lab that serves every role, for clients that others wrote. */
export async function serveRoles() {
  const lab = await temporaryLab({ holders: true });
  const serving = await serveLab(lab.folder);
  const { server } = await openLabServer(lab.folder);
  const channel = await openLab(lab.folder);
  return {
    folder: lab.folder,
    perform: (request: LabRequest) => channel.ask({ ask: 'lab', request }),
    /** Where such a client connects to. */
    target(endpoint: Endpoint): string {
      const target = server.dial(endpoint);
      assert.ok(target.reachable);
      return `${target.host}:${target.port}`;
    },
    /** What our own client makes of it: the result, and the reason where there is none. */
    async dialled(endpoint: Endpoint) {
      const { handshake } = await tlsHandshaker(server, { timeoutMs: 60_000, attempts: 1 })(endpoint);
      return [handshake.result, handshake.reason] as const;
    },
    async close(): Promise<void> {
      await channel.close();
      await server.close();
      await serving.close();
      await lab.remove();
    },
  };
}
