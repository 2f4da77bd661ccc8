import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLab } from '../../../src/server/lab/host/channel.ts';
import { serveLab } from '../../../src/server/lab/host/serve.ts';
import type { SwitchName } from '../../../src/server/lab/kernel/switches.ts';
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

  for (const [name, position] of [
    ['key-opens', 'too-slow'],
    ['ftp-site-state', 'fails'],
    ['ftp-site-state', 'told'],
  ] as const) {
    it(`sees what the lab says of itself with ${name} at ${position}`, async () => {
      await addSite(
        lab.folder,
        '<site name="Files" id="90"><bindings><binding protocol="ftp" bindingInformation="*:21:" /></bindings></site>',
      );
      await setSwitch(lab.folder, name, position);
      const { server: throughPowerShell } = await openWindowsLabServer(lab.folder);
      const { server: itself } = await openLabServer(lab.folder);
      try {
        const [seen, said] = [await readSnapshot(throughPowerShell), await readSnapshot(itself)];
        assert.deepEqual([seen.certificates, seen.sites], [said.certificates, said.sites]);
        assert.equal(
          seen.sites.find((site) => site.name === 'Files')?.state,
          position === 'told' ? 'started' : 'unknown',
        );
        assert.equal(seen.sites.find((site) => site.name === 'Shop')?.state, 'started');
        const keys = seen.certificates.map(({ key, keyReason }) => `${key}: ${keyReason}`);
        assert.equal(keys.includes('unknown: it did not open in time'), position === 'too-slow');
      } finally {
        await throughPowerShell.close();
        await itself.close();
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

async function addSite(folder: string, site: string): Promise<void> {
  const file = join(folder, 'applicationHost.config');
  await writeFile(file, (await readFile(file, 'utf8')).replace('</sites>', `${site}</sites>`));
}

async function setSwitch(folder: string, name: SwitchName, position: string): Promise<void> {
  const lab = await openLab(folder);
  await lab.ask({ ask: 'lab', request: { kind: 'set-switch', name, position } });
  await lab.close();
}
