import assert from 'node:assert/strict';
import type { Thumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { ftpKey } from '../../../src/model/holders/ftp.ts';
import type { Holder } from '../../../src/model/holders/holder.ts';
import { rdpKey, rdpListener } from '../../../src/model/holders/rdp.ts';
import { readSnapshot, type Server } from '../../../src/server/server.ts';
import { openWindowsLabServer } from '../../../src/server/windows-lab/open.ts';
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

  async function held() {
    const { ftps, others } = await readSnapshot(server);
    return { ftps, others };
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

  it('a listener in words of a path does not hold what the key at their end holds', async () => {
    const name = 'x\\..\\RDP-Tcp';
    const [report] = await server.change([{ do: 'put', expected: rdp(name, first()), wanted: rdp(name, other()) }]);
    assert.equal(report?.error?.code, 'changed-meanwhile');
  });

  it('an FTP site in other letters is the one that IIS means', async () => {
    const [report] = await server.change([
      { do: 'put', expected: ftp('FILES', first()), wanted: ftp('FILES', other()) },
    ]);
    assert.equal(report?.error, null);
    const { ftps } = await held();
    assert.equal(ftps.find(({ site }) => site === 'Files')?.thumbprint, other());
  });
});
