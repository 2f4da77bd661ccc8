import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { stub } from 'sinon';
import { CertRebindError, errorDocument } from '../../../src/base/errors.ts';
import type { JournalLine } from '../../../src/documents/runs/journal.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import type { Sighting } from '../../../src/documents/seen.ts';
import { fileState } from '../../../src/engine/state/file-state.ts';
import { ensureFolder, isFolder } from '../../../src/engine/state/files.ts';
import { persistentFiles } from '../../../src/engine/state/persistent-files.ts';
import { programFiles } from '../../../src/engine/state/program-files.ts';
import { makeCertificateBinding } from '../../../src/kinds/tls/certificate-binding.ts';
import { now, renewal } from '../../builders/snapshot.ts';
import { plannedWith, removeStep } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import { keyText } from '../run/world.ts';
import { outcomeOf } from './planted-runs.ts';

const plan = plannedWith({ renewals: [renewal('old', 'new')] });
const opened: JournalLine = {
  schema: 'certrebind/journal/1',
  at: now,
  type: 'opened',
  run: 'run-1',
  command: 'rebind',
  plan,
  baseline: [],
};
const changing = (step: number): JournalLine => ({ at: now, type: 'changing', steps: [step] });

describe('the state folder', () => {
  const newState = () => {
    const folder = join(newFolder(), 'state');
    return { folder, state: fileState(folder) };
  };
  const journalOf = (folder: string, run = 'run-1') => join(folder, 'runs', run, 'journal.ndjson');

  it('does not exist until something is written, and reads as empty until then', async () => {
    const { folder, state } = newState();
    assert.deepEqual(await state.listRuns(), []);
    assert.deepEqual(await state.unfinishedRuns(), []);
    assert.deepEqual(await state.readLedger(), emptyLedger);
    assert.equal(await state.readLastError(), null);
    await state.writeLastError(null);
    assert.equal(existsSync(folder), false);
  });

  it('keeps what was seen at once by several processes', async () => {
    const { folder } = newState();
    const ports = Array.from({ length: 20 }, (_, at) => at + 1);
    const seen = (port: number): Sighting => ({
      ...{ key: keyText(`0.0.0.0:${port}`), expected: '', endpoint: { address: '0.0.0.0', port, serverName: null } },
      ...{ result: 'unreachable', thumbprint: null, notAfter: null, reason: null, at: now, since: now },
    });
    await Promise.all(
      ports.map((port) =>
        fileState(folder).changeSeen((before) => ({ ...before, endpoints: [...before.endpoints, seen(port)] })),
      ),
    );
    const { endpoints } = await fileState(folder).readSeen();
    assert.deepEqual(
      endpoints.map(({ endpoint }) => endpoint.port).sort((a, b) => a - b),
      ports,
    );
    assert.deepEqual(readdirSync(folder), ['seen.json']);
  });

  it('is made for its owner alone, also when fifty make it at once', async () => {
    const folder = join(newFolder(), 'a', 'b');
    await Promise.all(Array.from({ length: 50 }, () => ensureFolder(folder)));
    if (process.platform !== 'win32') assert.equal(lstatSync(folder).mode & 0o777, 0o700);
  });

  for (const [what, put] of [
    ['a link', (path: string, elsewhere: string) => symlinkSync(elsewhere, path, 'junction')],
    ['not a folder', (path: string) => writeFileSync(path, '')],
  ] as const)
    it(`is refused when it is ${what}`, async () => {
      const parent = newFolder();
      const folder = join(parent, 'state');
      mkdirSync(join(parent, 'elsewhere'));
      put(folder, join(parent, 'elsewhere'));
      await assert.rejects(fileState(folder).writeLedger(emptyLedger), {
        code: 'unsafe-folder',
        exitCode: 7,
        message: `${folder} is ${what}, so its owner could control where CertRebind writes.`,
        where: folder,
      });
      assert.deepEqual(readdirSync(join(parent, 'elsewhere')), []);
    });

  for (const [code, passes] of [
    ['EINVAL', true],
    ['ENOTSUP', true],
    ['ENOSYS', true],
    ['EIO', false],
  ] as const)
    it(`${passes ? 'works' : 'does not count as written'} where a folder cannot be flushed: ${code}`, async function () {
      // On Windows no folder is flushed.
      if (process.platform === 'win32') this.skip();
      const { folder, state } = newState();
      await state.writeLedger(emptyLedger);
      const handle = await open(folder);
      await handle.close();
      const sync = stub(Object.getPrototypeOf(handle) as FileHandle, 'sync').callThrough();
      // The first flush is that of the file.
      sync.onSecondCall().rejects(Object.assign(new Error(code), { code }));
      try {
        const ended = await state.writeLedger({ ...emptyLedger }).then(
          () => true,
          () => false,
        );
        assert.equal(ended, passes);
        assert.equal(sync.callCount, 2);
      } finally {
        sync.restore();
      }
    });

  it('gives back ledger, last error and run as they were written', async () => {
    const { state } = newState();
    const ledger = { ...emptyLedger, listing: { listedAt: now, lastRecordId: 7, lastTimeCreated: null } };
    await state.writeLedger(ledger);
    assert.deepEqual(await state.readLedger(), ledger);
    const document = {
      schema: 'certrebind/error/1',
      exitCode: 7,
      error: { code: 'no-server', message: 'm', hint: null, where: null },
    } as const;
    await state.writeLastError(document);
    assert.deepEqual(await state.readLastError(), document);
    await state.writeLastError(null);
    assert.equal(await state.readLastError(), null);
    const journal = await state.openRun('run-1');
    await journal.append(opened);
    await journal.append(changing(1), changing(2));
    assert.deepEqual(await state.unfinishedRuns(), ['run-1']);
    await journal.close(outcomeOf('run-1'));
    assert.deepEqual(await state.unfinishedRuns(), []);
    assert.deepEqual(await state.readRun('run-1'), {
      run: 'run-1',
      journal: [opened, changing(1), changing(2)],
      damagedLines: [],
      outcome: outcomeOf('run-1'),
    });
  });

  it('writes a large plan in pieces, as the same text', async () => {
    const { folder, state } = newState();
    const steps = Array.from({ length: 900 }, (_, at) =>
      removeStep(at + 1, makeCertificateBinding({ key: `10.0.0.1:${at + 1}`, thumbprint: null })),
    );
    const notes = [{ code: 'not-enabled', text: '\u2028 \ud83d\ude00 "Fu\u00df"\n' }] as const;
    const large = {
      ...opened,
      plan: plannedWith({ steps, notes }),
      baseline: steps.map(({ id }) => ({ step: id, observations: [] })),
    };
    const journal = await state.openRun('run-1');
    await journal.append(large);
    await journal.append(changing(1), changing(2));
    const lines = [large, changing(1), changing(2)].map((line) => `${JSON.stringify(line)}\n`);
    assert.equal(readFileSync(journalOf(folder), 'utf8'), lines.join(''));
    assert.ok(statSync(join(folder, 'runs', 'run-1', 'reserve')).size > 3 * (lines[0] ?? '').length);
    await journal.abandon();
  });

  it('leaves no temporary or reserved file behind', async () => {
    const { folder, state } = newState();
    const journal = await state.openRun('run-1');
    await journal.append(opened);
    await journal.close(outcomeOf('run-1'));
    assert.match(
      (await state.ledgerDamage())?.message ?? '',
      /ledger\.json is missing, although this server has a history/,
    );
    await state.writeLedger(emptyLedger);
    await (await state.lock({ wait: false, signal: new AbortController().signal })).release();
    assert.deepEqual(readdirSync(folder).sort(), ['ledger.json', 'runs']);
    assert.deepEqual(readdirSync(join(folder, 'runs', 'run-1')).sort(), ['journal.ndjson', 'outcome.json']);
  });

  it('leaves no file open, and forgets a run that is not there', async function () {
    if (process.platform !== 'linux') this.skip();
    const { folder, state } = newState();
    const work = async (run: string) => {
      const journal = await state.openRun(run);
      await journal.append(opened);
      await journal.close(outcomeOf(run));
      await state.writeLedger(emptyLedger);
      assert.deepEqual(await state.readLedger(), emptyLedger);
      await state.readRun(run);
      await (await state.lock({ wait: false, signal: new AbortController().signal })).release();
      await programFiles(folder).add('1.0.0', [{ name: `${run}/a.ps1`, text: '#' }], now);
      await state.discardRun(run);
      await state.discardRun(run);
    };
    // What is loaded late is open for a moment of the first.
    await work('run-1');
    const before = readdirSync('/proc/self/fd').length;
    await work('run-2');
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('keeps room for the closing lines while a run is open', async () => {
    const { folder, state } = newState();
    const journal = await state.openRun('run-1');
    await journal.append(opened);
    const reserve = lstatSync(join(folder, 'runs', 'run-1', 'reserve'));
    assert.equal(reserve.size, 3 * lstatSync(journalOf(folder)).size + 65_536);
    await journal.abandon();
  });

  it('lists runs oldest first and keeps as many closed ones as wanted, and every unfinished one', async () => {
    const { state } = newState();
    for (const run of ['run-3', 'run-1', 'run-2', 'run-4']) {
      const journal = await state.openRun(run);
      await journal.append({ ...opened, run });
      if (run === 'run-1') await journal.abandon();
      else await journal.close(outcomeOf(run));
    }
    await state.pruneRuns(2);
    assert.deepEqual(each(await state.listRuns(), 'run'), ['run-1', 'run-2', 'run-4']);
    await state.discardRun('run-1');
    assert.deepEqual(each(await state.listRuns(), 'run'), ['run-2', 'run-4']);
    await state.pruneRuns(0, new Set(['run-2']));
    assert.deepEqual(
      (await state.listRuns()).map(({ run }) => run),
      ['run-2'],
      'one that is spared stays',
    );
  });

  for (const name of ['run-9', '../escape', '.', '', 'a/b', 'nul\0', 'long'.repeat(21)])
    it(`has no run ${JSON.stringify(name)}, and says so`, async () => {
      const where = name.slice(0, 80);
      const message = `There is no run ${JSON.stringify(where)} in the history of this server.`;
      await assert.rejects(newState().state.readRun(name), { code: 'no-such-run', exitCode: 2, message, where });
    });

  it('whose folder is a link is refused, whatever it leads to', async () => {
    const { folder, state } = newState();
    await (await state.openRun('run-1')).close(outcomeOf('run-1'));
    const [there, elsewhere] = [join(folder, 'runs', 'run-1'), join(folder, 'elsewhere')];
    renameSync(there, elsewhere);
    symlinkSync(elsewhere, there, 'junction');
    for (const asked of [() => state.readRun('run-1'), () => state.reopenRun('run-1')])
      await assert.rejects(asked, { code: 'unsafe-folder', exitCode: 7, where: there });
  });

  it('below a folder that cannot be looked at is an error that says why', () => {
    const { folder } = newState();
    mkdirSync(folder, { recursive: true });
    symlinkSync('loop', join(folder, 'loop'));
    const message = `${join(folder, 'loop', 'x')} cannot be read: a link leads back to itself.`;
    assert.throws(() => isFolder(join(folder, 'loop', 'x')), { code: 'bad-input', message });
  });

  describe('whose journal was cut off', () => {
    it('at any byte, is read as far as it is whole, and goes on from there', async () => {
      const { folder, state } = newState();
      const journal = await state.openRun('run-1');
      await journal.append(opened);
      await journal.append(changing(1), changing(2));
      await journal.abandon();
      const text = readFileSync(journalOf(folder));
      const lines = [opened, changing(1), changing(2)];
      for (let length = text.length; length >= 0; length -= length > 400 ? 1 : 40) {
        truncateSync(journalOf(folder), Math.max(0, length));
        const whole = text.subarray(0, Math.max(0, length)).filter((byte) => byte === 10).length;
        assert.deepEqual((await state.readRun('run-1')).journal, lines.slice(0, whole), `${length} bytes`);
        writeFileSync(journalOf(folder), text);
      }
      truncateSync(journalOf(folder), text.length - 3);
      const again = await state.reopenRun('run-1');
      await again.append(changing(9));
      await again.abandon();
      assert.deepEqual((await state.readRun('run-1')).journal, [opened, changing(1), changing(9)]);
    });

    for (const code of ['ENOSPC', 'EDQUOT'])
      it(`by a disk that fills while a line is written (${code}), has whole lines alone, and those that come later`, async () => {
        const { folder, state } = newState();
        const journal = await state.openRun('run-1');
        await journal.append(opened);
        const handle = await open(journalOf(folder));
        await handle.close();
        const appendFile = stub(Object.getPrototypeOf(handle) as FileHandle, 'appendFile').callThrough();
        const full = async function (this: FileHandle, text: string | Uint8Array): Promise<never> {
          await this.write(text.slice(0, 20) as string);
          throw Object.assign(new Error(code), { code });
        };
        try {
          // The room that was reserved is given up for it.
          appendFile.onCall(0).callsFake(full);
          await journal.append(changing(1));
          assert.equal(existsSync(join(folder, 'runs', 'run-1', 'reserve')), false);
          for (const call of [2, 3]) appendFile.onCall(call).callsFake(full);
          await assert.rejects(journal.append(changing(2)), { code: 'not-writable' });
          // What a disk refuses for another reason is not tried twice.
          appendFile.onCall(4).rejects(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }));
          await assert.rejects(journal.append(changing(2)));
          await journal.append(changing(3));
        } finally {
          appendFile.restore();
        }
        await journal.abandon();
        await assert.rejects(journal.append(changing(4)));
        const { journal: lines, damagedLines } = await state.readRun('run-1');
        assert.deepEqual([lines, damagedLines], [[opened, changing(1), changing(3)], []]);
      });

    it('where a line is damaged, is read past it, names the line, and loses nothing when it goes on', async () => {
      const { folder, state } = newState();
      const journal = await state.openRun('run-1');
      await journal.append(opened);
      await journal.abandon();
      appendFileSync(journalOf(folder), `\0\0\0\0\n${JSON.stringify(changing(1))}\n{"at":\n`);
      const found = readFileSync(journalOf(folder), 'utf8');
      const again = await state.reopenRun('run-1');
      await again.append(changing(2));
      await again.abandon();
      const read = await state.readRun('run-1');
      assert.deepEqual(
        [read.journal, read.damagedLines],
        [
          [opened, changing(1), changing(2)],
          [2, 4],
        ],
      );
      assert.equal(readFileSync(journalOf(folder), 'utf8'), `${found}${JSON.stringify(changing(2))}\n`);
    });

    it('of another version is refused', async () => {
      const { folder, state } = newState();
      await (await state.openRun('run-1')).abandon();
      writeFileSync(journalOf(folder), `${JSON.stringify({ ...opened, schema: 'certrebind/journal/3' })}\n`);
      await assert.rejects(state.readRun('run-1'), { code: 'other-version', exitCode: 2 });
    });

    it('has a damaged line where the schema is no text, whatever it contains', async () => {
      const { folder, state } = newState();
      await (await state.openRun('run-1')).abandon();
      writeFileSync(journalOf(folder), `${JSON.stringify(opened)}\n{"schema":["certrebind/journal/3"]}\n`);
      assert.equal((await state.readRun('run-1')).damagedLines.length, 1);
    });
  });

  it('of another version is refused; a damaged ledger is named, read as empty, and kept when it is replaced', async () => {
    const { folder, state } = newState();
    const file = join(folder, 'ledger.json');
    assert.equal(await state.ledgerDamage(), null);
    await state.writeLedger(emptyLedger);
    assert.equal(await state.ledgerDamage(), null);
    writeFileSync(file, JSON.stringify({ ...emptyLedger, schema: 'certrebind/ledger/3' }));
    await assert.rejects(state.readLedger(), { code: 'other-version' });
    assert.equal(await state.ledgerDamage(), null);
    const damaged = Buffer.from([0x7b, 0xff, 0x00]);
    writeFileSync(file, damaged);
    assert.deepEqual(await state.readLedger(), emptyLedger);
    const damage = await state.ledgerDamage();
    assert.deepEqual([damage?.code, damage?.where], ['damaged-file', file]);
    assert.match(
      damage?.hint ?? '',
      /^The next command that changes something .* keeps the damaged file\.\nDo it now:\n {2}certrebind reconcile$/,
    );
    const ledger = { ...emptyLedger, listing: { listedAt: now, lastRecordId: 7, lastTimeCreated: null } };
    const aside = await state.replaceLedger(ledger, new Date('2026-01-31T09:15:00.123Z'));
    assert.equal(aside, `${file}.damaged-20260131091500123`);
    assert.deepEqual([readFileSync(aside), await state.readLedger()], [damaged, ledger]);
  });

  for (const [code, keeps] of [
    ['unsafe-folder', false],
    ['powershell-missing', true],
  ] as const)
    it(`${keeps ? 'remembers' : 'does not remember'} what kept a start from working when looking at it ended as ${code}`, async () => {
      const assertSafe = async () => {
        throw new CertRebindError(code, { message: 'so it is' });
      };
      const state = fileState(join(newFolder(), 'state'), { assertSafe: assertSafe });
      const error = await state.assertSafe().catch((thrown: unknown) => thrown);
      await state.writeLastError(errorDocument(error));
      assert.equal((await state.readLastError())?.error.code ?? null, keeps ? code : null);
    });

  it('whose outcome of a run cannot be read, lists it with the others and says why', async () => {
    const { folder, state } = newState();
    for (const run of ['run-1', 'run-2', 'run-3']) {
      const journal = await state.openRun(run);
      await journal.append({ ...opened, run });
      await journal.close(outcomeOf(run));
    }
    const later = JSON.stringify({ ...outcomeOf('run-1'), schema: 'certrebind/outcome/3' });
    writeFileSync(join(folder, 'runs', 'run-1', 'outcome.json'), later);
    writeFileSync(join(folder, 'runs', 'run-2', 'outcome.json'), '');
    const heads = await state.listRuns();
    assert.deepEqual(
      heads.map(({ run, summary, unreadable }) => [run, summary?.run ?? null, unreadable?.code ?? null]),
      [
        ['run-1', null, 'other-version'],
        ['run-2', null, 'damaged-file'],
        ['run-3', 'run-3', null],
      ],
    );
    assert.deepEqual(await state.unfinishedRuns(), []);
    await assert.rejects(state.readRun('run-2'), { code: 'damaged-file', exitCode: 2 });
  });

  it('that cannot be read is named in the error, with the reason, whichever file it is', async () => {
    const { folder, state } = newState();
    const standing = persistentFiles(folder);
    const reads: Readonly<Record<string, () => Promise<unknown>>> = {
      'ledger.json': () => state.readLedger(),
      'adoption.json': () => standing.readAdoption(),
      'triggers/mail.json': () => standing.readTrigger('mail'),
    };
    for (const [name, read] of Object.entries(reads)) {
      // Root may read every file; nobody can read a folder as one.
      mkdirSync(join(folder, name), { recursive: true });
      const message = `${join(folder, name)} cannot be read: it is a folder.`;
      await assert.rejects(read(), { code: 'bad-input', exitCode: 2, message }, name);
    }
  });

  it('tells of no last error where that cannot be read: it stops nobody from looking', async () => {
    const { folder, state } = newState();
    mkdirSync(join(folder, 'last-error.json'), { recursive: true });
    assert.equal(await state.readLastError(), null);
  });

  for (const [what, text] of Object.entries({
    'no object': '7',
    nothing: 'null',
    'one without a schema': '{"exitCode":7,"error":{}}',
    'one of another kind': '{"schema":"certrebind/plan/1","exitCode":7,"error":{}}',
    'one without an exit code': '{"schema":"certrebind/error/1","error":{}}',
    'one whose exit code is a text': '{"schema":"certrebind/error/1","exitCode":"7","error":{}}',
    'one without an error': '{"schema":"certrebind/error/1","exitCode":7}',
    'one whose error is a text': '{"schema":"certrebind/error/1","exitCode":7,"error":"7"}',
    'one whose error is nothing': '{"schema":"certrebind/error/1","exitCode":7,"error":null}',
    'one whose error says nothing': '{"schema":"certrebind/error/1","exitCode":7,"error":{}}',
    'one without a schema, but with all else': '{"exitCode":7,"error":{"message":"m"}}',
    'one without an exit code, but with all else': '{"schema":"certrebind/error/1","error":{"message":"m"}}',
    'half of one': '{"schema":"certrebind/error/1","exitCode":7,"error":{"message":',
  }))
    it(`tells of no last error where its document is ${what}`, async () => {
      const folder = newFolder();
      writeFileSync(join(folder, 'last-error.json'), text);
      assert.equal(await fileState(folder).readLastError(), null);
    });

  it('removes no run with a folder in it, and nothing of it', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'runs', 'run-1', 'theirs'), { recursive: true });
    writeFileSync(join(folder, 'runs', 'run-1', 'journal.ndjson'), '');
    await fileState(folder).discardRun('run-1');
    assert.deepEqual(readdirSync(join(folder, 'runs', 'run-1')).sort(), ['journal.ndjson', 'theirs']);
  });

  it('that cannot be written is named in the error', function () {
    if (process.platform === 'win32' || process.getuid?.() !== 0) this.skip();
    // Root may write everywhere, so another user tries.
    const folder = newFolder();
    chmodSync(folder, 0o555);
    const register = join(import.meta.dirname, '../../../scripts/dev/register.mjs');
    const module = join(import.meta.dirname, '../../../src/engine/state/file-state.ts');
    const script = `
      const { fileState } = await import(${JSON.stringify(module)});
      for (const folder of ${JSON.stringify([folder, join(folder, 'state')])}) {
        const state = fileState(folder);
        for (const act of [
          () => state.lock({ wait: false, signal: new AbortController().signal }),
          () => state.openRun('run-1'),
          () => state.writeLastError({}),
        ]) await act().then(() => console.log('written'), (error) => console.log(error.code, error.exitCode, error.message));
      }`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', register, '--input-type=module', '-e', script],
      {
        uid: 65_534,
        gid: 65_534,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TMPDIR: '/tmp' },
      },
    );
    const lines = stdout.trim().split('\n');
    assert.equal(lines.length, 6, stderr);
    for (const line of lines)
      assert.match(line, new RegExp(`^not-writable 2 ${folder}\\S* cannot be written: access is denied`));
  });

  it('names a folder that cannot be created because of one above it', async function () {
    if (process.platform !== 'linux') this.skip();
    await assert.rejects(ensureFolder('/proc/certrebind/temp'), {
      code: 'not-writable',
      message: '/proc/certrebind cannot be created in /proc.',
    });
  });
});
