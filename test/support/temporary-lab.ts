import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type CreateLabOptions, createLab, type LabCreated } from '../../src/lab/host/create.ts';
import type { DialTarget } from '../../src/server/server.ts';

/** What names a certificate in a lab with `holders`, beside its certificate bindings. */
export const sampleHolders: readonly string[] = [
  'ftp/*',
  'ftp/Files',
  'ftp/Partner Files',
  'ldaps/NTDS',
  'nps/Wi-Fi',
  'rd-gateway/TSGateway',
  'rdp/RDP-Tcp',
  'smb-quic/files.example.com',
  'sql/MSSQLSERVER',
  'sstp/SstpSvc',
  'winrm/*+HTTPS',
  'wmsvc/8172',
];

const leftAtExit: string[] = [];
process.once('exit', () => {
  for (const path of leftAtExit)
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      console.error(`${path} stays: ${error}`);
    }
});

/** Has a folder removed when this process ends. */
export function removeAtExit(path: string): void {
  leftAtExit.push(path);
}

/** A new folder that is gone when this process ends. */
export function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'certrebind-test-'));
  removeAtExit(path);
  return path;
}

/** A new lab in a folder of its own: a copy, since to make its certificates takes longer than most tests. */
export async function temporaryLab(
  options: Omit<CreateLabOptions, 'folder'> = {},
): Promise<LabCreated & { remove(): Promise<void> }> {
  const path = newFolder();
  const folder = join(path, 'lab');
  const made = await madeLab(options);
  cpSync(made.folder, folder, { recursive: true });
  // Of another server.
  const file = join(folder, 'lab.json');
  const state = readFileSync(file, 'utf8');
  writeFileSync(file, state.replace(/"id": "[^"]+"/, `"id": "${randomUUID()}"`));
  return { ...made, folder, remove: () => rm(path, { recursive: true, force: true }) };
}

const madeLabs = new Map<string, Promise<LabCreated>>();

function madeLab(options: Omit<CreateLabOptions, 'folder'>): Promise<LabCreated> {
  const key = JSON.stringify(options);
  const made = madeLabs.get(key) ?? makeLab(options);
  madeLabs.set(key, made);
  return made;
}

async function makeLab(options: Omit<CreateLabOptions, 'folder'>): Promise<LabCreated> {
  return createLab({ folder: join(newFolder(), 'lab'), ...options });
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
