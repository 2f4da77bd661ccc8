import assert from 'node:assert/strict';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import { planPending } from '../../../src/engine/plan/plan-pending.ts';
import { nextRenewals } from '../../../src/engine/views/next-renewal.ts';
import { usageOf } from '../../../src/engine/views/usage.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import { certificate, record, renewal, site, sni } from '../../builders/snapshot.ts';
import { factsOf } from './facts.ts';

/** Servers of hosters have thousands of certificates, and most of them are renewed in the same week. */
describe('a server with many renewals', () => {
  const judgements: readonly (readonly [string, (facts: DoctorFacts) => unknown])[] = [
    ['diagnose', (facts) => lookAt(facts).findings],
    ['next renewal', (facts) => nextRenewals(lookAt(facts))],
    ['usage', ({ snapshot, configuration }) => usageOf(snapshot, configuration, null)],
    ['plan', ({ snapshot, configuration, ledger }) => planPending(snapshot, ledger, configuration)],
  ];
  for (const [what, judge] of judgements)
    for (const state of ['pending', 'blocked'] as const)
      it(`is gone through as often as one with few: ${what}, ${state}`, () => {
        const few = passesOf(4, state, judge);
        assert.ok(few > 0);
        assert.equal(passesOf(40, state, judge), few);
      });
});

/** How often what a server has is gone through from its beginning. */
function passesOf(renewals: number, state: 'pending' | 'blocked', judge: (facts: DoctorFacts) => unknown): number {
  const numbers = Array.from({ length: renewals }, (_, at) => at);
  const { snapshot, ...facts } = factsOf(
    {
      sites: numbers.map((at) => site(`Site ${at}`, [sni(`h${at}.example.com`)])),
      records: numbers.map((at) => record(`h${at}.example.com:443`, `old${at}`)),
      certificates: numbers.flatMap((at) => [
        certificate(`old${at}`, { names: [`h${at}.example.com`], renewedTo: `new${at}` }),
        certificate(`new${at}`, { names: [state === 'blocked' ? 'other.example.com' : `h${at}.example.com`] }),
      ]),
    },
    {
      ledger: ledgerOf(
        numbers.map((at) => ({
          renewal: renewal(`old${at}`, `new${at}`),
          state,
          reasons: state === 'blocked' ? ['names-lost'] : ['outside-window'],
          run: '7',
        })),
      ),
    },
  );
  let passes = 0;
  const counted = <Part>(parts: readonly Part[]): readonly Part[] =>
    new Proxy(parts, {
      get(target, name) {
        if (name === '0') passes++;
        return Reflect.get(target, name);
      },
    });
  const { certificates, holders, sites } = snapshot;
  const watched: Snapshot = {
    ...snapshot,
    certificates: counted(certificates),
    holders: counted(holders),
    sites: counted(sites),
  };
  judge({ ...facts, snapshot: watched });
  return passes;
}
