import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import {
  type ExpectedTask,
  rebindTask,
  rebindTaskName,
  reconcileTask,
  reconcileTaskName,
  taskFolder,
} from '../../../src/documents/scheduled-tasks.ts';
import type { PassedProof } from '../../../src/documents/setup.ts';
import type { VerifiedEndpoint } from '../../../src/documents/verify.ts';
import { type DoctorFacts, noInstallation, nothingRemembered } from '../../../src/engine/findings/facts.ts';
import { endpointsOfServer } from '../../../src/engine/known/endpoints-of-server.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import type { TaskEntry } from '../../../src/model/windows/task.ts';
import { type SnapshotParts, snapshot } from '../../builders/snapshot.ts';

const program = { command: 'C:\\Program Files\\CertRebind\\certrebind.exe' };

export const expectedTasks: readonly ExpectedTask[] = [
  { path: taskFolder, name: rebindTaskName, xml: rebindTask(program) },
  { path: taskFolder, name: reconcileTaskName, xml: reconcileTask(program, 17) },
];

/** The tasks as `enable` leaves them. */
export const ownTasks: readonly TaskEntry[] = expectedTasks.map((task) => taskEntry(task));

export function taskEntry(parts: Pick<TaskEntry, 'path' | 'name' | 'xml'> & Partial<TaskEntry>): TaskEntry {
  return { enabled: true, lastResult: null, lastRunAt: null, ...parts };
}

/** What doctor sees of a server whose tasks are in order and whose wire was not dialled. */
export function factsOf(server: SnapshotParts, parts: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    snapshot: snapshot({ tasks: ownTasks, ...server }),
    configuration: defaultConfiguration,
    expected: expectedTasks,
    ...nothingRemembered,
    triggersKnown: true,
    wire: [],
    lastKnown: new Map(),
    endsWithinDays: null,
    installation: noInstallation,
    keysLeft: [],
    ...parts,
  };
}

/** A wire that serves what every record names, unless `served` says what else. */
export function wireOf(server: Snapshot, served: Partial<VerifiedEndpoint> = {}): readonly VerifiedEndpoint[] {
  return endpointsOfServer(server).map(({ key, expected, endpoint }) => {
    const seen = { result: 'served' as const, thumbprint: expected, notAfter: null, reason: null, ...served };
    const matches = seen.result === 'served' ? seen.thumbprint === expected : null;
    const chain = seen.result === 'served' ? 'whole' : null;
    return { chain, ...seen, endpoint, attempts: 1, durationMs: 1, key, expected: expected ?? '', matches };
  });
}

/** A proof of an installation that succeeded. */
export const verified: PassedProof = {
  at: '2030-01-01T00:00:00Z',
  program: 'C:\\Program Files\\CertRebind\\1.0.0\\certrebind.exe',
  principal: 'S-1-5-18 HighestAvailable',
  sha256: 'a'.repeat(64),
  version: '1.0.0',
  account: 'system',
  engine: { way: 'file' },
  read: { sites: 1, records: 1, certificates: 1, tasks: 2 },
};
