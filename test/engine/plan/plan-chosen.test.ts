import assert from 'node:assert/strict';
import { CertRebindError } from '../../../src/base/errors.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import type { Plan, Step } from '../../../src/documents/runs/plan.ts';
import { planDigest, sealPlan } from '../../../src/documents/runs/seal-plan.ts';
import { planChosen } from '../../../src/engine/plan/plan-chosen.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { holding, recordsOf, tlsHolder } from '../../../src/kinds/holder.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import type { CertificateBinding } from '../../../src/kinds/tls/certificate-binding.ts';
import { met } from '../../builders/met.ts';
import {
  certificate,
  https,
  logOf,
  policy,
  record,
  renewal,
  replaced,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { leaves, swapStep } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';

const names = Array.from({ length: 25 }, (_, index) => `h${index}.example.com`);
const key = (index: number) => `h${index}.example.com:443`;
const foreignKey = '0.0.0.0:8443';
const foreign = record(foreignKey, 'old', { appId: '{11111111-2222-3333-4444-555555555555}' });
const later = { notAfter: '2028-01-01T00:00:00.000Z' };
const certificates = [
  certificate('old', { names }),
  certificate('new', { names, ...later }),
  certificate('bare', { names: ['elsewhere.example.com'], ...later }),
];

/** As many SNI sites as there are records, each record holding `old`. */
function server(count: number, parts: SnapshotParts = {}): Snapshot {
  const hosts = names.slice(0, count);
  return snapshot({
    sites: hosts.map((host) => site(host, [sni(host)])),
    records: hosts.map((host) => record(`${host}:443`, 'old')),
    certificates,
    ...parts,
  });
}

const planned = (from: Snapshot): Plan =>
  planRebind({ snapshot: from, renewals: [renewal('old', 'new')], configuration: policy() });
const chosenOn = (from: Snapshot, chosen: Plan, { force = false, configuration = policy() } = {}) =>
  planChosen({ chosen, snapshot: from, configuration, ledger: emptyLedger, force });
const resealed = ({ digest: _, ...plan }: Plan, parts: Partial<Plan>) => sealPlan({ ...plan, ...parts });
/** A plan whose first step somebody has edited, sealed again as anybody can. */
const withStep = (plan: Plan, edit: (step: Step) => Step) =>
  resealed(plan, {
    steps: plan.steps.map((step, index) => (index === 0 ? edit(step) : step)),
  });

/** The step with another record in the place of its own. */
function swapOf(step: Step, before: CertificateBinding): Step {
  return { ...swapStep(step.id, before, renewal('old', 'new')), consumers: step.consumers, verify: step.verify };
}

function refusal(act: () => unknown): {
  readonly code: string;
  readonly message: string;
  readonly where?: string | null;
  readonly exitCode?: number;
  readonly hint?: string | null;
} {
  try {
    act();
  } catch (error) {
    if (error instanceof CertRebindError) return error;
  }
  return { code: 'none', message: '' };
}

describe('a plan from a file', () => {
  const plan = planned(server(2));

  it('is made anew for the server, to the same', () => {
    assert.deepEqual(chosenOn(server(2), plan), plan);
  });

  it('takes none but the records it names, and says so of the others', () => {
    const chosen = resealed(plan, { steps: plan.steps.slice(1) });
    const made = chosenOn(server(2), chosen);
    assert.deepEqual(
      made.steps.map((step) => [step.id, step.key]),
      [[1, key(1)]],
    );
    assert.deepEqual(
      made.skipped.map(met).map(({ key: at, reason }) => [at, reason]),
      [[key(0), 'not-in-plan']],
    );
    assert.equal(made.digest, planDigest(made));
  });

  it('says of the records it leaves out what they use', () => {
    const made = chosenOn(server(2), resealed(plan, { steps: plan.steps.slice(1) }));
    assert.equal(met(made.skipped[0]).detail, `It uses ${thumbprintOf('old')} and is not in the plan.`);
  });

  it('sets a certificate again where old and new are the same', () => {
    const again = planRebind({
      snapshot: server(1),
      renewals: [renewal('old', 'old')],
      configuration: policy(),
      reapply: true,
    });
    assert.equal(again.steps.length, 1);
    assert.deepEqual(chosenOn(server(1), again), again);
  });

  it('counts a pair that its author named as the word of whoever brings it, whatever this server doubts', () => {
    const doubtful = { lifecycle: logOf(replaced(7, 'old', 'new', { userId: null })) };
    for (const chosen of [plan, resealed(plan, { renewals: [] })]) {
      const made = chosenOn(server(2, doubtful), chosen);
      assert.deepEqual(
        made.steps.map((step) => step.renewal),
        [renewal('old', 'new'), renewal('old', 'new')],
      );
    }
  });

  describe('with rights on the new key', () => {
    const service = 'S-1-5-80-1-2-3-4-5';
    const rights = (more: string) => ({ sddl: `O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)${more}` });
    const copying = policy({ keyAccess: 'copy' });
    const from = server(2, {
      certificates: [
        certificate('old', { names, keyRights: rights(`(A;;FR;;;${service})`) }),
        certificate('new', { names, ...later, keyRights: rights('') }),
      ],
    });
    const granting = planRebind({ snapshot: from, renewals: [renewal('old', 'new')], configuration: copying });
    const keysOf = (chosen: Plan, configuration = copying) =>
      chosenOn(from, chosen, { configuration }).steps.map((step) => [step.id, step.key]);
    const newKey = `key/${thumbprintOf('new')}`;
    const only = (...ids: readonly number[]) =>
      resealed(granting, { steps: granting.steps.filter(({ id }) => ids.includes(id)) });

    it('is made anew to the same', () => {
      assert.deepEqual(
        granting.steps.map((step) => step.key),
        [newKey, key(0), key(1)],
      );
      assert.deepEqual(chosenOn(from, granting, { configuration: copying }), granting);
    });

    it('gives the rights for the records that are left in it', () => {
      assert.deepEqual(keysOf(only(1, 3)), [
        [1, newKey],
        [2, key(1)],
      ]);
    });

    it('gives none that were taken out of it', () => {
      assert.deepEqual(keysOf(only(2, 3)), [
        [1, key(0)],
        [2, key(1)],
      ]);
    });

    it('gives none without a record that needs them', () => assert.deepEqual(keysOf(only(1)), []));

    it('gives none where the policy of this server only reports them', () =>
      assert.deepEqual(keysOf(granting, policy()), [
        [1, key(0)],
        [2, key(1)],
      ]));
  });

  describe('outside of the window for changes', () => {
    const nightly = policy({ window: { from: '22:00', to: '02:00' } });
    const soon = { notAfter: '2026-06-03T00:00:00.000Z' };
    const two = server(2, {
      records: [record(key(0), 'old'), record(key(1), 'ending')],
      certificates: [...certificates, certificate('ending', { names, ...soon })],
    });
    const chosen = planRebind({
      snapshot: two,
      renewals: [renewal('old', 'new'), renewal('ending', 'new')],
      configuration: policy(),
    });

    it('is refused, naming the record that has to wait, and changes nothing', () => {
      const refused = refusal(() => chosenOn(two, chosen, { configuration: nightly }));
      assert.equal(refused.code, 'outside-window');
      assert.match(refused.message, /^h0\.example\.com:443: .*22:00-02:00 UTC.* Nothing was changed\.$/);
      assert.equal(refused.where, key(0));
    });

    it('is refused as well where it was made outside of the window, and so has no steps', () => {
      const waiting = planRebind({ snapshot: two, renewals: [renewal('old', 'new')], configuration: nightly });
      assert.deepEqual(waiting.steps, []);
      const refused = refusal(() => chosenOn(two, waiting, { configuration: nightly }));
      assert.deepEqual([refused.code, refused.exitCode, refused.where], ['outside-window', 3, key(0)]);
    });

    it('is refused for the record that has to wait, not for one that a guard blocks', () => {
      const now = snapshot({ ...two, records: [record(key(0), 'ending'), record(key(1), 'old')] });
      const both = planRebind({
        snapshot: now,
        renewals: [renewal('ending', 'bare'), renewal('old', 'new')],
        configuration: policy({ guards: { 'names-lost': 'off' } }),
      });
      assert.equal(both.steps.length, 2);
      const refused = refusal(() => chosenOn(now, both, { configuration: nightly }));
      assert.deepEqual([refused.code, refused.where], ['outside-window', key(1)]);
    });

    it('is carried out where it names only records that cannot wait', () => {
      const urgent = resealed(chosen, { steps: chosen.steps.slice(1) });
      assert.deepEqual(
        chosenOn(two, urgent, { configuration: nightly }).steps.map((step) => step.key),
        [key(1)],
      );
    });
  });

  interface Blocked {
    readonly what: string;
    readonly now: SnapshotParts;
    readonly reason: string;
  }
  const instead = (successor: (typeof certificates)[number]) => ({
    certificates: [...certificates.slice(0, 1), successor],
  });
  const blockedNow: readonly Blocked[] = [
    { what: 'has expired since', now: { takenAt: '2028-06-01T00:00:00.000Z' }, reason: 'expired' },
    {
      what: 'has lost its key since',
      now: instead(certificate('new', { names, ...later, key: 'missing' })),
      reason: 'key-missing',
    },
    { what: 'is gone', now: { certificates: certificates.slice(0, 1) }, reason: 'certificate-missing' },
    { what: 'is not valid yet by this clock', now: { takenAt: '2025-06-01T00:00:00.000Z' }, reason: 'not-yet-valid' },
    {
      what: 'is needed under another product too now',
      now: {
        sites: [site('Shop', [https('*:443:')])],
        records: [record('0.0.0.0:443', 'old')],
        others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'sstp', detail: '' } }],
      },
      reason: 'shared-with',
    },
  ];
  for (const { what, now, reason } of blockedNow) {
    it(`is judged by the guards anew: the new certificate ${what}`, () => {
      const { sites, holders } = snapshot({ ...server(1), ...now, others: [] });
      const before = server(1, { sites, holders });
      const made = chosenOn(snapshot({ ...before, ...now }), planned(before));
      assert.deepEqual(made.steps, []);
      assert.deepEqual(
        made.blocked.map((entry) => met(entry).reason),
        [reason],
      );
    });
  }

  it('is judged by the policy of this server, whatever the plan says of guards', () => {
    const lax = policy({ guards: { 'names-lost': 'off' } });
    const chosen = planRebind({ snapshot: server(1), renewals: [renewal('old', 'bare')], configuration: lax });
    assert.equal(chosen.steps.length, 1);
    assert.deepEqual(chosenOn(server(1), chosen, { configuration: lax }).steps, chosen.steps);
    const made = chosenOn(server(1), chosen);
    assert.deepEqual(each(made.blocked.map(met), 'reason'), ['names-lost']);
    assert.deepEqual(made.policy, []);
  });

  it('counts a pair that only a doubtful event names as what this server knows of it', () => {
    const doubtful = { lifecycle: logOf(replaced(7, 'old', 'new', { userId: null })) };
    const forged = resealed(plan, {
      renewals: [renewal('old', 'new', { source: 'event', eventRecordId: 7 })],
    });
    assert.deepEqual(
      chosenOn(server(2, doubtful), forged)
        .blocked.map(met)
        .map(({ reason }) => reason),
      ['uncorroborated', 'uncorroborated'],
    );
  });

  describe('is refused where it does not fit the server:', () => {
    const one = planned(server(1));
    const withForeign = (from: Snapshot): Snapshot => snapshot({ ...from, records: [...recordsOf(from), foreign] });
    const elsewhere = { address: '203.0.113.9', port: 8443, serverName: 'evil.example.com' };
    const rows: readonly {
      readonly what: string;
      readonly chosen: Plan;
      readonly now?: Snapshot;
      readonly says: RegExp;
      /** Whether force takes the server as it is. */
      readonly forced: boolean;
    }[] = [
      {
        what: 'a record holds another certificate',
        chosen: one,
        now: server(1, { records: [record(key(0), 'bare')] }),
        says: new RegExp(`${key(0)} used ${thumbprintOf('old')} and now uses ${thumbprintOf('bare')}\\.`),
        forced: true,
      },
      {
        what: 'a record has other options',
        chosen: one,
        now: server(1, { records: [record(key(0), 'old', { flags: 2 })] }),
        says: /with other options/,
        forced: true,
      },
      {
        what: 'a record holds no certificate',
        chosen: one,
        now: server(1, { records: [record(key(0), null)] }),
        says: /uses no certificate/,
        forced: false,
      },
      { what: 'a record is gone', chosen: one, now: server(1, { records: [] }), says: /is gone/, forced: false },
      {
        what: 'a record of another product is named',
        chosen: withStep(one, (step) => swapOf(step, foreign)),
        now: withForeign(server(1)),
        says: /0\.0\.0\.0:8443 is not changed: No IIS binding uses it/,
        forced: false,
      },
      {
        what: 'a record that is not there is to be made',
        chosen: withStep(one, (step) => swapOf(step, record('0.0.0.0:3389', 'old'))),
        says: /0\.0\.0\.0:3389 used \w+ and is gone/,
        forced: false,
      },
      {
        what: 'another site uses the record now',
        chosen: one,
        now: server(1, {
          sites: [site('h0.example.com', [sni('h0.example.com')]), site('B', [sni('h0.example.com')])],
        }),
        says: /other bindings/,
        forced: true,
      },
      {
        what: 'the endpoints are those of the author of the plan',
        chosen: withStep(one, (step) => ({ ...step, verify: [elsewhere] })),
        says: /other endpoints/,
        forced: true,
      },
      {
        what: 'the store is that of the author of the plan',
        chosen: withStep(one, (step) => ({
          ...step,
          wanted: step.before && holding(step.before, thumbprintOf('new'), 'WebHosting'),
        })),
        says: /was to use the store WebHosting/,
        forced: true,
      },
      {
        what: 'a record that held no certificate is gone',
        chosen: withStep(one, (step) => swapOf(step, record('0.0.0.0:3389', null))),
        says: /0\.0\.0\.0:3389 used no certificate and is gone/,
        forced: false,
      },
      {
        what: 'the site that uses the record is that of the author of the plan',
        chosen: withStep(one, (step) => ({
          ...step,
          consumers: step.consumers.map((consumer) => ({ ...consumer, site: 'Another' })),
        })),
        says: /is used by other bindings than in the plan\.$/,
        forced: true,
      },
      {
        what: 'the user of the record is that of the author of the plan',
        chosen: withStep(one, (step) => ({ ...step, consumers: [] })),
        says: /other bindings/,
        forced: true,
      },
    ];
    for (const { what, chosen, now = server(1), says, forced } of rows) {
      it(what, () => {
        const refused = refusal(() => chosenOn(now, chosen));
        assert.equal(refused.code, 'plan-stale');
        assert.match(refused.message, says);
      });

      it(`${what}, ${forced ? 'unless it is forced; then the server is taken as it is' : 'and cannot be forced'}`, () => {
        const act = () => chosenOn(now, chosen, { force: true });
        if (!forced) {
          const { code, hint } = refusal(act);
          return assert.deepEqual([code, hint], ['plan-stale', 'Make the plan again.']);
        }
        const made = act();
        assert.ok(!JSON.stringify(made).includes('evil.example.com'));
        for (const step of made.steps) {
          assert.equal(leaves(step)?.store, 'My');
          assert.deepEqual(step.before?.value, recordsOf(now)[0]);
          assert.ok(step.consumers.length > 0);
        }
      });
    }

    it('names every record that differs, and why', () => {
      const now = server(2, { records: [record(key(0), 'bare')] });
      const refused = refusal(() => chosenOn(now, plan));
      const [old, bare] = [thumbprintOf('old'), thumbprintOf('bare')];
      assert.equal(
        refused.message,
        `The plan no longer fits this server: ${key(0)} used ${old} and now uses ${bare}; ${key(1)} used ${old} and is gone.`,
      );
      assert.equal(refused.where, `${key(0)}, ${key(1)}`);
    });

    it('a record is excluded here, said as the configuration has it', () => {
      const configuration = policy({ exclude: { sites: [], records: [key(0)], thumbprints: [], holders: [] } });
      const { message } = refusal(() => chosenOn(server(1), one, { configuration, force: true }));
      assert.equal(
        message,
        `The plan no longer fits this server: ${key(0)} is not changed: It is named in exclude.records.`,
      );
    });

    it('a record is to get a certificate that the plan itself replaces', () => {
      const three = server(2, { records: [record(key(0), 'old'), record(key(1), 'new')] });
      const newest = [...certificates, certificate('newest', { names, notAfter: '2029-01-01T00:00:00.000Z' })];
      const now = { ...three, certificates: newest };
      const chosen = resealed(one, {
        steps: [...one.steps, swapStep(2, record(key(1), 'new'), renewal('new', 'newest'))],
      });
      for (const force of [false, true]) {
        const { message } = refusal(() => chosenOn(now, chosen, { force }));
        const [successor, end] = [thumbprintOf('new'), thumbprintOf('newest')];
        assert.ok(message.includes(`${key(0)} was to get ${successor}, and would now get ${end}`), message);
      }
    });

    it('names at most twenty records, and how many more there are', () => {
      const twenty = refusal(() => chosenOn(server(20, { records: [] }), planned(server(20))));
      assert.match(twenty.message, /is gone\.$/);
      const { message } = refusal(() => chosenOn(server(22, { records: [] }), planned(server(22))));
      assert.equal(message.split('is gone').length, 21);
      assert.match(message, /; and 2 more\.$/);
    });

    for (const [name, message] of [
      ['WEB02', 'The plan was made for WEB01, but this is WEB02.'],
      ['WEB01', 'The plan was made for WEB01, but this is WEB01 with another identity.'],
    ] as const) {
      it(`another server called ${name}`, () => {
        const other = server(1, { server: { ...server(1).server, id: 'other', name } });
        const refused = refusal(() => chosenOn(other, one));
        assert.deepEqual([refused.code, refused.message], ['other-server', message]);
      });
    }

    for (const [action, edit] of [
      ['remove', (step) => ({ ...step, wanted: null })],
      ['restore', (step) => ({ ...step, before: null, wanted: tlsHolder(record('0.0.0.0:3389', 'old')) })],
      ['swap for no renewal', (step) => ({ ...step, renewal: null })],
      ['change the options of', (step) => ({ ...step, wanted: tlsHolder(record(step.key, 'new', { flags: 2 })) })],
    ] as const satisfies readonly [string, (step: Step) => Step][]) {
      it(`a step that is to ${action} a record, which no plan of certrebind plan has`, () => {
        for (const force of [false, true]) {
          const refused = refusal(() => chosenOn(server(1), withStep(one, edit), { force }));
          assert.equal(refused.code, 'plan-edited');
          assert.equal(
            refused.message,
            'Step 1 of the plan does more than change a certificate. certrebind plan never writes such a step.',
          );
        }
      });
    }
  });

  it('is verified less, and not refused, where a site was stopped since', () => {
    const stopped = server(1, { sites: [site('h0.example.com', [sni('h0.example.com')], 'stopped')] });
    const [step] = chosenOn(stopped, planned(server(1))).steps;
    assert.deepEqual(step?.verify, []);
    assert.deepEqual(each(step?.notes, 'code'), ['site-stopped']);
  });

  it('is verified less, and not refused, where the web service was stopped since', () => {
    const [step] = chosenOn(server(1, { webService: 'stopped' }), planned(server(1))).steps;
    assert.deepEqual(step?.verify, []);
  });

  it('is verified less, and not refused, where one of two sites on a record was stopped since', () => {
    const shared = (state: 'started' | 'stopped') =>
      server(1, {
        sites: [site('A', [https(`*:443:${names[0]}`)]), site('B', [https(`*:443:${names[1]}`)], state)],
        records: [record('0.0.0.0:443', 'old')],
      });
    const [step] = chosenOn(shared('stopped'), planned(shared('started'))).steps;
    assert.deepEqual(each(step?.verify, 'serverName'), [names[0]]);
  });

  it('says nothing of records that only force has to do with', () => {
    const chosen = resealed(plan, { steps: plan.steps.slice(0, 1) });
    const unreadable = site('Odd', [https('*:9443:*')]);
    const { sites } = server(1);
    const now = server(1, {
      sites: [...sites, unreadable],
      records: [
        record(key(0), 'bare'),
        record(foreignKey, 'bare', { appId: '{11111111-2222-3333-4444-555555555555}' }),
        record('0.0.0.0:9443', 'bare'),
      ],
    });
    const made = chosenOn(now, chosen, { force: true });
    assert.deepEqual(
      made.steps.map((step) => step.key),
      [key(0)],
    );
    assert.deepEqual([...made.blocked, ...made.skipped], []);
  });

  it('is by force the word of whoever brings it of the certificates that are there now', () => {
    const doubtful = logOf(replaced(7, 'bare', 'new', { userId: null }));
    const now = server(1, { records: [record(key(0), 'bare')], lifecycle: doubtful });
    const made = chosenOn(now, planned(server(1)), { force: true });
    assert.deepEqual(
      made.steps.map((step) => step.renewal),
      [renewal('bare', 'new')],
    );
  });

  it('leaves other records of a certificate out that only force brought in', () => {
    const chosen = resealed(plan, { steps: plan.steps.slice(0, 1) });
    const now = server(3, { records: [record(key(0), 'bare'), record(key(1), 'old'), record(key(2), 'bare')] });
    const made = chosenOn(now, chosen, { force: true });
    assert.deepEqual(
      made.steps.map((step) => step.key),
      [key(0)],
    );
    assert.deepEqual(
      [...made.blocked, ...made.skipped].map((entry) => entry.key),
      [key(1)],
    );
  });

  it('starts from the records as they are when it is forced, and leaves what holds the new certificate already', () => {
    const now = server(2, { records: [record(key(0), 'bare', { flags: 2 }), record(key(1), 'new')] });
    const made = chosenOn(now, plan, { force: true });
    assert.deepEqual(
      made.steps.map((step) => [step.before?.value, leaves(step)?.thumbprint]),
      [[recordsOf(now)[0], thumbprintOf('new')]],
    );
    assert.deepEqual(
      made.skipped.map(met).map(({ key: at, reason }) => [at, reason]),
      [[key(1), 'already']],
    );
  });
});
