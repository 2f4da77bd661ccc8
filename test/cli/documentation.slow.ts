import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { anchorsOf, pages, root, textOf } from '../docs/pages.ts';
import { assertNone } from '../support/each.ts';
import { certrebindScript } from './run-program.ts';
import { consoleBlocks, Transcript, withExchanges } from './transcript.ts';

/** `UPDATE_DOCS=1` writes what the commands print into the documents in place of comparing it. */
const updating = process.env.UPDATE_DOCS === '1';

describe('documentation', () => {
  for (const where of updating ? (['a pipe'] as const) : (['a pipe', 'a terminal'] as const))
    it(`shows what its commands print in ${where}`, async () => {
      let commands = 0;
      for (const page of pages) commands += await replay(page, where);
      assert.ok(commands >= 20, `only ${commands} commands were found`);
    });

  it('is found from the README, every page', () => {
    const found = new Set(['README.md']);
    for (const page of found) for (const { path } of linksOf(page)) if (path.endsWith('.md')) found.add(path);
    assertNone(pages, (page) => !found.has(page));
  });

  it('leads nowhere that is not there', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter(({ path, anchor }) => {
          if (!existsSync(join(root, path))) return true;
          return anchor !== '' && path.endsWith('.md') && !anchorsOf(textOf(path)).includes(anchor);
        })
        .map(({ written }) => `${page}: ${written}`),
    );
    assert.deepEqual(broken, []);
  });
});

describe('the rest of the tree', () => {
  it('names pages and headings that are there', () => {
    const files = ['src', 'module', 'scripts', 'bench', 'test', 'schemas', 'packaging'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter(
          (entry) => entry.isFile() && /\.(?:ts|mjs|cjs|ps1|psm1|psd1|ps1xml|txt|json|ya?ml|md|cmd)$/.test(entry.name),
        )
        .map(({ parentPath, name }) => join(parentPath, name)),
    );
    const named = files.flatMap((file) =>
      Array.from(
        readFileSync(file, 'utf8').matchAll(/\b(docs\/[a-z][\w/-]*\.md)(?:#([\w-]+))?/g),
        ([whole, page = '', anchor = '']) => ({ file: relative(root, file), whole, page, anchor }),
      ),
    );
    assert.ok(named.length > 50, `${named.length}`);
    const broken = named.filter(
      ({ page, anchor }) => !pages.includes(page) || (anchor !== '' && !anchorsOf(textOf(page)).includes(anchor)),
    );
    assertNone(broken, ({ page }) => page !== 'docs/a.md');
  });
});

/** The links of a page to other files of the tree. */
function linksOf(page: string) {
  return Array.from(
    textOf(page).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g),
    ([written, target = '', anchor = '']) => ({
      written,
      path: target === '' ? page : posix.join(posix.dirname(page), target),
      anchor,
      outside: /^[a-z]+:/.test(target),
    }),
  ).filter(({ outside }) => !outside);
}

/** Runs every command of a page in one folder and returns how many there were. */
async function replay(page: string, where: 'a pipe' | 'a terminal'): Promise<number> {
  const markdown = textOf(page);
  const blocks = consoleBlocks(markdown);
  if (blocks.length === 0) return 0;
  const shell = await openShell(where);
  const told = new Transcript();
  const replayed = new Transcript();
  /** A page that says the same stays as it is, whatever thumbprints and ports came up this time. */
  let changed = false;
  const exchanges: { readonly command: string; readonly output: readonly string[] }[] = [];
  try {
    for (const block of blocks)
      for (const { command, output } of block.exchanges) {
        const run = replayed.inTermsOf(told, command);
        const printed = await shell.run(run);
        exchanges.push({ command: run, output: printed });
        const expected = told.canonical(output.join('\n'));
        const actual = replayed.canonical(printed.join('\n'));
        if (!updating) assert.equal(actual, expected, `${page}:${block.line}: ${command}`);
        changed ||= actual !== expected;
      }
  } finally {
    await shell.close();
  }
  if (updating && changed) await writeFile(join(root, page), withExchanges(markdown, exchanges));
  return exchanges.length;
}

/** What stands on a terminal in the end, without its colours: progress is written over. */
function asSeen(printed: string): string {
  const lines = printed.split('\n').map((line) => line.split('\r\u001B[2K').at(-1) ?? '');
  return stripVTControlCharacters(lines.join('\n'));
}

/** A POSIX shell in a folder of its own where `certrebind` is the built program; a command that ends in `&` stays. */
async function openShell(where: 'a pipe' | 'a terminal') {
  const folder = await mkdtemp(join(tmpdir(), 'crb-docs-'));
  const bin = join(folder, '.bin');
  const { mkdir } = await import('node:fs/promises');
  await mkdir(bin);
  await writeFile(join(bin, 'certrebind'), certrebindScript, {
    mode: 0o755,
  });
  const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: process.env.HOME ?? '', TZ: 'UTC', PROJECT: root };
  const background: ChildProcess[] = [];
  let lastExit = 0;

  /** `exec` makes the program itself the child, which can then be ended. */
  async function inBackground(command: string): Promise<readonly string[]> {
    const child = spawn('sh', ['-c', `exec ${command}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    background.push(child);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line.replaceAll(folder, '/home/you'));
      if (/^(?:End with|\{)/.test(line)) break;
    }
    child.stdout.resume();
    return lines;
  }

  async function inForeground(command: string): Promise<readonly string[]> {
    const line = `(exit ${lastExit}); ${command}`;
    // Wide enough for every table; a question gets the answer no.
    const child =
      where === 'a pipe'
        ? spawn('sh', ['-c', line], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn('script', ['--quiet', '--return', '--command', `stty cols 500 -onlcr; ${line}`, '/dev/null'], {
            cwd: folder,
            env: { ...env, TERM: 'xterm' },
            stdio: ['pipe', 'pipe', 'pipe'],
          });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        printed += text;
        if (text.includes('[y/N]')) child.stdin?.write('n\n');
      });
    const [exitCode] = await once(child, 'close');
    lastExit = exitCode ?? 1;
    const text = asSeen(printed).replaceAll(folder, '/home/you').trimEnd();
    return text === '' ? [] : text.split('\n');
  }

  return {
    run: (command: string) =>
      command.endsWith('&') ? inBackground(command.slice(0, -1).trim()) : inForeground(command),
    async close() {
      for (const child of background) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
