import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CapturedServer } from './artefacts.ts';

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

export const planted: readonly Planted[] = [
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

export function inFolder(server: CapturedServer, work: (folder: string) => void): void {
  const folder = mkdtempSync(join(server.folder, 'planted-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function everythingIn(folder: string): readonly string[] {
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
export function plantedBeside(folder: string, executable: string): string {
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
