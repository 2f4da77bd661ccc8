import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonHere, runHere } from '../../cli/run-here.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('report', () => {
  const root = newFolder();

  it('writes one page of a server, and the same of its capture', async () => {
    const lab = join(root, 'lab');
    const { document: made } = await jsonHere(['lab', 'create', lab]);
    await jsonHere(['lab', 'renew', made.certificates[0].thumbprint, '--lab', lab]);
    await jsonHere(['reconcile', '--lab', lab]);
    const file = join(root, 'server.html');
    const { exitCode, document } = await jsonHere(['report', '--html', file, '--lab', lab]);
    assert.equal(exitCode, 0);
    const text = await readFile(file, 'utf8');
    assert.equal(document.bytes, Buffer.byteLength(text));
    for (const said of ['LAB-WEB01: ', 'shop.example.com (', 'certrebind reconcile, renewal event ', 'class="mix"'])
      assert.ok(text.includes(said), said);
    const capture = join(root, 'capture.json');
    await jsonHere(['capture', capture, '--lab', lab]);
    const again = join(root, 'again.html');
    assert.equal((await jsonHere(['report', '--html', again, '--replay', capture])).exitCode, 0);
    assert.match(await readFile(again, 'utf8'), /<b>LAB-WEB01<\/b>/);
  });

  it('writes one page of many servers, and how far a campaign is while a console works on it and afterwards', async () => {
    const inventory = join(root, 'inventory.json');
    const campaign = join(root, 'campaign.json');
    const file = join(root, 'fleet.html');
    const createdAt = '2026-06-01T09:00:00.000Z';
    const entries = [{ server: 'web01', kind: 'server' }];
    await writeFile(inventory, JSON.stringify({ schema: 'certrebind/inventory/1', takenAt: createdAt, entries }));
    const servers = ['done', 'not-started'].map((state, at) => ({ server: `web0${at}`, asked: { state }, undo: null }));
    await writeFile(
      campaign,
      JSON.stringify({ schema: 'certrebind/campaign/1', action: 'Sync', old: '', new: '', createdAt, servers }),
    );
    const words = ['report', '--html', file, '--inventory', inventory, '--campaign', campaign];
    await writeFile(`${campaign}.lock`, '');
    assert.equal((await jsonHere(words)).exitCode, 0);
    assert.match(await readFile(file, 'utf8'), /Campaign Sync is running: 1 of its 2 servers done/);
    await rm(`${campaign}.lock`);
    assert.equal((await jsonHere(words)).exitCode, 0);
    assert.match(await readFile(file, 'utf8'), /Campaign Sync: 1 of its 2 servers done/);
    assert.equal((await jsonHere(['report', '--html', file, '--campaign', campaign])).exitCode, 2);
  });

  it('needs a file that can be written', async () => {
    assert.equal((await jsonHere(['report'])).exitCode, 2);
    const { exitCode, stderr } = await runHere([
      'report',
      '--html',
      join(root, 'no', 'x.html'),
      '--lab',
      join(root, 'lab'),
    ]);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /no-such-file: .*cannot be written/);
  });
});
