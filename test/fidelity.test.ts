import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes, stepErrorCodes } from '../src/codes/error-codes.ts';
import { findingCodes } from '../src/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../src/codes/plan-codes.ts';
import { switchTable } from '../src/lab/kernel/switches.ts';
import { openFacts } from './windows/suites/core/bench.ts';

const rows = readFileSync(join(import.meta.dirname, '../docs/evidence/fidelity.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `') && line.split('|').length > 5)
  .map((line) => line.split('|').map((cell) => cell.trim()));

const names = rows.map((cells) => cells[1]?.replaceAll('`', ''));

describe('fidelity ledger', () => {
  it('has every name once, and says of each fact where it comes from, what it is for and how it is checked', () => {
    assert.deepEqual([...new Set(names)], names);
    for (const cells of rows) {
      assert.equal(cells.length, 10, cells[1]);
      for (const cell of [2, 3, 4, 5, 7, 8]) assert.notEqual(cells[cell], '', `${cells[1]}, column ${cell}`);
    }
  });

  it('names a test that is there for every oracle that runs, and calls no guess documented', () => {
    for (const [, name, , source = '', , , position, oracle = ''] of rows) {
      const tests = Array.from(oracle.matchAll(/`(test\/[^`]+)`/g), ([, file = '']) => file);
      for (const file of tests) assert.ok(existsSync(join(import.meta.dirname, '..', file)), `${name}: ${file}`);
      assert.match(oracle, /^documents only|^none: |`test\/|others published/, `${name}: what is the oracle?`);
      if (/^(UNCONFIRMED|INFERRED|DISPUTED|REASON|experience)/.test(source)) assert.match(oracle, /^none: /, name);
      if (oracle.startsWith('none: lab switch')) assert.notEqual(position, '', name);
    }
  });

  it('has an entry for every code that rests on a fact', () => {
    const codes = [blockCodes, skipCodes, noteCodes, errorCodes, stepErrorCodes, findingCodes].flat();
    const cited = codes.flatMap((entry) => ('fact' in entry ? [entry.fact] : []));
    assert.deepEqual(missing(cited), []);
  });

  it('names every switch of the lab in the entry of its fact', () => {
    for (const { name, fact } of switchTable) {
      const row = rows.find((cells) => cells[1] === `\`${fact}\``);
      assert.equal(row?.[6], `\`${name}\``, name);
    }
    assert.equal(rows.filter((cells) => cells[6] !== '').length, switchTable.length);
  });

  it('says of every switch that no temporary site shows why not, and of no other', () => {
    const text = readFileSync(join(import.meta.dirname, '../docs/evidence/fidelity.md'), 'utf8');
    const section = text.slice(
      text.indexOf('## What a temporary site does not'),
      text.indexOf('## The Windows binaries'),
    );
    const told = section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name));
    const measured: ReadonlySet<string> = new Set(openFacts.map(({ name }) => name));
    const left = switchTable.filter(({ fact }) => !measured.has(fact)).map(({ name }) => name);
    // One position of a switch that is measured otherwise.
    assert.deepEqual(told.sort(), [...left, 'key-opens', 'too-slow'].sort());
  });

  it('has an entry for every name that a comment cites', () => {
    const sources = readdirSync(join(import.meta.dirname, '../src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(import.meta.dirname, '../src', file), 'utf8'));
    const cited = sources
      .flatMap((text) => [...text.matchAll(/\(fidelity: ([a-z0-9, -]+)\)|\/\/ fidelity: ([a-z0-9, -]+)/g)])
      .flatMap(([, inBrackets, alone]) => (inBrackets ?? alone ?? '').split(',').map((name) => name.trim()));
    assert(cited.length > 20);
    assert.deepEqual(missing(cited), []);
  });
});

function missing(cited: readonly string[]): readonly string[] {
  return [...new Set(cited.filter((name) => !names.includes(name)))].sort();
}
