import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCertificate } from '../../src/certificates/java-keystore.ts';
import type { FileSettings } from '../../src/documents/configuration.ts';
import { besidePath } from '../../src/holders/file/file.ts';
import { fileLab, fileWorld, machineOf, nginx, pemOf, withFiles } from './file-world.ts';
import { given, rebind, undo, type World, worldOf } from './world.ts';

const { key: _, ...rest } = nginx;
const keystore: FileSettings = { ...rest, name: 'keystore', format: 'jks', alias: 'other', password: 'secret:store' };
const secrets = { password: 'geheim', keyPassword: 'geheim', alias: 'other' };
/** Written by keytool: the keys `tomcat` and `other`, and an authority. */
const several = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'java', 'several.jks'));

/** The same keystore with a certificate of the lab under an alias. */
function holding(label: string, store: Buffer, of = secrets): Promise<Buffer> {
  const { certificate, key } = pemOf(fileLab, label);
  const { raw: leaf } = new X509Certificate(certificate);
  return withCertificate(
    store,
    { leaf, key: createPrivateKey(key), intermediates: [], friendlyName: null, provider: null },
    of,
  );
}

describe('a Java keystore', () => {
  for (const { format, ...more } of [
    { format: 'pfx', password: 'secret:store' },
    { format: 'pem', password: 'secret:store' },
  ] as const)
    it(`that is listed as ${format} is left alone, since its other entries would be lost, and it is said`, async () => {
      const settings: FileSettings = { ...rest, format, ...more };
      const machine = machineOf(fileLab, 'old', null, keystore);
      machine.disk.set(settings.certificate, await holding('old', several));
      const { server } = fileWorld(worldOf(fileLab), machine, [settings]).context;
      const { unreadable } = await server.snapshot();
      assert.match(JSON.stringify(unreadable), /It is a Java keystore: set its format to jks\./);
    });

  /** With the new certificate beside it, laid there when it was as `several`. */
  async function prepared() {
    const machine = machineOf(fileLab, 'old', null, keystore);
    const live = await holding('old', several);
    machine.disk.set(keystore.certificate, live);
    machine.disk.set(besidePath(keystore.certificate, fileLab.thumbprint('new')), await holding('new', live));
    const world = fileWorld(worldOf(fileLab), machine, [keystore]);
    return { machine, world, live: () => machine.disk.get(keystore.certificate) ?? Buffer.alloc(0) };
  }
  const rebinding = (world: World) => rebind(world, [given(fileLab, 'old', 'new')], {}, withFiles([keystore]));
  /** As another program does: its other key gets another certificate. */
  const changed = (store: Buffer) => holding('new', store, { ...secrets, alias: 'tomcat', keyPassword: 'schluessel' });

  it('that was changed since keeps what it has, at a replacement and at an undo, and it is said what to do', async () => {
    const { machine, world, live } = await prepared();
    const before = await changed(live());
    machine.disk.set(keystore.certificate, before);
    const refused = await rebinding(world);
    assert.match(refused.steps[0]?.error?.message ?? '', /were changed since, .*: import the certificate again/);
    assert.deepEqual([refused.steps[0]?.state, live()], ['as-before', before]);

    const again = await prepared();
    const done = await rebinding(again.world);
    assert.equal(done.steps[0]?.state, 'verified', JSON.stringify(done));
    const after = await changed(again.live());
    again.machine.disk.set(keystore.certificate, after);
    const undone = await undo(again.world, done.run, { configuration: withFiles([keystore]) });
    assert.match(undone.steps[0]?.error?.message ?? '', /were changed since, .*: import the certificate again/);
    assert.deepEqual(again.live(), after);
  });
});
