// pwsh.mjs --lab <dir> [-Command <text> | -File <script> [arguments]]: the real PowerShell on a lab's Windows, with the
// lab's modules, drives and programs, the CertRebind module and the built program in place. A lab that nobody serves is
// served for as long as the session lasts.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { requireLab } from '../src/lab/host/folder.ts';
import { readOwner } from '../src/lab/host/owner.ts';
import { assertLabEngine } from '../src/lab/windows/open.ts';
import { makeSystemRoot } from '../src/lab/windows/system-root.ts';
import { isAlive } from './lib/lock.mjs';
import { DIST, inRoot, ROOT } from './lib/paths.mjs';
import { runProgram } from './lib/program.mjs';

const PROGRAM = join(DIST, 'certrebind-lab.cjs');

const { lab, rest } = parse(process.argv.slice(2));
try {
  process.exitCode = await open(lab, rest);
} catch (error) {
  console.error(`npm run pwsh: ${error.message}${error.hint ? ` ${error.hint}` : ''}`);
  process.exitCode = 2;
}

async function open(lab, rest) {
  const engine = assertLabEngine(ROOT, process.env);
  requireLab(lab);
  const stopServing = await serveUnlessServed(lab);
  const root = await makeSystemRoot({ checkout: ROOT, engine, lab, pipe: null, account: 'system' });
  // An interactive Ctrl-C is PowerShell's; this process waits for it and cleans up.
  process.on('SIGINT', () => undefined);
  try {
    await addProgram(root.folder);
    const start = [
      '-NoProfile',
      '-NoLogo',
      ...(rest.length === 0 ? ['-NoExit'] : []),
      '-File',
      inRoot('src/lab/windows/start.ps1'),
    ];
    const options = { stdio: 'inherit', env: environment(lab, root) };
    return (await runProgram(root.engine, [...start, ...rest], options)).code;
  } finally {
    await root.remove();
    await stopServing();
  }
}

function environment(lab, { folder, modules }) {
  const { PSModulePath: _inherited, ...env } = process.env;
  return {
    ...env,
    POWERSHELL_TELEMETRY_OPTOUT: '1',
    POWERSHELL_UPDATECHECK: 'Off',
    SystemRoot: folder,
    CERTREBIND_LAB: lab,
    CERTREBIND_LAB_SERVER: 'windows',
    CERTREBIND_CHECKOUT: ROOT,
    CERTREBIND_EXECUTABLE: join(folder, 'System32', 'certrebind'),
    CERTREBIND_LAB_MODULES: modules.join(delimiter),
    PATH: `${join(folder, 'System32')}${delimiter}${env.PATH ?? ''}`,
  };
}

/** The program under its own name; it finds lab and server in the environment. */
async function addProgram(systemRoot) {
  const file = join(systemRoot, 'System32', 'certrebind');
  await mkdir(join(systemRoot, 'System32'), { recursive: true });
  await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(file, 0o755);
}

async function serveUnlessServed(lab) {
  const owner = await readOwner(lab);
  if (owner?.pipe != null && isAlive(owner.pid)) return async () => undefined;
  // A group of its own: Ctrl-C in the session must not end it.
  const child = spawn(process.execPath, [PROGRAM, 'lab', 'serve', lab, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise((done) => child.once('exit', done));
  const ready = new Promise((done) => createInterface({ input: child.stdout }).once('line', done));
  const first = await Promise.race([ready, ended.then(() => null)]);
  if (first === null) throw new Error(`the lab in ${lab} cannot be served`);
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}

function parse(args) {
  const at = args.indexOf('--lab');
  const lab = at === -1 ? process.env.CERTREBIND_LAB : args[at + 1];
  const rest = at === -1 ? args : [...args.slice(0, at), ...args.slice(at + 2)];
  if (lab === undefined || lab === '' || !existsSync(lab)) {
    console.error('usage: npm run pwsh -- --lab <dir> [-Command <text> | -File <script> [arguments]]');
    console.error('Make a lab first: npm run dev -- lab create <dir>');
    process.exit(2);
  }
  return { lab: resolve(lab), rest };
}
