import assert from 'node:assert/strict';
import { spy } from 'sinon';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import { ftpKey } from '../../../src/kinds/ftp/ftp.ts';
import { isRestarted, kindOf, movableKinds } from '../../../src/kinds/holder.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import { keyAccessKey, networkService } from '../../../src/kinds/key-access/key-access.ts';
import { rdpKey } from '../../../src/kinds/rdp/rdp.ts';
import { readsKey } from '../../../src/lab/kernel/holders/key-access.ts';
import { heldBy } from '../../../src/lab/kernel/holders/kinds.ts';
import { labState } from '../../builders/lab.ts';
import { sni } from '../../builders/snapshot.ts';
import { assertNone } from '../../support/each.ts';
import { type Deed, explore } from './explore.ts';
import { certificates, kindWorlds, played, rdpListener, replacing, withFtp } from './kind-worlds.ts';
import { given, keysChanged, rebind, undo, type World, worldOf } from './world.ts';

const swapping = replacing('ftp', 'rdp');
const shop = 'shop.example.com:443';
const blog = 'blog.example.com:443';
const files = ftpKey('Files');
const desktop = rdpKey('RDP-Tcp');

/** Two records, an FTP site and a Remote Desktop listener, all on one certificate. */
const names = ['shop.example.com', 'blog.example.com'];
const sites = labState()
  .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { names, renewedTo: 'new' })
  .site('Shop', [sni('shop.example.com')])
  .site('Blog', [sni('blog.example.com')])
  .site('Files', [parseBinding('ftp', '*:21:', 0)])
  .record(shop, 'old')
  .record(blog, 'old');
const lab = rdpListener(withFtp(sites, 'Files', 'old'));
const rebinding = (world: World) => rebind(world, [given(lab, 'old', 'new')], {}, swapping);
const statesOf = ({ steps }: Outcome) => Object.fromEntries(steps.map(({ key, state }) => [key, state]));

describe('a run with several kinds of holders', () => {
  it('changes the records first, even where none of their endpoints answers, and each kind by itself', async () => {
    const silent = lab
      .fault({ on: { kind: 'connect', key: shop }, times: null, effect: { do: 'refuse' } })
      .fault({ on: { kind: 'connect', key: blog }, times: null, effect: { do: 'refuse' } });
    const world = worldOf(silent);
    const change = spy(world.context.server, 'change');
    const outcome = await rebinding(world);
    assert.deepEqual(keysChanged(change).slice(0, 4), [[blog], [shop], [files], [desktop]]);
    assert.equal(outcome.counts.changed, 4);
  });

  it('brings the records in where Remote Desktop cannot use the key', async () => {
    const outcome = await rebinding(
      worldOf(lab.switched('renewed-key-access', 'lost').switched('key-storage', 'platform')),
    );
    assert.deepEqual(statesOf(outcome), {
      [blog]: 'verified',
      [shop]: 'verified',
      [files]: 'verified',
      [desktop]: 'rolled-back',
    });
    assert.equal(outcome.exitCode, 4);
  });

  it('brings the other kinds in where the first record fails, and leaves the other records', async () => {
    const refusing = lab.fault({ on: { kind: 'connect', key: blog }, nth: 2, times: null, effect: { do: 'refuse' } });
    const outcome = await rebinding(worldOf(refusing));
    assert.deepEqual(statesOf(outcome), {
      [blog]: 'rolled-back',
      [shop]: 'not-attempted',
      [files]: 'verified',
      [desktop]: 'verified',
    });
  });

  it('begins no further kind where the policy puts the whole run back', async () => {
    const refusing = lab.fault({ on: { kind: 'connect', key: blog }, nth: 2, times: null, effect: { do: 'refuse' } });
    const world = worldOf(refusing);
    const change = spy(world.context.server, 'change');
    const outcome = await rebind(world, [given(lab, 'old', 'new')], { undo: 'run' }, swapping);
    assert.deepEqual(statesOf(outcome), {
      [blog]: 'rolled-back',
      [shop]: 'not-attempted',
      [files]: 'not-attempted',
      [desktop]: 'not-attempted',
    });
    assertNone(keysChanged(change).flat(), (key) => key === shop || key === files || key === desktop);
  });

  it('is undone the last kind first, but for the ways of administration', async () => {
    const world = worldOf(lab);
    const { run } = await rebinding(world);
    const change = spy(world.context.server, 'change');
    assert.equal((await undo(world, run)).result, 'undone');
    const keys = keysChanged(change).flat();
    assert.deepEqual([...keys.slice(0, 2), keys.at(-1)], [files, shop, desktop]);
  });
});

describe('a server with every kind of holder that is not restarted', () => {
  const kinds = movableKinds.filter((kind) => !isRestarted(kind));
  const everything = { ...replacing(...kinds), keyAccess: 'copy' } as const;
  const plays = kinds.map((kind) => played(kind));
  const successor = certificates.thumbprint('new');
  /** The new key lacks NETWORK SERVICE. FTP comes last, as it writes into what sites are made of. */
  const full = [...kinds]
    .reverse()
    .reduce((server, kind) => kindWorlds[kind].on(server), certificates)
    .switched('renewed-key-access', 'lost');
  const rebindAll = (world: World) => rebind(world, [given(certificates, 'old', 'new')], {}, everything);

  /** Every certificate that is named anywhere, and who may read the new key. */
  const named = (world: World) => {
    const { state } = world.kernel;
    const site = heldBy(state, shop) === successor ? 'new' : 'old';
    const reads = readsKey(state, successor, networkService) ? 'reads' : 'reads not';
    return [...new Set([site, ...plays.flatMap((play) => play.named(world))]), reads];
  };

  it('is brought to the new certificate in one run, each verified, and back by one undo', async () => {
    const world = worldOf(full);
    const outcome = await rebindAll(world);
    const [key, ...others] = outcome.steps;
    assert.deepEqual([key?.key, key?.state], [keyAccessKey(successor), 'untested']);
    assert.deepEqual([...new Set(others.map(({ state }) => state))], ['verified']);
    assert.deepEqual([...new Set(others.map((step) => kindOf(step.key)))], ['tls', ...kinds]);
    assert.deepEqual(named(world), ['new', 'reads']);
    assert.equal((await undo(world, outcome.run)).result, 'undone');
    assert.deepEqual(named(world), ['old', 'reads not']);
  });

  it('is brought to it after a kill at any effect, by the next start', async () => {
    const check: Deed['check'] = async (world, when) => assert.deepEqual(named(world), ['new', 'reads'], when);
    await explore({ prepare: async () => worldOf(full), act: rebindAll, check }, 1, 20);
  });

  it('is brought back by one undo after a kill at any effect, by the next start', async () => {
    const prepare = async () => {
      const world = worldOf(full);
      assert.equal((await rebindAll(world)).run, 'run-001');
      return world;
    };
    const check: Deed['check'] = async (world, when) => assert.deepEqual(named(world), ['old', 'reads not'], when);
    await explore({ prepare, act: (world) => undo(world, 'run-001'), check }, 1, 20);
  });
});
