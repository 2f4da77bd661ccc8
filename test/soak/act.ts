import { setTimeout as pause } from 'node:timers/promises';
import type { KeyText } from '../../src/kinds/record-key.ts';
import type { RenewOptions } from '../../src/lab/host/renew.ts';
import type { Fault, FaultEffect, FaultPoint } from '../../src/lab/kernel/faults.ts';
import { parseThumbprint } from '../../src/model/certificates/thumbprint.ts';
import { Broken } from './broken.ts';
import type { Deed, FaultChoice, FaultKind, KillChoice, RenewalChoice } from './deeds.ts';
import type { Excuses, Oddity } from './excuses.ts';
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
  for (const oddity of oddities[choice.kind])
    excuses.excuse(choice.kind === 'windows-loses-options' ? null : key, oddity);
  if (choice.kind === 'windows-loses-options') {
    await lab.perform({ kind: 'set-switch', name: 'rebind-options', position: 'all-lost' });
  } else {
    await lab.perform({ kind: 'arm-fault', fault: faultOf(choice, choice.kind, key, lab.stranger) });
  }
}

/** What each fault may make of its record and of handshakes there, until it is lifted and the record is put right. */
const oddities: Readonly<Record<FaultKind, readonly Oddity[]>> = {
  'swap-refused': [],
  'replace-without-effect': [],
  'swap-loses-options': ['options'],
  'swap-deletes-record': ['absent'],
  'swap-dies-before': [],
  'swap-dies-after': [],
  'swap-hangs': [],
  'others-change-record': ['other-certificate-held'],
  'netsh-without-effect': [],
  'netsh-fails': [],
  'handshake-refused': ['handshake-fails'],
  'handshake-slow': [],
  'handshake-serves-other': ['other-certificate-served'],
  'handshake-serves-previous': [],
  'reading-slow': [],
  'application-log-fails': [],
  'windows-loses-options': ['options'],
};

function faultOf(
  { nth, times }: FaultChoice,
  kind: Exclude<FaultKind, 'windows-loses-options'>,
  key: KeyText,
  stranger: string,
): Fault {
  const swap: FaultPoint = { kind: 'binding-method', method: 'RebindSslCertificate', key };
  const netsh: FaultPoint = { kind: 'netsh', key, verb: 'update' };
  const connection: FaultPoint = { kind: 'connect', key };
  const on = (point: FaultPoint, effect: FaultEffect): Fault => ({ on: point, nth, times, effect });
  const refusal: FaultEffect = { do: 'fail', hresult: 0x80070020, message: 'The file is used by another process.' };
  switch (kind) {
    case 'swap-refused':
      return on(swap, refusal);
    case 'replace-without-effect':
      return on(swap, { do: 'no-effect' });
    case 'swap-loses-options':
      return on(swap, { do: 'lose-options' });
    case 'swap-deletes-record':
      return on(swap, { do: 'delete-without-add' });
    case 'swap-dies-before':
      return on(swap, { do: 'die', after: false });
    case 'swap-dies-after':
      return on(swap, { do: 'die', after: true });
    case 'swap-hangs':
      return on(swap, { do: 'hang', after: true });
    case 'others-change-record':
      return on(swap, { do: 'changed-by-others', thumbprint: stranger });
    case 'netsh-without-effect':
      return on(netsh, { do: 'no-effect' });
    case 'netsh-fails':
      return on(netsh, refusal);
    case 'handshake-refused':
      return on(connection, { do: 'refuse' });
    case 'handshake-slow':
      return on(connection, { do: 'delay', ms: 700 });
    case 'handshake-serves-other':
      return on(connection, { do: 'serve', thumbprint: stranger });
    case 'handshake-serves-previous':
      return on(connection, { do: 'serve-previous' });
    case 'reading-slow':
      return on({ kind: 'read' }, { do: 'delay', ms: 700 });
    case 'application-log-fails':
      return on({ kind: 'application-log' }, refusal);
  }
}
