import assert from 'node:assert/strict';
import type { VerifiedEndpoint } from '../../../src/documents/verify.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import { certificate, now, renewal, thumbprintOf } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { factsOf } from './facts.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const certificates = [certificate('old', { renewedTo: 'new' }), certificate('new')];

/** An endpoint of a domain controller whose certificate nobody knows, and which serves the old one. */
function endpoint(parts: Partial<VerifiedEndpoint>): VerifiedEndpoint {
  return {
    key: 'ldaps-my/Active Directory (LDAPS)' as KeyText,
    expected: '',
    endpoint: { address: '0.0.0.0', port: 636, serverName: null },
    result: 'served',
    thumbprint: old,
    notAfter: null,
    reason: null,
    attempts: 1,
    durationMs: 1,
    matches: null,
    chain: 'whole',
    ...parts,
  };
}

function found(endpoints: readonly VerifiedEndpoint[], entries: readonly EntryParts[] = []) {
  return lookAt(factsOf({ certificates }, { wire: endpoints, ledger: ledgerOf(entries) })).findings;
}

const entry = (parts: Partial<EntryParts>): EntryParts => ({
  renewal: renewal('old', 'new'),
  state: 'settled',
  reasons: [],
  run: '2026-05-02-1',
  at: now,
  ...parts,
});

describe('what is said of a role whose certificate only its endpoint tells', () => {
  it('names a role that still serves an old certificate, its port and the command of its maker', () => {
    const [finding, ...others] = found([endpoint({}), endpoint({ thumbprint: successor })]);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [finding?.code, finding?.key, finding?.message],
      [
        'change-by-hand',
        'ldaps-my/Active Directory (LDAPS)',
        `Active Directory (LDAPS) still serves ${old} on port 636.`,
      ],
    );
    assert.match(finding?.commands[0] ?? '', /renewServerCertificate/);
  });

  const silent: readonly (readonly [string, Partial<VerifiedEndpoint>])[] = [
    ['a role that serves the new certificate', { thumbprint: successor }],
    ['a role that serves a certificate that nothing renews', { thumbprint: thumbprintOf('other') }],
    ['a role that did not answer', { result: 'unreachable', thumbprint: null, chain: null }],
    ['a role whose certificate is known: the endpoint tells', { key: 'ldaps-my/NTDS' as KeyText, expected: old }],
    ['a record of the central store', { key: '(central-store):443' as KeyText }],
  ];
  for (const [what, parts] of silent)
    it(`says nothing of ${what}`, () => assert.deepEqual(found([endpoint(parts)]), []));

  it('is a place of the server, with the name of the role and the addresses that were dialled', () => {
    const wire = [endpoint({}), endpoint({ endpoint: { address: '192.0.2.1', port: 3269, serverName: null } })];
    const { places } = statusOf(lookAt(factsOf({ certificates }, { wire })));
    assert.deepEqual(each(places, 'name', 'address', 'state', 'certificate'), [
      ['Active Directory (LDAPS)', 'any host, port 636, 192.0.2.1:3269', 'old', old],
    ]);
  });

  it('says the same of a role whose renewal was undone at other places', () => {
    const undone = entry({ state: 'undone', heldAt: ['shop.example.com:443' as KeyText] });
    assert.deepEqual(each(found([endpoint({})], [undone]), 'code'), ['change-by-hand']);
  });
});
