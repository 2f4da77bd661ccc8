import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { recordsOf } from '../../../src/kinds/holder.ts';
import { holdersInUse } from '../../../src/kinds/place.ts';
import { makeCertificateBinding } from '../../../src/kinds/tls/certificate-binding.ts';
import { httpParametersPath } from '../../../src/kinds/tls/http-sys-tables.ts';
import { issueLeaf, makeAuthority } from '../../../src/lab/host/authority.ts';
import { type CreateLabOptions, createLab } from '../../../src/lab/host/create.ts';
import { loadLab } from '../../../src/lab/host/folder.ts';
import { unusedKey } from '../../../src/lab/host/keys.ts';
import { formatRegistryExport } from '../../../src/lab/host/registry-export.ts';
import { exportedTables } from '../../../src/lab/host/server-exports.ts';
import { snapshotOf } from '../../../src/lab/kernel/snapshot.ts';
import { type RegistryKey, rawDword } from '../../../src/model/windows/raw-value.ts';
import { encodeHttpSysRecord } from '../../builders/http-sys-entry.ts';
import { thumbprintOf } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { fixture } from '../../support/fixture.ts';
import { throwsOnlyTypedErrors } from '../../support/only-typed-errors.ts';
import { newFolder } from '../../support/temporary-lab.ts';

const rsa = fixture('certificates/rsa-names.cer');
const rsaPrint = new X509Certificate(rsa).fingerprint.replaceAll(':', '');
const file = (where: string, bytes: Buffer) => ({ where, bytes });
const registryOf = (keys: readonly RegistryKey[]) => file('r.reg', Buffer.from(formatRegistryExport(keys)));
const entryOf = (thumbprint: string, key = '0.0.0.0:443', store = 'My') =>
  encodeHttpSysRecord(makeCertificateBinding({ key, thumbprint, store }), { sniLayout: 'name' });
const thumbprintsIn = (keys: readonly RegistryKey[]) =>
  Object.values(exportedTables(registryOf(keys)))
    .flatMap((table) => table ?? [])
    .map(({ values }) =>
      Buffer.from(values.SslCertHash?.base64 ?? '', 'base64')
        .toString('hex')
        .toUpperCase(),
    );

describe('what was exported on a server', () => {
  describe('the registry', () => {
    for (const [what, key] of [
      ['another key', 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft'],
      ['a key that only sounds like it', 'HKEY_LOCAL_MACHINE\\SOFTWARE\\HTTP\\Parameters\\SslBindingInfo\\0.0.0.0:443'],
    ] as const) {
      it(`is refused where it is not of HTTP.SYS: ${what}`, () =>
        assert.throws(() => thumbprintsIn([{ path: key, values: {} }]), {
          code: 'bad-input',
          exitCode: 2,
          where: 'r.reg',
        }));
    }

    it('may have no certificate bindings', () =>
      assert.deepEqual(thumbprintsIn([{ path: httpParametersPath, values: {} }]), []));

    it('counts in its current control set, and alone any set is that', () => {
      const stale = entryOf(thumbprintOf('stale'));
      const other = { ...stale, path: stale.path.replace('CurrentControlSet', 'ControlSet001') };
      assert.deepEqual(thumbprintsIn([other, entryOf(thumbprintOf('current'))]), [thumbprintOf('current')]);
      assert.deepEqual(thumbprintsIn([other]), [thumbprintOf('stale')]);
    });

    describe('of a hive that was loaded from a file, with numbered control sets only', () => {
      const entryIn = (set: string) => {
        const { path, values } = entryOf(thumbprintOf(set));
        return { path: path.replace('CurrentControlSet', set).replace('\\SYSTEM\\', '\\OFFLINE\\'), values };
      };
      const sets = ['ControlSet001', 'ControlSet002'].map(entryIn);
      const select = (current: number) => ({
        path: 'HKEY_LOCAL_MACHINE\\OFFLINE\\Select',
        values: { Current: rawDword(current), Default: rawDword(1) },
      });

      for (const current of [1, 2])
        it(`counts in the set that the key Select tells: ${current}`, () =>
          assert.deepEqual(thumbprintsIn([...sets, select(current)]), [thumbprintOf(`ControlSet00${current}`)]));

      it('is refused with two of them and without that key', () => {
        assert.throws(() => thumbprintsIn(sets), {
          code: 'bad-input',
          exitCode: 2,
          where: 'r.reg',
          message: /tables of ControlSet001 and ControlSet002, but no key Select that says which one is active/,
          hint: /HKLM\\SYSTEM\\Select/,
        });
      });

      it('is refused where Select names another one', () => {
        assert.throws(() => thumbprintsIn([entryIn('ControlSet001'), select(2)]), {
          code: 'bad-input',
          message: /Select names ControlSet002, but it only has the tables of ControlSet001/,
        });
      });
    });

    it('of rubbish ends in typed errors only', () => {
      fc.assert(
        fc.property(fc.uint8Array(), (bytes) => {
          throwsOnlyTypedErrors(() => exportedTables(file('r.reg', Buffer.from(bytes))));
        }),
      );
    });
  });

  describe('makes a lab', () => {
    let folder: string;
    beforeEach(async () => {
      folder = newFolder();
    });

    async function made(given: Pick<CreateLabOptions, 'registry' | 'certificates'>, sites = '') {
      const configuration = `<configuration><system.applicationHost><sites>${sites}</sites></system.applicationHost></configuration>`;
      const from = file('applicationHost.config', Buffer.from(configuration));
      const created = await createLab({ folder: join(folder, 'lab'), from, ...given });
      const { state } = await loadLab(created.folder);
      return { created, snapshot: snapshotOf(state, 'system', '2026-06-01T12:00:00.000Z') };
    }
    const stores = ({ snapshot }: Awaited<ReturnType<typeof made>>) =>
      snapshot.certificates.map(({ thumbprint, store, key }) => [thumbprint, store, key]);

    it('whose records are those of the registry, with their options', async () => {
      const registry = file('http.reg', fixture('registry/http-parameters.reg'));
      const { created, snapshot } = await made({ registry });
      const [plain] = recordsOf(snapshot);
      assert.ok(recordsOf(snapshot).length > 1);
      assert.equal(created.records, recordsOf(snapshot).length);
      assert.deepEqual(created.certificates, [], 'none are made up');
      assert.ok((plain?.raw.DefaultFlags?.base64 ?? '') !== '');
    });

    it('whose certificates have no keys, and lie where records and FTP sites name them, else in My', async () => {
      const certificates = [file('a.cer', rsa)];
      const ftp = `<site name="F" id="1"><bindings><binding protocol="ftp" bindingInformation="*:21:"/></bindings><ftpServer><security><ssl serverCertHash="${rsaPrint}" serverCertStoreName="WebHosting"/></security></ftpServer></site>`;
      const registry = registryOf([entryOf(rsaPrint)]);
      const unnamed = registryOf([{ path: httpParametersPath, values: {} }]);
      assert.deepEqual(stores(await made({ registry: unnamed, certificates })), [[rsaPrint, 'My', 'missing']]);
      folder = newFolder();
      const both = await made({ registry, certificates }, ftp);
      assert.deepEqual(stores(both), [
        [rsaPrint, 'My', 'missing'],
        [rsaPrint, 'WebHosting', 'missing'],
      ]);
      assert.deepEqual(
        each(both.created.certificates, 'thumbprint', 'store'),
        stores(both).map(([thumbprint, store]) => [thumbprint, store]),
      );
      assert.deepEqual(
        holdersInUse(both.snapshot).map(({ holder }) => holder.value.thumbprint),
        [rsaPrint],
      );
    });

    it('whose issuers of other certificates do not lie beside them', async () => {
      const used = new Set<string>();
      const key = () => {
        const unused = unusedKey('ec', used);
        used.add(unused);
        return unused;
      };
      const at = new Date('2026-06-01');
      const authority = await makeAuthority('Import', key(), key(), at);
      const leaf = await issueLeaf(authority, {
        names: ['a.example.com'],
        notBefore: at,
        notAfter: new Date('2027-06-01'),
        ekus: [],
        key: key(),
      });
      const chain = [leaf.der, authority.intermediate, authority.root]
        .map((der) => `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`)
        .join('');
      const registry = registryOf([entryOf(leaf.thumbprint, 'a.example.com:443', 'WebHosting')]);
      const lab = await made({ registry, certificates: [file('chain.pem', Buffer.from(chain))] });
      assert.deepEqual(stores(lab), [[leaf.thumbprint, 'WebHosting', 'missing']]);
      assert.deepEqual(lab.snapshot.certificates[0]?.intermediates?.length, 1);
    });

    for (const [what, bytes] of [
      ['text', Buffer.from('no')],
      ['a certificate that is torn', tornList()],
    ] as const)
      it(`not from a file of certificates with ${what}, which is named`, async () => {
        await assert.rejects(
          made({ registry: registryOf([entryOf(rsaPrint)]), certificates: [file('x.p7b', bytes)] }),
          {
            code: 'bad-input',
            where: 'x.p7b',
          },
        );
        await writeFile(join(folder, 'lab'), 'nothing was made here');
      });
  });
});

/** A list that is whole, of which the version of the first certificate is none any more. */
function tornList(): Buffer {
  const torn = Buffer.from(fixture('certificates/two.p7b'));
  const inner = torn.indexOf(Buffer.from('a003020102', 'hex'));
  return torn.fill(0xff, inner, inner + 5);
}
