import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findWindowsPowerShell } from '../engine.ts';
import { linuxBinary, version } from './artefacts.ts';
import { type Everything, makeServer, type Server } from './ways/server.ts';
import { nextVersion, writeNextVersion } from './ways/versions.ts';
import { type Downloads, type Way, ways } from './ways/ways.ts';

/** What a new user does, way by way, from the download to the day on which it is removed; each session is a new process. */
describe('from install to uninstall, as a new user does it', function () {
  this.timeout(300_000);
  let folder: string;
  let engine: string;
  let downloads: Downloads;
  let server: Server | undefined;

  before(function () {
    const found = findWindowsPowerShell();
    if (found === null) {
      if (process.env.CI !== undefined) throw new Error('no PowerShell was found');
      return this.skip();
    }
    engine = found;
    folder = mkdtempSync(join(tmpdir(), 'certrebind-ways-'));
    const [now, next] = [version, nextVersion].map((each) => {
      mkdirSync(join(folder, each));
      return join(folder, each, 'certrebind');
    });
    assert.ok(now !== undefined && next !== undefined);
    copyFileSync(linuxBinary, now);
    writeNextVersion(linuxBinary, next);
    downloads = { now, next };
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  for (const way of ways)
    it(`${way.title}: installs, imports by name, enables, upgrades, ${way.renews ? 'is served what is renewed, ' : ''}uninstalls, and leaves nothing`, async () => {
      server = await makeServer({
        program: downloads.now,
        engine,
        throughWindowsSide: way.throughWindowsSide ?? false,
      });
      await goThrough(way, server);
    });

  const versionOfModule = '& (Import-Module CertRebind -PassThru) { Get-CertRebindModuleVersion }';

  async function goThrough(way: Way, on: Server): Promise<void> {
    const before = await on.everything();

    await way.install(on, downloads);
    const [module, ...rest] = on.session(versionOfModule, ...(way.enable === 'with-install' ? [] : way.enable), state);
    assert.equal(module, version);
    assert.deepEqual(rest, way.enable === 'with-install' ? [enabled] : [...way.enable.map(() => 'True'), enabled]);
    assert.deepEqual(productVersions(await on.everything()), [version]);
    if (way.throughWindowsSide) expectServed(on, way);

    await way.upgrade(on, downloads);
    assert.deepEqual(productVersions(await on.everything()), [nextVersion]);
    if (way.renews) {
      assert.deepEqual(on.session(versionOfModule, state), [nextVersion, way.throughWindowsSide ? oneByHand : enabled]);
      expectServed(on, way);
    } else {
      const { enabled: isEnabled, findings } = on.ask('status');
      assert.deepEqual([isEnabled, findings], [true, []]);
    }

    await way.uninstall(on, downloads);
    const { remembered, sources, ...after } = await on.everything();
    const { remembered: _no, sources: _none, ...untouched } = before;
    assert.deepEqual(after, untouched, 'files, tasks, entries among the installed programs');
    assert.deepEqual(sources, ['CertRebind'], 'how the log is read');
    if (way.renews) assert.equal(remembered, true, 'history');
    on.typed(way.purge?.(on) ?? downloads.next, 'uninstall', '--purge', '--yes');
    assert.deepEqual(await on.everything(), before);
  }
});

/** What a session asks, and what it receives where all is well. */
const state = 'Get-CertRebind | ForEach-Object { "enabled: $($_.enabled), findings: $($_.findings.Count)" }';
const enabled = 'enabled: True, findings: 0';
/** After a renewal: a record of another product keeps the old certificate, as in every lab. */
const oneByHand = 'enabled: True, findings: 1';

/** A renewal reaches every endpoint, without anybody doing anything. */
function expectServed(server: Server, { throughWindowsSide }: Way): void {
  const used = server.ask('usage').certificates.find((one: { consumers: unknown[] }) => one.consumers.length > 5);
  const renewed = server.ask('lab', 'renew', used.thumbprint, '--wait');
  const { runs } = server.ask('history');
  const outcome = server.ask('history', runs.at(-1).run);
  assert.equal(outcome.result, 'rebound');
  if (throughWindowsSide) assert.equal(outcome.cost.sessions, 1, 'it went through one PowerShell');
  const { endpoints } = server.ask('verify');
  const served = endpoints.filter((one: { thumbprint: string | null }) => one.thumbprint === renewed.new);
  assert.ok(served.length >= 6, `${served.length} endpoints serve it`);
  assert.equal(endpoints.filter((one: { matches: boolean | null }) => one.matches === false).length, 0);
}

function productVersions({ products }: Everything): readonly unknown[] {
  return Object.values(products).map((entry) => (entry as Record<string, unknown>).DisplayVersion);
}
