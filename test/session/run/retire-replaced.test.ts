import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { CertRebindError } from '../../../src/base/errors.ts';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { Ledger } from '../../../src/documents/runs/ledger.ts';
import { loadLab } from '../../../src/lab/host/folder.ts';
import { givenRenewal } from '../../../src/model/certificates/renewal.ts';
import { parseThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { noteLook, retireReplaced } from '../../../src/session/run/retire-replaced.ts';
import { labState } from '../../builders/lab.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import { https, sni, thumbprintOf } from '../../builders/snapshot.ts';
import { Killed, mortal } from '../../engine/run/mortal.ts';
import { type World, worldOf } from '../../engine/run/world.ts';
import { checkProperty } from '../../properties/check.ts';
import { sampleHolders, temporaryLab } from '../../support/temporary-lab.ts';

const at = '2026-05-01T00:00:00.000Z';
const hosts = ['a.example.com', 'b.example.com'];
const keys = ['0.0.0.0:443', ...hosts.map((host) => `${host}:443`)];
const labels = ['first', 'second', 'third', 'fourth', 'fifth'];
const never = new AbortController().signal;

interface Case {
  /** Of each label: which key it has, and whether it is archived, by this program or not. */
  readonly certificates: readonly { readonly keySeed: string; readonly archived: 'no' | 'ours' | 'others' }[];
  /** What the records, and Remote Desktop, name. */
  readonly named: readonly number[];
  readonly pairs: readonly (readonly [number, number])[];
}

const label = fc.nat({ max: labels.length - 1 });
const anyCase: fc.Arbitrary<Case> = fc.record({
  certificates: fc.tuple(
    ...labels.map(() =>
      fc.record({
        keySeed: fc.constantFrom('first', 'second', 'third'),
        archived: fc.constantFrom('no', 'ours', 'ours', 'others'),
      }),
    ),
  ) as fc.Arbitrary<Case['certificates']>,
  named: fc.array(label, { minLength: keys.length + 1, maxLength: keys.length + 1 }),
  pairs: fc.uniqueArray(fc.tuple(label, label), { minLength: 2, maxLength: 5, selector: ([old]) => old }),
});

async function worldIn({ certificates, named, pairs }: Case): Promise<World> {
  const [anyHost = '', ...rest] = hosts;
  let lab = labState().site('Shop', [https('*:443:'), sni(anyHost), ...rest.map(sni)]);
  for (const [index, { keySeed, archived }] of certificates.entries())
    lab = lab.certificate(labels[index] ?? '', { names: hosts, keySeed, archived: archived !== 'no' });
  for (const [index, key] of keys.entries()) lab = lab.record(key, labels[named[index] ?? 0] ?? null);
  const thumbprintOf = (one: number) => lab.thumbprint(labels[one] ?? '');
  const rdp = {
    thumbprint: thumbprintOf(named.at(-1) ?? 0),
    consumer: { kind: 'rdp', detail: 'RDP-Tcp' },
    listener: { port: 3389, state: 'started', chosenBy: 'person' },
  } as const;
  lab = lab.with({ others: [rdp] });
  const world = worldOf(lab);
  const retired: Ledger['retired'] = certificates.flatMap(({ archived }, one) =>
    archived === 'ours' ? [{ thumbprint: thumbprintOf(one), store: 'My', successor: thumbprintOf(0), at }] : [],
  );
  const entries = pairs.map(
    ([old, successor]): EntryParts => ({
      renewal: givenRenewal(thumbprintOf(old), thumbprintOf(successor)),
      state: 'settled',
      reasons: [],
      run: 'run-1',
      at,
    }),
  );
  await world.state.writeLedger(ledgerOf(entries, { retired }));
  return world;
}

const retire = (session: Pick<World['context'], 'server' | 'state'>) =>
  retireReplaced(session, never, { afterDays: 0, deletes: true, wait: false });

/** What clients get everywhere, now and after a restart. */
async function served(world: World): Promise<unknown> {
  const looks = [];
  for (const one of [world, world.fork()]) {
    if (one !== world) one.kernel.apply({ kind: 'boot' });
    for (const [port, serverName] of [
      ...[...hosts, 'other.example.com', null].map((name) => [443, name] as const),
      [3389, null] as const,
    ])
      looks.push(one.kernel.apply({ kind: 'connect', address: '0.0.0.0', port, serverName }).result);
  }
  return looks;
}

describe('what was replaced, in any server', () => {
  it('goes without a change to what a listener serves, now and after a restart, or to what something names', async () => {
    const seen = { deleted: 0, shared: 0 };
    await checkProperty('goes without a change', 60, anyCase, async (one) => {
      const world = await worldIn(one);
      const [before, kept] = [await served(world), namedIn(world)];
      for (let time = 0; time < 2; time += 1) {
        const { cases } = await retire(world.context);
        for (const { becomes, message } of cases) {
          assert.notEqual(becomes, 'failed', message);
          if (becomes !== 'deleted') continue;
          seen.deleted += 1;
          if (message.includes('another certificate')) seen.shared += 1;
        }
      }
      assert.deepEqual([await served(world), namedIn(world)], [before, kept]);
    });
    assert.ok(seen.deleted > 10 && seen.shared > 5, JSON.stringify(seen));
  });
});

/** The certificates that something names, as they lie in the stores. */
function namedIn({ kernel }: World): readonly unknown[] {
  const { certificates, others } = kernel.state;
  const named = new Set(others.map(({ thumbprint }) => thumbprint));
  return certificates.filter(
    ({ thumbprint }) => named.has(thumbprint) || JSON.stringify(kernel.state.httpSys).includes(thumbprint),
  );
}

describe('deleting what was replaced', () => {
  const one: Case = {
    certificates: labels.map((keySeed) => ({ keySeed, archived: keySeed === 'first' ? 'ours' : 'no' })),
    named: [1, 1, 1, 1],
    pairs: [[0, 1]],
  };
  const left = ({ kernel }: World) => kernel.state.certificates.length;

  it('takes the key, then the certificate, each remembered first', async () => {
    const world = await worldIn(one);
    const [made] = (await retire(world.context)).cases;
    assert.deepEqual([made?.becomes, made?.message], ['deleted', 'With its private key; this is final.']);
    assert.equal(left(world), labels.length - 1);
    const [remembered] = (await world.state.readLedger()).retired;
    assert.equal(remembered?.deleting?.what, 'certificate');
  });

  it('ends well wherever it is killed, and the next one finishes it', async () => {
    let pieces = 0;
    for (; ; pieces += 1) {
      const world = await worldIn(one);
      try {
        await retire(mortal(world, pieces).context);
        break;
      } catch (thrown) {
        if (!(thrown instanceof Killed)) throw thrown;
      }
      const [key, remembered] = [world.kernel.state.certificates[0]?.key, (await world.state.readLedger()).retired[0]];
      if (key === 'unusable' || left(world) < labels.length)
        assert.ok(remembered?.deleting, `${pieces}: what was deleted is remembered`);
      await retire(world.context);
      assert.equal(left(world), labels.length - 1, `killed after ${pieces}`);
    }
    assert.equal(pieces, 4);
  });

  for (const [name, position] of [
    ['key-deletion', 'kept'],
    ['key-storage', 'platform'],
  ] as const)
    it(`leaves both where Windows keeps the key: ${name} ${position}`, async () => {
      const world = await worldIn(one);
      world.kernel.apply({ kind: 'set-switch', name, position });
      const before = await world.state.readLedger();
      assert.equal((await retire(world.context)).cases[0]?.becomes, 'failed');
      assert.equal(left(world), labels.length);
      assert.deepEqual(await world.state.readLedger(), before);
    });

  it('forgets what was deleted once its renewal is forgotten', async () => {
    const world = await worldIn(one);
    const ledger = await world.state.readLedger();
    const [archived] = ledger.retired;
    assert(archived !== undefined);
    const deleting = { what: 'certificate', at } as const;
    const gone = { ...archived, thumbprint: thumbprintOf('long gone'), deleting };
    const recent = { ...archived, store: 'WebHosting', deleting };
    await world.state.writeLedger({ ...ledger, retired: [gone, recent, archived] });
    await retire(world.context);
    const left = (await world.state.readLedger()).retired;
    assert.deepEqual(
      left.map(({ store, thumbprint }) => [store, thumbprint]),
      [
        ['WebHosting', archived.thumbprint],
        ['My', archived.thumbprint],
      ],
    );
  });

  it('does nothing where others can write what is remembered', async () => {
    const world = await worldIn(one);
    const unsafe = new CertRebindError('unsafe-folder', { message: 'others can write there' });
    const state = { ...world.state, assertSafe: async () => Promise.reject(unsafe) };
    await assert.rejects(retire({ ...world.context, state }), { code: 'unsafe-folder' });
    assert.equal(left(world), labels.length);
  });

  it('does nothing while a run is interrupted', async () => {
    const world = await worldIn(one);
    await world.state.openRun('run-2');
    const { refused, cases } = await retire(world.context);
    assert.deepEqual([refused, cases], ['A run was interrupted and is not recovered yet.', []]);
  });
});

describe('what a person agreed to', () => {
  const one: Case = {
    certificates: labels.map((keySeed, at) => ({ keySeed, archived: at === 0 ? 'ours' : 'no' })),
    named: [1, 1, 1, 1],
    pairs: [
      [0, 1],
      [2, 1],
    ],
  };

  it('is all that is done, whatever else could go by then', async () => {
    const world = await worldIn(one);
    const [first = '', , third = ''] = labels.map(
      (label) => world.kernel.state.certificates[labels.indexOf(label)]?.thumbprint,
    );
    const doneFor = async (...agreed: readonly string[]) => {
      const rule = { afterDays: 0, deletes: true, wait: false, agreed: new Set(agreed) };
      const { cases } = await retireReplaced(world.fork().context, never, rule);
      return cases.map(({ thumbprint, becomes }) => [thumbprint, becomes]);
    };
    assert.deepEqual(await doneFor(`deleted ${first} My`), [
      [first, 'deleted'],
      [third, 'stays'],
    ]);
    assert.deepEqual(await doneFor(`archived ${third} My`), [
      [first, 'stays'],
      [third, 'archived'],
    ]);
    // What was to be archived, and could be deleted by then, is neither.
    assert.deepEqual(await doneFor(`archived ${first} My`), [
      [first, 'stays'],
      [third, 'stays'],
    ]);
    assert.deepEqual(await doneFor(`deleted ${first} WebHosting`), [
      [first, 'stays'],
      [third, 'stays'],
    ]);
  });
});

describe('deleting that Windows gives no answer to', () => {
  const one: Case = {
    certificates: labels.map((keySeed) => ({ keySeed, archived: keySeed === 'first' ? 'ours' : 'no' })),
    named: [1, 1, 1, 1],
    pairs: [[0, 1]],
  };
  const none = async () => [];

  it('stays remembered as begun, so that undo says so and the next one finishes it', async () => {
    const world = await worldIn(one);
    const { server, state } = world.context;
    // The key was deleted, and the answer was lost.
    const silent: typeof server.change = async (changes) => {
      await server.change(changes);
      return [];
    };
    const [made] = (await retire({ state, server: { ...server, change: silent } })).cases;
    assert.deepEqual([made?.becomes, made?.message], ['failed', 'The server stopped before it answered for this one.']);
    assert.equal((await state.readLedger()).retired[0]?.deleting?.what, 'key');
    assert.equal((await retire(world.context)).cases[0]?.becomes, 'deleted');
  });

  it('and archiving too, which this program then knows for its own', async () => {
    const world = await worldIn({ ...one, certificates: labels.map((keySeed) => ({ keySeed, archived: 'no' })) });
    const { server, state } = world.context;
    assert.equal((await retire({ state, server: { ...server, change: none } })).cases[0]?.becomes, 'failed');
    assert.equal((await state.readLedger()).retired.length, 1);
  });
});

describe('the hourly run', () => {
  const day = 24 * 3600_000;
  const looksOfDay = 4;
  const one: Case = {
    certificates: labels.map((keySeed) => ({ keySeed, archived: 'no' })),
    named: [1, 1, 1, 1],
    pairs: [[0, 1]],
  };

  /** A server whose certificate was replaced now, and what the run of each hour does. @param after `null`: not by itself */
  async function replacedNow(after: number | null = 14) {
    const world = await worldIn(one);
    const { server, state, clock } = world.context;
    const ledger = await state.readLedger();
    const at = clock.now().toISOString();
    await state.writeLedger({ ...ledger, renewals: ledger.renewals.map((known) => ({ ...known, at })) });
    const configuration = { ...defaultConfiguration, ...(after === null ? {} : { retire: { after } }) };
    const session = { server, state, configuration, old: ledger.renewals[0]?.renewal.old ?? thumbprintOf('') };
    return {
      world,
      session,
      days: async (count: number) => {
        for (let look = 0; look < count * looksOfDay; look += 1) {
          await noteLook(session, never, await server.snapshot(), { archives: true });
          world.later(day / looksOfDay);
        }
      },
      isArchived: () => world.kernel.state.certificates[0]?.archived,
    };
  }

  it('archives what was replaced after as many days', async () => {
    const { days, isArchived } = await replacedNow();
    await days(14);
    assert.equal(isArchived(), false);
    await days(1);
    assert.equal(isArchived(), true);
  });

  it('counts the looks of a person too, who archives nothing by them', async () => {
    const { isArchived, session, world } = await replacedNow();
    for (let look = 0; look < 20; look += 1) {
      await noteLook(session, never, await session.server.snapshot(), { archives: false });
      world.later(day);
    }
    assert.equal(isArchived(), false);
    await noteLook(session, never, await session.server.snapshot(), { archives: true });
    assert.equal(isArchived(), true);
  });

  it('counts the days before a person asks for that too', async () => {
    const { days, isArchived, session } = await replacedNow(null);
    await days(15);
    assert.equal(isArchived(), false);
    session.configuration = { ...session.configuration, retire: { after: 14 } };
    await days(1);
    assert.equal(isArchived(), true);
  });

  for (const by of [1200, 40, -40, -3 * 365])
    it(`archives nothing too early where the clock goes by ${by} days for two looks, or for long`, async () => {
      const { days, isArchived, world, session } = await replacedNow();
      await days(0.5);
      world.later(by * day);
      await days(0.5);
      const { refused } = await retireReplaced(session, never, { afterDays: 0, deletes: true, wait: false });
      assert.match(
        refused ?? '',
        /^Between two looks of the hourly task the date went from 2026-06-01 to .* Nothing is archived or deleted on that day\.$/,
      );
      assert.equal(isArchived(), false);
      const there = world.fork();
      const elsewhere = { ...session, server: there.context.server, state: there.context.state };
      for (let look = 0; look < 13 * looksOfDay; look += 1) {
        await noteLook(elsewhere, never, await there.context.server.snapshot(), { archives: true });
        there.later(day / looksOfDay);
      }
      assert.equal(there.kernel.state.certificates[0]?.archived, false, 'it stays there');
      world.later(-by * day);
      await days(13);
      assert.equal(isArchived(), false, 'it is right again');
      await days(5);
      assert.equal(isArchived(), true);
    });

  it('never deletes', async () => {
    const { days, world, session } = await replacedNow(0);
    world.kernel.apply({ kind: 'archive-certificate', thumbprint: session.old, archived: true });
    const ledger = await session.state.readLedger();
    const archived = { thumbprint: session.old, store: 'My', successor: session.old, at };
    await session.state.writeLedger({ ...ledger, retired: [archived] });
    await days(40);
    assert.deepEqual((await session.state.readLedger()).retired, [archived]);
    assert.equal((await retire(session)).cases[0]?.becomes, 'deleted', 'a person does');
  });

  it('goes on counting while something is not known', async () => {
    const { days, isArchived, session } = await replacedNow();
    await days(10);
    const { server } = session;
    const snapshot = await server.snapshot();
    await noteLook(
      session,
      never,
      { ...snapshot, notLookedAt: [{ part: 'others', why: 'not-read' }] },
      { archives: true },
    );
    assert.equal(Object.keys((await session.state.readLedger()).looked?.since ?? {}).length, 1);
    assert.equal(isArchived(), false);
  });
});

it('a certificate that one place of any kind alone still names is kept, with its key', async () => {
  const lab = await temporaryLab({ holders: true });
  const { state } = loadLab(lab.folder);
  await lab.remove();
  const [old = '', successor = ''] = lab.certificates.map(({ thumbprint }) => thumbprint);
  const { applicationHost, others, roles } = state;
  // Texts are no places: a person is told of them before a deletion.
  const isText = ([key]: readonly [string, unknown]) => /ExampleProxy$|Policies\\Microsoft\\Windows NT/.test(key);
  const registry = Object.fromEntries(Object.entries(roles?.registry ?? {}).filter((entry) => !isText(entry)));
  const text = JSON.stringify({ applicationHost, others, roles: { ...roles, registry } });
  const seen = new Set<string>();
  // SSTP keeps the SHA-256, as bytes.
  const [longOld, longNew] = [old, successor].map((thumbprint) => {
    const { der = '' } = state.certificates.find((one) => one.thumbprint === thumbprint) ?? {};
    return createHash('sha256').update(Buffer.from(der, 'base64')).digest('base64');
  });
  const either = () => new RegExp(`${old}|${longOld?.replace(/[+/]/g, '\\$&')}`, 'gi');
  for (const { index } of text.matchAll(either())) {
    const all = text.replace(either(), (hash, place) =>
      place === index ? hash : hash === longOld ? (longNew ?? '') : successor,
    );
    const world = worldOf(labState().with({ ...state, httpSys: {}, ...JSON.parse(all) }));
    const renewal = givenRenewal(parseThumbprint(old, 'old'), parseThumbprint(successor, 'new'));
    const entries: readonly EntryParts[] = [{ renewal, state: 'settled', reasons: [], run: 'run-1', at }];
    await world.state.writeLedger(ledgerOf(entries));
    for (const { becomes, why, message } of (await retire(world.context)).cases) {
      assert.deepEqual([becomes, why], ['stays', 'in-use'], message);
      seen.add(message);
    }
    assert.deepEqual(world.kernel.state.certificates, state.certificates);
  }
  assert.deepEqual(
    [...seen].sort(),
    sampleHolders.map((place) => `In use at ${place}.`),
  );
});
