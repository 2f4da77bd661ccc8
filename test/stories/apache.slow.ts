import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needProgram } from '../support/needed-program.ts';
import {
  addService,
  configure,
  fileStep,
  filesOf,
  freePort,
  openWindow,
  renewedElsewhere,
  servedBy,
} from './certificate-files.ts';
import { apache } from './file-programs.ts';
import { openWorld, serverKinds, type World } from './lab-world.ts';

describe('the certificate of a real Apache', () => {
  let world: World;
  let files: Awaited<ReturnType<typeof filesOf>>;
  let [conf, successor] = ['', ''];
  let port = 0;
  const pfx = () => join(files.folder, 'renewed.pfx');

  before(async function () {
    needProgram(this, { program: 'apache2', asked: '-v', untested: 'a restart of Apache', from: 'apache2-bin' });
    world = await openWorld(serverKinds[0]?.words ?? (() => []));
    files = await filesOf(world, 'apache');
    port = await freePort();
    const { settings, ...started } = apache({ ...files, port });
    ({ conf } = started);
    await addService(world, { name: 'Apache2.4', line: started.line, port });
    successor = await renewedElsewhere(pfx());
    const file = { name: 'apache', ...settings, dial: { host: files.host, port } };
    await configure(world, {
      files: [{ ...file, service: { name: 'Apache2.4', do: 'restart' } }],
      holders: { file: { policy: 'replace', restart: 'window' } },
      window: openWindow(),
    });
  });
  after(() => world?.close());

  it('is replaced by a restart, seen by a client of its own, and undone', async () => {
    assert.equal(await servedBy(port, files.host), files.old);
    const { document, exitCode } = await world.json(['import', pfx(), '--replace', files.old]);
    assert.deepEqual(
      [exitCode, fileStep(document)?.state],
      [0, 'verified'],
      JSON.stringify([fileStep(document), document.blocked]),
    );
    assert.equal(await servedBy(port, files.host), successor);
    assert.equal((await world.json(['undo', document.run])).exitCode, 0);
    assert.equal(await servedBy(port, files.host), files.old);
  });

  it('is rolled back where Apache does not start, and Apache is started by the first run that can', async () => {
    const before = await readFile(conf, 'utf8');
    await writeFile(conf, `${before} Nonsense on`);
    const { document, exitCode } = await world.json(['rebind', '--old', files.old, '--new', successor]);
    assert.deepEqual(
      [exitCode, fileStep(document)?.error?.code],
      [5, 'restart-failed'],
      JSON.stringify([fileStep(document), document.blocked]),
    );
    await writeFile(conf, before);
    const { document: later } = await world.json(['reconcile']);
    assert.equal(fileStep(later)?.restarted?.[0]?.error, null, JSON.stringify(later.steps));
    assert.equal(await servedBy(port, files.host), files.old);
  });
});
