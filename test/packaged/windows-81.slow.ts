import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CapturedServer, captureServer, version } from './artefacts.ts';
import { windowsExe } from './windows-artefacts.ts';
import { makeWineOf, needWine, type Wine, zPath } from './wine.ts';

// Windows Server 2012 R2, the system of IIS 8.5, is what Wine calls win81. It shows that Node 22 starts and runs there and
// says nothing of a real one (fidelity: node-on-2012-r2).

describe('the Windows executable on Windows 8.1 under Wine', function () {
  this.timeout(180_000);
  let wine: Wine;
  let server: CapturedServer;
  let prefix: string;
  before(function () {
    prefix = mkdtempSync(join(tmpdir(), 'crb-win81-'));
    wine = needWine(this, makeWineOf('win81', prefix), 'the Windows executable on Windows 8.1');
    server = captureServer();
  });
  after(() => {
    server?.remove();
    wine?.end();
    rmSync(prefix, { recursive: true, force: true });
  });

  const run = (...words: readonly string[]) => wine.run(windowsExe, words);

  it('is where it runs', () => {
    const { stdout } = wine.run('cmd', ['/c', 'ver']);
    assert.match(stdout, /6\.3\.9600/);
  });

  it('says its version', () => assert.deepEqual(run('--version'), { status: 0, stdout: `${version}\n`, stderr: '' }));

  it('plans from a capture', () => {
    const { status, stdout, stderr } = run(
      'plan',
      '--replay',
      zPath(server.snapshot),
      '--old',
      server.old,
      '--new',
      server.new,
      '--json',
    );
    assert.equal(status, 0, stderr);
    assert.notDeepEqual(JSON.parse(stdout).steps, []);
  });

  it('answers an event in its own words as far as Wine goes, which has no Windows PowerShell', () => {
    const { status, stderr } = run('on-event', '--record', '1');
    assert.notEqual(status, null);
    assert.match(stderr, /^certrebind: \S.*Windows PowerShell 5\.1 could not be used/m);
    assert.doesNotMatch(stderr, /\n +at /);
  });

  it('writes the file for the developers where the server cannot be read, and says so in it', () => {
    const file = join(server.folder, 'support.json');
    const { status, stdout, stderr } = run('capture', zPath(file), '--for-support', '--json');
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).server, false);
    const { program, missing, capture } = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual([program.system, program.packaged, capture], ['win32 x64', true, null]);
    assert.equal(missing[0]?.part, 'server');
    assert.ok(!readFileSync(file, 'utf8').includes(server.folder));
  });

  it('is refused by Node.js one Windows earlier, so the setting counts', () => {
    assert.equal(wine.run('winecfg', ['-v', 'win8']).status, 0);
    const { status, stdout, stderr } = run('--version');
    assert.notEqual(status, 0);
    assert.match(stdout + stderr, /only supported on Windows 8\.1, Windows Server 2012 R2, or higher/);
  });
});

type SupportedSince = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

describe('what the Windows executable imports', () => {
  const fixture: { readonly since: SupportedSince; readonly unlisted: SupportedSince[string] } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../fixtures/windows/minimum-versions.json'), 'utf8'),
  );
  const known = new Map([
    ...Object.entries(fixture.since).flatMap(([since, libraries]) =>
      namesOf(libraries).map((name) => [name, since] as const),
    ),
    ...namesOf(fixture.unlisted).map((name) => [name, 'unlisted'] as const),
  ]);
  const imports = staticImports(readFileSync(windowsExe));

  it('has been in Windows since 8.1, the client of Server 2012 R2, or before', () => {
    assert.ok(imports.length > 300);
    const later = imports.filter(({ name }) => {
      const since = known.get(name ?? '');
      return since !== undefined && since !== 'unlisted' && isAfter81(since);
    });
    assert.deepEqual(later, []);
  });

  it('is all in the list of first versions, or known to be none of its business', () => {
    const named = imports.flatMap(({ library, name }) =>
      name === null || known.has(name) ? [] : [`${library} ${name}`],
    );
    assert.deepEqual(named, [], 'look the function up and add it to the fixture');
  });

  it('is named, but for WS2_32, whose numbers never changed', () => {
    const numbered = imports.filter(({ name }) => name === null).map(({ library }) => library.toLowerCase());
    assert.deepEqual([...new Set(numbered)], ['ws2_32.dll']);
  });

  it('would be noticed in Windows 10', () => {
    assert.deepEqual(['windows8.1', 'windows6.0.6000', 'windows10.0.10240', 'windows8.2'].map(isAfter81), [
      false,
      false,
      true,
      true,
    ]);
  });
});

function namesOf(libraries: SupportedSince[string]): readonly string[] {
  return Object.values(libraries).flat();
}

function isAfter81(since: string): boolean {
  const [major = 0, minor = 0] = since.replace('windows', '').split('.').map(Number);
  return major > 8 || (major === 8 && minor > 1);
}

interface StaticImport {
  readonly library: string;
  /** `null` for one by number. */
  readonly name: string | null;
}

/** The import table of a 64-bit executable (the PE format of Microsoft's specification). */
function staticImports(exe: Buffer): readonly StaticImport[] {
  const header = exe.readUInt32LE(0x3c);
  const optional = header + 24;
  assert.equal(exe.readUInt16LE(optional), 0x20b, 'a 64-bit executable');
  const sections = optional + exe.readUInt16LE(header + 20);
  const offsetOf = (address: number): number => {
    for (let at = sections, count = exe.readUInt16LE(header + 6); count > 0; at += 40, count -= 1) {
      const start = exe.readUInt32LE(at + 12);
      if (address >= start && address < start + exe.readUInt32LE(at + 16))
        return address - start + exe.readUInt32LE(at + 20);
    }
    throw new RangeError(`no section has ${address}`);
  };
  const textAt = (address: number): string => {
    const start = offsetOf(address);
    return exe.toString('latin1', start, exe.indexOf(0, start));
  };
  const imports: StaticImport[] = [];
  for (let at = offsetOf(exe.readUInt32LE(optional + 120)); exe.readUInt32LE(at + 12) !== 0; at += 20) {
    const library = textAt(exe.readUInt32LE(at + 12));
    for (let entry = offsetOf(exe.readUInt32LE(at)); exe.readBigUInt64LE(entry) !== 0n; entry += 8) {
      const isNumber = (exe.readUInt8(entry + 7) & 0x80) !== 0;
      imports.push({ library, name: isNumber ? null : textAt(exe.readUInt32LE(entry) + 2) });
    }
  }
  return imports;
}
