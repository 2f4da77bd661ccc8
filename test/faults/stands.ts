import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunContext } from '../../src/engine/run/context.ts';
import type { State } from '../../src/engine/state/state.ts';
import { dialLab, openLabServer } from '../../src/lab/client/lab-server.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { reachLab, shortLife } from '../../src/lab/windows/open.ts';
import { makeSystemRoot, setUpRows } from '../../src/lab/windows/system-root.ts';
import type { Renewal } from '../../src/model/certificates/renewal.ts';
import { tlsHandshaker } from '../../src/server/handshake.ts';
import type { Server } from '../../src/server/server.ts';
import { adapterFileName, adapterText, findAdapterScript } from '../../src/server/windows/adapter-script.ts';
import { engineEnvironment } from '../../src/server/windows/engine.ts';
import { WindowsServer } from '../../src/server/windows/windows-server.ts';
import { keys, openServedLab, type ServedLab } from '../crash/served-lab.ts';
import { wideHosts, wideLab, worldOf } from '../engine/run/world.ts';
import { readRecords } from '../support/read-records.ts';
import type { Certificates, Stand } from './fault-table.ts';

/** A server with four records of one certificate, to which anything can be done. */
export interface FaultyServer {
  readonly certificates: Certificates;
  readonly context: RunContext;
  readonly state: State;
  perform(request: LabRequest): Promise<unknown>;
  /** The four records, by their key text. */
  records(): ReturnType<typeof readRecords>;
}

export interface OpenStand {
  /** As new. */
  fresh(): Promise<FaultyServer>;
  close(): Promise<void>;
}

export async function openStand(stand: Stand, engine: string | null): Promise<OpenStand> {
  switch (stand) {
    case 'kernel':
      return { fresh: async () => kernelServerFresh(), close: async () => {} };
    case 'lab host':
      return openHost(async (lab) => (await openLabServer(lab.folder, { silenceMs: 1000 })).server);
    case 'PowerShell adapter':
      return openHost((lab) => adapterOf(lab, engine ?? ''));
  }
}

function kernelServerFresh(): FaultyServer {
  const lab = wideLab().certificate('new', { names: wideHosts, notAfter: '2028-01-01T00:00:00Z' });
  const world = worldOf(lab);
  return {
    certificates: { old: lab.thumbprint('old'), new: lab.thumbprint('new'), other: lab.thumbprint('other') },
    context: world.context,
    state: world.state,
    perform: async (request) => world.kernel.apply(request),
    records: () => readRecords(world.context.server, keys),
  };
}

/** One served lab for all rows; whatever they leave is put right before the next. */
async function openHost(open: (lab: ServedLab) => Promise<Server>): Promise<OpenStand> {
  const lab = await openServedLab();
  const server = await open(lab);
  const direct = (await openLabServer(lab.folder)).server;
  let runs = 0;
  return {
    async fresh() {
      await lab.restore();
      await lab.remember(null);
      return {
        certificates: lab,
        state: lab.state,
        perform: (request) => lab.perform(request),
        records: () => readRecords(direct, keys),
        context: {
          server,
          state: lab.state,
          clock: { now: () => new Date(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
          newRunId: () => `run-${String(++runs).padStart(3, '0')}`,
          pid: process.pid,
          handshake: tlsHandshaker(server, { timeoutMs: 5000, attempts: 2 }),
          report: { progress: () => {} },
          signal: new AbortController().signal,
        },
      };
    },
    async close() {
      await direct.close();
      await server.close();
      await lab.close();
    },
  };
}

/** What each record holds. */
export async function heldBy(server: FaultyServer): Promise<ReadonlyMap<string, string | null>> {
  const records = await server.records();
  return new Map(
    [...records].map(([key, now]) => [key, now.state === 'holds' ? now.holder.value.thumbprint : now.state]),
  );
}

/** As a person gives it. */
export function renewalOn({ certificates }: FaultyServer): Renewal {
  const { old, new: successor } = certificates;
  return { old, new: successor, source: 'given', corroborated: true, eventRecordId: null };
}

const checkout = join(import.meta.dirname, '../..');

/** The adapter in a real PowerShell, which loses patience sooner than on a real server. */
async function adapterOf(lab: ServedLab, engine: string): Promise<Server> {
  const reached = await reachLab(lab.folder);
  const root = await makeSystemRoot({ checkout, engine, lab: lab.folder, pipe: null, account: 'system' });
  const temporary = join(root.folder, 'Temp');
  await mkdir(temporary);
  await writeFile(join(root.folder, adapterFileName), adapterText);
  const server = new WindowsServer({
    engine: root.engine,
    script: findAdapterScript(root.folder),
    env: { ...engineEnvironment(process.env, { systemRoot: root.folder, temporary }), ...shortLife },
    systemRoot: root.folder,
    systemFolder: join(root.folder, 'System32'),
    setUp: setUpRows(root),
    changingFile: join(lab.folder, 'changing'),
    changingWaitMs: 1000,
    callTimeoutMs: 8000,
  });
  return {
    ...server,
    dial: (endpoint) => dialLab(reached.lab, endpoint),
    async close() {
      await server.close();
      await root.remove();
      await reached.close();
    },
  };
}
