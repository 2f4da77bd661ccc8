import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordsOf } from '../../../src/kinds/holder.ts';
import { parseApplicationHost } from '../../../src/kinds/iis/application-host.ts';
import { toRecordKey } from '../../../src/kinds/record-key.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { iisAppId } from '../../../src/kinds/tls/certificate-binding.ts';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import { createLab, type LabCreated } from '../../../src/lab/host/create.ts';
import { loadLab } from '../../../src/lab/host/folder.ts';
import { coversHost } from '../../../src/model/certificates/host-name.ts';
import { processorMs } from '../../support/processor-time.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('lab create', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });

  describe('the sample server', () => {
    let created: LabCreated;
    let snapshot: Snapshot;
    beforeEach(async () => {
      created = await createLab({ folder: join(folder, 'lab') });
      snapshot = await snapshotOf(created.folder);
    });

    it('has a record of every kind, a shared one, and one of another product', () => {
      assert.ok(recordsOf(snapshot).length >= 10);
      assert.equal(created.records, recordsOf(snapshot).length);
      assert.equal(created.sites, snapshot.sites.length);
      const keys = recordsOf(snapshot).map(({ key }) => toRecordKey(key));
      assert.ok(keys.filter((key) => key?.table === 'sni' && !key.host.startsWith('*')).length >= 4);
      assert.ok(keys.some((key) => key?.table === 'sni' && key.host.startsWith('*.')));
      assert.ok(keys.some((key) => key?.table === 'ip' && key.address.includes(':')));
      assert.ok(keys.some((key) => key?.table === 'ip' && /^192/.test(key.address)));
      assert.ok(keys.some((key) => key?.table === 'ccs'));
      assert.equal(standingOn('0.0.0.0:443').length, 3);
      assert.equal(recordsOf(snapshot).filter(({ appId }) => appId !== iisAppId).length, 1);
      assert.equal(snapshot.sites.filter(({ state }) => state === 'stopped').length, 1);
    });

    it('every https binding stands on a record, and only the other product has none', () => {
      const bound = new Set(bindings().map(({ recordKey }) => recordKey));
      const records = new Set(recordsOf(snapshot).map(({ key }) => key));
      for (const key of bound) assert.ok(key !== null && records.has(key), `${key}`);
      for (const { key, appId } of recordsOf(snapshot)) assert.equal(bound.has(key), appId === iisAppId, key);
    });

    it('the first certificate is under six reachable endpoints without the help of IPv6', () => {
      const [first] = created.certificates;
      const stopped = snapshot.sites.filter(({ state }) => state === 'stopped').map(({ name }) => name);
      const reachable = recordsOf(snapshot).filter(
        ({ key, thumbprint, appId }) =>
          thumbprint === first?.thumbprint &&
          appId === iisAppId &&
          !key.startsWith('[') &&
          standingOn(key).some((site) => !stopped.includes(site)),
      );
      assert.ok(reachable.length >= 6, reachable.map(({ key }) => key).join(', '));
    });

    it('its first name is the host of one SNI binding, and no other of its names covers it', () => {
      const [name = '', ...others] = created.certificates[0]?.names ?? [];
      assert.ok(others.length >= 2);
      assert.equal(bindings().filter(({ parts, sslFlags }) => parts?.host === name && sslFlags === 1).length, 1);
      assert.equal(bindings().filter(({ protocol, parts }) => protocol === 'https' && parts?.host === name).length, 1);
      assert.ok(!coversHost({ commonName: null, dnsNames: others, ipAddresses: [] }, name));
    });

    it('the second certificate stands under an IIS binding too', () => {
      const second = created.certificates[1]?.thumbprint;
      assert.ok(recordsOf(snapshot).some(({ key, thumbprint }) => thumbprint === second && standingOn(key).length > 0));
    });

    it('every host is covered by the certificate of its record', () => {
      const records = new Map(recordsOf(snapshot).map(({ key, thumbprint }) => [key, thumbprint]));
      for (const { recordKey, parts } of bindings()) {
        const thumbprint = recordKey === null ? null : records.get(recordKey);
        const certificate = snapshot.certificates.find((each) => each.thumbprint === thumbprint);
        if (certificate === undefined || parts === null || parts.host === '') continue;
        assert.ok(coversHost(certificate, parts.host), parts.host);
      }
    });

    it('nothing is pending: no events, no renewal property, nothing archived, every key usable', () => {
      assert.deepEqual(snapshot.lifecycle.events, []);
      for (const { renewedTo, archived, key, chain } of snapshot.certificates) {
        assert.deepEqual(
          { renewedTo, archived, key, chain },
          { renewedTo: null, archived: false, key: 'usable', chain: 'complete' },
        );
      }
    });

    function bindings() {
      return snapshot.sites.flatMap((site) => site.bindings).filter(({ protocol }) => protocol === 'https');
    }

    function standingOn(key: string): readonly string[] {
      return snapshot.sites
        .filter((site) => site.bindings.some(({ recordKey }) => recordKey === key))
        .map(({ name }) => name);
    }
  });

  it('a thousand sites share a few certificates and are made in seconds', async () => {
    const started = processorMs();
    const created = await createLab({ folder: join(folder, 'lab'), sites: 1000 });
    assert.ok(processorMs() - started < 5000);
    assert.equal(created.sites, 1000);
    assert.ok(created.certificates.length < 20);
    const records = recordsOf(await snapshotOf(created.folder));
    assert.equal(records.length, created.records);
    const uses = created.certificates.map(
      ({ thumbprint }) => records.filter((each) => each.thumbprint === thumbprint).length,
    );
    assert.equal(Math.max(...uses), uses[0]);
  });

  it('a given configuration gets a record for every https binding and certificates that cover its hosts', async () => {
    const file = join(folder, 'applicationHost.config');
    await writeFile(file, configuration);
    const created = await createLab({
      folder: join(folder, 'lab'),
      from: { where: file, bytes: await readFile(file) },
    });
    const snapshot = await snapshotOf(created.folder);
    assert.deepEqual(
      recordsOf(snapshot)
        .map(({ key }) => key)
        .sort(),
      ['(central-store):443', '0.0.0.0:443', '[2001:db8::5]:8443', 'a.example.com:443', '*.b.example.com:443'].sort(),
    );
    const certificate = snapshot.certificates[0];
    for (const host of ['a.example.com', 'x.b.example.com', 'plain.example.com']) {
      assert.ok(certificate !== undefined && coversHost(certificate, host), host);
    }
    assert.equal(await readFile(join(created.folder, 'applicationHost.config'), 'utf8'), configuration);
  });

  it('a configuration in UTF-16 stays in UTF-16', async () => {
    const file = join(folder, 'applicationHost.config');
    const text = configuration.replace('encoding="UTF-8"', 'encoding="UTF-16"');
    await writeFile(file, Buffer.from(`\uFEFF${text}`, 'utf16le'));
    const created = await createLab({
      folder: join(folder, 'lab'),
      from: { where: file, bytes: await readFile(file) },
    });
    assert.deepEqual(await readFile(join(created.folder, 'applicationHost.config')), await readFile(file));
    assert.equal((await loadLab(created.folder)).state.applicationHost, text);
  });

  for (const [declared, written, reads] of [
    ['UTF-8', 'latin1', null],
    ['windows-1252', 'latin1', 'bücher'],
    ['UTF-16', 'utf8', 'bücher'],
  ] as const) {
    it(`a configuration that declares ${declared} and is ${written} is read as capture reads it`, async () => {
      const file = join(folder, 'applicationHost.config');
      const text = configuration
        .replace('encoding="UTF-8"', `encoding="${declared}"`)
        .replace(/name="[^"]*"/, 'name="bücher"');
      const bytes = Buffer.from(text, written);
      await writeFile(file, bytes);
      const captured = () => parseApplicationHost(bytes, file).sites[0]?.name;
      const lab = createLab({ folder: join(folder, 'lab'), from: { where: file, bytes: await readFile(file) } });
      if (reads === null) {
        assert.throws(captured, { code: 'bad-xml' });
        await assert.rejects(lab, { code: 'bad-xml' });
      } else {
        assert.equal(captured(), reads);
        assert.equal((await snapshotOf((await lab).folder)).sites[0]?.name, reads);
      }
    });
  }

  it('a folder with something in it is refused and left as it is', async () => {
    await mkdir(join(folder, 'lab'));
    await writeFile(join(folder, 'lab', 'mine.txt'), 'mine');
    await assert.rejects(createLab({ folder: join(folder, 'lab') }), { code: 'not-writable', exitCode: 2 });
    assert.equal(await readFile(join(folder, 'lab', 'mine.txt'), 'utf8'), 'mine');
  });

  it('what is no configuration makes no folder', async () => {
    const from = { where: 'a test', bytes: Buffer.from('<configuration><sites>') };
    await assert.rejects(createLab({ folder: join(folder, 'lab'), from }), { code: 'bad-xml' });
    await assert.rejects(readFile(join(folder, 'lab', 'lab.json')), { code: 'ENOENT' });
  });
});

async function snapshotOf(folder: string): Promise<Snapshot> {
  const { server } = await openLabServer(folder);
  try {
    return await server.snapshot();
  } finally {
    await server.close();
  }
}

const configuration = `<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <system.applicationHost>
    <sites>
      <site name="A &amp; B" id="1">
        <bindings>
          <binding protocol="http" bindingInformation="*:80:" />
          <binding protocol="https" bindingInformation="*:443:plain.example.com" sslFlags="0" />
          <binding protocol="https" bindingInformation="*:443:a.example.com" sslFlags="1" />
          <binding protocol="https" bindingInformation="*:443:*.b.example.com" sslFlags="1" />
        </bindings>
      </site>
      <site name="Six" id="2">
        <bindings>
          <binding protocol="https" bindingInformation="[2001:db8::5]:8443:" sslFlags="0" />
          <binding protocol="https" bindingInformation="*:443:c.example.com" sslFlags="3" />
        </bindings>
      </site>
    </sites>
  </system.applicationHost>
</configuration>
`;
