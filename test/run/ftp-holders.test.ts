import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { ftpKey } from '../../src/holders/ftp/ftp.ts';
import { parseBinding } from '../../src/holders/iis/binding.ts';
import type { FaultEffect, FaultPoint } from '../../src/lab/kernel/faults.ts';
import { ftpSettingNow, setFtpCertificate } from '../../src/lab/kernel/holders/ftp.ts';
import type { LabState } from '../../src/lab/kernel/lab-state.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { sni } from '../builders/snapshot.ts';
import { isSlow } from '../support/slow.ts';
import { explore } from './explore.ts';
import { given, rebind, reconcile, reconcileNow, undo, type World, worldOf } from './world.ts';

/** How many processes in a row are killed. */
const deaths = isSlow ? 2 : 1;

const names = ['shop.example.com', 'files.example.com'];
const ftp = (information: string) => parseBinding('ftp', information, 0);
const swapping: Configuration = {
  ...defaultConfiguration,
  holders: { ...defaultConfiguration.holders, ftp: { policy: 'replace' } },
};

/** The defaults and two FTP sites of their own beside one web site, all on the old certificate; a third takes the defaults'. */
function ftpLab(): LabBuilder {
  const lab = labState()
    .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
    .certificate('old', { names, renewedTo: 'new' })
    .certificate('other', { names: ['other.example.com'] })
    .site('Shop', [sni('shop.example.com')])
    .site('Files', [ftp('*:21:'), ftp('*:990:')])
    .site('Named', [ftp('*:2121:files.example.com')])
    .site('Uploads', [ftp('*:2122:')])
    .record('shop.example.com:443', 'old');
  return [null, 'Files', 'Named'].reduce((built, site) => holding(built, site, 'old'), lab);
}

function holding(lab: LabBuilder, site: string | null, label: string): LabBuilder {
  const request = { kind: 'set-ftp', site, hash: lab.thumbprint(label), store: 'My' } as const;
  return lab.with({ applicationHost: setFtpCertificate(lab.build(), request).state.applicationHost });
}

const lab = ftpLab();
const renewal = given(lab, 'old', 'new');
const rebinding = (world: World) => rebind(world, [renewal], {}, swapping);
const all = [ftpKey(null), ftpKey('Files'), ftpKey('Named')];

/** What each FTP holder names, by the label of the certificate. */
function held(state: LabState): readonly (string | null)[] {
  const labels = new Map(['old', 'new', 'other'].map((label) => [lab.thumbprint(label) as string, label]));
  return [null, 'Files', 'Named'].map((site) => labels.get(ftpSettingNow(state, site)?.thumbprint ?? '') ?? null);
}

const everywhere = (label: string) => [label, label, label];

describe('FTP sites', () => {
  it('are moved with the records, verified in FTP, and undone', async () => {
    const world = worldOf(lab);
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.result, outcome.counts.changed, outcome.counts.notVerified], ['rebound', 4, 0]);
    assert.deepEqual(held(world.kernel.state), everywhere('new'));
    const endpoints = outcome.steps.flatMap(({ key, after }) =>
      after.map(({ endpoint }) => [key, endpoint.port, endpoint.startTls ?? null]),
    );
    assert.deepEqual(endpoints, [
      ['shop.example.com:443', 443, null],
      ['ftp/*', 2122, 'ftp'],
      ['ftp/Files', 21, 'ftp'],
      ['ftp/Files', 990, null],
      ['ftp/Named', 2121, 'ftp'],
    ]);

    const undone = await undo(world, outcome.run);
    assert.deepEqual([undone.result, undone.exitCode], ['undone', 0]);
    assert.deepEqual(held(world.kernel.state), everywhere('old'));
    const again = await rebind(world, [], {}, swapping);
    assert.equal(again.result, 'nothing-to-do');
  });

  it('are only named where the policy reports them', async () => {
    const world = worldOf(lab);
    const outcome = await rebind(world, [renewal]);
    assert.deepEqual([outcome.result, outcome.counts.changed], ['rebound', 1]);
    assert.deepEqual(held(world.kernel.state), everywhere('old'));
    assert.deepEqual(
      outcome.skipped.map(({ key, reason }) => [key, reason]),
      all.map((key) => [key, 'report-only']),
    );
  });

  it('are left alone where the configuration excludes them by key or by site', async () => {
    const world = worldOf(lab);
    const exclude = { ...swapping.exclude, holders: [ftpKey(null)], sites: ['FILES'] };
    const outcome = await rebind(world, [renewal], {}, { ...swapping, exclude });
    assert.deepEqual(held(world.kernel.state), ['old', 'old', 'new']);
    assert.deepEqual(
      outcome.skipped.map(({ key, reason }) => [key, reason]),
      [
        [ftpKey(null), 'excluded'],
        [ftpKey('Files'), 'excluded'],
      ],
    );
  });

  it('are left alone by their key in any letters', async () => {
    const world = worldOf(lab);
    const exclude = { ...swapping.exclude, holders: ['ftp/FILES'] };
    await rebind(world, [renewal], {}, { ...swapping, exclude });
    assert.deepEqual(held(world.kernel.state), ['new', 'old', 'new']);
  });

  it('that hold the old certificate again make a settled renewal due again', async () => {
    const world = worldOf(lab);
    await rebinding(world);
    world.kernel.apply({ kind: 'set-ftp', site: 'Files', hash: renewal.old, store: 'My' });
    assert.equal((await reconcile(world, {}, swapping)).result, 'waiting');
    const outcome = await reconcileNow(world, {}, swapping);
    assert.deepEqual([outcome.result, outcome.steps.map(({ key }) => key)], ['rebound', [ftpKey('Files')]]);
    assert.deepEqual(held(world.kernel.state), everywhere('new'));
  });

  const failures: readonly {
    readonly what: string;
    readonly on: FaultPoint;
    readonly nth?: number;
    readonly times?: number | null;
    readonly effect: FaultEffect;
    readonly ends: readonly [state: string, exitCode: number, error: string | null];
    readonly holds: string;
  }[] = [
    {
      what: 'success is reported and nothing is written',
      on: { kind: 'set-ftp', key: 'ftp/Files' },
      effect: { do: 'no-effect' },
      ends: ['as-before', 4, 'replace-without-effect'],
      holds: 'old',
    },
    {
      what: 'the change is refused',
      on: { kind: 'set-ftp', key: 'ftp/Files' },
      effect: { do: 'fail', hresult: 0x80070005, message: 'Access is denied' },
      ends: ['as-before', 4, 'replace-failed'],
      holds: 'old',
    },
    {
      what: 'nobody answers there any more',
      on: { kind: 'connect', key: 'ftp/Files' },
      nth: 3,
      times: null,
      effect: { do: 'refuse' },
      ends: ['rolled-back', 4, 'endpoint-worse'],
      holds: 'old',
    },
    {
      what: 'the wire goes on serving the old certificate',
      on: { kind: 'connect', key: 'ftp/Files' },
      nth: 3,
      times: null,
      effect: { do: 'serve-previous' },
      ends: ['still-old', 5, 'still-old'],
      holds: 'new',
    },
  ];
  for (const { what, on, nth = 1, times = 1, effect, ends, holds } of failures) {
    it(`are judged by what is read back and served: ${what}`, async () => {
      const world = worldOf(lab.fault({ on, nth, times, effect }));
      const outcome = await rebinding(world);
      const step = outcome.steps.find(({ key }) => key === ftpKey('Files'));
      assert.deepEqual([step?.state, outcome.exitCode, step?.error?.code ?? null], ends);
      assert.equal(held(world.kernel.state)[1], holds);
    });
  }

  it('that hold something else when they are to be changed are left so', async () => {
    const world = worldOf(lab);
    const { server } = world.context;
    const change: typeof server.change = (changes) => {
      if (changes.some((one) => one.do === 'put'))
        world.kernel.apply({ kind: 'set-ftp', site: 'Files', hash: lab.thumbprint('other'), store: 'My' });
      return server.change(changes);
    };
    const outcome = await rebinding({ ...world, context: { ...world.context, server: { ...server, change } } });
    const step = outcome.steps.find(({ key }) => key === ftpKey('Files'));
    assert.deepEqual([step?.state, step?.error?.code], ['changed-by-others', 'changed-meanwhile']);
    assert.deepEqual(held(world.kernel.state), ['new', 'other', 'new']);
  });

  it('of which the server falls silent are found by the next start', async () => {
    const world = worldOf(
      lab.fault({ on: { kind: 'set-ftp', key: 'ftp/Files' }, effect: { do: 'hang', after: true } }),
    );
    assert.equal((await rebinding(world)).exitCode, 5);
    const next = await rebinding(world);
    assert.equal(next.exitCode, 0);
    assert.deepEqual(held(world.kernel.state), everywhere('new'));
  });

  for (const position of ['site', 'defaults'] as const) {
    it(`with a host name are verified whosever certificate IIS serves before it knows the name: ${position}`, async () => {
      const other = holding(lab, null, 'other').switched('ftp-certificate-before-host', position);
      const outcome = await rebinding(worldOf(other));
      const step = outcome.steps.find(({ key }) => key === ftpKey('Named'));
      assert.deepEqual([step?.state, outcome.exitCode], [position === 'site' ? 'verified' : 'not-verified', 0]);
    });
  }

  it('are whole and of one certificate after any kill, and the next start brings the run to its end', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(lab),
        act: rebinding,
        check: async (world, when) => {
          assert.deepEqual(held(world.kernel.state), everywhere('new'), when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      deaths,
    );
    assert(states >= 10 * deaths, `only ${states} states`);
  });
});
