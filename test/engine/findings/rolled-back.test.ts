import assert from 'node:assert/strict';
import type { RollbackCause } from '../../../src/documents/runs/ledger.ts';
import { factsNow, triesLeft } from '../../../src/documents/runs/rolled-back.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { decisionAt, ledgerOf } from '../../builders/ledger.ts';
import { certificate, record, renewal, site, snapshot, sni, thumbprintOf } from '../../builders/snapshot.ts';
import { factsOf } from './facts.ts';

const host = 'shop.example.com';
const key = record(`${host}:443`, 'shop').key;
const run = '20260531-091500000-3c4d';
const said = 'It no longer answers: the connection was reset.';
const retry = `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`;

function found(cause: RollbackCause | null, tried: { attempts?: number; run?: string | null; facts?: 'as now' } = {}) {
  const server = {
    sites: [site('Shop', [sni(host)])],
    records: [record(`${host}:443`, 'shop')],
    certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next')],
  };
  const { attempts = 1 } = tried;
  const facts = tried.facts === undefined ? null : factsNow(snapshot(server))(thumbprintOf('next'), [key]);
  const of = tried.run === undefined ? run : tried.run;
  const entry = {
    renewal: renewal('shop', 'next'),
    state: 'undone',
    run: of,
    heldAt: [key],
    cause,
    attempts,
    facts,
  } as const;
  const findings = lookAt(factsOf(server, { ledger: ledgerOf([entry]) })).findings;
  const one = findings.find(({ code }) => code === 'renewal-rolled-back');
  return [one?.commands, one?.hint] as const;
}

const again = decisionAt(key, renewal('shop', 'next'), { cause: { kind: 'handshake', said }, facts: 'as then' });

describe('what to do about a renewal that was rolled back', () => {
  for (const [what, [commands, hint], wanted, says] of [
    [
      'the run shows its cause, and Windows what it said of TLS; nothing that can be seen has changed by which it would be tried again',
      found({ kind: 'handshake', said }),
      [`certrebind history ${run}`, retry],
      [
        /^Clients get the old certificate as before, and the first command shows why the new one failed\. Event Viewer .*Schannel/,
        /does not try it again by itself: once the cause has gone, the second command does\.$/,
      ],
    ],
    [
      'it is tried again once something there has changed',
      found({ kind: 'handshake', said }, { attempts: 2, facts: 'as now' }),
      [`certrebind history ${run}`, retry],
      [
        /Once its key, .* has changed, CertRebind tries again within the hour, at most 2 times\. The second command tries at once\.$/,
      ],
    ],
    [
      'it is tried again for the last time',
      found({ kind: 'handshake', said }, { attempts: 3, facts: 'as now' }),
      [`certrebind history ${run}`, retry],
      [/within the hour, once more\. /],
    ],
    [
      'another name was answered',
      found({ kind: 'name', said }),
      [`certrebind history ${run}`, retry],
      [/why the new one failed\. Cert/],
    ],
    [
      'the run is not known',
      found({ kind: 'server', said }, { run: null }),
      ['certrebind verify', retry],
      [/^Clients get the old certificate as before, and the first command tests it\./],
    ],
    ['a person undid it', found(null), [retry], [/The command sets it again\.$/]],
    [
      'an intermediate is missing',
      found({ kind: 'chain', issuer: 'CN=Issuing CA 2', said }),
      ['certutil -addstore CA <file>', retry],
      [
        /^Its file is at the address that Authority Information Access names, .* Then the next hourly run tries again\. The second command tries at once\.$/,
      ],
    ],
    [
      'it is missing for the fourth time',
      found({ kind: 'chain', issuer: 'CN=Issuing CA 2', said }, { attempts: 4 }),
      ['certutil -addstore CA <file>', retry],
      [/The second command tries the renewal again\.$/],
    ],
  ] as const)
    it(`where ${what}`, () => {
      assert.deepEqual(commands, wanted);
      for (const one of says) assert.match(hint ?? '', one);
    });

  it('says how often it is still tried', () => {
    const left = [1, 3, 4].map((attempts) => triesLeft({ ...again, attempts }));
    assert.deepEqual(left, [3, 1, 0]);
    assert.deepEqual(
      [
        triesLeft({ ...again, facts: null }),
        triesLeft({ ...again, what: 'keeps-old', cause: null }),
        triesLeft({ ...again, cause: { kind: 'chain', issuer: 'CN=CA', said }, facts: null }),
      ],
      [0, 0, 3],
    );
  });
});
