import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const mocha = join(root, 'node_modules/mocha/bin/mocha.js');

/** A change of a page: lines to be found in a file, each as it is, and what stands there afterwards; a new file has none. */
export interface Edit {
  readonly file: string;
  readonly found: string;
  readonly made: string;
}

/** The diff blocks of a page; the first line of each names the file. */
export function editsOf(markdown: string): readonly Edit[] {
  return Array.from(markdown.matchAll(/^```diff\n\+\+\+ (\S+)\n(.*?)^```$/gms), ([, file = '', block = '']) => {
    const lines = block.trimEnd().split('\n');
    const side = (sign: string) =>
      lines.flatMap((line) => (line.startsWith(sign) || line.startsWith(' ') ? `${line.slice(1)}\n` : [])).join('');
    return { file, found: side('-'), made: side('+') };
  });
}

/** Parts of the tree in a folder of their own, to which the changes of a page are made. */
export interface TreeCopy {
  readonly folder: string;
  apply(edits: readonly Edit[]): void;
  /** Runs Node there. */
  node(...args: readonly string[]): { readonly status: number | null; readonly told: string };
  remove(): void;
}

export function copyTree(parts: readonly string[]): TreeCopy {
  const copy = mkdtempSync(join(tmpdir(), 'crb-tree-'));
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  return {
    folder: copy,
    apply(edits) {
      for (const { file, found, made } of edits) {
        const path = join(copy, file);
        if (found === '') {
          assert.ok(!existsSync(path), `${file} is there already`);
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, made);
          continue;
        }
        const text = readFileSync(path, 'utf8');
        assert.equal(text.split(found).length, 2, `${file} should have these lines once:\n${found}`);
        writeFileSync(
          path,
          text.replace(found, () => made),
        );
      }
    },
    node(...args) {
      const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
      return { status, told: stdout + stderr };
    },
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}
