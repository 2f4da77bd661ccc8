import assert from 'node:assert/strict';
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
import { keystorePassword, listedByKeytool, tomcat } from './file-programs.ts';
import { openWorld, serverKinds, type World } from './lab-world.ts';

describe('the keystore of a real Tomcat', () => {
  let world: World;
  before(async function () {
    const from = 'tomcat10-user';
    needProgram(this, { program: 'tomcat10-instance-create', asked: '-h', untested: 'a keystore of Tomcat', from });
    world = await openWorld(serverKinds[0]?.words ?? (() => []));
  });
  after(() => world?.close());

  it('gets the new certificate under its alias, as keytool and a client of its own see it, and is undone', async () => {
    const files = await filesOf(world, 'tomcat', { withIssuer: true });
    const port = await freePort();
    const { settings, line } = tomcat({ ...files, port }, 'jks');
    const kept = await world.certrebind(['secret', 'set', 'files'], { input: keystorePassword });
    assert.equal(kept.exitCode, 0);
    await configure(world, {
      files: [
        { name: 'tomcat', ...settings, dial: { host: files.host, port }, service: { name: 'Tomcat10', do: 'restart' } },
      ],
      holders: { file: { policy: 'replace', restart: 'window' } },
      window: openWindow(),
    });
    await addService(world, { name: 'Tomcat10', line, port });
    const pfx = join(files.folder, 'renewed.pfx');
    const successor = await renewedElsewhere(pfx, { withIssuer: true });
    assert.equal(await servedBy(port, files.host), files.old);

    const { document, exitCode } = await world.json(['import', pfx, '--replace', files.old]);
    assert.deepEqual([exitCode, fileStep(document)?.state], [0, 'verified'], JSON.stringify(document));
    assert.equal(await servedBy(port, files.host), successor);
    assert.deepEqual(listedByKeytool(settings.certificate), { thumbprint: successor, chain: 2 });
    const undone = await world.json(['undo', document.run]);
    assert.equal(undone.exitCode, 0, JSON.stringify(undone.document.steps));
    assert.equal(await servedBy(port, files.host), files.old);
    assert.deepEqual(listedByKeytool(settings.certificate), { thumbprint: files.old, chain: 2 });
  });
});
