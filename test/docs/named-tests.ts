import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pages.ts';

/** A test that a page names, as `test/file` › a part of its title. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** The tests that a page names at the end of a row of a table. */
export function namedTests(page: string): readonly NamedTest[] {
  return Array.from(page.matchAll(/`(test\/[^`]+)` › ([^|]+?) \|$/gm), ([, file = '', name = '']) => ({ file, name }));
}

/** Whether there is such a test: of Mocha, or of Pester in a `.ps1`. */
export function isThere({ file, name }: NamedTest): boolean {
  if (!existsSync(join(root, file))) return false;
  const text = readFileSync(join(root, file), 'utf8');
  const titles = file.endsWith('.ps1')
    ? text.matchAll(/^\s*(?:It|Describe) '([^']*)'/gm)
    : text.matchAll(/\b(?:it\w*|describe)\(\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`|"([^"]*)")/g);
  return Array.from(titles).some((title) => title.slice(1).some((part) => part?.includes(name)));
}
