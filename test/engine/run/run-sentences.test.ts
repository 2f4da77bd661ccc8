import assert from 'node:assert/strict';
import { CertRebindError } from '../../../src/base/errors.ts';
import type { JournalLine } from '../../../src/documents/runs/journal.ts';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import type { RunContext } from '../../../src/engine/run/context.ts';
import type { RunRequest } from '../../../src/engine/run/request.ts';
import type { State } from '../../../src/engine/state/state.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import { type HolderNow, isTls } from '../../../src/kinds/holder.ts';
import type { ArmedFault, Fault } from '../../../src/lab/kernel/faults.ts';
import type { ChangeReport, Server } from '../../../src/server/server.ts';
import { met } from '../../builders/met.ts';
import { https } from '../../builders/snapshot.ts';
import { holdAgainst } from '../../support/sentences.ts';
import { mortal } from './mortal.ts';
import { given, type Parts, rebind, reconcile, undo, type World, wideHosts, wideLab, worldOf } from './world.ts';

type Strike = Omit<Fault, 'nth' | 'times'> & Partial<Fault>;

const lab = wideLab();
const allLost = lab.switched('rebind-options', 'all-lost');
const victim = 'shop.example.com:443';
const canary = '0.0.0.0:443';
const refused = { do: 'fail', hresult: 0x80070057, message: 'The parameter is incorrect.' } as const;
const other = { thumbprint: lab.thumbprint('other') };

const rebindAt = (effect: ArmedFault['effect'], key = victim): Strike => ({
  on: { kind: 'binding-method', method: 'RebindSslCertificate', key },
  effect,
});
const netshAt = (effect: ArmedFault['effect'], verb?: 'add' | 'update' | 'delete', key = victim): Strike => ({
  on: { kind: 'netsh', key, ...(verb && { verb }) },
  times: null,
  effect,
});
const connectAt = (effect: ArmedFault['effect'], nth = 1, times: number | null = null, key = victim): Strike => ({
  on: { kind: 'connect', key },
  nth,
  times,
  effect,
});

/** What strikes while four records are rebound, what is started after that, and on which lab. */
interface Situation {
  readonly strikes?: readonly Strike[];
  readonly on?: typeof lab;
  readonly request?: Parts;
  /** The first process dies after so many pieces of work. */
  readonly killedAfter?: number;
  /** What becomes of the reports of a server: of the nth call that changes something. */
  readonly reports?: (reports: readonly ChangeReport[], call: number) => readonly ChangeReport[];
  /** So many times the first run can write to its journal. */
  readonly journalWrites?: number;
  readonly afterwards?: readonly ((world: World) => Promise<Outcome>)[];
}

const again = (world: World) => reconcile(world);
const takeBack = (world: World) => undo(world, 'run-001');
const swap = (world: World) => rebind(world, [given(lab, 'old', 'new')]);

const takeBack2 = (world: World) => undo(world, 'run-002');
const takeBack2OrNothing = (world: World) => undo(world, 'run-002', { undo: 'run' });
const setAgain: RunRequest['wanted'] = { want: 'pairs', renewals: [given(lab, 'old', 'old')], reapply: true };

function byOthers({ kernel }: World): void {
  kernel.apply({
    kind: 'binding-method',
    site: 'Shop',
    information: '*:443:shop.example.com',
    method: 'RebindSslCertificate',
    hash: other.thumbprint,
    store: 'My',
  });
}

/** The same world with a server that has no answer about single records. */
function withoutRecords(world: World): World {
  const { server } = world.context;
  return { ...world, context: { ...world.context, server: { ...server, holders: async () => new Map() } } };
}

/** The hosts of the site are gone, and the repair of orphaned records takes their records away. */
const remove = (world: World) => {
  const bindings = [{ information: '*:443:api.example.com', sslFlags: 0 }];
  world.kernel.apply({ kind: 'add-site', name: 'More', bindings });
  world.kernel.apply({ kind: 'remove-site', name: 'Shop' });
  return rebind(world, [], { wanted: { want: 'repair', repair: 'orphaned-record', byHand: [] } });
};

const situations: Readonly<Record<string, Situation>> = {
  'nothing goes wrong; then again, undone, and undone again': { afterwards: [swap, takeBack, again, takeBack] },
  'a swap is refused': { strikes: [rebindAt(refused)], afterwards: [again] },
  'a swap is refused for good, and the whole run is rolled back': {
    strikes: [{ ...rebindAt(refused), times: null }],
    request: { undo: 'run' },
    afterwards: [again],
  },
  'a swap is refused again and again': { strikes: [{ ...rebindAt(refused), times: null }], afterwards: [again] },
  'the swap of the canary is refused, and the whole run is rolled back': {
    strikes: [rebindAt(refused, canary)],
    request: { undo: 'run' },
  },
  'a dry run': { request: { dryRun: true } },
  'a swap has no effect': { strikes: [rebindAt({ do: 'no-effect' })] },
  'a swap has no effect on the canary': { strikes: [{ ...rebindAt({ do: 'no-effect' }, canary), times: null }] },
  'a record is deleted and made again': { strikes: [rebindAt({ do: 'delete-without-add' })] },
  'a record is deleted and cannot be made again': {
    strikes: [rebindAt({ do: 'delete-without-add' }), netshAt(refused)],
    afterwards: [again],
  },
  'a record is deleted, and making it again has no effect': {
    strikes: [rebindAt({ do: 'delete-without-add' }), netshAt({ do: 'no-effect' })],
  },
  'options are lost and repaired': { on: allLost },
  'options are lost, and the repair has no effect': { on: allLost, strikes: [netshAt({ do: 'no-effect' }, 'update')] },
  'options are lost, and can be neither repaired nor put back': {
    on: allLost,
    strikes: [netshAt(refused)],
    afterwards: [again],
  },
  'options are lost, the repair has no effect, and only the certificate can be rolled back': {
    on: allLost,
    strikes: [netshAt({ do: 'no-effect' }, undefined, canary)],
    afterwards: [again],
  },
  'options are lost, the repair has no effect, and nothing can be rolled back': {
    on: allLost,
    strikes: [netshAt({ do: 'no-effect' }, undefined, canary), { ...rebindAt(refused, canary), nth: 2, times: null }],
    afterwards: [again],
  },
  'options are lost, and the certificate is the old one after the swap': {
    strikes: [
      rebindAt({ do: 'lose-options' }),
      {
        on: { kind: 'read-records', key: victim },
        effect: { do: 'changed-by-others', thumbprint: lab.thumbprint('old') },
      },
    ],
    afterwards: [again],
  },
  'options are lost while a record is rolled back': {
    strikes: [connectAt({ do: 'refuse' }, 2), { ...rebindAt({ do: 'lose-options' }), nth: 2 }],
    afterwards: [again],
  },
  'others change a record just before its swap': { strikes: [rebindAt({ do: 'changed-by-others', ...other })] },
  'others change a record just after its swap': {
    strikes: [{ on: { kind: 'read-records', key: victim }, effect: { do: 'changed-by-others', ...other } }],
  },
  'an endpoint refuses handshakes after the swap': { strikes: [connectAt({ do: 'refuse' }, 2)] },
  'the endpoint of the canary refuses handshakes after the swap': {
    strikes: [connectAt({ do: 'refuse' }, 2, null, canary)],
    afterwards: [again],
  },
  'an endpoint refuses handshakes before and after': { strikes: [connectAt({ do: 'refuse' })] },
  'an endpoint serves a certificate that does not cover its name': {
    strikes: [connectAt({ do: 'serve', ...other }, 2)],
  },
  'an endpoint serves such a certificate, and cannot be rolled back': {
    strikes: [connectAt({ do: 'serve', ...other }, 2), { ...rebindAt(refused), nth: 2, times: null }, netshAt(refused)],
    afterwards: [again],
  },
  'others change a record whose endpoint refuses handshakes': {
    strikes: [
      connectAt({ do: 'refuse' }, 2),
      { on: { kind: 'read-records', key: victim }, nth: 2, effect: { do: 'changed-by-others', ...other } },
    ],
    afterwards: [again],
  },
  'an endpoint of several refuses handshakes after the swap': {
    on: wideLab({ names: [...wideHosts, 'api.example.com'] }).site('More', [https('*:443:api.example.com')]),
    strikes: [connectAt({ do: 'refuse' }, 4, null, canary)],
  },
  'the same certificate is set again, and its endpoint refuses handshakes then': {
    request: { wanted: setAgain },
    strikes: [connectAt({ do: 'refuse' }, 2, null, canary)],
  },
  'an endpoint serves the old certificate for a while': { strikes: [connectAt({ do: 'serve-previous' }, 2, 2)] },
  'an endpoint serves the old certificate for ever': { strikes: [connectAt({ do: 'serve-previous' }, 2)] },
  'an endpoint serves a certificate of its own, before and after': { strikes: [connectAt({ do: 'serve', ...other })] },
  'the server hangs before a swap': { strikes: [rebindAt({ do: 'hang', after: false })], afterwards: [again] },
  'the server hangs after a swap': { strikes: [rebindAt({ do: 'hang', after: true })], afterwards: [again] },
  'the server hangs after a swap that lost options': {
    on: allLost,
    strikes: [rebindAt({ do: 'hang', after: true })],
    afterwards: [again],
  },
  'the server hangs after it deleted a record': {
    strikes: [rebindAt({ do: 'delete-without-add' }), { ...netshAt({ do: 'hang', after: false }), times: 1 }],
    afterwards: [again],
  },
  'the server hangs while a record is rolled back': {
    strikes: [connectAt({ do: 'refuse' }, 2), { ...rebindAt({ do: 'hang', after: false }), nth: 2 }],
    afterwards: [again],
  },
  'the server hangs once it has put a record back': {
    strikes: [connectAt({ do: 'refuse' }, 2), { ...rebindAt({ do: 'hang', after: true }), nth: 2 }],
    afterwards: [again],
  },
  'the server hangs while options are repaired': {
    on: allLost,
    strikes: [netshAt({ do: 'hang', after: false })].map((strike) => ({ ...strike, times: 1 })),
    afterwards: [again],
  },
  'the server hangs after a swap, and others change the record': {
    strikes: [rebindAt({ do: 'hang', after: true })],
    afterwards: [
      (world) => {
        byOthers(world);
        return again(world);
      },
    ],
  },
  'the server hangs after a swap, and does not tell when it is asked later': {
    strikes: [rebindAt({ do: 'hang', after: true })],
    afterwards: [(world) => reconcile(withoutRecords(world)), again],
  },
  'the server says that it fell silent, and how every record stands': {
    reports: (told) => told.map((report) => ({ ...report, error: { code: 'silent', message: 'No answer in time.' } })),
    afterwards: [again],
  },
  'a swap has no effect, and the server says that it fell silent': {
    strikes: [rebindAt({ do: 'no-effect' })],
    reports: (told, call) =>
      call === 1
        ? told
        : told.map((report) => ({ ...report, error: { code: 'silent', message: 'No answer in time.' } })),
    afterwards: [again],
  },
  'the server says that it fell silent, and that options were lost': {
    on: allLost,
    reports: (told) => told.map((report) => ({ ...report, error: { code: 'silent', message: 'No answer in time.' } })),
    afterwards: [again],
  },
  'the server dies before a swap': { strikes: [rebindAt({ do: 'die', after: false })], afterwards: [again] },
  'the server hangs while it reads the records back': {
    strikes: [{ on: { kind: 'read-records' }, effect: { do: 'hang', after: false } }],
    afterwards: [again],
  },
  'records are taken away and made again': { afterwards: [remove, takeBack2] },
  'a record that is to be made again cannot be': {
    strikes: [netshAt(refused, 'add')],
    afterwards: [remove, takeBack2, again],
  },
  'a record that is to be made again cannot be, and the whole run is rolled back': {
    strikes: [netshAt(refused, 'add')],
    afterwards: [remove, takeBack2OrNothing],
  },
  'a record that is to be taken away cannot be': { strikes: [netshAt(refused, 'delete')], afterwards: [remove] },
  'taking a record away has no effect': { strikes: [netshAt({ do: 'no-effect' }, 'delete')], afterwards: [remove] },
  'the key of the new certificate cannot be opened': {
    on: wideLab({ key: 'unusable' }),
    afterwards: [again, again],
  },
  'the new certificate is not valid for a while': {
    on: wideLab({ notBefore: '2026-06-01T12:05:00Z' }),
    afterwards: [again],
  },
  'the new certificate is not valid for as long as a run waits': {
    on: wideLab({ notBefore: '2026-06-01T12:10:00Z' }),
  },
  'the new certificate is not valid for long': {
    on: wideLab({ notBefore: '2026-06-01T12:10:01Z' }),
    afterwards: [again],
  },
  'the new certificate lacks a host': { on: wideLab({ names: wideHosts.slice(0, 2) }), afterwards: [again, again] },
  'a report does not say how its record stands, and the record is read again': {
    reports: (told) => told.map((report) => ({ ...report, now: null })),
  },
  'a report does not say how its record stands, and neither does reading it again': {
    strikes: [{ on: { kind: 'read-records' }, times: null, effect: { do: 'hang', after: false } }],
    reports: (told) => told.map((report) => ({ ...report, now: null })),
    afterwards: [again],
  },
  'a report does not say how its record stands, and the server cannot be asked again': {
    strikes: [{ on: { kind: 'read-records' }, nth: 2, effect: { do: 'hang', after: false } }],
    reports: (told) => told.map((report) => ({ ...report, now: null })),
    afterwards: [again],
  },
  'the server has no report for the last records': {
    reports: (told, call) => (call > 1 ? told.slice(0, 1) : told),
    afterwards: [again],
  },
  'the server breaks off the second call': {
    reports: (told, call) => {
      if (call === 2) throw new CertRebindError('powershell-failed', { message: 'It broke off.', where: 'pwsh' });
      return told;
    },
    afterwards: [again],
  },
  'the server breaks off while a record is rolled back': {
    strikes: [connectAt({ do: 'refuse' }, 2)],
    reports: (told, call) => {
      if (call === 3) throw new CertRebindError('powershell-failed', { message: 'It broke off.', where: 'pwsh' });
      return told;
    },
    afterwards: [again],
  },
  'the server breaks off the first call': {
    reports: () => {
      throw new CertRebindError('powershell-failed', { message: 'It broke off.' });
    },
    afterwards: [again],
  },
  'the journal cannot be written once it is open': { journalWrites: 1, afterwards: [again] },
  'the journal cannot be written after the swap of the canary': { journalWrites: 2, afterwards: [again] },
  'the journal cannot be written after the canary': { journalWrites: 4, afterwards: [again] },
  'the journal cannot be written once a record is to be rolled back': {
    strikes: [connectAt({ do: 'refuse' }, 2)],
    journalWrites: 7,
    afterwards: [again],
  },
  'the Application log cannot be written': {
    strikes: [{ on: { kind: 'application-log' }, times: null, effect: refused }],
  },
};

/** Deaths of a process that rebinds, and what the next start makes of them. That none does harm is explored elsewhere. */
const dying: Readonly<Record<string, Situation>> = {
  'an ordinary server': {},
  'a server that loses options': { on: allLost },
  'a server that deletes a record': { strikes: [rebindAt({ do: 'delete-without-add' })] },
};
const deaths: Readonly<Record<string, Situation>> = Object.fromEntries(
  Object.entries(dying).flatMap(([which, situation]) =>
    [2, 4, 6, 8, 11, 14, 17, 20, 22].map((killedAfter) => [
      `killed after ${killedAfter} pieces of work on ${which}`,
      { ...situation, killedAfter, afterwards: [again] },
    ]),
  ),
);

/** Everything that a run says, in its outcome, its journal, the ledger and the Application log. */
async function linesOf(world: World, outcome: Outcome): Promise<readonly string[]> {
  const listed = (await world.state.listRuns()).some(({ run }) => run === outcome.run);
  const { journal } = listed ? await world.state.readRun(outcome.run) : { journal: [] };
  const entries = ledgerEntries(await world.state.readLedger());
  return [
    `${outcome.run} ${outcome.result}, exit ${outcome.exitCode}: ${JSON.stringify(outcome.counts)}`,
    ...outcome.steps.map(
      ({ key, state, now, repairedOptions, before, after, error }) =>
        `${key} ${state}, ${JSON.stringify(now)}, [${repairedOptions}] ${[before, after].map((seen) => seen.map((one) => one.result).join('+')).join(' > ')}${error === null ? '' : ` | ${error.code}${error.where === key ? '' : ` at ${error.where}`}: ${error.message}`}`,
    ),
    ...[...outcome.blocked, ...outcome.skipped]
      .map(met)
      .map(({ key, reason, detail }) => `${key} ${reason}: ${detail}`),
    ...outcome.notes.map(({ code, text }) => `${code}: ${text}`),
    ...journal.slice(1).map((line) => `journal ${journalText(line)}`),
    ...entries.map(
      ({ renewal, state, reasons, run }) => `ledger ${renewal.old} ${renewal.new} ${state} [${reasons}] ${run}`,
    ),
  ];
}

function journalText(line: JournalLine): string {
  const { at: _, type, ...told } = line;
  const pieces = Object.entries(told).flatMap(([name, value]) => {
    if (name === 'now') return [nowText(value as HolderNow)];
    if (name === 'observations' || value === null) return [];
    return [typeof value === 'object' && 'message' in value ? `| ${value.message}` : String(value)];
  });
  return [type, ...pieces].join(' ');
}

function nowText(now: HolderNow): string {
  if (now.state !== 'holds') return now.state;
  assert(isTls(now.holder));
  const { thumbprint, options } = now.holder.value;
  return `holds ${thumbprint} ${JSON.stringify(Object.values(options).slice(0, 3))}`;
}

async function tell({
  strikes = [],
  on = lab,
  request,
  afterwards = [],
  killedAfter,
  reports,
  journalWrites,
}: Situation) {
  const progress: string[] = [];
  const report: RunContext['report'] = {
    progress: ({ stage, done, total, key }) =>
      void progress.push(`${stage} ${done}/${total}${key === null ? '' : ` ${key}`}`),
  };
  const world = worldOf(on, { overrides: { report } });
  const { context } = killedAfter === undefined ? world : mortal(world, killedAfter);
  const server = reports === undefined ? context.server : retold(context.server, reports);
  for (const strike of strikes) world.fault(strike);
  const lines: string[] = [];
  const told = new Set<string>();
  const state = journalWrites === undefined ? context.state : withFullJournal(context.state, journalWrites);
  const first = () => rebind({ ...world, context: { ...context, server, state } }, [given(on, 'old', 'new')], request);
  for (const start of [first, ...afterwards]) {
    try {
      const outcome = await start(world);
      told.add(JSON.stringify(outcome));
      lines.push(...(await linesOf(world, outcome)));
    } catch (error) {
      lines.push(`refused: ${error instanceof Error ? error.message : error}`);
    }
    world.later(60_000);
  }
  for (const { run } of await world.state.listRuns()) {
    const { outcome } = await world.state.readRun(run);
    if (outcome !== null && !told.has(JSON.stringify(outcome))) lines.push(...(await linesOf(world, outcome)));
  }
  lines.push(`waited ${world.slept.join()} ms`, `progress ${progress.join(', ')}`);
  for (const { eventId, level, text } of world.kernel.state.applicationLog.entries)
    lines.push(`log ${eventId} ${level}: ${text.replaceAll('\r\n', ' / ')}`);
  const labels = ['old', 'new', 'other'];
  const kept = killedAfter === undefined ? lines : lines.filter(isAboutRecovery);
  return kept.map((line) => labels.reduce((said, label) => said.replaceAll(on.thumbprint(label), `<${label}>`), line));
}

/** A server whose calls that change records tell something else. */
function retold(server: Server, reports: NonNullable<Situation['reports']>): Server {
  let calls = 0;
  return {
    ...server,
    change: async (changes) => {
      const told = await server.change(changes);
      return changes.some((change) => change.do === 'log') ? told : reports(told, ++calls);
    },
  };
}

/** A state folder with room for so many writes of a journal, and for all else. */
function withFullJournal(state: State, writes: number): State {
  let left = writes;
  return {
    ...state,
    openRun: async (run) => {
      const journal = await state.openRun(run);
      return {
        ...journal,
        append: async (...lines) => {
          if (left-- <= 0)
            throw new CertRebindError('not-writable', { message: 'The disk is full.', where: '/journal' });
          await journal.append(...lines);
        },
      };
    },
  };
}

/** What goes well after a death is said elsewhere already. */
function isAboutRecovery(line: string): boolean {
  return !/^(?:refused|log|progress|waited|journal (?:changing|changed|proved)) |, verified, | other-program: /.test(
    line,
  );
}

describe('a run in trouble', () => {
  holdAgainst(
    'runs.txt',
    Object.entries({ ...situations, ...deaths }).map(([what, situation]) => [what, () => tell(situation)]),
  );
});
