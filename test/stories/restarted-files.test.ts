import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { itQuickly } from '../support/slow.ts';
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
import { openWorld, servers, type World } from './lab-world.ts';

/** A program that reads its files when it starts, and ends where they are no pair. */
const program = `
const { readFileSync } = require('node:fs');
const [, , cert, key, port] = process.argv;
const server = require('node:tls').createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (socket) => socket.end());
server.on('tlsClientError', () => {}).listen(Number(port), '127.0.0.1');
`;

for (const { kind, words } of servers) {
  describe(`a certificate file whose service has to be restarted (server: ${kind})`, () => {
    let world: World;
    let successor = '';
    let files: Awaited<ReturnType<typeof filesOf>>;
    let port = 0;
    const pfx = () => join(files.folder, 'renewed.pfx');
    const settings = () => {
      const { certificate, key, host } = files;
      const service = { name: 'Tomcat10', do: 'restart' };
      return { files: [{ name: 'tomcat', format: 'pem', certificate, key, service, dial: { host, port } }] };
    };

    before(async () => {
      world = await openWorld(words);
      files = await filesOf(world, 'tomcat');
      port = await freePort();
      const script = join(files.folder, 'server.cjs');
      await writeFile(script, program);
      const line = [process.execPath, script, files.certificate, files.key, port].map((word) => `"${word}"`).join(' ');
      await addService(world, { name: 'Tomcat10', line, port });
      successor = await renewedElsewhere(pfx());
    });
    after(() => world.close());

    it('is reported until a policy allows the restart, with what that costs and what to set', async () => {
      await configure(world, { ...settings(), window: openWindow() });
      const { document } = await world.json(['import', pfx(), '--replace', files.old]);
      const left = document.skipped.find(({ key }: { key: string }) => key === 'file/tomcat');
      assert.equal(left?.command, 'certrebind config set holders.file.restart window', JSON.stringify(left));
      assert.match(left.detail, /Changing it restarts Tomcat10: 2 connections end\./);
      assert.equal(await servedBy(port, files.host), files.old);
      assert.equal((await world.certrebind((left.command as string).split(' ').slice(1))).exitCode, 0);
    });

    it('is replaced in the window, its service restarted, what it serves verified, and undone', async () => {
      const { document, exitCode } = await world.json(['rebind', '--old', files.old, '--new', successor]);
      const step = fileStep(document);
      assert.deepEqual(
        [exitCode, step?.state],
        [0, 'verified'],
        JSON.stringify([fileStep(document), document.blocked]),
      );
      assert.deepEqual(
        [step.restarted.length, step.restarted[0].services, step.restarted[0].error],
        [1, ['Tomcat10'], null],
      );
      assert.equal(await servedBy(port, files.host), successor);
      const undone = await world.json(['undo', document.run]);
      assert.deepEqual(
        [undone.exitCode, fileStep(undone.document)?.state],
        [0, 'verified'],
        JSON.stringify(fileStep(undone.document)),
      );
      assert.equal(await servedBy(port, files.host), files.old);
    });

    itQuickly('is foretold to cost nothing of a person', async () => {
      const { document } = await world.json(['forecast']);
      const place = document.certificates
        .flatMap(({ places }: { places: readonly object[] }) => places)
        .find(({ key }: { key: string }) => key === 'file/tomcat');
      assert.deepEqual([place?.cost, place?.why], ['nothing', 'Its service is restarted in the change window.']);
    });
  });
}
