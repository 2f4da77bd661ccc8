import assert from 'node:assert/strict';
import type { VerifiedEndpoint } from '../../../src/documents/verify.ts';
import { endpointsBehind, leftBehind } from '../../../src/engine/findings/wire-findings.ts';
import { successionOf } from '../../../src/engine/known/succession.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import { certificate, now, policy, record, renewal, snapshot, thumbprintOf } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';

const key = 'shop.example.com:443' as KeyText;
const entry = (old: string, next: string, parts: Partial<EntryParts> = {}): EntryParts => ({
  renewal: renewal(old, next),
  state: 'settled',
  reasons: [],
  run: 'run-1',
  at: now,
  ...parts,
});

/** The server holds `set`, whose predecessor by its renewal property is `property`; `given` replaced that. */
function factsOf(set: string, entries: readonly EntryParts[] = [entry('given', 'property')]) {
  const certificates = [certificate('property', { renewedTo: 'set' }), certificate('set'), certificate('given')];
  const server = snapshot({ records: [record(key, set)], certificates });
  const ledger = ledgerOf(entries);
  return {
    snapshot: server,
    ledger,
    succession: successionOf(server, ledger, policy()),
  };
}

function served(label: string | null, expected = 'set', parts: Partial<VerifiedEndpoint> = {}): VerifiedEndpoint {
  return {
    key,
    expected: thumbprintOf(expected),
    endpoint: { address: '0.0.0.0', port: 443, serverName: 'shop.example.com' },
    result: label === null ? 'unreachable' : 'served',
    thumbprint: label === null ? null : thumbprintOf(label),
    notAfter: null,
    reason: null,
    attempts: 1,
    durationMs: 1,
    matches: label === null ? null : label === expected,
    chain: null,
    ...parts,
  };
}

const undone = [entry('set', 'new', { state: 'undone', heldAt: [key] })];
const leftBehindOn = (wire: readonly VerifiedEndpoint[], facts: ReturnType<typeof factsOf>) =>
  leftBehind({ ...facts, wire, behind: endpointsBehind(wire, facts) });
const codesOf = (wire: readonly VerifiedEndpoint[], facts: ReturnType<typeof factsOf>) =>
  leftBehindOn(wire, facts).map(({ code, severity, key: at }) => `${severity} ${code} ${at}`);

describe('an endpoint that serves', () => {
  for (const [what, label, entries, code] of [
    ['what is set is not behind', 'set', undefined, undefined],
    ['what a renewal property replaces is still old', 'property', undefined, 'still-old'],
    ['what only the ledger knows, two renewals ago, is still old', 'given', undefined, 'still-old'],
    ['what nothing replaced is not behind', 'proxy', undefined, undefined],
    ['what was rolled back is still served', 'new', undone, 'still-served'],
    ['nothing is not behind', null, undefined, undefined],
  ] as const)
    it(what, () => {
      const facts = factsOf('set', entries);
      const endpoint = served(label);
      assert.equal(endpointsBehind([endpoint], facts).get(endpoint), code);
      assert.deepEqual(codesOf([endpoint], facts), code === undefined ? [] : [`error ${code} ${key}`]);
    });

  it('an old certificate that its holder has too is not behind', () =>
    assert.deepEqual(codesOf([served('property', 'property')], factsOf('property')), []));

  it('a replaced certificate is named once for its holder', () => {
    const [found, ...others] = leftBehindOn([served('given'), served('property'), served('set')], factsOf('set'));
    assert.deepEqual(others, []);
    assert.match(found?.message ?? '', new RegExp(`instead of ${thumbprintOf('set')}\\.$`));
    assert.deepEqual(found?.commands, []);
  });
});

const overHttp3 = { endpoint: { ...served('set').endpoint, startTls: 'h3' } } as const;

describe('an endpoint that a run left behind', () => {
  const facts = factsOf('set', [entry('property', 'set', { state: 'failed', stillOld: [key] })]);
  for (const [what, wire, found] of [
    ['is remembered while nobody dials it', [], 1],
    ['is remembered while one of its holder does not answer', [served('set'), served(null)], 1],
    ['is named once where it is seen still', [served('property'), served(null)], 1],
    ['is over although nothing is dialled over QUIC', [served('set'), served(null, 'set', overHttp3)], 0],
    ['is over where every endpoint serves what is set', [served('set'), served('set')], 0],
  ] as const)
    it(what, () => {
      const findings = leftBehindOn(wire, facts);
      assert.deepEqual(
        each(findings, 'code', 'commands'),
        Array.from({ length: found }, () => ['still-old', ['certrebind reconcile']]),
      );
    });

  it('after an undo is still served', () => {
    const remembered = factsOf('set', [entry('set', 'new', { state: 'undone', stillOld: [key] })]);
    assert.deepEqual(codesOf([], remembered), [`error still-served ${key}`]);
    assert.deepEqual(codesOf([served('set')], remembered), []);
  });
});
