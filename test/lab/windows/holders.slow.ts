import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ftpKey } from '../../../src/kinds/ftp/ftp.ts';
import { type Holder, holding, sameHolder } from '../../../src/kinds/holder.ts';
import { keyAccess, keyAccessKey, networkService } from '../../../src/kinds/key-access/key-access.ts';
import { holdersInUse, placesOf } from '../../../src/kinds/place.ts';
import { rdpKey, rdpListener } from '../../../src/kinds/rdp/rdp.ts';
import { winrmKey, winrmListener } from '../../../src/kinds/winrm/winrm.ts';
import type { LabChannel } from '../../../src/lab/client/server-over-channel.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import { openWindowsLabServer } from '../../../src/lab/windows/open.ts';
import type { Thumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { serviceAccount } from '../../../src/model/windows/service-account.ts';
import type { Change, Server } from '../../../src/server/server.ts';
import { ftpsOf } from '../../builders/snapshot.ts';
import { findEngine } from '../../engine.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

(findEngine() === null ? describe.skip : describe)('holders that the Windows side is told to change', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let server: Server;
  before(async () => {
    lab = await temporaryLab({ holders: true });
    ({ server } = await openWindowsLabServer(lab.folder));
  });
  after(async () => {
    await server?.close();
    await lab?.remove();
  });

  const first = () => lab.certificates[0]?.thumbprint as Thumbprint;
  const other = () => lab.certificates[1]?.thumbprint as Thumbprint;
  const ftp = (site: string, thumbprint: Thumbprint): Holder<'ftp'> => ({
    kind: 'ftp',
    key: ftpKey(site),
    value: { site, thumbprint, store: 'My' },
  });
  const rdp = (listener: string, thumbprint: Thumbprint): Holder<'rdp'> => ({
    kind: 'rdp',
    key: rdpKey(listener),
    value: rdpListener(listener, thumbprint),
  });

  const winrm = (thumbprint: Thumbprint): Holder<'winrm'> => ({
    kind: 'winrm',
    key: winrmKey('*+HTTPS'),
    value: winrmListener('*+HTTPS', thumbprint, null, 5986),
  });

  async function held() {
    return (await server.snapshot()).holders;
  }

  for (const [what, wanted, words] of [
    ['an FTP site that is not there', () => ftp('Nowhere', other()), /no site Nowhere/],
    ['a name that ends an XPath', () => ftp("x'] | //site[@name='Files", other()), /no site x'\]/],
    ['a listener that is not there', () => rdp('Nowhere', other()), /no Remote Desktop listener Nowhere/],
    ['a listener in words of a path', () => rdp('..\\WinStations\\RDP-Tcp', other()), /no Remote Desktop listener/],
    ['a listener in quotes', () => rdp('RDP-Tcp" or "1"="1', other()), /no Remote Desktop listener/],
  ] as const) {
    it(`${what}: refused, and nothing is changed`, async () => {
      const before = await held();
      const [report] = await server.change([{ do: 'put', expected: null, wanted: wanted() }]);
      assert.equal(report?.error?.code, 'refused');
      assert.match(report?.error?.message ?? '', words);
      assert.deepEqual(await held(), before);
    });
  }

  for (const [what, expected] of [
    ['an FTP site', () => ftp('Files', other())],
    ['a Remote Desktop listener', () => rdp('RDP-Tcp', other())],
    ['a WinRM listener', () => winrm(other())],
  ] as const) {
    it(`${what} that others changed between plan and put: left as they made it`, async () => {
      const before = await held();
      const holder = expected();
      const [report] = await server.change([{ do: 'put', expected: holder, wanted: holding(holder, first(), 'My') }]);
      assert.equal(report?.error?.code, 'changed-meanwhile');
      assert.equal(report?.now?.state, 'holds');
      assert.deepEqual(await held(), before);
    });
  }

  it('a listener in words of a path does not hold what the key at their end holds', async () => {
    const name = 'x\\..\\RDP-Tcp';
    const [report] = await server.change([{ do: 'put', expected: rdp(name, first()), wanted: rdp(name, other()) }]);
    assert.equal(report?.error?.code, 'changed-meanwhile');
  });

  it('the Web Management Service, whose registry refuses: its record is rolled back, and both are read', async () => {
    const [before] = holdersInUse(await server.snapshot()).filter(({ holder }) => holder.kind === 'wmsvc');
    assert(before?.holder.kind === 'wmsvc');
    const wanted = holding(before.holder, other(), 'My') as Holder<'wmsvc'>;
    const put: Change = { do: 'put', expected: before.holder, wanted };
    await withLab(async (channel) => {
      const { result } = await channel.send({ kind: 'read' });
      assert(result.kind === 'state');
      const certificate = result.state.certificates.find(({ thumbprint }) => thumbprint === other());
      assert(certificate !== undefined);
      await channel.send({ kind: 'add-certificate', certificate: { ...certificate, store: 'My' } });
      const effect = { do: 'fail', hresult: 0x80070005, message: 'Access is denied.' } as const;
      return channel.send({ kind: 'arm-fault', fault: { on: { kind: 'set-wmsvc' }, nth: 1, times: 1, effect } });
    });
    const [refused] = await server.change([put]);
    assert.deepEqual([refused?.error?.code, refused?.now], ['refused', { state: 'holds', holder: before.holder }]);
    assert.match(refused?.error?.message ?? '', /^its own setting: .*Access is denied/);

    const [stale] = await server.change([{ ...put, expected: wanted }]);
    assert.equal(stale?.error?.code, 'changed-meanwhile');

    const [changed] = await server.change([put]);
    assert.equal(changed?.error, null);
    assert(changed?.now?.state === 'holds' && sameHolder(changed.now.holder, wanted));
  });

  async function withLab(use: (channel: LabChannel) => Promise<unknown>): Promise<void> {
    const channel = await openLab(lab.folder);
    try {
      await use(channel);
    } finally {
      await channel.close();
    }
  }

  it('a listener that group policy has taken over between plan and put: refused in these words, and left', async () => {
    const governed = await temporaryLab({ holders: true, sites: 1 });
    const file = join(governed.folder, 'lab.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"chosenBy": "person"', '"chosenBy": "policy"'));
    const { server: there } = await openWindowsLabServer(governed.folder);
    try {
      const [before] = placesOf(await there.snapshot()).filter(({ kind }) => kind === 'rdp');
      assert.equal(before?.chosenBy, 'policy');
      const holder = rdp('RDP-Tcp', before.thumbprint as Thumbprint);
      const wanted = holding(holder, governed.certificates[1]?.thumbprint as Thumbprint, 'My');
      const [report] = await there.change([{ do: 'put', expected: holder, wanted }]);
      assert.deepEqual(report?.error, {
        code: 'refused',
        message: 'group policy chooses the certificate of this listener',
      });
      assert.deepEqual(report?.now, { state: 'holds', holder });
    } finally {
      await there.close();
      await governed.remove();
    }
  });

  it('a private key: its file has to lie in one folder alone, and not behind a link', async () => {
    const crypto = join(lab.folder, 'ProgramData-software', 'Microsoft', 'Crypto');
    const [own, elsewhere] = [join(crypto, 'Keys', first()), join(crypto, 'RSA', 'MachineKeys', first())];
    const rights = async () => {
      const { certificates } = await server.snapshot();
      return certificates.find(({ thumbprint }) => thumbprint === first())?.keyRights;
    };
    const { serviceSid } = serviceAccount('MSSQLSERVER', '');
    assert.deepEqual(await rights(), {
      sddl: `O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;NS)(A;;FR;;;${serviceSid})`,
      file: own,
    });

    await mkdir(join(crypto, 'RSA', 'MachineKeys'), { recursive: true });
    await writeFile(elsewhere, '');
    assert.deepEqual(await rights(), { why: 'its file was found 2 times' });
    const wanted: Holder<'keyAccess'> = {
      kind: 'keyAccess',
      key: keyAccessKey(first()),
      value: { ...keyAccess(first(), ''), asked: [{ sid: networkService, reads: false }] },
    };
    const [twice] = await server.change([{ do: 'put', expected: null, wanted }]);
    assert.deepEqual(twice?.error, { code: 'refused', message: 'its file was found 2 times' });
    await rm(elsewhere);

    await rename(own, `${own}.real`);
    await symlink(`${own}.real`, own);
    assert.deepEqual(await rights(), { why: 'there is a link on the way to its file' });
    await rename(`${own}.real`, own);

    const [taken] = await server.change([{ do: 'put', expected: null, wanted }]);
    assert.equal(taken?.error, null);
    assert.deepEqual(await rights(), {
      sddl: `O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;${serviceSid})`,
      file: own,
    });
  });

  it('an FTP site in other letters is the one that IIS means', async () => {
    const [report] = await server.change([
      { do: 'put', expected: ftp('FILES', first()), wanted: ftp('FILES', other()) },
    ]);
    assert.equal(report?.error, null);
    assert.equal(ftpsOf({ holders: await held() }).find(({ site }) => site === 'Files')?.thumbprint, other());
  });
});
