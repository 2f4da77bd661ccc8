import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lineOfStep, scriptsOfWinAcme, settingsLine } from '../../scripts/docs/win-acme.ts';
import { defaultConfiguration } from '../../src/documents/configuration.ts';
import { lineThatAllows } from '../../src/engine/plan/restarts.ts';
import { isRestarted, type MovableKind, movableKinds } from '../../src/kinds/holder.ts';
import { makersCommand, reportedRules } from '../../src/kinds/reported/reported-kinds.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { toThumbprint } from '../../src/model/certificates/thumbprint.ts';
import { met } from '../builders/met.ts';
import { textOf } from '../docs/pages.ts';
import { needProgram } from '../support/needed-program.ts';
import { ofEach } from '../support/of-each.ts';
import { sampleHolders } from '../support/temporary-lab.ts';
import { onLab, openWorld, servers } from './lab-world.ts';

/** Where openssl meets a kind, and what it says before TLS; SQL Server and Remote Desktop speak what it does not. */
const dials: Readonly<Partial<Record<MovableKind, readonly [port: number, startTls?: string]>>> = {
  wmsvc: [8172],
  ldaps: [389, 'ldap'],
  sstp: [4443],
  'rd-gateway': [4444],
  winrm: [5986],
};

/** Theirs in the file in which the lab keeps what is in the registry of Windows. */
const stored: Readonly<Partial<Record<MovableKind, (thumbprint: string) => string>>> = {
  sql: (thumbprint) => `"Certificate":"${thumbprint.toLowerCase()}"`,
  rdp: (thumbprint) => `"thumbprint":"${thumbprint}","consumer":{"kind":"rdp","detail":"RDP-Tcp"}`,
};

/** A window that opens in ten hours and is open for three, by the clock of the lab, which is UTC. */
function closedWindow(): string {
  const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return `${clock(10)}-${clock(13)}`;
}

const reportServer = reportedRules.ssrs.appId ?? '';

onLab(servers, 'the lines for who used a script of win-acme', () => {
  const world = ofEach(() => openWorld((folder) => ['--lab', folder], ['--holders']));
  let old: string;
  let renewed: string;

  before(function () {
    needProgram(this, { program: 'openssl', asked: 'version', untested: 'what clients of services get' });
  });
  // As a client does it: nothing tells of the new certificate but the line, and CertRebind is not enabled.
  beforeEach(async () => {
    old = world.certificates[0]?.thumbprint ?? '';
    renewed = (await world.lab(['renew', old, '--no-event', '--no-property', '--keep-old'])).new;
  });

  const typed = async (line: string | null) => {
    assert(line !== null);
    const ended = await world.certrebind(line.replace('22:00-04:00', closedWindow()).split(' ').slice(1));
    assert.equal(ended.exitCode, 0, ended.stderr);
  };
  const step = (...more: readonly string[]) =>
    world.json([...lineOfStep.replace('{CertThumbprint}', renewed).split(' ').slice(1), ...more]);
  const heldBy = async (kind: MovableKind) => {
    const { holders } = await world.snapshot();
    const values = holders.filter((one: { kind: string }) => one.kind === kind);
    return [...new Set<string>(values.map(({ value }: { value: { thumbprint: string } }) => value.thumbprint))];
  };

  // Scripts with the same lines are typed once.
  const ofLine = new Map(scriptsOfWinAcme.map((script) => [settingsLine(script), script]));
  for (const script of ofLine.values()) {
    const { names, moves = [] } = script;
    if (moves.length === 0) continue;
    it(`move what ${names[0]} set, and bring it back: ${moves.join(', ')}`, async () => {
      await typed(settingsLine(script));
      if (moves.some(isRestarted)) {
        const { document } = await step();
        assert.deepEqual([document.result, document.steps], ['waiting', []]);
        for (const kind of moves) assert.deepEqual(await heldBy(kind), [old]);
      }
      const { exitCode, document } = await step('--now');
      assert.deepEqual([exitCode, document.result], [0, 'rebound']);
      for (const kind of moves) await isServed(kind, renewed);
      const others = document.skipped.filter((one: Parameters<typeof met>[0]) => met(one).reason === 'report-only');
      assert.deepEqual(
        others.map(({ key }: { key: string }) => key).sort(),
        sampleHolders.filter((key) => !moves.some((kind) => key.startsWith(`${kind}/`))),
      );
      assert.equal((await world.json(['undo', '--yes', '--now'])).exitCode, 0);
      for (const kind of moves) await isServed(kind, old);
    });
  }

  it('are those that pages and advice have', () => {
    const step = lineOfStep.replace('certrebind ', 'Parameters:  ');
    for (const page of ['scripts-of-win-acme', 'with-what-you-have'])
      assert.ok(textOf(`docs/${page}.md`).split('\n').includes(step), page);
    for (const script of scriptsOfWinAcme) {
      const [kind, ...others] = script.moves ?? [];
      if (kind === undefined || others.length > 0 || !isRestarted(kind)) continue;
      assert.equal(settingsLine(script), lineThatAllows(kind, defaultConfiguration), kind);
    }
  });

  it('change nothing that is set to report, whatever else is typed, and name it', async () => {
    await world.onLab(['config', 'set', 'window', closedWindow(), 'holders.sql.restart', 'window']);
    const { exitCode, document } = await step('--now', '--allow', 'names-lost');
    assert.deepEqual([exitCode, document.result], [0, 'rebound']);
    const named = document.skipped.filter((one: Parameters<typeof met>[0]) => met(one).reason === 'report-only');
    assert.deepEqual(named.map(({ key }: { key: string }) => key).sort(), sampleHolders);
    for (const kind of movableKinds) await isServed(kind, old);
  });

  it('know the certificate binding of Reporting Services, leave it, and print its command', async () => {
    await bind('0.0.0.0:9444', reportServer);
    const { document } = await step();
    const { command, detail } = met(document.skipped.find(({ key }: { key: string }) => key === '0.0.0.0:9444'));
    assert.match(detail, /^No IIS binding uses it \(Reporting Services, /);
    assert.equal(
      command,
      makersCommand(reportedRules.ssrs, { old: toThumbprint(old), new: toThumbprint(renewed) }).command,
    );
    assert.equal((await world.records()).get('0.0.0.0:9444'), old);
  });

  it('move the certificate binding whose application ID the script wrote', async () => {
    const script = scriptsOfWinAcme.find(({ applicationId }) => applicationId !== undefined) ?? assert.fail();
    await bind('0.0.0.0:9444', `{${script.applicationId}}`);
    await typed(settingsLine(script));
    await step();
    assert.equal((await world.records()).get('0.0.0.0:9444'), renewed);
    assert.equal((await world.json(['undo', '--yes'])).exitCode, 0);
    assert.equal((await world.records()).get('0.0.0.0:9444'), old);
  });

  async function bind(key: string, appId: string): Promise<void> {
    const words = [`ipport=${key}`, `certhash=${old}`, `appid=${appId}`, 'certstorename=My'];
    await world.lab(['netsh', `http add sslcert ${words.join(' ')}`]);
  }

  /** By a client that is not CertRebind, and by what the lab keeps. */
  async function isServed(kind: MovableKind, thumbprint: string): Promise<void> {
    assert.deepEqual(await heldBy(kind), [thumbprint], kind);
    const [port, startTls] = dials[kind] ?? [];
    if (port !== undefined) assert.equal(await seen(port, startTls), thumbprint, kind);
    const text = stored[kind]?.(thumbprint);
    if (text === undefined) return;
    const { server } = JSON.parse(await readFile(join(world.folder, 'lab.json'), 'utf8'));
    assert.ok(JSON.stringify([server.roles, server.others]).includes(text), text);
  }

  async function seen(port: number, startTls: string | undefined): Promise<string> {
    const lab = await openLab(world.folder);
    const listener = lab.listeners().find((one) => one.port === port && one.listening);
    await lab.close();
    assert(listener?.listening === true);
    const before = startTls === undefined ? [] : ['-starttls', startTls];
    const words = ['s_client', '-connect', `127.0.0.1:${listener.localPort}`, ...before];
    const dialling = promisify(execFile)('openssl', words, { timeout: 60_000 });
    dialling.child.stdin?.end('Q\n');
    const { stdout } = await dialling;
    return new X509Certificate(stdout).fingerprint.replaceAll(':', '');
  }
});
