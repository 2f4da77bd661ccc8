import { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { dirname } from 'node:path';
import { PowerShell, type PowerShellOptions } from 'node-powershell';
import type { AdapterScript } from './adapter-script.ts';

export interface EngineCommand {
  /** Absolute path of the engine. */
  readonly engine: string;
  /** The adapter: a file that the engine runs, or else text that is sent to it on standard input. */
  readonly script: AdapterScript;
  /** The whole environment of the engine; nothing is added. */
  readonly env: Readonly<Record<string, string>>;
}

/** An engine that node-powershell talks to, and its process. */
export interface StartedShell {
  readonly shell: PowerShell;
  readonly child: ChildProcess;
}

/**
 * Starts the engine. Only the process itself tells how it ended.
 * @throws Error for some refusals of the system, a blocked program among them; others are an event of the process
 */
export function startShell(command: EngineCommand): StartedShell {
  let child: ChildProcess | undefined;
  const note = (message: unknown) => {
    child ??= processIn(message);
  };
  // The library does not expose its process, but Node reports every process that it starts.
  subscribe(processChannel, note);
  try {
    const shell = new EngineShell(command);
    if (child === undefined) throw new TypeError('node-powershell started no process');
    return { shell, child: quietened(shell, child) };
  } finally {
    unsubscribe(processChannel, note);
  }
}

const processChannel = 'child_process';

/**
 * node-powershell with a command line that Windows PowerShell 5.1 accepts: nothing follows the script of `-File`,
 * because 5.1 would read every word with a dash there as a named parameter and never start the script (fidelity:
 * dash-behind-file).
 */
class EngineShell extends PowerShell {
  constructor({ engine, script: { file }, env }: EngineCommand) {
    super({
      executable: engine,
      executableOptions: {
        '-NoProfile': true,
        '-NonInteractive': true,
        '-ExecutionPolicy': 'Bypass',
        ...(file === null ? {} : { '-File': file }),
      },
      spawnOptions: { windowsHide: true, env: { ...env }, cwd: dirname(engine) },
      debug: false,
      throwOnInvocationError: false,
    });
  }

  /**
   * Always the requested engine, whatever NODE_POWERSHELL says. It is read before the command line is made from the
   * same options, which by then include what the library adds for a session on standard input (fidelity: adapter-on-stdin).
   */
  protected override setExecutable({ executable = '', executableOptions = {} }: PowerShellOptions): string {
    if ('-File' in executableOptions) {
      delete executableOptions['-NoExit'];
      delete executableOptions['-Command'];
    }
    return executable;
  }
}

/**
 * A broken pipe and a failed start are noticed at the process; without a listener, each of them would end this process.
 */
function quietened(shell: PowerShell, child: ChildProcess): ChildProcess {
  const { stdin, stdout, stderr } = shell.streams;
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined);
  const onEnd = () => void shell.dispose().catch(() => undefined);
  child.once('exit', onEnd);
  child.once('error', onEnd);
  return child;
}

function processIn(message: unknown): ChildProcess | undefined {
  const found = typeof message === 'object' && message !== null && 'process' in message ? message.process : undefined;
  return found instanceof ChildProcess ? found : undefined;
}
