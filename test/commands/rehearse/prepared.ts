import type { IssueCertificate } from '../../../src/lab/client/server-over-channel.ts';
import { type LabBuilder, labState } from '../../builders/lab.ts';
import { type World as RunWorld, wideLab, worldOf } from '../../engine/run/world.ts';
import { kernelServer } from '../../support/kernel-server.ts';

export interface World extends RunWorld {
  readonly issue: IssueCertificate;
  /** When a renewal is announced; absent for nothing. */
  readonly follow?: () => void;
}

/** A server with records of its own, on which certificates can be issued. */
export function prepared(lab: LabBuilder = wideLab()): World {
  const { certificates } = labState()
    .certificate('one', { names: ['a.example'] })
    .certificate('two', { names: ['a.example'] })
    .build();
  const issue: IssueCertificate = async (_, friendlyName) => {
    const next = certificates[friendlyName.endsWith('old') ? 0 : 1];
    if (next === undefined) throw new Error('no certificate is left');
    return { ...next, friendlyName, renewedTo: null };
  };
  const world = worldOf(lab);
  const server = kernelServer(world.kernel, { account: 'system', issue });
  return { ...world, issue, context: { ...world.context, server } };
}
