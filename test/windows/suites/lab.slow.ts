import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMeasured } from '../../../scripts/docs/measured.ts';
import { runTable } from '../../../scripts/docs/run-table.ts';
import { suiteNames } from '../../../scripts/lib/suites.mjs';
import { openLab } from '../../../src/lab/host/channel.ts';
import { findEngine } from '../../engine.ts';
import { assertNone, each } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import type { Measured } from './document.ts';
import { whyRed } from './ends.ts';
import { asBelieved } from './measurement.ts';
import { onLab, unlikeALab } from './on-lab.ts';
import { runSuite } from './run-suite.ts';
import { withLab } from './with-lab.ts';

(findEngine() === null ? describe.skip : describe)('the suites for Windows, on our own Windows lab', function () {
  this.timeout(600_000);
  const folder = newFolder();

  const asked: string[] = [];
  for (const suite of suiteNames())
    it(`${suite} finds a new lab as it is, and leaves nothing`, async () => {
      const out = join(folder, suite);
      const { results, files } = await withLab(join(folder, `${suite}-lab`), (lab) =>
        runSuite({ folder: join(import.meta.dirname, suite), lab, out, say: () => undefined }),
      );
      const ends = files.map(({ file, outcome, why, leftovers }) => [file, outcome, why, leftovers]);
      const wanted = files.map(({ file }) => [file, 'done', null, []]);
      assert.deepEqual(
        ends,
        wanted,
        JSON.stringify(ends.filter(([, , why, leftovers]) => why !== null || leftovers?.length !== 0)),
      );
      assert.deepEqual(
        results.flatMap((result) => unlikeALab(result) ?? []),
        [],
      );
      asked.push(...results.map(({ row }) => row));
      assert.deepEqual(readMeasured(readFileSync(join(out, 'measured.json'), 'utf8'), suite).results, results);
    });

  it('excuse no row that there is not', () => assertNone(Object.keys(onLab), (row) => !asked.includes(row)));

  const measurementsModule = join(import.meta.dirname, 'measurement.ts');
  const one = (row: string, position: string, collect: string, more = '') =>
    `export const measurement = { safe: 'mark', seconds: 60, ${more} rows: { '${row}': { how: 'asked', from: ['a'], decide: () => '${position}' } }, collect: async (stage) => { ${collect} } };`;

  /** A suite of these files, as it was run and what it kept. */
  async function planted(
    suite: string,
    files: Readonly<Record<string, string>>,
    run: (work: (lab: string) => Promise<Measured>) => Promise<Measured>,
    say: (kept: Measured) => void = () => undefined,
  ): Promise<Measured> {
    mkdirSync(join(folder, suite));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, suite, name), text);
    const out = join(folder, `${suite}-out`);
    const kept = () => readMeasured(readFileSync(join(out, 'measured.json'), 'utf8'), suite);
    const measured = await run((lab) => runSuite({ folder: join(folder, suite), lab, out, say: () => say(kept()) }));
    assert.deepEqual(kept(), measured);
    return measured;
  }
  const onLabOf = (suite: string) => (work: (lab: string) => Promise<Measured>) =>
    withLab(join(folder, `${suite}-lab`), work);

  it('lose nothing but a file that throws, hangs, exits or leaves a site behind, and count what it had to ask', async () => {
    const started = join(folder, 'started');
    const files = {
      'a-throws.measure.ts': `export const measurement = { safe: 'yes', seconds: 60, rows: { 'ssl-flags': {} }, async collect() { throw new Error('as it wants'); } };`,
      'b-exits.measure.ts': `export const measurement = { safe: 'yes', seconds: 60, rows: {}, async collect() { process.exit(0); } };`,
      'c-hangs.measure.ts': `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs'; export const measurement = { safe: 'yes', seconds: 4, rows: {}, collect: () => new Promise(() => writeFileSync('${started}', String(spawn('sleep', ['600']).pid))) };`,
      'd-is-broken.measure.ts': 'export const measurement = {',
      'e-leaves.measure.ts': `export const measurement = { safe: 'mark', seconds: 60, rows: {}, async collect(stage) { await stage.bench(); process.exit(0); } };`,
      'f-answers.measure.ts': one('netsh-texts', asBelieved, `return { a: ['b'] };`),
      'g-leaves-open.measure.ts': one('netsh-zero', asBelieved, `return { a: { refused: 'why' } };`),
      'h-has-no-role.story.ts': `import { NotMeasured } from '${measurementsModule}'; export const story = { safe: 'mark', seconds: 60, tell: async () => { throw new NotMeasured('no such role'); } };`,
      'i-sweeps-in-vain.measure.ts': one(
        'sni-table-layout',
        asBelieved,
        `stage.server.snapshot = async () => { throw new Error('no look'); }; return { a: ['b'] };`,
      ),
      'j-keeps-its-program.measure.ts': one(
        'ssl-flags-values',
        asBelieved,
        `const { writeFileSync } = await import('node:fs'); writeFileSync(stage.folder + '/certrebind.cjs', 'process.exit(1)'); return { a: ['b'] };`,
        `program: 'installed',`,
      ),
    };
    const states: Measured[] = [];
    const measured = await planted('faults', files, onLabOf('faults'), (kept) => states.push(kept));
    assert.deepEqual(
      measured.files.map(({ file, outcome, why, leftovers }) => [
        file.replace('faults/', '')[0],
        outcome,
        why,
        leftovers.length,
      ]),
      [
        ['a', 'failed', 'Error: as it wants', 0],
        ['b', 'failed', 'ended with 0 and told nothing', 0],
        ['c', 'timed-out', 'no answer within 4 s', 0],
        ['e', 'failed', 'ended with 0 and told nothing', 3],
        ['f', 'done', null, 0],
        ['g', 'done', null, 0],
        ['h', 'not-asked', 'no such role', 0],
        ['i', 'failed', 'Error: no look', 0],
        ['j', 'failed', measured.files.at(-2)?.why ?? null, 0],
        ['d', 'failed', measured.files.at(-1)?.why ?? null, 0],
      ],
    );
    assert.match(measured.files.at(-2)?.why ?? '', /could not be uninstalled/);
    assert.match(measured.files.at(-1)?.why ?? '', /Error.*d-is-broken\.measure\.ts:1/s);
    assert.deepEqual(each(measured.results, 'row', 'measured', 'how'), [
      ['ssl-flags', null, 'a-throws.measure.ts: Error: as it wants'],
      ['netsh-texts', asBelieved, 'asked'],
      ['netsh-zero', null, 'a: why'],
      ['sni-table-layout', asBelieved, 'asked'],
      ['ssl-flags-values', asBelieved, 'asked'],
    ]);
    // One that has ended and that nobody asked about has no words.
    const words = join('/proc', readFileSync(started, 'utf8'), 'cmdline');
    assert.equal(existsSync(words) ? readFileSync(words, 'utf8') : '', '', 'what a file started ends with it');
    const [first] = states;
    assert.deepEqual(
      first?.files.map(({ outcome }) => outcome),
      ['failed', ...Array(9).fill('not-reached')],
      'a run that is ended leaves every row',
    );
    assert.equal(first?.results.length, measured.results.length);
  });

  it('end a row in each of its ways, of which one makes a job red', async () => {
    const files = {
      'a.measure.ts': one('netsh-texts', asBelieved, `return { a: ['b'] };`),
      'b.measure.ts': one('rebind-options', 'all-lost', `return { a: ['b'] };`),
      'c.measure.ts': one('http-sys-tables', 'otherwise', `return { a: ['b'] };`),
      'd.measure.ts': one('ssl-flags', asBelieved, `return {};`),
    };
    const measured = await planted('planted', files, onLabOf('planted'));
    assert.deepEqual(whyRed([measured], { isLab: false }), ['contradicts: http-sys-tables is otherwise (asked)']);
    const table = runTable({ found: [measured], kept: [], asked: [], unread: [] });
    assert.match(table, /## Contradicts what the product relies on[^#]*\| `http-sys-tables` \|/);
    assert.match(table, /## Otherwise, and the product is safe either way[^#]*\| `rebind-options` \|/);
    assert.match(table, /## Not answered[^#]*\| `ssl-flags` \| [^|]* \| a: not told \|/);
  });

  it('answer nothing where the scripts of the suites cannot look and cannot act', async () => {
    const [server, hands] = ['server.measure.ts', 'hands.ts'].map((name) => join(import.meta.dirname, 'core', name));
    const lame = `import { measurement as server } from '${server}'; import { handsBy } from '${hands}';
      const refused = { refused: 'there is no drive Cert:' };
      const hands = handsBy(async () => ({ done: refused, seen: refused }));
      export const measurement = { ...server, collect: (stage) => server.collect({ ...stage, bench: async () => ({ ...(await stage.bench()), hands }) }) };`;
    const measured = await planted(
      'lame',
      { 'package.json': '{"type":"module"}', 'a.measure.ts': lame },
      onLabOf('lame'),
    );
    assert.deepEqual(each(measured.files, 'outcome', 'why'), [['done', null]]);
    const open = measured.results.filter(
      ({ measured: position, how }) => position === null && how.includes('there is no drive Cert:'),
    );
    const of = ['self-signed-copy', 'renewal-property-blob', 'renewal-order', 'lifecycle-events'];
    assert.deepEqual(each(open, 'row').flat().toSorted(), of.toSorted());
    assert.deepEqual(whyRed([measured], { isLab: false }), []);
  });

  it('keep what a file told where nobody can look at the server, before it or afterwards', async () => {
    const blind = (work: (lab: string) => Promise<Measured>) =>
      onLabOf('blind')(async (folderOfLab) => {
        const lab = await openLab(folderOfLab);
        await lab.send({
          kind: 'arm-fault',
          fault: {
            on: { kind: 'read' },
            nth: 1,
            times: null,
            effect: { do: 'fail', hresult: 5, message: 'denied here' },
          },
        });
        await lab.close();
        return work(folderOfLab);
      });
    const asks = one('netsh-texts', asBelieved, `return { a: ['b'] };`).replace('mark', 'yes');
    const measured = await planted('blind', { 'a.measure.ts': asks }, blind);
    assert.deepEqual(each(measured.results, 'measured'), [asBelieved]);
    assert.deepEqual(each(measured.files, 'outcome'), ['failed']);
    assert.match(measured.files[0]?.why ?? '', /^the server could not be looked at: .*denied here/);
  });
});
