import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { taskFolder } from '../../src/documents/scheduled-tasks.ts';
import { triggerEvents } from '../../src/documents/trigger.ts';
import { runHere } from '../cli/run-here.ts';
import { labProgram, run } from '../cli/run-program.ts';
import { each } from '../support/each.ts';
import { isSlow, itQuickly } from '../support/slow.ts';
import { stateOfLab, tellLab } from '../support/tell-lab.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { eventually } from './eventually.ts';
import { openWorld, servers, type World } from './lab-world.ts';

/** Writes its environment and its arguments into a file, and ends with the number of its last argument. */
const hook = `#!/bin/sh
printf '%s\\n' "$@" > "$1.args"
env > "$1.new" && mv "$1.new" "$1"
exit "\${3:-0}"
`;

interface Listed {
  readonly id: string;
  readonly task: string;
  readonly runs: readonly { readonly result: string; readonly exitCode: number; readonly recordId: number }[];
}

// What a program is here is told by POSIX modes; on Windows the lab has none to read.
const kinds = process.platform === 'win32' ? [] : servers;

for (const { kind, words } of kinds)
  describe(`triggers (${kind})`, () => {
    let world: World;
    const root = newFolder();
    let program: string;
    let first: string;
    before(async () => {
      world = await openWorld(words);
      first = world.certificates[0]?.thumbprint ?? '';
      program = await programIn(root);
    });
    after(async () => {
      await world.close();
    });

    async function programIn(folder: string, mode = 0o755): Promise<string> {
      const file = join(folder, 'hook.sh');
      await writeFile(file, hook);
      await chmod(file, mode);
      return file;
    }

    async function toldTo(file: string): Promise<Readonly<Record<string, string>>> {
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
      return Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
    }

    // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
    async function listed(id: string): Promise<any> {
      const { document } = await world.json(['trigger', 'list']);
      assert.equal(document.schema, 'certrebind/triggers/1');
      return document.triggers.find((each: { id: string }) => each.id === id);
    }

    const start = kind === 'windows' ? run : runHere;
    /** Options must stand before the program, whose words they would be otherwise. */
    const add = (line: readonly string[], ...after: readonly string[]) =>
      start([
        'trigger',
        'add',
        ...line,
        ...words(world.folder),
        '--json',
        ...(after.length === 0 ? [] : ['--', ...after]),
      ]);

    itQuickly('do nothing for a certificate that does not fit', async () => {
      const out = join(root, 'filtered');
      await add(['filtered', '--on', 'exported', '--names', 'elsewhere.example'], program, out);
      await world.lab(['event', 'exported', first, '--wait']);
      await assert.rejects(readFile(out));
      assert.deepEqual((await listed('filtered')).runs, []);
      await world.onLab(['trigger', 'remove', 'filtered']);
    });

    itQuickly('tell in their history and in the Application log that a program failed', async () => {
      const out = join(root, 'failing');
      await add(['failing', '--on', 'deleted'], program, out, 'x', '7');
      await world.lab(['event', 'deleted', first, '--wait']);
      const [last] = (await listed('failing')).runs;
      assert.deepEqual([last.result, last.exitCode], ['ended', 7]);
      assert.ok(
        (await applicationEntries()).some(({ eventId, text }) => eventId === 170 && text.includes('exit code 7')),
      );
      await world.onLab(['trigger', 'remove', 'failing']);
    });

    itQuickly('end a program at its time limit, with what it started', async () => {
      const pid = join(root, 'pid');
      await writeFile(pid, '');
      const script = `sleep 300 & echo $! > ${pid}; wait`;
      await add(['slow', '--on', 'archived', '--time-limit', '2s'], '/bin/sh', '-c', script);
      await world.lab(['event', 'archived', first, '--wait']);
      const [last] = (await listed('slow')).runs;
      assert.equal(last.result, 'time-limit');
      assert.ok(last.durationMs < 200_000);
      const left = Number(await readFile(pid, 'utf8'));
      assert.ok(left > 0);
      await eventually(async () => (isRunning(left) ? undefined : true));
      await world.onLab(['trigger', 'remove', 'slow']);
    });

    itQuickly('run CertRebind itself, which takes a renewal without event 1001', async () => {
      const itself = join(root, 'certrebind.exe');
      await writeFile(itself, `#!/bin/sh\nexec "${process.execPath}" "${labProgram}" "$@"\n`);
      await chmod(itself, 0o755);
      const given = (...line: readonly string[]) => [itself, ...line, ...words(world.folder)];
      await add(['look', '--on', 'installed'], ...given('reconcile', '--yes'));
      await add(['check', '--on', 'installed'], ...given('status', '--check'));
      const { new: successor } = await world.lab(['renew', first, '--no-event', '--wait']);
      // Event 1006 comes before the renewal property; what is looked for is there at the next one.
      await world.lab(['event', 'installed', successor, '--wait']);
      assert.equal((await world.records()).get('0.0.0.0:443'), successor);
      assert.equal((await listed('check')).runs.at(-1).exitCode, 9, 'certificate rebind is not enabled here');
      for (const id of ['look', 'check']) await world.onLab(['trigger', 'remove', id]);
    });

    itQuickly('are the same trigger when added twice, and refuse another under the same name', async () => {
      for (let time = 0; time < 2; time++) assert.equal((await add(['twice', '--on', 'deleted'], program)).exitCode, 0);
      const other = await add(['twice', '--on', 'archived'], program);
      assert.equal(other.exitCode, 2);
      assert.match(other.stdout, /trigger-exists/);
      await world.onLab(['trigger', 'remove', 'twice']);
    });

    itQuickly('are one trigger when added twice without a name, and say that it is there', async () => {
      const line = ['--on', 'deleted', '--names', 'a.example'];
      assert.equal((await add(line, program)).exitCode, 0);
      const { exitCode, stdout } = await run(['trigger', 'add', ...line, ...words(world.folder), '--', program]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /The trigger deleted already exists/);
      const { document } = await world.json(['trigger', 'list']);
      assert.deepEqual(each(document.triggers, 'id'), ['deleted']);
      await add(['--on', 'deleted', '--names', 'b.example'], program);
      assert.notEqual(await listed('deleted-2'), undefined, 'one with other filters is another');
      for (const id of ['deleted', 'deleted-2']) await world.onLab(['trigger', 'remove', id]);
    });

    itQuickly('have their tasks put right by enable when somebody removed one', async () => {
      await add(['mended', '--on', 'deleted'], program);
      await tellLab(world.folder, { kind: 'unregister-task', path: taskFolder, name: 'CertRebind-Trigger-mended' });
      assert.equal((await listed('mended')).task, 'missing');
      await world.json(['enable', '--no-proof']);
      assert.equal((await listed('mended')).task, 'ours');
      await world.json(['disable']);
      assert.equal((await listed('mended')).task, 'ours');
      await world.onLab(['trigger', 'remove', 'mended']);
    });

    describe('refuse', () => {
      async function refused(ended: { exitCode: number | null; stdout: string }, code: string, exit: number) {
        assert.equal(ended.exitCode, exit, ended.stdout);
        assert.equal(JSON.parse(ended.stdout).error.code, code);
        assert.deepEqual((await world.onLab(['trigger', 'list'])).triggers, []);
      }

      it('a program that others can write', async () => {
        const folder = await mkdtemp(join(root, 'open-'));
        const file = await programIn(folder, 0o777);
        await refused(await add(['--on', 'expired'], file), 'unsafe-folder', 7);
      });

      (process.getuid?.() === 0 ? it : it.skip)("a program that is somebody else's", async () => {
        const folder = await mkdtemp(join(root, 'theirs-'));
        const file = await programIn(folder);
        await chown(file, 65534, 65534);
        await refused(await add(['--on', 'expired'], file), 'unsafe-folder', 7);
      });

      it('a script that others can write, behind an interpreter that they cannot', async () => {
        const folder = await mkdtemp(join(root, 'script-'));
        const file = await programIn(folder, 0o777);
        await refused(await add(['--on', 'expired'], '/bin/sh', file), 'unsafe-folder', 7);
      });

      describe('a file that others can put into its place later', () => {
        let world777: string;
        before(async () => {
          world777 = await mkdtemp(join(root, 'world-'));
          await chmod(world777, 0o777);
        });
        for (const [what, wordsWith] of [
          ['named by a whole word', (file: string) => [file]],
          ['named by an option', (file: string) => [`--require=${file}`]],
          ['named in the code of a shell', (file: string) => ['-c', `. ${file}`]],
          ['named from the folder of the program', (file: string) => [`..${file.slice(root.length)}`]],
          ['named in a list', (file: string) => [`/usr:${file}`]],
          ['in a folder that is missing too', (file: string) => [join(file, 'more', 'evil.js')]],
        ] as const)
          itQuickly(what, async () => {
            const folder = await mkdtemp(join(root, 'own-'));
            const words = wordsWith(join(world777, 'evil.js'));
            await refused(await add(['--on', 'expired'], await programIn(folder), ...words), 'unsafe-folder', 7);
          });
      });

      it('a folder in place of a program', async () => {
        const ended = await add(['--on', 'expired'], root);
        await refused(ended, 'bad-input', 2);
        assert.match(ended.stdout, /is a folder, not a program/);
      });

      it('at the event a missing file, when its folder was opened to others meanwhile', async () => {
        const folder = await mkdtemp(join(root, 'missing-'));
        const out = join(root, 'missing.txt');
        const missing = join(folder, 'missing.js');
        const added = await add(['missing', '--on', 'expired'], program, out, `--require=${missing}`);
        assert.equal(added.exitCode, 0, added.stdout);
        await chmod(folder, 0o777);
        await world.lab(['event', 'expired', first, '--wait']);
        await assert.rejects(readFile(out));
        const [last] = (await listed('missing')).runs;
        assert.equal(last.result, 'refused');
        assert.match(last.why, /missing\.js, which is missing: .* can be written by everyone/);
        await world.onLab(['trigger', 'remove', 'missing']);
      });

      for (const [what, line, after] of [
        ['a program without its whole path', ['--on', 'expired'], ['hook.sh']],
        ['a path with .. in it', ['--on', 'expired'], ['/usr/../bin/true']],
        ['no program', ['--on', 'expired'], []],
        ['a name that is no word', ['a/b', '--on', 'expired'], ['/bin/true']],
        ['a filter that is no name', ['--on', 'expired', '--names', 'a b'], ['/bin/true']],
        ['a usage that is no number', ['--on', 'expired', '--eku', 'server'], ['/bin/true']],
        ['a time limit above the hour', ['--on', 'expired', '--time-limit', '56m'], ['/bin/true']],
      ] as const)
        itQuickly(what, async () => refused(await add(line, ...after), 'usage', 2));

      it('at the event what was safe when it was added, and say so', async () => {
        const folder = await mkdtemp(join(root, 'later-'));
        const file = await programIn(folder);
        const out = join(root, 'later.txt');
        assert.equal((await add(['later', '--on', 'expired'], file, out)).exitCode, 0);
        await chmod(folder, 0o777);
        await world.lab(['event', 'expired', first, '--wait']);
        await assert.rejects(readFile(out));
        const [last] = (await listed('later')).runs;
        assert.equal(last.result, 'refused');
        assert.match(last.why, /can be written by everyone/);
        assert.equal((await world.json(['status'])).document.lastError.error.code, 'unsafe-folder');
        await world.onLab(['trigger', 'remove', 'later']);
      });

      for (const line of [
        [],
        ['safe'],
        ['safe', '--record'],
        ['safe', '--record', '1', 'more'],
        ['safe', '--record', '1;x'],
        ['safe', '--lab', '/elsewhere'],
        ['../safe', '--record', '1'],
        ['unknown', '--record', '1'],
      ])
        itQuickly(`trigger-run ${line.join(' ')}`, async () => {
          const { exitCode, stdout } = await run(['trigger-run', ...line], { env: { CERTREBIND_LAB: world.folder } });
          assert.equal(exitCode, 2);
          assert.equal(stdout, '');
        });
    });

    // Last: their tasks start a program at every event.
    describe('on each event', () => {
      // Their tasks differ in one number.
      const events = Object.entries(triggerEvents).filter(([on]) => !isSlow || on === 'installed' || on === 'replaced');
      const raised = new Map<string, number>();
      let certificates: Awaited<ReturnType<World['snapshot']>>['certificates'];
      before(async () => {
        certificates = (await world.snapshot()).certificates;
        for (const [on] of events) {
          const added = await add(['--on', on], program, join(root, on), 'two words $(RecordId) %PATH%');
          assert.equal(added.exitCode, 0, added.stdout);
        }
      });

      for (const [on, eventId] of events)
        it(`${on} (${eventId}) runs its program with the values of the event`, async () => {
          const out = join(root, on);
          const isReplacement = on === 'replaced';
          const successor = world.certificates[1]?.thumbprint ?? '';
          const line = ['event', on, first, ...(isReplacement ? ['--new', successor] : []), '--wait'];
          const { eventRecordId } = await world.lab(line);
          raised.set(on, eventRecordId);
          const main = isReplacement ? successor : first;
          const values = await toldTo(out);
          const known = certificates.find(({ thumbprint }: { thumbprint: string }) => thumbprint === main);
          assert.deepEqual(
            Object.fromEntries(
              Object.entries(values).filter(
                ([name]) => name.startsWith('CERTREBIND_') && name !== 'CERTREBIND_EVENT_TIME',
              ),
            ),
            {
              CERTREBIND_TRIGGER: on,
              CERTREBIND_EVENT: on,
              CERTREBIND_EVENT_ID: String(eventId),
              CERTREBIND_RECORD_ID: String(eventRecordId),
              CERTREBIND_WRITTEN_BY: 'S-1-5-18',
              CERTREBIND_OLD_THUMBPRINT: isReplacement ? first : '',
              CERTREBIND_NEW_THUMBPRINT: isReplacement ? successor : '',
              CERTREBIND_THUMBPRINT: main,
              CERTREBIND_SUBJECT: known.subject,
              CERTREBIND_ISSUER: known.issuer,
              CERTREBIND_NAMES: known.dnsNames.join(','),
              CERTREBIND_NOT_AFTER: known.notAfter,
              CERTREBIND_STORE: known.store,
            },
          );
          assert.equal(values.HOME, undefined, 'the environment of whoever started it came along');
          assert.equal(await readFile(`${out}.args`, 'utf8'), `${out}\ntwo words $(RecordId) %PATH%\n`);
        });

      it('once, as their history says', async () => {
        const { document } = await world.json(['trigger', 'list']);
        const told = document.triggers.flatMap(({ id, task, runs }: Listed) =>
          runs.map(({ result, exitCode, recordId }) => [id, task, result, exitCode, recordId]),
        );
        const expected = [...raised].map(([on, recordId]) => [on, 'ours', 'ended', 0, recordId]);
        assert.deepEqual(told.toSorted(), expected.toSorted());
      });

      it('no more once it is removed', async () => {
        const [[on] = assert.fail()] = events;
        assert.equal((await world.json(['trigger', 'remove', on])).exitCode, 0);
        await rm(join(root, on));
        await world.lab(['event', on, first, '--new', world.certificates[1]?.thumbprint ?? '', '--wait']);
        await assert.rejects(readFile(join(root, on)));
        assert.equal(await listed(on), undefined);
      });
    });

    async function applicationEntries() {
      return (await stateOfLab(world.folder)).applicationLog.entries;
    }
  });

function isRunning(pid: number): boolean {
  try {
    // A process that ended and that nobody has waited for is a zombie, and no longer runs.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
