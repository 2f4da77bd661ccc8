import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonHere, runHere } from '../../cli/run-here.ts';

describe('report', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'crb-report-'));
  });
  after(() => rm(root, { recursive: true, force: true }));

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
    assert.match(stderr, /not-writable: .*cannot be written/);
  });
});
