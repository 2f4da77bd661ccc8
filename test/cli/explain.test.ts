import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newsKinds } from '../../src/documents/news.ts';
import { allCodes } from '../../src/inspect/explain/text.ts';
import { run, runJson } from './run-program.ts';

describe('explain', () => {
  it('explains one code with what to do', async () => {
    const { exitCode, stdout } = await run(['explain', 'names-lost']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^names-lost \(why something is not changed\)\n.*\n {2}What to do: /);
  });

  it('explains every kind under which a code is known', async () => {
    const { document } = await runJson(['explain', 'shorter-life']);
    assert.deepEqual(
      document.codes.map(({ kind }: { kind: string }) => kind),
      ['block', 'note'],
    );
  });

  it('lists every code of every kind when none is named', async () => {
    const { exitCode, document } = await runJson(['explain']);
    assert.equal(exitCode, 0);
    assert.deepEqual(document.codes, allCodes());
    for (const { code, text } of document.codes) assert.ok(code !== '' && text !== '');
  });

  it('knows every event of the Application log, and every word that a document may hold', () => {
    const known = new Set(allCodes().map(({ code }) => code));
    const words = [
      ...wordsOfSchemas(),
      ...wordsPrinted(),
      ...newsKinds,
      '100',
      '101',
      '110',
      '120',
      '130',
      '140',
      '150',
      '160',
      '170',
      '180',
    ];
    assert.ok(words.length > 60, `${words.length}`);
    assert.deepEqual(
      words.filter((word) => !known.has(word)),
      [],
    );
  });
});

/** Every word that a schema lists for a document that is printed; what only a configuration holds is no output. */
function wordsOfSchemas(): readonly string[] {
  const folder = join(import.meta.dirname, '..', '..', 'schemas');
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && !silent.includes(name));
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('enum' in value && Array.isArray(value.enum))
      for (const word of value.enum) if (typeof word === 'string') found.add(word);
    for (const part of Object.values(value)) look(part);
  };
  for (const file of files) look(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  return [...found];
}

/** The words that tables show of what has one of these names. */
function wordsPrinted(): readonly string[] {
  const shown = ['chain', 'is', 'on', 'reason', 'result', 'severity', 'state'];
  const folder = join(import.meta.dirname, '..', '..', 'schemas', 'printed');
  const found: string[] = [];
  const look = (value: unknown, name = ''): void => {
    if (typeof value !== 'object' || value === null) return;
    if (shown.includes(name))
      for (const [, list] of JSON.stringify(value).matchAll(/"enum":\[([^\]]*)\]/g))
        found.push(...JSON.parse(`[${list}]`));
    for (const [key, part] of Object.entries(value)) look(part, key);
  };
  for (const file of readdirSync(folder))
    if (file !== 'configuration.json') look(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  return found.filter((word) => typeof word === 'string');
}

/** What comes in, what only this program reads again, and the facts of a capture. */
const silent = [
  'snapshot.json',
  'proof-answer.json',
  'plan-1.json',
  'outcome-1.json',
  'journal-line-1.json',
  'trigger.json',
  'configuration.json',
  'adoption.json',
  'installed.json',
  'setup.json',
  'rehearsal.json',
  'dsc-server.json',
];
