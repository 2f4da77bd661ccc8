import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mostMessages } from '../../../src/documents/notification.ts';
import { outbox } from '../../../src/engine/state/outbox.ts';
import { messageOf } from '../../../src/session/notify/outbox-messages.ts';
import { newsOf } from '../../builders/notification.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('a full outbox', () => {
  it('takes nothing new, says so, and still notes what became of what it has', async () => {
    const home = newFolder();
    await mkdir(join(home, 'outbox'));
    const known = messageOf(newsOf({ at: '2026-06-01T12:00:00.000Z' }), 'mail');
    const box = outbox(home);
    assert.equal(await box.put(known), 'kept');
    const others = Array.from({ length: mostMessages - 1 }, (_, number) => number.toString(16).padStart(32, '0'));
    await Promise.all(
      others.map((id) => writeFile(join(home, 'outbox', `${id}.json`), JSON.stringify({ ...known, id }))),
    );
    assert.equal(await box.put(messageOf(newsOf({ at: '2026-06-02T12:00:00.000Z' }), 'mail')), 'full');
    assert.equal((await box.list()).length, mostMessages);
    assert.equal(await box.put({ ...known, attempts: 3 }), 'kept');
    assert.equal((await box.list()).find(({ id }) => id === known.id)?.attempts, 3);
    await box.remove(known.id);
    assert.equal(await box.put(messageOf(newsOf({ at: '2026-06-02T12:00:00.000Z' }), 'mail')), 'kept');
  });
});
