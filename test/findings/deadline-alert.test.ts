import assert from 'node:assert/strict';
import { deadlineAlert } from '../../src/findings/deadline-alert.ts';
import type { Snapshot } from '../../src/model/documents/snapshot.ts';
import { emptyLedger, withAlerts } from '../../src/model/runs/ledger.ts';
import { planPending } from '../../src/plan/plan-pending.ts';
import {
  certificate,
  logOf,
  policy,
  record,
  renewal,
  replaced,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../builders/snapshot.ts';

const day = 24 * 3600_000;
const start = Date.parse('2026-06-01T12:00:00.000Z');
const at = (ms: number) => new Date(start + ms).toISOString();

/** One site whose certificate ends so many days after the start. */
function server(days: number, successorNames: readonly string[] | null, takenAt = at(0)): Snapshot {
  const renewed = successorNames === null ? {} : { renewedTo: 'new' };
  return snapshot({
    takenAt,
    sites: [site('Shop', [sni('shop.example.com')])],
    records: [record('shop.example.com:443', 'old')],
    certificates: [
      certificate('old', { notAfter: at(days * day), ...renewed }),
      ...(successorNames === null ? [] : [certificate('new', { names: successorNames })]),
    ],
  });
}

function alertOn(facts: Snapshot, ledger = emptyLedger, configuration = policy()) {
  return deadlineAlert({ snapshot: facts, ledger, plan: planPending(facts, ledger, configuration), configuration });
}

describe('the warning of certificates that are about to end', () => {
  for (const [what, days, names, says] of [
    ['blocked, and near its end', 6, ['other.example.com'], /is blocked \(names-lost\) at shop\.example\.com:443/],
    ['blocked, and far from its end', 8, ['other.example.com'], null],
    ['renewed and not blocked', 6, ['shop.example.com'], null],
    ['near its end without a successor', 6, null, /nothing renews it.*shop\.example\.com:443/],
    ['ended without a successor', -1, null, /nothing renews it/],
    ['far from its end without a successor', 8, null, null],
  ] as const)
    it(`${what}: ${says === null ? 'silence' : 'said'}`, () => {
      const alert = alertOn(server(days, names));
      if (says === null) assert.equal(alert, null);
      else {
        assert.deepEqual(alert?.thumbprints, [thumbprintOf('old')]);
        assert.match(alert?.lines.join('\n') ?? '', says);
      }
    });

  it('calls a blocked certificate by its name, whatever stands before it, and by its thumbprint where it is gone', () => {
    const facts = server(6, ['other.example.com']);
    const before = certificate('before', { names: ['before.example.com'] });
    const linesOf = (certificates: Snapshot['certificates']) => {
      const seen = { ...facts, certificates };
      const plan = planPending(facts, emptyLedger, policy());
      return deadlineAlert({ snapshot: seen, ledger: emptyLedger, plan, configuration: policy() })?.lines ?? [];
    };
    const old = thumbprintOf('old');
    assert.match(
      linesOf([before, ...facts.certificates])[0] ?? '',
      new RegExp(`^shop\\.example\\.com \\(Test CA, ${old.slice(0, 8)}\\) expires at `),
    );
    assert.match(linesOf([before])[0] ?? '', new RegExp(`^${old} expires at `));
  });

  it('counts a certificate that only an FTP site or a Remote Desktop listener has, where its kind is moved', () => {
    const listener = { port: 3389, state: 'started', chosenBy: 'person' } as const;
    const kinds = [
      [{ ftps: [{ site: 'Files', thumbprint: thumbprintOf('old'), store: 'My' }] }, 'ftp', /is used by ftp\/Files\.$/],
      [
        { others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'rdp', detail: 'RDP-Tcp' }, listener }] },
        'rdp',
        /is used by rdp\/RDP-Tcp\.$/,
      ],
    ] as const;
    for (const [holding, kind, says] of kinds) {
      const facts = { ...server(6, null), records: [], ...holding };
      assert.equal(alertOn(facts), null);
      const moved = policy({ holders: { ...policy().holders, [kind]: { policy: 'swap' } } });
      assert.match(alertOn(facts, emptyLedger, moved)?.lines.join('\n') ?? '', says);
    }
  });

  it('comes once a day, also when the hourly task starts a little earlier than the day before', () => {
    const said = withAlerts(emptyLedger, [thumbprintOf('old')], at(0));
    for (const [later, silent] of [
      [3600_000, true],
      [day - 3600_000, true],
      [day - 60_000, false],
      [day, false],
    ] as const)
      assert.equal(alertOn(server(6, null, at(later)), said) === null, silent, String(later));
  });

  it('says of a certificate whose renewal is held that it is', () => {
    const undone = { renewal: renewal('old', 'new'), state: 'undone', reasons: [], run: null, at: at(0) } as const;
    const alert = alertOn(server(6, ['shop.example.com']), { ...emptyLedger, entries: [undone] });
    assert.match(alert?.lines[0] ?? '', new RegExp(`and its renewal ${thumbprintOf('new')} was rolled back`));
  });

  it('is not silenced by one that a clock had said in the future', () => {
    const said = withAlerts(emptyLedger, [thumbprintOf('old')], '2038-01-19T00:00:00.000Z');
    assert.notEqual(alertOn(server(6, null), said), null);
  });

  it('about one certificate does not silence that about another', () => {
    const said = withAlerts(emptyLedger, [thumbprintOf('another')], at(0));
    assert.notEqual(alertOn(server(6, null), said), null);
  });

  it('comes at the last moment of the days, and for a day less half an hour', () => {
    for (const names of [['other.example.com'], null]) {
      assert.notEqual(alertOn(server(7, names)), null);
      assert.equal(alertOn(server(7 + 1 / day, names)), null);
    }
    const said = withAlerts(emptyLedger, [thumbprintOf('old')], at(0));
    assert.equal(alertOn(server(6, null, at(day - 1800_000 - 1)), said), null);
    assert.notEqual(alertOn(server(6, null, at(day - 1800_000)), said), null);
  });

  it('says of each certificate in one line where it is used and what is wrong', () => {
    const hosts = ['a.example.com', 'b.example.com'];
    const many = (renewedTo: { renewedTo?: string }) =>
      snapshot({
        sites: [site('Shop', hosts.map(sni))],
        records: hosts.map((host) => record(`${host}:443`, 'old')),
        certificates: [
          certificate('old', { names: hosts, notAfter: at(day), ...renewedTo }),
          certificate('new', { names: ['a.example.com'], ekus: [], key: 'missing' }),
        ],
      });
    const old = `a.example.com (Test CA, ${thumbprintOf('old').slice(0, 8)})`;
    const ends = `${at(day).slice(0, 16).replace('T', ' ')} UTC`;
    const successor = thumbprintOf('new');
    assert.deepEqual(alertOn(many({}))?.lines, [
      `${old} expires at ${ends}, and nothing renews it. It is used by a.example.com:443, b.example.com:443.`,
    ]);
    const guards = { 'not-server-auth': 'off' } as const;
    assert.deepEqual(alertOn(many({ renewedTo: 'new' }), emptyLedger, policy({ guards }))?.lines, [
      `${old} expires at ${ends}, and its renewal ${successor} is blocked (key-missing, names-lost) at a.example.com:443, b.example.com:443. The new certificate ${successor} in My has no private key.`,
    ]);
  });

  it('says nothing of a blocked certificate whose end nobody knows', () => {
    const gone = snapshot({
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'old')],
      certificates: [certificate('new', { names: ['other.example.com'] })],
      lifecycle: logOf(replaced(1, 'old', 'new')),
    });
    assert.equal(planPending(gone, emptyLedger, policy()).blocked.length, 1);
    assert.equal(alertOn(gone), null);
  });

  it('follows the days of the policy', () => {
    assert.notEqual(alertOn(server(20, null), emptyLedger, policy({ deadline: { action: 'alert', days: 30 } })), null);
  });
});

describe('the policy to swap at the deadline', () => {
  const configuration = policy({ deadline: { action: 'swap', days: 7 } });
  const names = ['other.example.com'];

  it('swaps near the end what lost names block, and says so; not before', () => {
    const [near, far] = [6, 8].map((days) => planPending(server(days, names), emptyLedger, configuration));
    assert.equal(near?.steps[0]?.notes[0]?.code, 'deadline-swap');
    assert.equal(far?.steps.length, 0);
    assert.equal(far?.blocked[0]?.reason, 'names-lost');
  });

  it('is not the default', () => {
    assert.equal(planPending(server(6, names), emptyLedger, policy()).steps.length, 0);
  });
});
