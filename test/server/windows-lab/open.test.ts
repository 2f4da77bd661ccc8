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
import { temporaryLab } from '../../support/temporary-lab.ts';

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

  it('keeps what it makes in the folder of the lab, so that a killed session leaves nothing elsewhere, and removes it', async () => {
    const before = await readdir(lab.folder);
    const { server } = await openWindowsLabServer(lab.folder);
    const made = (await readdir(lab.folder)).filter((name) => !before.includes(name));
    assert.deepEqual(
      made.map((name) => name.replace(/-.*/, '')),
      ['windows'],
    );
    await server.close();
    assert.deepEqual(await readdir(lab.folder), before);
  });

  it('refuses a folder that is no lab before a PowerShell starts', async () => {
    await rm(join(lab.folder, 'lab.json'));
    await assert.rejects(openWindowsLabServer(lab.folder), { code: 'not-a-lab' });
  });
});
