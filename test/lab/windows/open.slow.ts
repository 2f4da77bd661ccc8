import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertRebindError } from '../../../src/base/errors.ts';
import { recordsOf } from '../../../src/kinds/holder.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import type { LabCreated } from '../../../src/lab/host/create.ts';
import { serveLab } from '../../../src/lab/host/serve.ts';
import { newCertificate } from '../../../src/lab/kernel/certificates.ts';
import type { SwitchName } from '../../../src/lab/kernel/switches.ts';
import { findCheckout } from '../../../src/lab/windows/checkout.ts';
import { openWindowsLabServer } from '../../../src/lab/windows/open.ts';
import type { PowerShellPolicies } from '../../../src/lab/windows/system-root.ts';
import { adapterFileName, adapterText } from '../../../src/server/windows/adapter-script.ts';
import { run } from '../../cli/run-program.ts';
import { findEngine } from '../../engine.ts';
import { ofEach } from '../../support/of-each.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';
import { withoutKeyFiles } from '../../support/without-key-files.ts';

describe('Windows side of a lab: where the checkout is', () => {
  const checkout = join(import.meta.dirname, '../../..');

  it('it is what CERTREBIND_CHECKOUT names, for a program that was copied away', () =>
    assert.equal(findCheckout({ CERTREBIND_CHECKOUT: checkout }), join(checkout)));

  it('a folder that is none is passed over for the one around the program', () =>
    assert.equal(findCheckout({ CERTREBIND_CHECKOUT: tmpdir() }), join(checkout)));
});

(findEngine() === null ? describe.skip : describe)('Windows side of a lab', () => {
  const lab = ofEach(temporaryLab);

  for (const served of [true, false]) {
    it(`sees in a real PowerShell what the lab says of itself (${served ? 'served' : 'not served'})`, async () => {
      const serving = served ? await serveLab(lab.folder) : null;
      const { server: throughPowerShell } = await openWindowsLabServer(lab.folder);
      const { server: itself } = await openLabServer(lab.folder);
      try {
        const [seen, said] = [await throughPowerShell.snapshot(), await itself.snapshot()];
        assert.equal(seen.server.kind, 'windows');
        assert.deepEqual(
          { ...withoutKeyFiles(seen), takenAt: '', sources: [], server: { ...seen.server, kind: 'lab' } },
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
    ['listen-list', 'empty'],
    ['listen-list', 'one-address'],
    ['http3', 'on'],
    ['web-administration', 'missing'],
    ['schedule-service', 'stopped'],
    ['renewal-issuer', 'stored'],
    ['renewal-issuer', 'missing'],
    ['root-store', 'fetched'],
    ['root-store', 'only-stored'],
  ] as const) {
    it(`sees what the lab says of itself with ${name} at ${position}`, async () => {
      await addSite(
        lab.folder,
        '<site name="Files" id="90"><bindings><binding protocol="ftp" bindingInformation="*:21:" /></bindings></site>',
      );
      await setSwitch(lab.folder, name, position);
      if (name === 'root-store') await revokeOneOfAnUntrustedAuthority(lab);
      if (name === 'renewal-issuer') await renew(lab.folder, lab.certificates[0]?.thumbprint ?? '');
      const { server: throughPowerShell } = await openWindowsLabServer(lab.folder);
      const { server: itself } = await openLabServer(lab.folder);
      try {
        const [seen, said] = [await throughPowerShell.snapshot(), await itself.snapshot()];
        assert.deepEqual(seen.trust?.list, name === 'root-store' && position === 'only-stored' ? 'unused' : 'missing');
        assert.equal(
          seen.certificates.some(({ disallowed }) => disallowed),
          name === 'root-store',
        );
        const facts = ({ trust, certificates, holders, listenOnly, http3, webAdministration, ...rest }: Snapshot) => {
          const { scheduleService, tasks, notLookedAt } = rest;
          return {
            trust,
            certificates,
            records: recordsOf({ holders }),
            listenOnly,
            http3,
            webAdministration,
            scheduleService,
            tasks,
            notLookedAt,
          };
        };
        assert.deepEqual(facts(withoutKeyFiles(seen)), facts(said));
        assert.equal(seen.scheduleService, position === 'stopped' ? 'stopped' : 'started');
        const incomplete = seen.certificates.filter(({ chain }) => chain === 'incomplete');
        assert.equal(incomplete.length, position === 'missing' && name === 'renewal-issuer' ? 1 : 0);
        const lacksModule = name === 'web-administration' && position === 'missing';
        assert.equal(seen.webAdministration, lacksModule ? 'missing' : 'present');
        assert.equal(seen.http3, name === 'http3' ? true : undefined);
        assert.deepEqual(seen.listenOnly, position === 'one-address' ? ['192.0.2.77'] : []);
        const stateOf = (snapshot: Snapshot, name: string) => snapshot.sites.find((site) => site.name === name)?.state;
        // The lab itself needs no module to know what its sites do.
        assert.equal(stateOf(seen, 'Shop'), lacksModule ? 'unknown' : 'started');
        assert.equal(stateOf(seen, 'Files'), position === 'told' ? 'started' : 'unknown');
        assert.equal(stateOf(said, 'Files'), position === 'told' ? 'started' : 'unknown');
        const keys = seen.certificates.map(({ key, keyReason }) => `${key}: ${keyReason}`);
        assert.equal(keys.includes('unknown: it did not open in time'), position === 'too-slow');
      } finally {
        await throughPowerShell.close();
        await itself.close();
      }
    });
  }

  describe('starts PowerShell with the adapter as an installed program does, under the policies of the lab', () => {
    const signature = '# SIG # Begin signature block\r\n# MIIFvAYJKoZI\r\n# SIG # End signature block\r\n';
    /** Switches that are moved; the way that works or the code of the error; what kept the file from working. */
    const rows: readonly [moved: Partial<PowerShellPolicies>, ends: string, cause?: string][] = [
      [{}, 'file'],
      [{ 'execution-policy': 'RemoteSigned' }, 'file'],
      [{ 'execution-policy': 'AllSigned' }, 'text', 'execution-policy'],
      [{ 'execution-policy': 'Restricted' }, 'text', 'execution-policy'],
      [{ 'script-control': 'allows-adapter' }, 'file'],
      [{ 'script-control': 'allows-adapter', 'execution-policy': 'AllSigned' }, 'script-control'],
      [{ 'script-control': 'allows-nothing' }, 'script-control'],
      [{ 'powershell-starts': 'no' }, 'engine-refused'],
    ];
    for (const [moved, ends, cause] of rows) {
      const situation = Object.entries(moved).map((entry) => entry.join(' '));
      it(`${situation.join(', ') || 'nothing set'}: ${ends}`, async () => {
        assert.deepEqual(await startUnder(moved), cause === undefined ? [ends] : [ends, cause]);
      });
    }

    it('execution-policy AllSigned, and the adapter is signed: file', async () => {
      const program = join(lab.folder, 'Program Files', 'CertRebind');
      await mkdir(program, { recursive: true });
      await writeFile(join(program, adapterFileName), `${adapterText}\r\n${signature}`);
      assert.deepEqual(await startUnder({ 'execution-policy': 'AllSigned' }, program), ['file']);
    });

    async function startUnder(moved: Partial<PowerShellPolicies>, programFolder: string | null = null) {
      for (const [name, position] of Object.entries(moved)) await setSwitch(lab.folder, name as SwitchName, position);
      const { server } = await openWindowsLabServer(lab.folder, { programFolder });
      try {
        await server.tasks();
        const { engine } = server.cost();
        return engine?.way === 'text' ? ['text', engine.because.cause] : [engine?.way];
      } catch (error) {
        assert(error instanceof CertRebindError && error.exitCode === 7, String(error));
        return [error.code];
      } finally {
        await server.close();
      }
    }
  });

  it('prints nothing of what is said to PowerShell, whatever DEBUG says', async () => {
    const words = ['status', '--server', 'windows', '--lab', lab.folder, '--json'];
    const { stdout, stderr } = await run(words, { env: { DEBUG: '*' } });
    assert.equal(JSON.parse(stdout).schema, 'certrebind/status/1');
    assert.equal(stderr, '');
  });

  it('keeps what it makes in the folder of the lab, so that a killed session leaves nothing elsewhere, and removes all but the keys', async () => {
    const before = await readdir(lab.folder);
    const { server } = await openWindowsLabServer(lab.folder);
    const made = (await readdir(lab.folder)).filter((name) => !before.includes(name));
    assert.deepEqual(
      made.map((name) => name.replace(/-.*/, '')),
      ['ProgramData', 'windows'],
    );
    await server.close();
    assert.deepEqual((await readdir(lab.folder)).sort(), ['ProgramData-software', ...before].sort());
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

async function renew(folder: string, thumbprint: string): Promise<void> {
  const lab = await openLab(folder);
  await lab.ask({ ask: 'renew', options: { thumbprint } });
  await lab.close();
}

/** A root that the server knows and does not trust has issued a renewal, and the lab's own one revoked what was renewed. */
async function revokeOneOfAnUntrustedAuthority({ folder, certificates }: LabCreated): Promise<void> {
  const thumbprint = certificates[0]?.thumbprint ?? '';
  const lab = await openLab(folder);
  await lab.ask({ ask: 'add-authority', authority: { name: 'staging', organisation: 'Another' } });
  await lab.ask({ ask: 'renew', options: { thumbprint, issuer: 'staging' } });
  await lab.ask({ ask: 'revoke', thumbprint });
  const [, staging] = await lab.ask({ ask: 'authorities' });
  const root = newCertificate(Buffer.from(staging?.certificates[0] ?? '', 'base64'), { store: 'CA', key: 'missing' });
  await lab.send({ kind: 'add-certificate', certificate: root });
  await lab.close();
}
