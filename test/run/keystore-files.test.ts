import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCertificate } from '../../src/certificates/java-keystore.ts';
import type { FileSettings } from '../../src/documents/configuration.ts';
import { fileLab, fileWorld, machineOf, nginx, pemOf } from './file-world.ts';
import { worldOf } from './world.ts';

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
});
