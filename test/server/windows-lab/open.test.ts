import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveLab } from '../../../src/server/lab/host/serve.ts';
import { openLabServer } from '../../../src/server/lab/lab-server.ts';
import { readSnapshot } from '../../../src/server/server.ts';
import { findCheckout } from '../../../src/server/windows-lab/checkout.ts';
import { openWindowsLabServer } from '../../../src/server/windows-lab/open.ts';
import { findEngine } from '../../engine.ts';
import { temporaryFolder, temporaryLab } from '../../support/temporary-lab.ts';

describe('Windows side of a lab: where the checkout is', () => {
  const checkout = join(import.meta.dirname, '..', '..', '..');

  it('it is what CERTREBIND_CHECKOUT names, for a program that was copied away', () => {
    assert.equal(findCheckout({ CERTREBIND_CHECKOUT: checkout }), join(checkout));
  });

  it('a folder that is none is passed over for the one around the program', () => {
    assert.equal(findCheckout({ CERTREBIND_CHECKOUT: tmpdir() }), join(checkout));
  });
});

(findEngine() === null ? describe.skip : describe)('Windows side of a lab', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  beforeEach(async () => {
    lab = await temporaryLab();
  });
  afterEach(() => lab.remove());

  for (const served of [true, false]) {
    it(`sees in a real PowerShell what the lab says of itself (${served ? 'served' : 'not served'})`, async () => {
      const serving = served ? await serveLab(lab.folder) : null;
      const { server: throughPowerShell } = await openWindowsLabServer(lab.folder);
      const { server: itself } = await openLabServer(lab.folder);
      try {
        const [seen, said] = [await readSnapshot(throughPowerShell), await readSnapshot(itself)];
        assert.equal(seen.server.kind, 'windows');
        assert.deepEqual(
          { ...seen, takenAt: '', sources: [], server: { ...seen.server, kind: 'lab' } },
          { ...said, takenAt: '', sources: [] },
        );
        const key = { address: '0.0.0.0', port: 443, serverName: null };
        assert.equal(throughPowerShell.dial(key).reachable, served);
      } finally {
        await throughPowerShell.close();
        await itself.close();
        await serving?.close();
      }
    });
  }

  it('leaves nothing behind when it is closed', async () => {
    const { path, remove } = await temporaryFolder();
    const before = process.env.TMPDIR;
    process.env.TMPDIR = path;
    try {
      const { server } = await openWindowsLabServer(lab.folder);
      assert.notDeepEqual(await readdir(path), []);
      await server.close();
      assert.deepEqual(await readdir(path), []);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      await remove();
    }
  });

  it('refuses a folder that is no lab before a PowerShell starts', async () => {
    await rm(join(lab.folder, 'lab.json'));
    await assert.rejects(openWindowsLabServer(lab.folder), { code: 'not-a-lab' });
  });
});
