import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  bundle,
  type CapturedServer,
  captureServer,
  checkout,
  linuxBinary,
  stockNode,
  windowsExe,
} from './artefacts.ts';
import { findWine, type Wine } from './wine.ts';

/**
 * The program runs elevated, so nothing around it may bring in code, make it write, or change its answer. Each row plants
 * one thing; a stock Node with the same program is the control that shows that the thing would work.
 */
interface Planted {
  readonly name: string;
  /** Makes the trap and says which variables lead to it. */
  plant(folder: string): Readonly<Record<string, string>>;
  /** `null`: measured inert in the stock Node as well, so there is nothing for the control to show. */
  readonly control: null | 'writes' | 'answers-otherwise';
}

const planted: readonly Planted[] = [
  {
    name: 'NODE_OPTIONS with --require',
    plant: (folder) => ({ NODE_OPTIONS: `--require ${script(folder)}` }),
    control: 'writes',
  },
  { name: 'NODE_V8_COVERAGE', plant: (folder) => ({ NODE_V8_COVERAGE: join(folder, 'coverage') }), control: 'writes' },
  { name: 'NODE_COMPILE_CACHE', plant: (folder) => ({ NODE_COMPILE_CACHE: join(folder, 'cache') }), control: 'writes' },
  {
    name: 'NODE_REPL_EXTERNAL_MODULE',
    plant: (folder) => ({ NODE_REPL_EXTERNAL_MODULE: script(folder) }),
    control: null,
  },
  {
    name: 'OPENSSL_CONF that loads a library',
    plant: (folder) => ({ OPENSSL_CONF: opensslConfiguration(folder) }),
    control: 'answers-otherwise',
  },
  {
    name: 'OPENSSL_CONF and OPENSSL_MODULES',
    plant: (folder) => ({ OPENSSL_CONF: opensslConfiguration(folder), OPENSSL_MODULES: folder }),
    control: 'answers-otherwise',
  },
  { name: 'OPENSSL_MODULES', plant: (folder) => ({ OPENSSL_MODULES: folder }), control: null },
  {
    name: 'NODE_EXTRA_CA_CERTS',
    plant: (folder) => ({ NODE_EXTRA_CA_CERTS: join(folder, 'none.pem') }),
    control: null,
  },
  { name: 'NODE_CHANNEL_FD', plant: () => ({ NODE_CHANNEL_FD: 'no-number' }), control: 'answers-otherwise' },
  { name: 'NODE_CHANNEL_FD of a file', plant: () => ({ NODE_CHANNEL_FD: '0' }), control: null },
  { name: 'NODE_UNIQUE_ID', plant: () => ({ NODE_UNIQUE_ID: '1' }), control: null },
  { name: 'NODE_PATH', plant: (folder) => ({ NODE_PATH: nodeModules(folder) }), control: null },
  { name: 'NODE_ICU_DATA', plant: (folder) => ({ NODE_ICU_DATA: folder }), control: null },
  {
    name: 'NODE_REDIRECT_WARNINGS',
    plant: (folder) => ({ NODE_REDIRECT_WARNINGS: join(folder, 'warnings.txt') }),
    control: null,
  },
];

describe('the executables take nothing from their surroundings', () => {
  it('nor from those in which they were built: the same sources give the same bytes in every folder', () => {
    for (const path of [linuxBinary, windowsExe]) assert.equal(readFileSync(path).indexOf(checkout), -1, path);
  });

  let server: CapturedServer;
  let words: readonly string[];
  before(function () {
    this.timeout(60_000);
    server = captureServer();
    words = ['plan', '--replay', server.snapshot, '--old', server.old, '--new', server.new, '--json'];
  });
  after(() => server.remove());

  describe('on Linux', () => {
    for (const { name, plant } of planted) {
      it(`the answer is the same and nothing is written: ${name}`, () => {
        inFolder(server, (folder) => {
          const clean = answer(spawnSync(linuxBinary, words, { env: {}, encoding: 'utf8' }));
          const env = plant(folder);
          const before = everythingIn(folder);
          assert.deepEqual(answer(spawnSync(linuxBinary, words, { env, encoding: 'utf8' })), clean);
          assert.deepEqual(everythingIn(folder), before);
        });
      }).timeout(20_000);
    }

    for (const { name, plant, control } of planted) {
      if (control === null) continue;
      it(`a stock Node would have ${control === 'writes' ? 'written' : 'answered otherwise'}: ${name}`, () => {
        inFolder(server, (folder) => {
          const clean = answer(spawnSync(stockNode, [bundle, ...words], { env: {}, encoding: 'utf8' }));
          const env = plant(folder);
          const before = everythingIn(folder);
          const seen = answer(spawnSync(stockNode, [bundle, ...words], { env, encoding: 'utf8' }));
          if (control === 'writes') assert.notDeepEqual(everythingIn(folder), before);
          else assert.notDeepEqual(seen, clean);
        });
      }).timeout(20_000);
    }

    it('nothing planted beside or above it is read', () => {
      inFolder(server, (folder) => {
        const clean = answer(spawnSync(linuxBinary, words, { env: {}, encoding: 'utf8' }));
        const copy = plantedBeside(folder, linuxBinary);
        const before = everythingIn(folder);
        assert.deepEqual(
          answer(spawnSync(copy, words, { env: {}, encoding: 'utf8', cwd: join(folder, 'bin') })),
          clean,
        );
        assert.deepEqual(everythingIn(folder), before);
      });
    }).timeout(20_000);
  });

  describe('on Windows binaries under Wine', () => {
    let wine: Wine;
    before(async function () {
      this.timeout(180_000);
      const found = await findWine();
      if (found === null) {
        if (process.env.CI !== undefined) throw new Error('Wine is not installed');
        console.error('NOT RUN: the Windows executable under Wine, because Wine is not installed');
        this.skip();
      }
      wine = found;
    });
    after(() => wine?.end());

    for (const { name, plant } of planted) {
      it(`the answer is the same and nothing is written: ${name}`, () => {
        inFolder(server, (folder) => {
          const clean = wine.run(windowsExe, onZ(words));
          const env = Object.fromEntries(Object.entries(plant(folder)).map(([key, value]) => [key, zPath(value)]));
          const before = everythingIn(folder);
          assert.deepEqual(wine.run(windowsExe, onZ(words), { env }), clean);
          assert.equal(clean.status, 0);
          assert.deepEqual(everythingIn(folder), before);
        });
      }).timeout(60_000);
    }

    it('nothing planted beside or above it is read', () => {
      inFolder(server, (folder) => {
        const clean = wine.run(windowsExe, onZ(words));
        const copy = plantedBeside(folder, windowsExe);
        const before = everythingIn(folder);
        assert.deepEqual(wine.run(copy, onZ(words), { cwd: join(folder, 'bin') }), clean);
        assert.equal(clean.status, 0);
        assert.deepEqual(everythingIn(folder), before);
      });
    }).timeout(60_000);
  });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything a caller sees. */
function answer({ status, stdout, stderr }: Ended): Ended {
  return { status, stdout, stderr };
}

function inFolder(server: CapturedServer, work: (folder: string) => void): void {
  const folder = mkdtempSync(join(server.folder, 'planted-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function everythingIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

/** A script that leaves a file behind when it runs. */
function script(folder: string): string {
  const path = join(folder, 'planted.js');
  writeFileSync(path, `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '');`);
  return path;
}

/** OpenSSL ends with an error when a provider that the configuration activates cannot be loaded. */
function opensslConfiguration(folder: string): string {
  const path = join(folder, 'openssl.cnf');
  writeFileSync(
    path,
    [
      'nodejs_conf = start',
      'config_diagnostics = 1',
      '[start]',
      'providers = list',
      '[list]',
      'planted = planted',
      '[planted]',
      'activate = 1',
      '',
    ].join('\n'),
  );
  return path;
}

function nodeModules(folder: string): string {
  const modules = join(folder, 'node_modules');
  for (const name of ['yargs', 'ajv', 'node-powershell']) {
    mkdirSync(join(modules, name), { recursive: true });
    const marker = JSON.stringify(join(folder, `${name}-ran`));
    writeFileSync(join(modules, name, 'index.js'), `require('node:fs').writeFileSync(${marker}, '');`);
  }
  return modules;
}

/** A copy of the executable with everything around it that a program might look at. */
function plantedBeside(folder: string, executable: string): string {
  const bin = join(folder, 'bin');
  const copy = join(bin, basename(executable));
  for (const place of [folder, bin]) {
    mkdirSync(join(place, 'locales'), { recursive: true });
    nodeModules(place);
    opensslConfiguration(place);
    writeFileSync(join(place, 'package.json'), '{"name":"planted","version":"9.9.9","yargs":{"help-command":false}}');
    writeFileSync(join(place, 'locales', 'en.json'), '{"Commands:":"planted"}');
    writeFileSync(join(place, 'certrebind.ps1'), 'Set-Content ran ran');
  }
  copyFileSync(executable, copy);
  return copy;
}

function onZ(words: readonly string[]): readonly string[] {
  return words.map(zPath);
}

function zPath(text: string): string {
  return text.replace(/(^| )\/(?=[\w.])/g, '$1Z:/').replace(/Z:[^ ]*/g, (path) => path.replaceAll('/', '\\'));
}
