import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nothingNotified } from '../../../src/documents/notified.ts';
import { nothingSetUp } from '../../../src/documents/setup.ts';
import type { Trigger, TriggerRun } from '../../../src/documents/trigger.ts';
import { toldFile } from '../../../src/engine/state/found-files.ts';
import { persistentFiles } from '../../../src/engine/state/persistent-files.ts';
import { newFolder } from '../../support/temporary-lab.ts';

const mail: Trigger = {
  schema: 'certrebind/trigger/1',
  id: 'mail',
  on: 'replaced',
  names: [],
  issuer: null,
  ekus: [],
  action: { program: '/bin/true', args: [], timeLimitSeconds: 60 },
  createdAt: '2030-01-01T12:00:00.000Z',
};

describe('files of the set-up that are damaged', () => {
  let home: string;
  const files = () => persistentFiles(home);
  const write = (name: string, text = '{') => writeFileSync(join(home, name), text);
  beforeEach(async () => {
    home = newFolder();
    mkdirSync(join(home, 'triggers'));
    await files().writeTrigger(mail);
  });

  it('are told by what they are, each; those that are whole go on to be read', async () => {
    assert.deepEqual(await files().findDamage(), []);
    const others = ['adoption.json', 'setup.json', 'triggers/broken.json', 'triggers/mail.runs.json'];
    for (const name of others) write(name);
    write('triggers/other.json', JSON.stringify(mail));
    write('triggers/notes.txt');
    assert.deepEqual(
      (await files().findDamage()).map(({ of, id, error: { code, where } }) => [of, id, code, where]),
      [
        ['trigger', 'broken', 'damaged-file', join(home, 'triggers/broken.json')],
        ['trigger', 'other', 'damaged-file', join(home, 'triggers/other.json')],
        ['trigger-runs', 'mail', 'damaged-file', join(home, 'triggers/mail.runs.json')],
        ['adoption', null, 'damaged-file', join(home, 'adoption.json')],
        ['setup', null, 'damaged-file', join(home, 'setup.json')],
      ],
    );
    const again = (id: string) => `Remove it, and add it again.\nRemove it:\n  certrebind trigger remove ${id}`;
    assert.deepEqual(
      (await files().findDamage()).map(({ error: { hint } }) => hint),
      [
        again('broken'),
        again('other'),
        'The next run of the trigger starts a new one.',
        'Delete it. CertRebind then no longer knows which task of IIS Manager it disabled. If you want that task back, enable it in Task Scheduler.',
        'Delete it, then test the installation again.\nTest it:\n  certrebind enable',
      ],
    );
    await assert.rejects(files().readTrigger('other'), {
      message: /other\.json is the file of another trigger, mail\.$/,
    });
    assert.deepEqual(await files().listTriggers(), [mail]);
    for (const [id, is] of Object.entries({ mail: true, broken: true, none: false, notes: false }))
      assert.equal(await files().hasTrigger(id), is, id);
  });

  it('as runs of a trigger are taken for none, but not those that another version has written', async () => {
    write('triggers/mail.runs.json');
    assert.deepEqual(await files().readTriggerRuns('mail'), []);
    write('triggers/mail.runs.json', '{"schema":"certrebind/trigger-runs/99"}');
    await assert.rejects(files().readTriggerRuns('mail'), { code: 'other-version' });
  });

  it('as what was told count as nothing, like a file that is not there', async () => {
    assert.deepEqual(await toldFile(home).read(), nothingNotified);
    write('told.json');
    assert.deepEqual(await toldFile(home).read(), nothingNotified);
  });
});

describe('what is remembered of setting up', () => {
  it('is nothing at first, then what was written, then nothing again; and there is a folder for temporary files', async () => {
    const folder = newFolder();
    const files = persistentFiles(folder);
    assert.deepEqual(await files.readSetup(), nothingSetUp);
    const setup = { ...nothingSetUp, failed: { at: '2030-01-01T12:00:00.000Z', version: '1.0.0', why: 'No.' } };
    await files.writeSetup(setup);
    assert.deepEqual(await files.readSetup(), setup);
    await files.writeSetup(null);
    assert.deepEqual(await files.readSetup(), nothingSetUp);
    assert.equal(await files.temporaryFolder(), join(folder, 'temp'));
    assert.ok(existsSync(join(folder, 'temp')));
  });
});

describe('the runs of a trigger', () => {
  it('are kept up to fifty, the newest of them', async () => {
    const files = persistentFiles(newFolder());
    const run = (recordId: number): TriggerRun => ({
      at: '2030-01-01T12:00:00.000Z',
      eventId: 1001,
      recordId,
      result: 'ended',
      exitCode: 0,
      durationMs: 1,
      why: null,
    });
    await files.writeTrigger(mail);
    for (let at = 1; at <= 52; at++) await files.addTriggerRun('mail', run(at));
    const kept = (await files.readTriggerRuns('mail')).map(({ recordId }) => recordId);
    assert.deepEqual(
      kept,
      Array.from({ length: 50 }, (_, at) => at + 3),
    );
  });
});
