import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certrebindScript } from '../cli/run-program.ts';
import { findEngine } from '../engine.ts';
import { openWorld, type World } from './lab-world.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs', 'with-what-you-have.md'), 'utf8');
const engine = findEngine();

// Clients that run on Windows alone: their lines as the page prints them, with what such a client puts in.
describe('the line of a client that puts the certificate into the store', function () {
  this.timeout(120_000);
  let world: World;
  let folder: string;
  let program: string;
  beforeEach(async () => {
    world = await openWorld((lab) => ['--lab', lab]);
    folder = mkdtempSync(join(tmpdir(), 'Program Files '));
    mkdirSync(join(folder, 'CertRebind'));
    program = join(folder, 'CertRebind', 'certrebind.exe');
    writeFileSync(program, certrebindScript, { mode: 0o755 });
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await world.close();
  });

  /** Issued as by a client: nothing tells of it but the line. `host` alone is a name that nothing here uses. */
  const issue = async (...more: readonly string[]): Promise<string> => {
    const { thumbprint } = world.certificates[0] ?? { thumbprint: '' };
    return (await world.lab(['renew', thumbprint, '--no-event', '--no-property', '--keep-old', ...more])).new;
  };
  const start = async (file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const env = {
      ...more,
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ProgramFiles: folder,
      CERTREBIND_LAB: world.folder,
    };
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
    const [status] = await once(child, 'close');
    return { status, text };
  };
  const isUsed = async (thumbprint: string) => [...(await world.records()).values()].includes(thumbprint);

  const simpleAcme = (thumbprint: string) => {
    const line = /^Parameters: +(.*)$/m.exec(page)?.[1] ?? '';
    assert.match(line, /\{CertThumbprint\}/);
    return start(program, line.replace('{CertThumbprint}', thumbprint).split(' '));
  };
  const certify = (thumbprint: string, isSuccess = true) => {
    const script = join(folder, 'certify.ps1');
    writeFileSync(script, /```powershell\n(param\(\$result\)[^`]*)```/.exec(page)?.[1] ?? '');
    const passed = `[pscustomobject]@{ IsSuccess = $${isSuccess}; ManagedItem = [pscustomobject]@{ CertificateThumbprintHash = '${thumbprint.toLowerCase()}' } }`;
    return start(engine ?? '', ['-NoProfile', '-Command', `& '${script}' (${passed}); exit $LASTEXITCODE`]);
  };

  for (const [name, call] of [
    ['simple-acme, win-acme', simpleAcme],
    ...(engine === null ? [] : [['Certify The Web', certify] as const]),
  ] as const)
    it(`${name}: a renewal is used, and again is no change; a first certificate that nothing uses yet is none`, async () => {
      const renewed = await issue();
      const { status, text } = await call(renewed);
      assert.equal(status, 0, text);
      assert.ok(await isUsed(renewed), text);
      assert.equal((await call(renewed)).status, 0, 'again');
      const first = await issue('--names', 'first.example.edu');
      const made = await call(first);
      assert.equal(made.status, 0, made.text);
      assert.equal(await isUsed(first), false);
    });

  if (engine !== null)
    it("DigiCert's agent: of its two files the one is imported, and used", async () => {
      const script = join(folder, 'digicert.ps1');
      writeFileSync(script, /```powershell\n(\$job = [^`]*)```/.exec(page)?.[1] ?? '');
      const certfolder = join(folder, 'Läden');
      mkdirSync(certfolder);
      const pfx = join(root, 'test', 'fixtures', 'pfx', 'rsa-aes.pfx');
      const chain = join(folder, 'chain.pem');
      writeFileSync(
        chain,
        execFileSync('openssl', ['pkcs12', '-in', pfx, '-passin', 'pass:secret', '-nokeys', '-cacerts']),
      );
      await world.lab(['trust', chain]);
      for (const name of ['shop_legacy.pfx', 'shop.pfx']) copyFileSync(pfx, join(certfolder, name));
      const job = { args: [], certfolder, files: ['shop.crt', 'shop_legacy.pfx', 'shop.pfx'], password: 'secret' };
      const data = Buffer.from(JSON.stringify(job)).toString('base64');
      const { status, text } = await start(engine, ['-NoProfile', '-File', script], { DC1_POST_SCRIPT_DATA: data });
      assert.equal(status, 0, text);
      assert.ok(await isUsed('A6C20B3EAC08A78E420388A5FB4998993EE38887'), text);
    });

  if (engine !== null)
    it('Certify The Web: nothing is done where the client failed', async () => {
      const renewed = await issue();
      assert.equal((await certify(renewed, false)).status, 0);
      assert.equal(await isUsed(renewed), false);
    });
});

describe('the lines of clients that write files', () => {
  it('are those that ran with the clients themselves', () => {
    const ran = readFileSync(join(root, 'scripts', 'evidence', 'acme.mjs'), 'utf8');
    const printed = Array.from(
      page.matchAll(/`certrebind (import "\$(?:LEGO|RENEWED|CERT)[^`]*)`/g),
      ([, line]) => line,
    );
    assert.equal(printed.length, 3);
    for (const line of printed) assert.ok(ran.includes(line ?? '?'), line);
  });
});
