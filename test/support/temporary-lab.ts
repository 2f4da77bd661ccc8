import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type CreateLabOptions, createLab, type LabCreated } from '../../src/lab/host/create.ts';
import type { DialTarget } from '../../src/server/server.ts';

/** A folder that is gone again after the test. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'certrebind-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A new lab in a folder of its own. */
export async function temporaryLab(
  options: Omit<CreateLabOptions, 'folder'> = {},
): Promise<LabCreated & Pick<TemporaryFolder, 'remove'>> {
  const { path, remove } = await temporaryFolder();
  return { ...(await createLab({ folder: join(path, 'lab'), ...options })), remove };
}

/** The thumbprint that a client is shown, or the code of the error that it gets. */
export function shakeHands(target: DialTarget, serverName: string | null): Promise<string> {
  if (!target.reachable) return Promise.resolve(target.reason);
  return new Promise((resolve) => {
    const { host, port } = target;
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      ...(serverName === null ? {} : { servername: serverName }),
    });
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint.replaceAll(':', ''));
      socket.destroy();
    });
    socket.once('error', (error) => resolve('code' in error ? `${error.code}` : error.message));
  });
}
