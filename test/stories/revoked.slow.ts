import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { X509Certificate, X509CrlGenerator } from '@peculiar/x509';
import { openLab } from '../../src/lab/host/channel.ts';
import { loadLab } from '../../src/lab/host/folder.ts';
import { rawBinary } from '../../src/windows/raw-value.ts';
import { openWorld, serverKinds, type World } from './lab-world.ts';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

for (const { words } of serverKinds.filter(({ kind }) => kind === 'windows'))
  describe('a certificate that its issuer has revoked, by a list that Windows has', function () {
    this.timeout(180_000);
    let world: World;
    let old: string;
    let successor: string;
    before(async () => {
      world = await openWorld(words);
      old = world.certificates[0]?.thumbprint ?? '';
      await world.json(['config', 'set', 'successors', 'same-names']);
      const renewed = await world.lab([
        'renew',
        old,
        '--no-event',
        '--no-property',
        '--keep-old',
        '--expires-in',
        '30d',
      ]);
      successor = renewed.new;
    });
    after(() => world.close());

    const moved = async () => [...(await world.records()).values()].filter((hash) => hash === successor).length;
    const reconcile = async () => (await world.json(['reconcile'])).document.result;

    it('is left for a day where it is only issued again', async () => {
      assert.deepEqual([await reconcile(), await moved()], ['nothing-to-do', 0]);
      const { findings } = (await world.json(['status'])).document;
      assert.ok(findings.some(({ code }: { code: string }) => code === 'replaced-earlier'));
    });

    it('is left where the list revokes another one', async () => {
      await plant(world.folder, successor);
      assert.deepEqual([await reconcile(), await moved()], ['nothing-to-do', 0]);
    });

    it('is replaced at once where the list revokes it', async () => {
      await plant(world.folder, old);
      const { result, counts } = (await world.json(['reconcile'])).document;
      assert.deepEqual([result, counts.changed], ['rebound', await moved()]);
      assert.ok(counts.changed > 5);
    });
  });

/** Puts a list, as it lies in the store CA, into the registry of a lab: its issuing authority revokes one certificate. */
async function plant(folder: string, revoked: string): Promise<void> {
  const { state, issuingKey } = loadLab(folder);
  const entry = state.certificates.find(({ thumbprint }) => thumbprint === revoked);
  assert(entry !== undefined);
  const { serialNumber, issuer } = new X509Certificate(Buffer.from(entry.der, 'base64'));
  const pkcs8 = createPrivateKey(issuingKey).export({ format: 'der', type: 'pkcs8' });
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, ecdsa, false, ['sign']);
  const list = await X509CrlGenerator.create({
    issuer,
    entries: [{ serialNumber }],
    signingAlgorithm: ecdsa,
    signingKey,
  });
  const property = Buffer.alloc(12);
  property.writeInt32LE(33, 0);
  property.writeInt32LE(1, 4);
  property.writeInt32LE(list.rawData.byteLength, 8);
  const Blob = rawBinary(Buffer.concat([property, Buffer.from(list.rawData)]));
  const registry = { 'SOFTWARE\\Microsoft\\SystemCertificates\\CA\\CRLs\\A': { Blob } };
  const channel = await openLab(folder);
  await channel.send({ kind: 'set-roles', roles: { classes: {}, ...state.roles, registry } });
  await channel.close();
}
