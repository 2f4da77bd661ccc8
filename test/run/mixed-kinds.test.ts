import assert from 'node:assert/strict';
import { spy } from 'sinon';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import { ftpKey } from '../../src/holders/ftp/ftp.ts';
import { ofEveryKind, otherUses, recordsOf } from '../../src/holders/holder.ts';
import { parseBinding } from '../../src/holders/iis/binding.ts';
import { rdpKey } from '../../src/holders/rdp/rdp.ts';
import { setFtpCertificate } from '../../src/lab/kernel/holders/ftp.ts';
import type { LabService } from '../../src/lab/kernel/lab-state.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { sni } from '../builders/snapshot.ts';
import { explore } from './explore.ts';
import { given, keysChanged, rebind, undo, type World, worldOf } from './world.ts';

const swapping: Configuration = {
  ...defaultConfiguration,
  holders: { ...defaultConfiguration.holders, ftp: { policy: 'replace' }, rdp: { policy: 'replace' } },
};
const shop = 'shop.example.com:443';
const blog = 'blog.example.com:443';
const files = ftpKey('Files');
const desktop = rdpKey('RDP-Tcp');

/** Two records, an FTP site and a Remote Desktop listener, all on one certificate. */
function mixedLab(): LabBuilder {
  const names = ['shop.example.com', 'blog.example.com'];
  const lab = labState()
    .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
    .certificate('old', { names, renewedTo: 'new' })
    .site('Shop', [sni('shop.example.com')])
    .site('Blog', [sni('blog.example.com')])
    .site('Files', [parseBinding('ftp', '*:21:', 0)])
    .record(shop, 'old')
    .record(blog, 'old');
  const listener = { port: 3389, state: 'started', chosenBy: 'person' } as const;
  const request = { kind: 'set-ftp', site: 'Files', hash: lab.thumbprint('old'), store: 'My' } as const;
  return lab.with({
    others: [{ thumbprint: lab.thumbprint('old'), consumer: { kind: 'rdp', detail: 'RDP-Tcp' }, listener }],
    applicationHost: setFtpCertificate(lab.build(), request).state.applicationHost,
  });
}

const lab = mixedLab();
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
    assert.deepEqual(
      keysChanged(change)
        .flat()
        .filter((key) => key === shop || key === files || key === desktop),
      [],
    );
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

describe('a server with every kind of holder', () => {
  const everything: Configuration = {
    ...defaultConfiguration,
    holders: {
      ...ofEveryKind({ policy: 'replace' }),
      sql: { policy: 'report' },
      sstp: { policy: 'report' },
      'rd-gateway': { policy: 'report' },
    },
    keyAccess: 'copy',
  };
  const use = (consumer: LabService['consumer'], more: Partial<LabService>): LabService => ({
    thumbprint: lab.thumbprint('old'),
    consumer,
    ...more,
  });
  /** The new key lacks NETWORK SERVICE. */
  const full = lab
    .record('0.0.0.0:8172', 'old', { appId: '{00000000-0000-0000-0000-000000000000}' })
    .record('0.0.0.0:5986', 'old', { appId: '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}' })
    .switched('renewed-key-access', 'lost')
    .with({
      others: [
        use({ kind: 'rdp', detail: 'RDP-Tcp' }, { listener: { port: 3389, state: 'started', chosenBy: 'person' } }),
        use({ kind: 'winrm', detail: '*+HTTPS' }, { remoting: { port: 5986, hostname: null, state: 'started' } }),
        use({ kind: 'wmsvc', detail: 'WMSVC' }, { management: { port: 8172, address: '*', state: 'started' } }),
      ],
    });
  const rebindAll = (world: World) => rebind(world, [given(lab, 'old', 'new')], {}, everything);

  /** Every certificate that is named anywhere, and who may read the new key. */
  async function named(world: World): Promise<readonly (string | null)[]> {
    const { holders, certificates } = await world.context.server.snapshot();
    const rights = certificates.find(({ thumbprint }) => thumbprint === lab.thumbprint('new'))?.keyRights;
    const reads = rights !== undefined && 'sddl' in rights && rights.sddl.includes(';NS)') ? 'reads' : 'reads not';
    return [
      ...new Set([
        ...recordsOf({ holders }).map(({ thumbprint }) => thumbprint),
        ...otherUses({ holders }).map(({ hash }) => hash),
      ]),
      reads,
    ];
  }

  it('is brought to the new certificate in one run, each verified, and back by one undo', async () => {
    const world = worldOf(full);
    const outcome = await rebindAll(world);
    assert.deepEqual(
      outcome.steps.map(({ key, state }) => [key.replace(/^key\/.*/, 'key'), state]),
      [
        ['key', 'untested'],
        [blog, 'verified'],
        [shop, 'verified'],
        [files, 'verified'],
        ['wmsvc/8172', 'verified'],
        [desktop, 'verified'],
        ['winrm/*+HTTPS', 'verified'],
      ],
    );
    assert.deepEqual(await named(world), [lab.thumbprint('new'), 'reads']);
    assert.equal((await undo(world, outcome.run)).result, 'undone');
    assert.deepEqual(await named(world), [lab.thumbprint('old'), 'reads not']);
  });

  it('is brought to it after a kill at any effect, by the next start', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(full),
        act: rebindAll,
        check: async (world, when) => {
          assert.deepEqual(await named(world), [lab.thumbprint('new'), 'reads'], when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      1,
    );
    assert(states >= 20, `only ${states} states`);
  });

  it('is brought back by one undo after a kill at any effect, by the next start', async () => {
    const states = await explore(
      {
        prepare: async () => {
          const world = worldOf(full);
          assert.equal((await rebindAll(world)).run, 'run-001');
          return world;
        },
        act: (world) => undo(world, 'run-001'),
        check: async (world, when) => {
          assert.deepEqual(await named(world), [lab.thumbprint('old'), 'reads not'], when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      1,
    );
    assert(states >= 20, `only ${states} states`);
  });
});
