import { setTimeout as pause } from 'node:timers/promises';
import type { RenewOptions } from '../../src/lab/host/renew.ts';
import { parseThumbprint } from '../../src/model/certificates/thumbprint.ts';
import { Broken } from './broken.ts';
import type { Deed, KillChoice, RenewalChoice } from './deeds.ts';
import type { Excuses } from './excuses.ts';
import { type FaultChoice, faultOf, oddityOf } from './faults.ts';
import type { Ended, Line, SoakedLab } from './soaked-lab.ts';
import { add, type Tally } from './tally.ts';

/** Carries deeds out. What it starts goes on after a deed; `settled` waits for all of it. */
export interface Actor {
  act(deed: Deed): Promise<void>;
  /** Whether a fault was armed by which a process waits for an answer that never comes. */
  hangs(): boolean;
  settled(): Promise<void>;
}

export interface Stage {
  readonly lab: SoakedLab;
  readonly excuses: Excuses;
  readonly tally: Tally;
}

/** Commands that one after another are started at most at the same time. */
const atOnce = 3;

export function newActor(stage: Stage): Actor {
  const { lab, tally } = stage;
  const going = new Set<Promise<unknown>>();
  let hangs = false;

  function inBackground(work: Promise<unknown>): void {
    const guarded = work.finally(() => going.delete(guarded));
    // Whoever waits for all of them hears of it.
    guarded.catch(() => {});
    going.add(guarded);
  }

  async function act({ action, faults, kill }: Deed): Promise<void> {
    const about = action.do === 'renew' ? action.renewals.map(({ line }) => lineAt(lab, line)) : lab.lines;
    for (const fault of faults) {
      if (fault.kind === 'swap-hangs') hangs = true;
      await arm(stage, fault, about);
    }
    switch (action.do) {
      case 'renew':
        for (const choice of action.renewals) await renew(choice);
        if (kill !== null) inBackground(killTask(stage, kill));
        return;
      case 'hour':
        await lab.perform({ kind: 'tick', passedMs: 3_600_000 });
        if (kill !== null) inBackground(killTask(stage, kill));
        return;
      case 'window':
        return startCommand(lab.windowWords(action.is), kill);
      case 'receiver':
        lab.receiver.answer(action.answers);
        return;
      case 'command':
        return startCommand(action.words, kill);
    }
  }

  async function startCommand(words: readonly string[], kill: KillChoice | null): Promise<void> {
    while (going.size >= atOnce) await Promise.race(going);
    inBackground(command(stage, words, kill));
  }

  async function renew({ line: place, how }: RenewalChoice): Promise<void> {
    const line = lineAt(lab, place);
    const { new: successor, eventRecordId } = await lab.renew(renewalOf(line, how));
    const thumbprint = parseThumbprint(successor, 'lab');
    (how === 'forged' ? line.forged : line.chain).push(thumbprint);
    add(tally.renewals, how);
    if (eventRecordId !== null) tally.events++;
    if (how === 'late-key') {
      inBackground(pause(1500).then(() => lab.perform({ kind: 'set-key', thumbprint, key: 'usable' })));
    }
  }

  return {
    act,
    hangs: () => hangs,
    async settled() {
      while (going.size > 0) await Promise.all(going);
      hangs = false;
    },
  };
}

function lineAt({ lines }: SoakedLab, place: number): Line {
  const line = lines[place % lines.length];
  if (line === undefined) throw new Error('the lab has no certificate');
  return line;
}

export function headOf({ chain }: Line) {
  const head = chain.at(-1);
  if (head === undefined) throw new Error('a line has its first certificate');
  return head;
}

function renewalOf(line: Line, how: RenewalChoice['how']): RenewOptions {
  const thumbprint = headOf(line);
  const { names } = line;
  switch (how) {
    case 'usual':
      return { thumbprint, names };
    case 'no-event':
      return { thumbprint, names, event: false };
    case 'no-property':
      return { thumbprint, names, renewalProperty: false };
    case 'late-key':
      return { thumbprint, names, privateKey: false };
    case 'fewer-names':
      return { thumbprint, names: names.length > 1 ? names.slice(1) : ['elsewhere.example.com'] };
    case 'forged':
      return { thumbprint, names, renewalProperty: false, archiveOld: false, writtenBy: 'S-1-5-20' };
  }
}

/** A command of a person or a script; any exit code may be right but that of a defect. */
async function command(stage: Stage, words: readonly string[], kill: KillChoice | null): Promise<void> {
  const { pid, ended } = stage.lab.start(words, kill?.atEffect ?? null);
  if (kill !== null && kill.atEffect === null) {
    setTimeout(() => tryToKill(pid), kill.afterMs).unref();
  }
  const end = await ended;
  noteExit(stage, nameOf(words), end);
}

/** Without what differs from soak to soak. */
function nameOf(words: readonly string[]): string {
  return words.filter((word) => !word.startsWith('/')).join(' ');
}

export function noteExit({ tally }: Stage, what: string, { exitCode, killed, stdout, stderr }: Ended): void {
  tally.exits[what] ??= {};
  add(tally.exits[what], killed ? 'killed' : `${exitCode}`);
  if (!killed && (exitCode === null || exitCode === 1)) {
    throw new Broken('the program has no defect of its own', `${what}: exit ${exitCode}: ${stdout}${stderr}`);
  }
}

/** The next process that the lab's Task Scheduler starts, if one comes soon. */
async function killTask({ lab }: Stage, { afterMs }: KillChoice): Promise<void> {
  const from = performance.now();
  while (performance.now() - from < 3000) {
    const [pid] = await lab.taskProcesses();
    if (pid === undefined) {
      await pause(50);
      continue;
    }
    await pause(afterMs);
    if ((await lab.taskProcesses()).includes(pid)) tryToKill(pid);
    return;
  }
}

export function tryToKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function arm({ lab, excuses, tally }: Stage, choice: FaultChoice, about: readonly Line[]): Promise<void> {
  const reachable = lab.endpoints.map(({ key }) => key).filter((key) => about.some(({ keys }) => keys.includes(key)));
  const key = reachable[choice.record % reachable.length];
  if (key === undefined) return;
  add(tally.faults, choice.kind);
  const odd = oddityOf(choice.kind);
  if (odd !== undefined) excuses.excuse(choice.kind === 'windows-loses-options' ? null : key, odd);
  if (choice.kind === 'windows-loses-options') {
    await lab.perform({ kind: 'set-switch', name: 'rebind-options', position: 'all-lost' });
  } else {
    await lab.perform({ kind: 'arm-fault', fault: faultOf(choice, choice.kind, key, lab.stranger) });
  }
}
