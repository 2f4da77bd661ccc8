import assert from 'node:assert/strict';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import { keysMaybeLeft } from '../../../src/engine/findings/left-keys.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { ledgerAfterRun } from '../../../src/engine/run/ledger-of.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import { certificate, now, policy, renewal, snapshot } from '../../builders/snapshot.ts';

const file = 'C:\\Keys\\a1_f0';
const at = (path: string) => ({ keyRights: { sddl: '', file: path } });
const entry = (parts: Partial<EntryParts> = {}): EntryParts => ({
  renewal: renewal('old', 'new'),
  state: 'settled',
  reasons: [],
  run: 'run-1',
  at: now,
  keyFile: file,
  ...parts,
});

describe('the key of a certificate that was replaced', () => {
  const left = (certificates: ReturnType<typeof certificate>[], ...entries: readonly EntryParts[]) =>
    keysMaybeLeft(snapshot({ certificates }), ledgerOf(entries)).map(({ path }) => path);
  const rest = [certificate('new', at('C:\\Keys\\b2_f0'))];

  it('may be left once no store has that certificate', () => assert.deepEqual(left(rest, entry()), [file]));

  it('is that of the certificate while a store has it, archived or not', () =>
    assert.deepEqual(left([...rest, certificate('old', { store: 'WebHosting', archived: true })], entry()), []));

  it('is not left where another certificate has it, or may have it', () => {
    assert.deepEqual(left([certificate('new', at(file))], entry()), []);
    assert.deepEqual(left([...rest, certificate('other', { key: 'unknown' })], entry()), []);
    assert.deepEqual(left([...rest, certificate('other', { key: 'missing' })], entry()), [file]);
    const inTpm = { key: 'unknown', keyRights: { why: 'it is in a TPM' } } as const;
    assert.deepEqual(left([...rest, certificate('other', inTpm)], entry()), [file]);
  });

  it('is not ours to speak of where no run replaced it, or its file was not read', () => {
    assert.deepEqual(left(rest, entry({ run: null })), []);
    const { keyFile: _, ...unread } = entry();
    assert.deepEqual(left(rest, unread), []);
  });

  it('is one, however often it was replaced, and the newest fifty are asked for', () => {
    assert.deepEqual(left(rest, entry(), entry({ renewal: renewal('old', 'newer') })), [file]);
    const many = Array.from({ length: 60 }, (_, n) => entry({ renewal: renewal(`old ${n}`, 'new'), keyFile: `${n}` }));
    const asked = left(rest, ...many);
    assert.deepEqual([asked.length, asked[0], asked.at(-1)], [50, '59', '10']);
  });

  it('is remembered by the run that replaces it, and by later ones that no longer see it', () => {
    const seen = snapshot({ certificates: [certificate('old', at(file)), ...rest] });
    const plan = { ...planRebind({ snapshot: seen, renewals: [renewal('old', 'new')], configuration: policy() }) };
    const remembered = (ledger = emptyLedger, facts = seen) =>
      ledgerAfterRun(ledger, plan, [], { run: 'run-2', at: now }, facts).ledger.renewals.map(({ keyFile }) => keyFile);
    assert.deepEqual(remembered(), [file]);
    const ledger = ledgerOf([entry()]);
    assert.deepEqual(remembered(ledger, snapshot({ certificates: rest })), [file]);
    assert.deepEqual(remembered(emptyLedger, snapshot({ certificates: rest })), [undefined]);
  });
});
