import assert from 'node:assert/strict';
import type { Configuration } from '../../../src/documents/configuration.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import type { Step } from '../../../src/documents/runs/plan.ts';
import { judgeDebts } from '../../../src/engine/plan/plan-debts.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { planRepair } from '../../../src/engine/plan/plan-repair.ts';
import { planUndo } from '../../../src/engine/plan/plan-undo.ts';
import { isTls, snapshotPartOf } from '../../../src/kinds/holder.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import { holdersByKey } from '../../../src/kinds/place.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { met } from '../../builders/met.ts';
import {
  certificate,
  now,
  type OtherParts,
  policy,
  record,
  renewal,
  runningSql,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { plannedWith } from '../../builders/steps.ts';
import { outcomeOf } from './outcomes.ts';

/** A place, as a server that has nothing else holds this certificate there; `null`: the place holds nothing. */
interface Kind {
  readonly key: string;
  readonly holds: (label: string | null) => SnapshotParts;
}

const host = 'shop.example.com';
const binding = { sites: [site('Shop', [sni(host)])] };
const tls: Kind = {
  key: `${host}:443`,
  holds: (label) => ({ ...binding, records: label === null ? [] : [record(`${host}:443`, label)] }),
};
const special: Kind = {
  key: tls.key,
  holds: (label) => ({
    ...binding,
    records: label === null ? [] : [record(tls.key, label, label === 'new' ? {} : { flags: 0x4000_0000 })],
  }),
};
const hosted: Kind = {
  key: tls.key,
  holds: (label) => ({
    ...binding,
    records: label === null ? [] : [record(tls.key, label, label === 'new' ? {} : { store: 'Hosted' })],
  }),
};
const others = (label: string | null, more: Omit<OtherParts, 'thumbprint'>) => ({
  others: label === null ? [] : [{ thumbprint: thumbprintOf(label), ...more }],
});
const sql: Kind = {
  key: 'sql/MSSQLSERVER',
  holds: (label) => others(label, { consumer: { kind: 'sql', detail: 'MSSQLSERVER' }, sql: runningSql('MSSQLSERVER') }),
};
const winrm = (carriesRun: 'yes' | 'no' | 'unknown'): Kind => ({
  key: 'winrm/*+HTTPS',
  holds: (label) =>
    others(label, {
      consumer: { kind: 'winrm', detail: '*+HTTPS' },
      remoting: { hostname: null, port: 5986, state: 'started', carriesRun },
    }),
});
const ftp: Kind = {
  key: 'ftp/Files',
  holds: (label) => ({
    sites: [site('Files', [parseBinding('ftp', '*:21:', 0)])],
    ftps: label === null ? [] : [{ site: 'Files', thumbprint: thumbprintOf(label), store: 'My' }],
  }),
};

const { serviceSid: sqlSid = assert.fail() } = runningSql('MSSQLSERVER').service.runsAs ?? {};
const names = [host, 'web01'];
const rest = ['new', 'third'].map((label) => certificate(label, { names }));
const withOld = (parts: Parameters<typeof certificate>[1] = {}) => ({
  certificates: [certificate('old', { names, ...parts }), ...rest],
});

const holders: Configuration['holders'] = {
  ...policy().holders,
  ftp: { policy: 'replace' },
  winrm: { policy: 'replace' },
  sql: { policy: 'replace', restart: 'window' },
};
const open = policy({ holders });
const excluding = (parts: Partial<Configuration['exclude']>) =>
  policy({ holders, exclude: { ...open.exclude, ...parts } });

/** What each of them makes of a place that is to get the certificate `old`, in the server with these parts. */
interface Situation {
  readonly what: string;
  readonly kind: Kind;
  readonly parts: SnapshotParts;
  readonly configuration?: Configuration;
  readonly undo: string;
  readonly debt: string;
  readonly repair?: string;
  readonly rebind?: string;
}

const same = (code: string) => ({ undo: code, debt: code, repair: 'by hand', rebind: code });
const situations: readonly Situation[] = [
  { what: 'nothing is against it', kind: tls, parts: withOld(), ...same('set'), repair: 'set' },
  {
    what: 'its record cannot be read',
    kind: tls,
    parts: { ...withOld(), records: [], unreadable: [{ part: 'records', where: 'HTTP.SYS', text: tls.key, why: '?' }] },
    ...same('not-read'),
    rebind: 'unseen',
  },
  {
    what: 'its kind was not looked at',
    kind: sql,
    parts: { ...withOld(), others: [], notLookedAt: [{ part: snapshotPartOf('sql'), why: 'withheld' }] },
    undo: 'not-read',
    debt: 'not-read',
  },
  {
    what: 'its site is excluded, which a person who names the run knows',
    kind: tls,
    parts: withOld(),
    configuration: excluding({ sites: ['SHOP'] }),
    ...same('excluded'),
    undo: 'set',
    repair: 'excluded',
  },
  {
    what: 'an FTP site is excluded',
    kind: ftp,
    parts: withOld(),
    configuration: excluding({ sites: ['Files'] }),
    undo: 'set',
    debt: 'excluded',
    rebind: 'excluded',
  },
  {
    what: 'its certificate is excluded',
    kind: sql,
    parts: withOld(),
    configuration: excluding({ thumbprints: [thumbprintOf('old')] }),
    undo: 'outside-window',
    debt: 'excluded',
    rebind: 'excluded',
  },
  {
    what: 'its binding and its record are gone',
    kind: tls,
    parts: { ...withOld(), sites: [], records: [] },
    ...same('gone'),
    rebind: 'unseen',
  },
  { what: 'its service is gone', kind: winrm('yes'), parts: { ...withOld(), others: [] }, undo: 'gone', debt: 'gone' },
  { what: 'this run came in there', kind: winrm('yes'), parts: withOld(), ...same('remote-session') },
  { what: 'this run may have come in there', kind: winrm('unknown'), parts: withOld(), ...same('remote-session') },
  {
    what: 'netsh cannot write all of the record, of which a renewal and an undo change the certificate alone',
    kind: special,
    parts: withOld(),
    ...same('cannot-express'),
    undo: 'set',
    rebind: 'set',
  },
  { what: 'its certificate is gone', kind: tls, parts: { certificates: rest }, ...same('certificate-missing') },
  {
    what: 'its certificate is in another store, to which a renewal would change',
    kind: tls,
    parts: withOld({ store: 'WebHosting' }),
    ...same('wrong-store'),
    rebind: 'set',
  },
  {
    what: 'its certificate is in a store that its service does not read',
    kind: winrm('no'),
    parts: withOld({ store: 'WebHosting' }),
    ...same('wrong-store'),
  },
  {
    what: 'its certificate is in My, and it names a store that is not read',
    kind: hosted,
    parts: withOld(),
    ...same('set'),
    repair: 'set',
  },
  { what: 'it has no key', kind: tls, parts: withOld({ key: 'missing' }), ...same('key-missing') },
  { what: 'its key cannot be opened', kind: tls, parts: withOld({ key: 'unusable' }), ...same('key-unusable') },
  {
    what: 'whether its key can be opened is not known',
    kind: tls,
    parts: withOld({ key: 'unknown' }),
    ...same('set'),
    repair: 'set',
  },
  { what: 'it ends at this moment', kind: tls, parts: withOld({ notAfter: now }), ...same('expired') },
  {
    what: 'it ends after this moment',
    kind: tls,
    parts: withOld({ notAfter: '2026-06-01T12:00:00.001Z' }),
    ...same('set'),
    repair: 'set',
  },
  {
    what: 'it is not valid yet',
    kind: tls,
    parts: withOld({ notBefore: '2026-06-01T12:00:00.001Z' }),
    ...same('not-yet-valid'),
  },
  {
    what: 'its service may only be restarted in a window, which is closed',
    kind: sql,
    parts: withOld({ keyRights: { sddl: `O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FR;;;${sqlSid})` } }),
    configuration: policy({ holders, window: { from: '22:00', to: '04:00', timeZone: 'UTC' } }),
    ...same('outside-window'),
  },
];

/** The value of a place in a server in which all is well. */
const holderIn = ({ key, holds }: Kind, label: string) =>
  holdersByKey(snapshot({ ...holds(label), ...withOld() })).get(key as KeyText) ?? assert.fail(key);

const stepOf = (kind: Kind): Step => ({
  id: 1,
  key: kind.key as KeyText,
  before: holderIn(kind, 'old'),
  wanted: holderIn(kind, 'new'),
  renewal: renewal('old', 'new'),
  consumers: isTls(holderIn(kind, 'old'))
    ? [{ kind: 'iis-binding', site: 'Shop', information: `*:443:${host}`, siteState: 'started' }]
    : [],
  verify: [],
  notes: [],
});

function undoneTo({ kind, parts, configuration = open }: Situation, force: boolean): string {
  const plan = plannedWith({ renewals: [renewal('old', 'new')], steps: [stepOf(kind)] });
  const opened = { at: now, type: 'opened', run: 'run-1', command: 'rebind', plan, baseline: [] } as const;
  const { steps, blocked, skipped } = planUndo({
    snapshot: snapshot({ ...kind.holds('new'), ...parts }),
    ledger: emptyLedger,
    run: 'run-1',
    journal: [{ schema: 'certrebind/journal/1', ...opened }],
    outcome: outcomeOf(plan, []),
    force,
    configuration,
    later: new Map(),
  });
  return steps[0] === undefined
    ? [...blocked, ...skipped]
        .map(met)
        .map(({ reason }) => reason)
        .join()
    : 'set';
}

function owed({ kind, parts, configuration = open }: Situation): string {
  const step = stepOf(kind);
  const debt = { run: 'run-1', step: 1, key: step.key, at: now };
  const left = { state: 'holds', holder: step.wanted ?? assert.fail() } as const;
  const today = snapshot({ ...kind.holds('new'), ...parts });
  const [judged] = judgeDebts([{ debt, step, left }], today, configuration);
  const is = judged?.now;
  return is?.is === 'owed' ? 'set' : is?.is === 'stuck' ? is.why.code : String(is?.is);
}

function repaired({ kind, parts, configuration = open }: Situation): string {
  const known = holderIn(kind, 'old');
  const { steps, skipped } = planRepair({
    repair: 'binding-without-record',
    snapshot: snapshot({ ...kind.holds(null), ...parts }),
    configuration,
    lastKnown: new Map(isTls(known) ? [[known.key, known.value]] : []),
    owed: [],
    byHand: [],
  });
  return steps.length > 0 ? 'set' : (met(skipped[0]).reason ?? 'by hand');
}

function rebound({ kind, parts, configuration = open }: Situation): string {
  const today = snapshot({ ...kind.holds('third'), ...parts });
  const made = planRebind({ snapshot: today, renewals: [renewal('third', 'old')], configuration });
  return made.steps.length > 0 ? 'set' : (met([...made.blocked, ...made.skipped][0]).reason ?? 'unseen');
}

describe('what keeps a place from being set', () => {
  for (const situation of situations) {
    const { what, undo, debt, repair, rebind, kind } = situation;
    it(`is the same for an undo, a debt, a repair and a renewal: ${what}`, () => {
      assert.deepEqual([undoneTo(situation, true), owed(situation)], [overruled.get(undo) ?? undo, debt]);
      if (repair !== undefined && kind.key === tls.key) assert.equal(repaired(situation), repair);
      if (rebind !== undefined) assert.equal(rebound(situation), rebind);
      // What is not there is otherwise said to have been changed by somebody else.
      if (undo !== 'gone') assert.equal(undoneTo(situation, false), undo);
    });
  }
});

/** What `--force` is for, besides what others have changed. */
const overruled = new Map(['key-missing', 'key-unusable', 'expired', 'not-yet-valid'].map((code) => [code, 'set']));
