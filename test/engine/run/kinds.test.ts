import assert from 'node:assert/strict';
import { spy, stub } from 'sinon';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import {
  holding,
  isRestarted,
  isUseHidden,
  type MovableKind,
  movable,
  movableKinds,
  showsAtOnce,
} from '../../../src/kinds/holder.ts';
import { holdersByKey } from '../../../src/kinds/place.ts';
import type { Fault, FaultEffect } from '../../../src/lab/kernel/faults.ts';
import type { Change } from '../../../src/server/server.ts';
import type { LabBuilder } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { each } from '../../support/each.ts';
import { kernelServer } from '../../support/kernel-server.ts';
import { isSlow } from '../../support/slow.ts';
import { type Deed, explore } from './explore.ts';
import { certificates, certificatesWith, excluding, type KindWorld, kindWorlds, played } from './kind-worlds.ts';
import {
  execute,
  given,
  keyText,
  type Parts,
  reconcile,
  startTime,
  stepAt,
  undo,
  type World,
  worldOf,
} from './world.ts';

const refused = { do: 'fail', hresult: 0x80070005, message: 'Access is denied.' } as const;
const now: Parts = { overrides: { now: true } };
const alone = (server: LabBuilder) => server;

// A kind whose service is restarted has too many pieces for two kills: the slow tier has nothing more to try with it.
const kinds = isSlow ? movableKinds.filter((kind) => !isRestarted(kind)) : movableKinds;
for (const kind of kinds) describeKind(kind, kindWorlds[kind], isSlow ? 2 : 1);

/** What of the services of a holder each call stops and starts. */
function ordersOf(changes: readonly Change[]): readonly (readonly string[])[] {
  return changes.flatMap((one) => (one.do === 'control-service' ? [[one.order, one.service]] : []));
}

/** What holds of every kind that a plan can change; what only one does stands in a test of its own. @param deaths how many processes in a row are killed */
function describeKind(kind: MovableKind, world: KindWorld, deaths: number): void {
  const play = played(kind);
  const { lab, allowing, closed, services, endpoints, named, running, rebinding, standing, all } = play;
  const { keys, also = {}, positions = [], records = [], writes, restart, byHand } = world;
  const [key] = keys;
  const on = { kind: 'connect', key: world.met ?? key } as const;
  const successor = certificates.thumbprint('new');
  const servers: [what: string, LabBuilder][] = Object.entries({ alone, ...also }).map(([what, of]) => [what, of(lab)]);

  /** Has a fault strike the first matching request of a run, the second, and so on, until there are no more. */
  async function atEach(
    fault: Pick<Fault, 'on' | 'effect'>,
    check: (struck: World, outcome: Outcome, nth: number, old: ReturnType<typeof all>) => Promise<void>,
    on: typeof servers = servers,
  ): Promise<void> {
    let found = 0;
    for (const [, server] of on) {
      for (let nth = 1; ; nth++, found++) {
        const struck = worldOf(server.fault({ ...fault, nth }));
        const outcome = await rebinding(struck);
        if ((struck.kernel.state.faults[0]?.seen ?? 0) < nth) break;
        await check(struck, outcome, nth, all('old', server));
      }
    }
    assert(found > 0, 'no request was met');
  }
  /** How clients are answered from the end of the baseline on. */
  async function afterBaseline(effect: FaultEffect, times: number | null = null): Promise<World> {
    const before = worldOf(lab.fault({ on, times: null, effect: { do: 'delay', ms: 0 } }));
    await play.dialled(before);
    return worldOf(lab.fault({ on, nth: 1 + (before.kernel.state.faults[0]?.seen ?? 0), times, effect }));
  }
  /** The first holder is on this certificate, with all that belongs to it; the others of the kind are on the new one. */
  async function assertOthersMoved(
    one: World,
    label: string,
    whole: ReturnType<typeof all> = all(label),
  ): Promise<void> {
    if (keys.length === 1) assert.deepEqual(await standing(one), whole);
    else assert.deepEqual(named(one), [label, ...keys.slice(1).map(() => 'new')]);
  }
  const ends = ({ exitCode, steps }: Outcome) => {
    const step = steps.find((one) => one.key === key);
    return [exitCode, step?.state, step?.error?.code];
  };

  describe(`holders of the kind ${kind}`, () => {
    const moved = servers.flatMap(([what, server]): [string, LabBuilder][] => [
      [what, server],
      ...positions.map(([name, position]): [string, LabBuilder] => [
        `${what}, ${name} ${position}`,
        server.switched(name, position),
      ]),
    ]);
    for (const [what, server] of moved) {
      it(`are moved, verified where clients meet them, and undone: ${what}`, async () => {
        const one = worldOf(server);
        const change = spy(one.context.server, 'change');
        const outcome = await rebinding(one);
        assert.deepEqual([outcome.result, outcome.exitCode, outcome.blocked], ['rebound', 0, []]);
        assert.deepEqual(outcome.skipped, []);
        for (const each of keys) {
          const { state, restarted } = stepAt(outcome, each);
          const restarts = restart === undefined ? undefined : [{ services, seconds: 0, error: null }];
          assert.deepEqual([state, restarted], ['verified', restarts]);
        }
        const { after } = stepAt(outcome, key);
        const dialled = after.map(({ endpoint }) => endpoint);
        assert.deepEqual(dialled, server === servers[0]?.[1] ? endpoints : endpoints.slice(0, dialled.length));
        assert.deepEqual(await standing(one), all('new', server));
        const stops = services.map((each) => ['stop', each]);
        const starts = services.map((each) => ['start', each]).reverse();
        assert.deepEqual(change.args.flat(1).flatMap(ordersOf), [...stops, ...starts]);

        const undone = await undo(one, outcome.run, { configuration: allowing });
        assert.deepEqual([undone.result, undone.exitCode], ['undone', 0]);
        assert.deepEqual(await standing(one), all('old', server));
        assert.equal((await reconcile(one, {}, allowing)).result, 'nothing-to-do');
      });
    }

    it('are moved where the new key lacks the rights of the old one, which come first where a service needs them', async () => {
      const one = worldOf(lab.switched('renewed-key-access', 'lost'));
      const { steps } = await rebinding(one);
      const rights = steps.flatMap(({ key: at, state }, place) => (at.startsWith('key/') ? [[place, at, state]] : []));
      assert.deepEqual(rights, world.opensKey === undefined ? [] : [[0, `key/${successor}`, 'untested']]);
      assert.deepEqual(await standing(one), all('new'));
    });

    const reported: Readonly<Record<string, readonly [Configuration, RegExp, settings: string, Parts?]>> = {
      'the policy is report': [
        { ...allowing, holders: defaultConfiguration.holders },
        restart === undefined
          ? new RegExp(
              `^It still uses ${certificates.thumbprint('old')}: the policy for ${movable[kind].plural} is report\\.$`,
            )
          : /^It still uses /,
        `certrebind config set holders.${kind} replace holders.${kind}.restart window`,
      ],
      ...(restart && {
        'no restart is allowed': [
          { ...allowing, holders: { ...allowing.holders, [kind]: { policy: 'replace' } } },
          /^It still uses /,
          `certrebind config set holders.${kind}.restart window`,
        ],
        'there is no window, even with --now': [
          { ...defaultConfiguration, holders: allowing.holders },
          /^It still uses /,
          'certrebind config set window 22:00-04:00',
          now,
        ],
      }),
    };
    for (const [what, [configuration, how, settings, parts]] of Object.entries(reported)) {
      it(`are left to a person, with a whole command, where ${what}`, async () => {
        const one = worldOf(lab);
        const outcome = await rebinding(one, configuration, parts);
        const ours = ({ key: at }: { readonly key: string }) => [...keys, ...records].some((each) => each === at);
        assert.deepEqual(outcome.steps.filter(ours), []);
        const line = byHand?.(successor) ?? `certrebind config set holders.${kind}.policy replace`;
        const told = outcome.skipped.map(met).filter(({ reason }) => reason === 'report-only');
        assert.deepEqual(
          told.map((one) => [one.key, one.command, one.settings]),
          [...keys].sort().map((each) => [each, line, restart === undefined ? undefined : settings]),
        );
        const besides = outcome.skipped
          .filter((one) => !told.some(({ key: at }) => at === one.key))
          .map(({ key: at }) => at);
        assert.deepEqual(besides, world.leftWith ?? []);
        for (const { detail } of told) assert.match(detail, how);
        assert.deepEqual(await standing(one), all('old'));
      });
    }

    const [prefix = '', ...name] = key.split('/');
    const exclusions: Readonly<Record<string, Partial<Configuration['exclude']>>> = {
      'their key': { holders: [key] },
      'their key in other letters': { holders: [`${prefix}/${name.join('/').toLowerCase()}`] },
      ...Object.fromEntries(records.map((at) => [`the certificate binding ${at}`, { records: [keyText(at)] }])),
      ...(world.site === undefined ? {} : { 'their site, in any letters': { sites: [world.site] } }),
    };
    for (const [what, exclude] of Object.entries(exclusions)) {
      it(`are left alone where ${what} is excluded, and no others of the kind`, async () => {
        const one = worldOf(lab);
        const { steps, skipped: left } = await rebinding(one, excluding(allowing, exclude));
        const { reason, detail = '', command } = met(left.find((step) => step.key === key));
        assert.deepEqual([reason, command], ['excluded', undefined]);
        assert.match(detail, new RegExp(`named in exclude\\.${Object.keys(exclude).join()}\\.$`));
        const ours = [...steps, ...left].map((step) => step.key).filter((at) => [key, ...records].includes(at));
        assert.deepEqual(ours, [key]);
        await assertOthersMoved(one, 'old');
      });
    }

    const stores = movable[kind].stores;
    if (stores !== null) {
      it(`take certificates from the store ${stores.join()} only`, async () => {
        const one = worldOf(world.on(certificatesWith({ store: 'WebHosting' })));
        const { exitCode, blocked } = await rebinding(one);
        assert.deepEqual([exitCode, blocked.map(met).map(({ reason }) => reason)], [3, ['wrong-store']]);
        assert.deepEqual(named(one), all('old').named);
      });
    }

    for (const at of writes) {
      it(`have everything back, and are not restarted, where the server refuses any request of a change: ${at.kind}`, () =>
        atEach({ on: at, effect: refused }, async (one, outcome, nth, old) => {
          const { error, restarted } = stepAt(outcome, key);
          const isHalfDone = at.kind === world.halfDone && nth > 2;
          const state = isHalfDone ? ['rolled-back', 'options-lost'] : ['as-before', 'replace-failed'];
          assert.deepEqual([...ends(outcome), restarted], [4, ...state, undefined], `request ${nth}`);
          if (!isHalfDone) assert.match(error?.message ?? '', /Access is denied/);
          await assertOthersMoved(one, 'old', old);
        }));

      it(`are whole after the next run where the server fell silent after any request of a change: ${at.kind}`, () =>
        atEach({ on: at, effect: { do: 'die', after: true } }, async (one, outcome, nth, old) => {
          assert.equal(outcome.exitCode, 5);
          assert.notDeepEqual(named(one), old.named);
          await reconcile(one, {}, restart === undefined ? allowing : closed);
          const now = await standing(one);
          const [certificate] = restart === undefined ? now.named : ['old'];
          assert.deepEqual(now, { ...all(`${certificate}`), options: old.options }, `request ${nth}`);
          assert.deepEqual(await one.state.unfinishedRuns(), []);
        }));
    }

    it('are told to be as before where the server says that it changed them, and did nothing', async () => {
      const none = { times: null, effect: { do: 'no-effect' } } as const;
      const one = worldOf(writes.reduce((server, at) => server.fault({ on: at, ...none }), lab));
      const outcome = await rebinding(one);
      assert.deepEqual(ends(outcome), [4, 'as-before', 'replace-without-effect']);
      assert.equal(stepAt(outcome, key).restarted, undefined);
      await assertOthersMoved(one, 'old');
    });
    if (writes.length > 1)
      for (const at of writes) {
        it(`have everything back, and are not restarted, where the server did nothing of a part of the change: ${at.kind}`, async () => {
          for (const [, server] of servers) {
            const one = worldOf(server.fault({ on: at, times: null, effect: { do: 'no-effect' } }));
            const outcome = await rebinding(one);
            if (one.kernel.state.faults[0]?.seen === 0) continue;
            assert.deepEqual([outcome.exitCode, stepAt(outcome, key).restarted], [4, undefined]);
            assert.deepEqual(await standing(one), all('old', server));
          }
        });
      }

    it('that others change between plan and put are left so, and not restarted', async () => {
      const one = worldOf(lab);
      const { change } = one.context.server;
      const puts = (changes: readonly Change[]) =>
        changes.some((each) => each.do === 'put' && each.wanted?.key === key);
      let meant: ReturnType<typeof named> | null = null;
      stub(one.context.server, 'change').callsFake(async (changes) => {
        if (!puts(changes) || meant !== null) return change(changes);
        const others = kernelServer(one.kernel, { account: 'system' });
        const now = holdersByKey(await others.snapshot()).get(key);
        assert(now !== undefined);
        const wanted = holding(now, certificates.thumbprint('other'), 'My');
        await others.change([{ do: 'put', expected: now, wanted, through: null }]);
        meant = named(one);
        return change(changes);
      });
      const outcome = await rebinding(one);
      assert.deepEqual(ends(outcome), [4, 'changed-by-others', 'changed-meanwhile']);
      assert.equal(stepAt(outcome, key).restarted, undefined);
      assert.deepEqual(named(one), keys.length === 1 ? meant : ['other', 'new', 'new']);
      assert.equal(named(one)[0], 'other');
    });

    it('that answer nobody any more get the old certificate again', async () => {
      const one = await afterBaseline({ do: 'refuse' }, restart === undefined ? null : 302);
      const outcome = await rebinding(one);
      assert.deepEqual(ends(outcome), [4, 'rolled-back', restart === undefined ? 'endpoint-worse' : 'restart-failed']);
      one.kernel.apply({ kind: 'disarm-faults' });
      await assertOthersMoved(one, 'old');
    });

    for (const [at, [what, server]] of servers.slice(0, 2).entries()) {
      it(`hold the new certificate after a kill at any piece of work and the next start: ${what}`, async () => {
        const prepare = async () => worldOf(server);
        const check: Deed['check'] = async (one, when) =>
          assert.deepEqual(await standing(one), all('new', server), when);
        const starts = restart === undefined ? 1 : 2;
        await explore({ prepare, act: (one) => rebinding(one), check, starts }, at === 0 ? deaths : 1, 8);
      });
    }

    for (const [switched, position] of world.denying ?? [])
      it(`keep their certificate, and are not restarted, where Windows does not allow it: ${switched} ${position}`, async () => {
        const one = worldOf(lab.switched(switched, position));
        const outcome = await rebinding(one);
        assert.deepEqual(
          [...ends(outcome), stepAt(outcome, key).restarted],
          [4, 'as-before', 'replace-failed', undefined],
        );
        assert.deepEqual(await standing(one), all('old'));
      });

    if (restart === undefined) {
      it('are told to serve the old certificate still where clients go on getting it', async () => {
        const one = await afterBaseline({ do: 'serve', thumbprint: certificates.thumbprint('old') });
        const wrong = showsAtOnce(kind) ? [4, 'rolled-back', 'replace-without-effect'] : [5, 'still-old', 'still-old'];
        assert.deepEqual(ends(await rebinding(one)), wrong);
        one.kernel.apply({ kind: 'disarm-faults' });
        assert.deepEqual(await standing(one), all(showsAtOnce(kind) ? 'old' : 'new'));
      });
      return;
    }

    it('say before what a restart costs, and wait for the window, for no deadline', async () => {
      const one = worldOf(lab);
      one.later(Date.parse('2026-12-30T12:00:00Z') - Date.parse(startTime));
      const { blocked, result } = await rebinding(one, closed);
      assert.deepEqual(
        [result, blocked.map(met).map(({ key: at, reason }) => [at, reason])],
        ['waiting', [[key, 'outside-window']]],
      );
      assert.match(met(blocked[0]).detail, restart.costs);
      assert.deepEqual(await standing(one), all('old'));
      assert.equal((await rebinding(one, closed, now)).result, 'rebound');
    });

    it('wait for the window where the old certificate is revoked too', async () => {
      const renewals = [{ ...given(certificates, 'old', 'new'), early: 'revoked' as const }];
      const { blocked } = await execute(worldOf(lab), {
        wanted: { want: 'pairs', renewals, reapply: false, oldOption: '--old' },
        configuration: { ...allowing, ...closed },
      });
      assert.deepEqual(each(blocked.map(met), 'reason'), ['outside-window']);
    });

    it('are undone in the window, unless a person says --now', async () => {
      const one = worldOf(lab);
      const { run } = await rebinding(one);
      const { blocked } = await undo(one, run, { configuration: closed });
      assert.deepEqual(each(blocked.map(met), 'reason'), ['outside-window']);
      assert.deepEqual(await standing(one), all('new'));
      assert.equal((await undo(one, run, { configuration: closed, ...now })).result, 'undone');
      assert.deepEqual(await standing(one), all('old'));
    });

    it('are not restarted to set their certificate again', async () => {
      const renewal = given(certificates, 'old', 'old');
      const { steps, skipped: left } = await execute(worldOf(lab), {
        wanted: { want: 'pairs', renewals: [renewal], reapply: true, oldOption: '--old' },
        configuration: allowing,
      });
      assert.deepEqual([steps, met(left.find((step) => step.key === key)).reason], [[], 'already']);
    });

    for (const [what, of, why] of restart.never) {
      it(`are not changed where ${what}`, async () => {
        const one = worldOf(of(lab));
        const before = [named(one), one.kernel.state.httpSys];
        const { blocked, steps } = await rebinding(one);
        const refusal = blocked.find((step) => step.key === key);
        assert.deepEqual([steps, met(refusal).reason], [[], 'service-not-restarted']);
        assert.match(met(refusal).detail, why);
        assert.deepEqual([named(one), one.kernel.state.httpSys], before);
      });
    }

    const silent: KindWorld['also'] = {
      'it refuses connections': (server) => server.fault({ on, times: null, effect: { do: 'refuse' } }),
      ...restart.silent,
    };
    for (const [what, of] of Object.entries(silent)) {
      it(`that answered nobody before are not changed: ${what}`, async () => {
        const one = worldOf(of(lab));
        const outcome = await rebinding(one);
        assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'service-unanswered']);
        assert.deepEqual([named(one), running(one)], [all('old').named, all('old').running]);
      });
    }

    it('are started first of all by the next run, in order, where the server fell silent after any order of a restart', () =>
      atEach(
        { on: { kind: 'control-service' }, effect: { do: 'die', after: true } },
        async (one, outcome, nth) => {
          assert.equal(outcome.exitCode, 5, `order ${nth}`);
          const change = spy(one.context.server, 'change');
          await reconcile(one, {}, closed);
          const [first = []] = change.args
            .flat(1)
            .map(ordersOf)
            .filter((orders) => orders.length > 0);
          const starts = services.map((each) => ['start', each]).reverse();
          if (nth === services.length) assert.deepEqual(first, starts);
          const [certificate] = named(one);
          assert.deepEqual(await standing(one), all(`${certificate}`), `order ${nth}`);
          assert.deepEqual(await one.state.unfinishedRuns(), []);
        },
        servers.slice(0, 1),
      ));

    it('that are not stopped have their old certificate back', async () => {
      const one = worldOf(lab.fault({ on: { kind: 'control-service' }, nth: 1, times: null, effect: refused }));
      const outcome = await rebinding(one);
      assert.deepEqual(ends(outcome), [4, 'rolled-back', 'restart-failed']);
      const { error, restarted } = stepAt(outcome, key);
      assert.match(error?.message ?? '', /The server said: .*Access is denied/);
      assert.equal(restarted?.[0]?.isRefused, true);
      assert.deepEqual(await standing(one), all('old'));
    });

    it('that started with the new certificate and are not stopped for the old one are told to be unfinished', async () => {
      const one = await afterBaseline({ do: 'refuse' });
      const starts = isUseHidden(kind) ? 4 : 2;
      one.fault({ on: { kind: 'control-service' }, nth: starts * services.length + 1, times: null, effect: refused });
      const outcome = await rebinding(one);
      assert.deepEqual(ends(outcome).slice(0, 2), [5, 'rollback-failed']);
      assert.doesNotMatch(stepAt(outcome, key).error?.message ?? '', /, but {2}differs/);
    });

    for (const times of [1, null]) {
      const order = { on: { kind: 'control-service' }, nth: 2 * services.length, times, effect: refused } as const;
      const what = times === null ? 'ever' : 'at once';
      if (isUseHidden(kind))
        it(`that do not all start ${what} are not called restarted`, async () => {
          const one = worldOf(lab.fault(order));
          const outcome = await rebinding(one);
          assert.equal(outcome.exitCode, times === null ? 5 : 0);
          assert.match(
            stepAt(outcome, key).restarted?.[0]?.error ?? '',
            /did not start again|does not answer|has stopped/,
          );
          one.kernel.apply({ kind: 'disarm-faults' });
          if (times === null) await reconcile(one, {}, allowing);
          assert.deepEqual(running(one), all('old').running);
        });
      else if (services.length > 1)
        it(`use the new certificate where what was stopped with them does not start ${what}`, async () => {
          const one = worldOf(lab.fault(order));
          const { exitCode, notes } = await rebinding(one);
          assert.deepEqual(
            [exitCode, notes.flatMap(({ code, text }) => (code === 'service-not-started' ? [text] : []))],
            [
              0,
              times === null
                ? [
                    `${services[0]} was stopped for the restart and did not start again. Start it: Start-Service '${services[0]}'`,
                  ]
                : [],
            ],
          );
          assert.deepEqual(running(one)[0], times === null ? 'stopped' : 'started');
          assert.deepEqual(named(one)[0], 'new');
        });
    }

    it('that did not start again are started by the next run, with all that ran before', async () => {
      const effect = { ...refused, message: 'The service did not respond.' };
      const nth = services.length + 1;
      const one = worldOf(lab.fault({ on: { kind: 'control-service' }, nth, times: null, effect }));
      assert.deepEqual(ends(await rebinding(one)).slice(0, 2), [5, 'rollback-failed']);
      assert.deepEqual(
        running(one),
        services.map(() => 'stopped'),
      );
      one.kernel.apply({ kind: 'disarm-faults' });
      await reconcile(one, {}, allowing);
      assert.deepEqual(await standing(one), all('old'));
    });
  });
}
