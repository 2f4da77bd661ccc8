import assert from 'node:assert/strict';
import {
  emptyLedger,
  type Ledger,
  type PendingRollback,
  type RetiredCertificate,
} from '../../../src/documents/runs/ledger.ts';
import { casesOfRetirement, whyNothingRetires } from '../../../src/engine/plan/retire.ts';
import { reportedKinds } from '../../../src/kinds/reported/reported-kinds.ts';
import type { PartName } from '../../../src/kinds/unknown-parts.ts';
import { decisionAt, type EntryParts, ledgerOf as ledgerOfEntries } from '../../builders/ledger.ts';
import {
  certificate,
  now,
  record,
  renewal,
  type SnapshotParts,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';

const day = 24 * 3600_000;
const at = (daysAgo: number) => new Date(Date.parse(now) - daysAgo * day).toISOString();
const settled = (parts: Partial<EntryParts> = {}): EntryParts => ({
  renewal: renewal('old', 'new'),
  state: 'settled',
  reasons: [],
  run: 'run-1',
  at: at(20),
  ...parts,
});
const ledgerOf = (...entries: readonly EntryParts[]): Ledger => ledgerOfEntries(entries);
const serverAuth = ['1.3.6.1.5.5.7.3.1'];

function judged(parts: SnapshotParts = {}, ledger = ledgerOf(settled()), deletes = false) {
  const server = snapshot({
    records: [record('shop.example.com:443', 'new')],
    certificates: [certificate('old', { ekus: serverAuth }), certificate('new')],
    ...parts,
  });
  return casesOfRetirement(server, ledger, { afterDays: 14, deletes }).map((one) => {
    assert.equal(one.certificate.thumbprint, thumbprintOf('old'));
    return [one.becomes === 'deleted' ? one.key : one.why, ...one.detail];
  });
}

describe('a certificate that was replaced', () => {
  it('is retired when nothing names it and its successor has been at work for long enough', () => {
    assert.deepEqual(judged(), [[null]]);
  });

  it('stays before that, and it is said until when', () => {
    assert.deepEqual(judged({}, ledgerOf(settled({ at: at(13) }))), [
      ['too-soon', new Date(Date.parse(at(13)) + 14 * day).toISOString()],
    ]);
  });

  const uses: Readonly<Record<string, readonly [SnapshotParts, string]>> = {
    'a certificate binding': [
      { records: [record('shop.example.com:443', 'new'), record('192.0.2.1:443', 'old')] },
      '192.0.2.1:443',
    ],
    'an FTP site': [{ ftps: [{ site: 'Files', thumbprint: thumbprintOf('old'), store: 'My' }] }, 'ftp/Files'],
    'Remote Desktop': [
      { others: [{ thumbprint: thumbprintOf('old').toLowerCase(), consumer: { kind: 'rdp', detail: 'RDP-Tcp' } }] },
      'rdp/RDP-Tcp',
    ],
    WinRM: [
      { others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'winrm', detail: '*+HTTPS' } }] },
      'winrm/*+HTTPS',
    ],
    'SMB over QUIC': [
      { others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'smb-quic', detail: 'files' } }] },
      'smb-quic/files',
    ],
    'the Web Management Service': [
      {
        others: [
          {
            thumbprint: thumbprintOf('old'),
            consumer: { kind: 'wmsvc', detail: 'WMSVC' },
            management: { port: 8172, address: '*', state: 'started' },
          },
        ],
      },
      'wmsvc',
    ],
    SSTP: [
      { others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'sstp', detail: 'SstpSvc' } }] },
      'sstp/SstpSvc',
    ],
    'SQL Server': [
      { others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'sql', detail: 'MSSQLSERVER' } }] },
      'sql/MSSQLSERVER',
    ],
    ...Object.fromEntries(
      reportedKinds.map((kind) => [
        `${kind}, which is only reported,`,
        [{ others: [{ thumbprint: thumbprintOf('old'), consumer: { kind, detail: 'x' } }] }, `${kind}/x`],
      ]),
    ),
  };
  for (const [what, [parts, key]] of Object.entries(uses))
    it(`stays where ${what} alone names it`, () => {
      const [[why, place] = []] = judged(parts);
      assert.equal(why, 'in-use');
      assert.ok(place?.startsWith(key), String(place));
    });

  it('stays where its usages are more than TLS, or unknown', () => {
    for (const ekus of [null, [], [...serverAuth, '1.3.6.1.4.1.311.10.3.4']])
      assert.equal(
        judged({ certificates: [certificate('old', { ekus }), certificate('new')] })[0]?.[0],
        'other-usages',
      );
    const both = [...serverAuth, '1.3.6.1.5.5.7.3.2'];
    assert.deepEqual(judged({ certificates: [certificate('old', { ekus: both }), certificate('new')] }), [[null]]);
  });

  it('stays where Windows issued it by a template, which archives it itself', () => {
    assert.deepEqual(
      judged({ certificates: [certificate('old', { ekus: serverAuth, template: '1.2.3' }), certificate('new')] }),
      [['template']],
    );
  });

  it('stays where its successor is gone, has no usable key, or is used nowhere', () => {
    const old = certificate('old', { ekus: serverAuth });
    assert.deepEqual(judged({ certificates: [old] }), [['successor-gone']]);
    for (const key of ['missing', 'unusable', 'unknown'] as const)
      assert.deepEqual(judged({ certificates: [old, certificate('new', { key })] }), [['successor-gone']]);
    assert.deepEqual(judged({ records: [] }), [['successor-gone']]);
    const opened = certificate('new', { key: 'unknown', keyRights: { why: 'a TPM has it' } });
    assert.deepEqual(judged({ certificates: [old, opened] }), [[null]], 'for an administrator');
  });

  it('stays where its renewal is not finished everywhere', () => {
    const [{ key }, without] = [record('shop.example.com:443', 'new'), record('192.0.2.1:443', null)];
    for (const parts of [{ state: 'blocked' }, { stillOld: [key] }, { heldAt: [without.key] }] as const)
      assert.deepEqual(
        judged({ records: [record('shop.example.com:443', 'new'), without] }, ledgerOf(settled(parts))),
        [['unsettled']],
      );
  });

  it('stays for nothing that was rolled back where the place names another certificate by now', () => {
    const moved = record('shop.example.com:443', 'new');
    for (const what of ['on-hold', 'keeps-old'] as const)
      assert.deepEqual(
        judged({}, { ...ledgerOf(settled()), decisions: [decisionAt(moved.key, renewal('old', 'new'), { what })] }),
        [[null]],
      );
  });

  it('stays where it may replace again what was set instead of it', () => {
    const back = record('shop.example.com:443', 'new');
    const ledger = ledgerOf(settled(), settled({ renewal: renewal('next', 'old'), heldAt: [] }));
    const undone = decisionAt(back.key, renewal('new', 'old'));
    assert.deepEqual(judged({}, { ...ledger, decisions: [undone] }), [['taken-back', thumbprintOf('new')]]);
    assert.deepEqual(judged({}, ledger), [[null]]);
  });

  it('stays as long as it comes back at a place, and not where that is over', () => {
    const back = (run: string | null) =>
      decisionAt(record('shop.example.com:443', 'new').key, renewal('old', 'new'), { what: 'set-back', run });
    const becomes = (run: string | null) => judged({}, { ...ledgerOf(settled()), decisions: [back(run)] });
    assert.deepEqual([becomes(null), becomes('run-2')], [[['unsettled']], [[null]]]);
  });

  it('stays for nothing that is open at a place that was removed', () => {
    const gone = record('removed.example.com:443', 'new').key;
    for (const what of ['set-back', 'on-hold', 'keeps-old', 'not-undone'] as const) {
      const ledger = {
        ...ledgerOf(settled()),
        decisions: [decisionAt(gone, renewal('old', 'new'), { what, run: null })],
      };
      assert.deepEqual(judged({}, ledger), [[null]], what);
      assert.equal(whyNothingRetires(snapshot({}), ledger), null, what);
    }
  });

  it('is none of this program where no run replaced it, or it is archived already', () => {
    assert.deepEqual(judged({}, emptyLedger), []);
    assert.deepEqual(judged({}, ledgerOf(settled({ run: null }))), []);
    assert.deepEqual(judged({ certificates: [certificate('old', { archived: true }), certificate('new')] }), []);
  });
});

describe('a certificate that this program archived', () => {
  const retired = { thumbprint: thumbprintOf('old'), store: 'My', successor: thumbprintOf('new') };
  const old = (parts = {}) => certificate('old', { ekus: serverAuth, archived: true, ...parts });
  const rest = [certificate('new')];
  const ledger = (parts: Partial<RetiredCertificate> = {}, ...entries: readonly EntryParts[]) => ({
    ...ledgerOf(settled({ at: at(60) }), ...entries),
    retired: [{ ...retired, at: at(20), ...parts }],
  });
  const deleted = (parts: SnapshotParts = {}, remembered = ledger()) =>
    judged({ certificates: [old(), ...rest], ...parts }, remembered, true);

  it('is deleted with its key after the same time again', () => assert.deepEqual(deleted(), [['deleted']]));

  it('stays archived where deleting was not asked for, or somebody else archived it', () => {
    assert.deepEqual(judged({ certificates: [old(), ...rest] }, ledger()), []);
    assert.deepEqual(deleted({}, { ...ledger(), retired: [] }), []);
    assert.deepEqual(deleted({}, ledger({ store: 'WebHosting' })), []);
  });

  it('stays until then, unless its deletion had begun', () => {
    const recent = ledger({ at: at(13) });
    assert.deepEqual(deleted({}, recent), [['too-soon', new Date(Date.parse(at(13)) + 14 * day).toISOString()]]);
    assert.deepEqual(deleted({ certificates: [old({ notAfter: at(1) }), ...rest] }, recent)[0]?.[0], 'too-soon');
    assert.deepEqual(deleted({}, ledger({ at: at(13), deleting: { what: 'key', at: at(1) } })), [['deleted']]);
  });

  it('waits anew for days on which the hourly run looked', () => {
    const looked = (since: Readonly<Record<string, number>>) =>
      ({ schema: 'certrebind/looked/1', day: now.slice(0, 10), days: 20, jumpedFrom: null, since }) as const;
    const waited = (what: string, days: number) =>
      deleted({}, { ...ledger(), looked: looked({ [`${what} ${thumbprintOf('old')} My`]: 20 - days }) })[0]?.[0];
    assert.deepEqual(
      [waited('delete', 14), waited('delete', 13), waited('archive', 20)],
      ['deleted', 'too-soon', 'too-soon'],
    );
  });

  it('stays where something has come to name it', () =>
    assert.deepEqual(deleted({ records: [record('192.0.2.1:443', 'old'), record('0.0.0.0:443', 'new')] }), [
      ['in-use', '192.0.2.1:443'],
    ]));

  it('leaves its key to another certificate that has the same, until that goes too', () => {
    const { publicKey = '' } = old();
    const twin = (parts: Parameters<typeof old>[0]) => certificate('new', { publicKey, ...parts });
    assert.deepEqual(deleted({ certificates: [old(), twin({})] }), [['shared']]);
    assert.deepEqual(deleted({ certificates: [old(), twin({}), old({ store: 'WebHosting' })] }), [['shared']]);
    const other = old({ store: 'WebHosting' });
    const both = { ...ledger(), retired: [...ledger().retired, { ...retired, store: 'WebHosting', at: at(20) }] };
    assert.deepEqual(deleted({ certificates: [old(), other, ...rest] }, both), [['shared'], ['deleted']]);
    const keyless = certificate('api', { publicKey, key: 'missing' });
    assert.deepEqual(deleted({ certificates: [old(), keyless, ...rest] }), [['deleted']]);
  });

  it('stays where its key does not open, unless that was deleted before', () => {
    for (const key of ['unusable', 'unknown'] as const)
      assert.deepEqual(deleted({ certificates: [old({ key }), ...rest] }), [['key-unknown']]);
    const opened = old({ key: 'unknown', keyRights: { sddl: 'D:' } });
    assert.deepEqual(deleted({ certificates: [opened, ...rest] }), [['deleted']], 'for an administrator');
    const begun = ledger({ deleting: { what: 'key', at: at(1) } });
    assert.deepEqual(deleted({ certificates: [old({ key: 'unusable' }), ...rest] }, begun), [['gone']]);
    assert.deepEqual(deleted({ certificates: [old({ key: 'missing' }), ...rest] }), [['gone']]);
  });

  it('is not held back by a successor that was replaced in turn', () => {
    const next = settled({ renewal: renewal('new', 'next'), at: at(5) });
    const parts = {
      records: [record('0.0.0.0:443', 'next')],
      certificates: [old(), certificate('new', { archived: true }), certificate('next')],
    };
    assert.deepEqual(deleted(parts, ledger({}, next)), [['deleted']]);
    assert.deepEqual(deleted(parts, ledger({}, { ...next, state: 'blocked' })), [['successor-gone']]);
    const blocked = settled({ renewal: renewal('new', 'other'), state: 'blocked', at: at(9) });
    assert.deepEqual(deleted(parts, ledger({}, blocked, next)), [['deleted']], 'of several the last counts');
  });
});

describe('nothing is retired', () => {
  const why = (parts: SnapshotParts = {}, ledger = ledgerOf(settled())) => whyNothingRetires(snapshot(parts), ledger);
  it('while all is known and settled: it is', () => assert.equal(why(), null));
  for (const part of ['ftps', 'others'] as const satisfies readonly PartName[])
    it(`where the part ${part} is not known`, () =>
      assert.match(why({ notLookedAt: [{ part, why: 'not-read' }] }) ?? '', new RegExp(part)));
  it('where something could not be read', () => {
    const unreadable = [{ part: 'records' as const, where: 'x', text: '', why: 'y' }];
    assert.match(why({ unreadable }) ?? '', /could not be read/);
  });
  it('where a role is installed whose certificate was not read', () => {
    assert.match(why({ roles: [{ kind: 'exchange', why: 'only its own tools tell' }] }) ?? '', /exchange/);
    assert.equal(why({ roles: [{ kind: 'nps', why: null }] }), null);
  });
  it('while a debt is open, and not for what a person took back or a run rolled back', () => {
    const debt = { run: 'r', step: 1, key: 'shop.example.com:443', at: now } as unknown as PendingRollback;
    assert.match(why({}, { ...ledgerOf(settled()), pendingRollbacks: [debt] }) ?? '', /has not been restored/);
    const cause = { kind: 'handshake', said: '' } as const;
    const there = record('shop.example.com:443', 'old');
    const undone = ledgerOf(settled({ state: 'undone', cause, heldAt: [there.key] }));
    assert.equal(why({ records: [there] }, undone), null);
  });
});
