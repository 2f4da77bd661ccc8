import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Every reading of the environment in what the executable is made of, and why it can steer nothing. */
const allowed: Readonly<Record<string, string>> = {
  'src/commands/main.ts: *': 'the one place it comes in; whoever gets it is below, by variable',
  'src/shell/output.ts: NO_COLOR': 'colours on a terminal',
  'src/shell/output.ts: TERM': 'colours on a terminal',
  'src/server/windows/start-program.ts: *': 'handed to engineEnvironment, which lets through a short list of facts',
  'src/server/windows/session.ts: DEBUG': 'deleted before the package that would write what it is told is loaded',
  'node_modules/node-powershell/dist/PowerShell.js: NODE_POWERSHELL': 'in a method that ours stands in for',
  'node_modules/child-shell/dist/Shell.js: DEBUG': 'deleted before it is loaded',
  'node_modules/child-shell/dist/Shell.js: SHELL': 'a name of the system shell; the engine is always named',
  'node_modules/child-shell/dist/Shell.js: PATH': 'looked up for its shell; the engine is always named by full path',
  'node_modules/debug/src/browser.js: DEBUG': 'for browsers; never runs here',
  'node_modules/debug/src/node.js: DEBUG': 'what is written to stderr; deleted before it is loaded',
  'node_modules/debug/src/node.js: *': 'the look of that text',
  'node_modules/debug/src/node.js: key': 'the look of that text',
  'node_modules/is-wsl/index.js: __IS_WSL_TEST__': 'a test of its own; decides which of two names a shell has',
  'node_modules/supports-color/index.js: *': 'colours of debug',
  'node_modules/nodemailer/dist/esm/nodemailer.js: ETHEREAL_API': 'for test accounts, which are never made',
  'node_modules/nodemailer/dist/esm/nodemailer.js: ETHEREAL_API_KEY': 'for test accounts, which are never made',
  'node_modules/nodemailer/dist/esm/nodemailer.js: ETHEREAL_CACHE': 'for test accounts, which are never made',
  'node_modules/nodemailer/dist/esm/nodemailer.js: ETHEREAL_WEB': 'for test accounts, which are never made',
  'node_modules/yargs/node_modules/yargs-parser/build/lib/index.js: *': 'read only for .env(), which is not used',
  'node_modules/yargs/node_modules/yargs-parser/build/lib/index.js: YARGS_MIN_NODE_VERSION':
    'a higher or lower number refuses to start or not; steers nothing',
  'node_modules/yargs/lib/platform-shims/esm.mjs: key': 'locale and shell of the completion script; the locale is set',
};

/** `file: NAME` for each variable that a text reads, `*` for the whole of it. */
function readingsIn(file: string, text: string): readonly string[] {
  const own = file.startsWith('src/') ? [...text.matchAll(/(?<!process)\.env\.([A-Z_]+)|\benv\.([A-Z_]{2,})/g)] : [];
  const direct = [...text.matchAll(/process\.env\b(?:\.(\w+)|\[['"]?(\w+)['"]?\])?/g)];
  return [...direct, ...own].map(([, dotted, other]) => `${file}: ${dotted ?? other ?? '*'}`);
}

describe('the executable takes nothing from its environment', () => {
  const meta: { inputs: Record<string, unknown> } = JSON.parse(
    readFileSync(join(root, 'dist/meta/certrebind.json'), 'utf8'),
  );
  const readings = Object.keys(meta.inputs)
    .filter((file) => /\.(?:[cm]?[jt]s)$/.test(file) && !file.includes(':'))
    .flatMap((file) => readingsIn(file, readFileSync(join(root, file), 'utf8')));

  it('reads no variable without a reason that is written down', () => {
    assert.ok(readings.length > 5, 'the readings were not found');
    const unknown = [...new Set(readings)].filter((reading) => allowed[reading] === undefined);
    assert.deepEqual(unknown, []);
  });

  it('would notice a new one', () => {
    assert.deepEqual(
      readingsIn('src/x.ts', "const a = process.env.EVIL; const b = shell.env.WORSE; process.env['X']"),
      ['src/x.ts: EVIL', 'src/x.ts: X', 'src/x.ts: EVIL', 'src/x.ts: WORSE'],
    );
  });

  it('knows of no variable of the lab', () => {
    const bundle = readFileSync(join(root, 'dist/certrebind.cjs'), 'utf8');
    // The module that the program installs reads two, and tests of their own hold that it does not on Windows.
    assert.deepEqual([...new Set(bundle.match(/(?<![Ee]nv:)CERTREBIND_[A-Z_]+/g) ?? [])], []);
  });
});
