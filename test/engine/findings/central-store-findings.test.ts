import assert from 'node:assert/strict';
import { verifyText } from '../../../src/commands/verify/text.ts';
import type { VerifiedEndpoint } from '../../../src/documents/verify.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { nextRenewals } from '../../../src/engine/views/next-renewal.ts';
import { renewedOf } from '../../../src/engine/views/renewed.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { verifyOf } from '../../../src/engine/views/server-verify.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import { certificate, https, now, record, site, snapshot } from '../../builders/snapshot.ts';
import { factsOf, wireOf } from './facts.ts';

const server = {
  sites: [site('Central', [https('*:443:a.example.com', 3)])],
  records: [record('(central-store):443', null)],
  sources: [{ part: 'central certificate store', from: 'D:\\Certificates' }],
};

/** What a file of it serves, for `a.example.com`. */
function seen(parts: Parameters<typeof certificate>[1] = {}, more: Partial<VerifiedEndpoint> = {}) {
  const served = certificate('file', { names: ['a.example.com'], notAfter: '2027-03-01T00:00:00.000Z', ...parts });
  const { thumbprint, notAfter } = served;
  return factsOf(server, { wire: wireOf(snapshot(server), { thumbprint, notAfter, certificate: served, ...more }) });
}

const silent = { result: 'unreachable', thumbprint: null, notAfter: null, reason: 'no answer' } as const;

describe('a file of the central certificate store', () => {
  it('is named by what it serves where usage --renewed is asked, and not looked at where nothing answered', () => {
    const asked = (facts: ReturnType<typeof seen>) => renewedOf(lookAt(facts), null);
    const [one] = asked(seen()).certificates;
    assert.deepEqual([one?.name, one?.notAfter, one?.counts.next], ['a.example.com', '2027-03-01T00:00:00.000Z', 1]);
    assert.match(asked(seen({}, silent)).notLookedAt[0] ?? '', /^Central, .*\(certrebind verify tests/);
  });

  for (const [what, facts, finds] of [
    ['in order is no finding', seen(), []],
    ['that has expired', seen({ notAfter: '2026-05-01T00:00:00.000Z' }), ['error certificate-expired']],
    ['that ends now', seen({ notAfter: now }), ['error certificate-expired']],
    ['that ends in thirteen days', seen({ notAfter: '2026-06-14T12:00:00.000Z' }), ['warning certificate-ends-soon']],
    ['that ends in six days', seen({ notAfter: '2026-06-07T11:00:00.000Z' }), ['error certificate-ends-soon']],
    ['for another name', seen({ names: ['b.example.com'] }), ['warning name-not-covered']],
    ['without its chain', seen({}, { chain: 'broken' }), ['warning intermediate-not-sent']],
    [
      'of which nothing is served',
      factsOf(server, { wire: wireOf(snapshot(server), silent) }),
      ['error endpoint-unreachable'],
    ],
  ] as const)
    it(what, () => {
      const found = lookAt(facts).findings;
      assert.deepEqual(
        found.map(({ severity, code }) => `${severity} ${code}`),
        finds,
      );
      for (const { message, key, site: where } of found) {
        assert.match(message, /the central certificate store in D:\\Certificates/);
        assert.deepEqual([key, where], ['(central-store):443', 'Central']);
      }
      const { findings, places } = statusOf(lookAt(facts));
      assert.deepEqual([findings.length, places[0]?.state === 'verified'], [finds.length, finds.length === 0]);
      const text = verifyText(verifyOf(lookAt(facts)), plain);
      assert.equal(/^1 endpoint: 1 serve what they should/m.test(text), finds.length === 0, text);
    });

  it('is replaced by a person at its next renewal', () => {
    const facts = seen();
    const [of] = facts.wire;
    assert.ok(of?.certificate !== undefined);
    const met = nextRenewals(lookAt(facts))(of.certificate.thumbprint, of.key);
    const why = 'Its file in the central certificate store has to be replaced.';
    assert.deepEqual(met, { isChanged: false, why, command: null });
  });
});
