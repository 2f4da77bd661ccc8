import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import document from '../docs/evidence/fidelity.json' with { type: 'json' };
import schema from '../docs/evidence/fidelity.schema.json' with { type: 'json' };
import { fidelityMarkdown } from '../scripts/docs/fidelity.ts';
import { errorCodes, stepErrorCodes } from '../src/base/codes/error-codes.ts';
import { findingCodes } from '../src/base/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../src/base/codes/plan-codes.ts';
import { reportedRules } from '../src/kinds/reported/reported-kinds.ts';
import { switchTable } from '../src/lab/kernel/switches.ts';
import { facts } from './windows/suites/facts.ts';

const root = join(import.meta.dirname, '..');
const names = Object.keys(facts);
const openNames = names.filter((name) => facts[name]?.known === 'open');

describe('what the code believes about Windows', () => {
  it('is said of each fact as its schema demands, in the order of their names', () => {
    const ajv = new Ajv({ allErrors: true });
    assert.ok(ajv.validate(schema, document), ajv.errorsText());
    assert.deepEqual(names, names.toSorted());
  });

  it('is in its own words, or in those of a switch', () => {
    const switched: readonly string[] = switchTable.map(({ fact }) => fact);
    for (const name of names) assert.ok(facts[name]?.fact !== undefined || switched.includes(name), name);
    for (const name of names) if (facts[name]?.known === 'varies') assert.ok(switched.includes(name), name);
  });

  it('names the test that runs what it is compared with', () => {
    for (const [name, { known, from }] of Object.entries(facts)) {
      const tests = Array.from(from.matchAll(/`(test\/[^`]+)`/g), ([, file = '']) => file);
      for (const file of tests) assert.ok(existsSync(join(root, file)), `${name}: ${file}`);
      assert.ok(known !== 'runs' || tests.length > 0, name);
    }
  });

  for (const [name, { shown }] of Object.entries(facts).filter(([, fact]) => fact.shown !== undefined))
    it(`${name}: harms nobody where it is otherwise, as a test shows`, () => {
      const [file = '', words = ''] = shown ?? [];
      assert.ok(readFileSync(join(root, file), 'utf8').includes(words), `${file}: ${words}`);
    });

  it('is open and relied upon in few places, and can be read', () => {
    assert.ok(openNames.length <= 34, `${openNames.length} open`);
    const count = (fidelityMarkdown([]).match(/\S+/g) ?? []).length;
    assert.ok(count <= 5000, `${count} words`);
  });

  it('is cited by these names alone, and each of them is', () => {
    const codes = [
      blockCodes,
      skipCodes,
      noteCodes,
      errorCodes,
      stepErrorCodes,
      findingCodes,
      Object.values(reportedRules),
    ];
    const cited = [
      ...codes.flat().flatMap((entry) => ('fact' in entry ? [entry.fact] : [])),
      ...switchTable.map(({ fact }) => fact),
      ...commentsIn('src', 'module', 'scripts', 'test'),
    ];
    assert.deepEqual([...new Set(cited.filter((name) => !names.includes(name)))], [], 'no such fact');
    assert.deepEqual(
      names.filter((name) => !cited.includes(name)),
      [],
      'nothing refers to it',
    );
  });
});

/** The names behind `fidelity:` in comments of every language. */
function commentsIn(...folders: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(c?js|mjs|ts|ps1|psm1|cs)$/.test(file) && !file.endsWith('fidelity.test.ts'))
        .map((file) => readFileSync(join(root, folder, file), 'utf8')),
    )
    .flatMap((text) => [
      ...text.matchAll(/fidelity:\s+(?:\* |# |\/\/ )?([a-z0-9-]+(?:,\s+(?:\* |# |\/\/ )?[a-z0-9-]+)*)/g),
    ])
    .flatMap(([, list = '']) => list.split(',').map((name) => name.replace(/^[\s*#/]+/, '')));
}
