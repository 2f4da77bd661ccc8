import { CertRebindError } from '../../base/errors.ts';
import { noStandingFiles, standingFiles } from '../../engine/state/persistent-files.ts';
import type { DscFacts } from '../../engine/views/dsc-server.ts';
import { readConfiguration } from '../../session/session.ts';
import { tasksToRegister, triggerTasks } from '../../session/setup/tasks.ts';
import type { Invocation } from '../../shell/command.ts';
import type { GlobalArguments } from '../../shell/globals.ts';
import { type OpenedServer, openServer } from '../../shell/servers.ts';

/**
 * Reads the facts for the resource in a session of its own: here an invalid configuration is a fact and no error,
 * because otherwise DSC could not repair it.
 */
export async function readDscFacts(args: GlobalArguments, { shell, servers }: Invocation): Promise<DscFacts> {
  const opened = await openServer(servers, args, shell.env);
  try {
    return await dscFactsOf(args, opened);
  } finally {
    await opened.server.close();
  }
}

export async function dscFactsOf(args: GlobalArguments, { server, home, executable }: OpenedServer): Promise<DscFacts> {
  const rebinding = tasksToRegister(executable);
  const standing = home === null ? noStandingFiles() : standingFiles(home);
  return {
    rebinding,
    triggers: await triggerTasks({ standing, executable }),
    disabled: (await standing.readAdoption()).disabled,
    policy: await readPolicy(args, home),
    tasks: await server.tasks(),
    lifecycle: await server.events(),
  };
}

async function readPolicy(args: GlobalArguments, home: string | null): Promise<DscFacts['policy']> {
  try {
    const { configuration } = await readConfiguration(args, home);
    return { configuration };
  } catch (thrown) {
    if (thrown instanceof CertRebindError && thrown.code === 'bad-configuration') return { problem: thrown.message };
    throw thrown;
  }
}
