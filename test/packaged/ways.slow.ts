import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Transcript as Canonical } from '../cli/transcript.ts';
import { findWindowsPowerShell } from '../engine.ts';
import { linuxBinary, version } from './artefacts.ts';
import { type Everything, makeServer, type Server } from './ways/server.ts';
import { nextVersion, writeNextVersion } from './ways/versions.ts';
import { type Downloads, type Narrator, type Way, ways } from './ways/ways.ts';

const page = join(import.meta.dirname, '..', '..', 'docs', 'ways-to-install.md');
/** `UPDATE_DOCS=1` writes the transcripts into the page in place of comparing them. */
const updating = process.env.UPDATE_DOCS === '1';

/** What a new user does, way by way, from the download to the day on which it is removed; each session is a new process. */
describe('from install to uninstall, as a new user does it', function () {
  this.timeout(120_000);
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
    it(`${way.title}: installs, imports by name, enables, renews, is served, upgrades, uninstalls, and leaves nothing`, async () => {
      server = await makeServer({
        program: downloads.now,
        engine,
        throughWindowsSide: way.throughWindowsSide ?? false,
      });
      const transcript = await tellStory(way, server);
      const shown = transcriptOf(way.title);
      if (updating) putTranscript(way.title, transcript);
      else assert.equal(new Canonical().canonical(transcript), new Canonical().canonical(shown));
    });

  async function tellStory(way: Way, on: Server): Promise<string> {
    const lines: string[] = [];
    const tell = narratorOf(lines, on);
    const before = await on.everything();

    await way.install(on, tell, downloads);
    tell.say('A new session.');
    const [module, ...rest] = tell.session(
      '(Import-Module CertRebind -PassThru).Version.ToString()',
      ...(way.enable === 'with-install' ? [] : way.enable),
      state,
    );
    assert.equal(module, version);
    assert.deepEqual(rest, way.enable === 'with-install' ? [enabled] : [...way.enable.map(() => 'True'), enabled]);
    assert.deepEqual(productVersions(await on.everything()), [version]);

    tell.say(`A certificate is renewed. ${expectServed(on, way)}`);

    await way.upgrade(on, tell, downloads);
    tell.say('A new session.');
    const [upgraded, still] = tell.session('(Import-Module CertRebind -PassThru).Version.ToString()', state);
    assert.deepEqual([upgraded, still], [nextVersion, oneByHand]);
    assert.deepEqual(productVersions(await on.everything()), [nextVersion]);
    tell.say(`A certificate is renewed again. ${expectServed(on, way)}`);
    assert.equal(on.ask('history').runs.length, 2);

    await way.uninstall(on, tell, downloads);
    const { remembered, sources, ...after } = await on.everything();
    const { remembered: _no, sources: _none, ...untouched } = before;
    assert.deepEqual(after, untouched, 'files, tasks, entries among the installed programs');
    assert.deepEqual([remembered, sources], [true, ['CertRebind']], 'history, configuration, and how it is read');
    tell.say('Nothing is left but history and configuration, and the source of the log.');
    tell.typed(way.purge?.(on) ?? downloads.next, 'uninstall', '--purge', '--yes');
    assert.deepEqual(await on.everything(), before);
    tell.say('Nothing is left.');
    return lines.join('\n');
  }
});

/** What a session asks, and what it receives where all is well. */
const state = 'Get-CertRebind | ForEach-Object { "enabled: $($_.enabled), findings: $($_.findings.Count)" }';
const enabled = 'enabled: True, findings: 0';
/** After a renewal: a record of another product goes on with the old certificate, as in every lab. */
const oneByHand = 'enabled: True, findings: 1';

function narratorOf(lines: string[], server: Server): Narrator {
  const add = (prompt: string, command: string, printed: string) => {
    lines.push(prompt + server.asOnWindows(command));
    if (printed !== '') lines.push(server.asOnWindows(printed));
  };
  return {
    say: (text) => lines.push(`# ${text}`),
    ran: (command, exitCode) => lines.push(`> ${command}${exitCode === 0 ? '' : `, exit ${exitCode}`}`),
    session(...given) {
      const printed = server.session(...given);
      given.forEach((line, at) => {
        if (typeof line === 'string') add('PS> ', line, printed[at] ?? '');
      });
      return printed;
    },
    typed(file, ...words) {
      const { exitCode, printed } = server.start(file, words);
      assert.equal(exitCode, 0, printed.join('\n'));
      // From the folder in which the session before it is.
      const near = relative(server.folder, file);
      const path =
        file === server.installed
          ? "& 'C:\\Program Files\\CertRebind\\certrebind.exe'"
          : `.\\${near.startsWith('..') ? 'certrebind.exe' : near.replaceAll('/', '\\')}`;
      add('PS> ', [path, ...words].join(' '), printed.join('\n'));
      return printed;
    },
  };
}

/** A renewal reaches every endpoint, without anybody doing anything. @returns that, in a sentence */
function expectServed(server: Server, { throughWindowsSide }: Way): string {
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
  return `The run ends with "${outcome.result}", and ${served.length} endpoints serve its successor.`;
}

function productVersions({ products }: Everything): readonly unknown[] {
  return Object.values(products).map((entry) => (entry as Record<string, unknown>).DisplayVersion);
}

function block(title: string): RegExp {
  return new RegExp(`(## ${title}\\n[^#]*?^\`\`\`text\\n)([\\s\\S]*?)(^\`\`\`$)`, 'm');
}

function transcriptOf(title: string): string {
  return block(title).exec(readFileSync(page, 'utf8'))?.[2] ?? '';
}

function putTranscript(title: string, transcript: string): void {
  const text = readFileSync(page, 'utf8');
  assert.match(text, block(title), `${page} has a block for ${title}`);
  writeFileSync(
    page,
    text.replace(block(title), (_whole, head: string, _before, end: string) => `${head}${transcript}\n${end}`),
  );
}
