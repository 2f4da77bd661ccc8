import assert from 'node:assert/strict';
import { verifyFindings } from '../../src/findings/verify-findings.ts';
import type { Snapshot } from '../../src/model/documents/snapshot.ts';
import type { VerifiedEndpoint } from '../../src/model/documents/verify.ts';
import type { KeyText } from '../../src/model/holders/record-key.ts';
import { emptyLedger, type LedgerEntry } from '../../src/model/runs/ledger.ts';
import { certificate, now, record, renewal, site, snapshot, sni, thumbprintOf } from '../builders/snapshot.ts';
import { factsOf } from './doctor/facts.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const certificates = [certificate('old', { renewedTo: 'new' }), certificate('new')];

/** An endpoint of a domain controller whose certificate nobody knows, and which serves the old one. */
function endpoint(parts: Partial<VerifiedEndpoint>): VerifiedEndpoint {
  return {
    key: 'ldaps/Active Directory (LDAPS)' as KeyText,
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

function found(
  endpoints: readonly VerifiedEndpoint[],
  server: Partial<Snapshot> = {},
  entries: readonly LedgerEntry[] = [],
) {
  const facts = factsOf(snapshot({ certificates, ...server }), { ledger: { ...emptyLedger, entries } });
  return verifyFindings(facts, endpoints).map(({ code, key, message }) => `${code} ${key ?? '-'}: ${message}`);
}

const entry = (parts: Partial<LedgerEntry>): LedgerEntry => ({
  renewal: renewal('old', 'new'),
  state: 'settled',
  reasons: [],
  run: '2026-05-02-1',
  at: now,
  ...parts,
});

describe('what verify says beside the endpoints', () => {
  it('names a role that still serves an old certificate, its port and the command of its maker', () => {
    const [finding, ...others] = verifyFindings(factsOf(snapshot({ certificates })), [
      endpoint({}),
      endpoint({ thumbprint: successor }),
    ]);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [finding?.code, finding?.key, finding?.message],
      ['change-by-hand', 'ldaps/Active Directory (LDAPS)', `Active Directory (LDAPS) still serves ${old} on port 636.`],
    );
    assert.match(finding?.command ?? '', new RegExp(`^Copy-Item .*${successor}.*Remove-Item .*${old}$`));
  });

  const silent: readonly (readonly [string, Partial<VerifiedEndpoint>])[] = [
    ['a role that serves the new certificate', { thumbprint: successor }],
    ['a role that serves a certificate that nothing renews', { thumbprint: thumbprintOf('other') }],
    ['a role that did not answer', { result: 'unreachable', thumbprint: null, chain: null }],
    ['a role whose certificate is known: the endpoint tells', { key: 'ldaps/NTDS' as KeyText, expected: old }],
    ['a record of the central store', { key: '(central-store):443' as KeyText }],
  ];
  for (const [what, parts] of silent)
    it(`says nothing of ${what}`, () => assert.deepEqual(found([endpoint(parts)]), []));

  it('says nothing of a role whose renewal was put back', () => {
    assert.deepEqual(found([endpoint({})], {}, [entry({ state: 'undone' })]), []);
  });

  it('names runs that are not at their end', () => {
    const openRuns = [{ run: '2026-06-01-1', by: null }];
    assert.deepEqual(
      verifyFindings(factsOf({}, { openRuns }), []).map(({ code }) => code),
      ['unfinished-run'],
    );
  });

  const onOld = { sites: [site('Shop', [sni('shop.example.com')])], records: [record('shop.example.com:443', 'old')] };
  it('names an old certificate that is back after a run had replaced it', () => {
    const [said, ...others] = found([], onOld, [entry({})]);
    assert.deepEqual(others, []);
    assert.match(said ?? '', /^old-certificate-back -: .* was applied by run 2026-05-02-1 at .* again\.$/);
  });

  it('says nothing of a renewal that no run has brought in yet', () => {
    assert.deepEqual(found([], onOld), []);
    assert.deepEqual(found([], onOld, [entry({ state: 'failed' })]), []);
  });
});
