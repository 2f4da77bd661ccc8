import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { LabState } from '../kernel/lab-state.ts';
import { registryKeyNow } from '../kernel/roles.ts';
import { serviceNow } from '../kernel/services.ts';
import { killTree, startProgram } from './scheduler.ts';

/** The programs of services that name one (`ImagePath`, as Windows has it): each runs while its service runs. */
export interface Services {
  /** Resolves when what was stopped has ended, and what was started has begun. */
  follow(state: LabState): Promise<void>;
  close(): Promise<void>;
}

const services = 'SYSTEM\\CurrentControlSet\\Services';

interface Running {
  readonly child: ChildProcess;
  /** Which of the starts of its service this one is. */
  readonly start: number;
}

/** @param ended called when the program of a service ends by itself */
export function openServices(ended: (service: string) => void): Services {
  const running = new Map<string, Running>();
  let last: LabState['roles'];
  let following = Promise.resolve();

  async function become(state: LabState): Promise<void> {
    for (const name of registryKeyNow(state, services)?.subKeys ?? []) {
      const line = String(registryKeyNow(state, `${services}\\${name}`)?.values.ImagePath ?? '');
      if (line === '') continue;
      const start = serviceNow(state, name)?.state === 'started' ? (state.roles?.starts?.[name] ?? 0) : null;
      const one = running.get(name);
      if (one?.start === (start ?? undefined)) continue;
      if (one !== undefined) await stop(name, one);
      if (start !== null) run(name, line, start);
    }
  }

  function run(name: string, line: string, start: number): void {
    const [, command = '', rest = ''] = /^("[^"]*"|\S+)\s*(.*)$/.exec(line) ?? [];
    const child = startProgram({ command, arguments: rest, workingDirectory: null }, {});
    const one: Running = { child, start };
    running.set(name, one);
    const isOver = () => {
      if (running.get(name) !== one) return;
      running.delete(name);
      ended(name);
    };
    child.once('exit', isOver).once('error', isOver);
  }

  async function stop(name: string, { child }: Running): Promise<void> {
    running.delete(name);
    if (child.pid === undefined) return;
    const exit = once(child, 'exit');
    await killTree(child);
    await exit;
  }

  return {
    follow(state) {
      if (state.roles === last) return following;
      last = state.roles;
      following = following.then(() => become(state));
      return following;
    },
    async close() {
      await following;
      await Promise.all([...running].map(([name, one]) => stop(name, one)));
    },
  };
}
