import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { placesOf } from '../../src/kinds/place.ts';
import { anyAddressKeys } from '../../src/kinds/record-key.ts';
import { sstpParameters } from '../../src/kinds/sstp/sstp.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { sampleGatewayPort } from '../../src/lab/host/sample-roles.ts';
import { met } from '../builders/met.ts';
import { each } from '../support/each.ts';
import { needProgram } from '../support/needed-program.ts';
import { ofEach } from '../support/of-each.ts';
import { itQuickly, itSlowly } from '../support/slow.ts';
import { sampleHolders } from '../support/temporary-lab.ts';
import { onLab, openWorld, servers, type World } from './lab-world.ts';

/** Quotes, brackets, variables and letters beyond ASCII, as far as IIS takes them in the name of a site. */
const oddName = "O'Brien (£) [1] $($x) `日本";

for (const { kind, words } of servers) {
  describe(`holders beside certificate bindings (${kind})`, () => {
    const world = ofEach(() => openWorld(words, ['--holders']));

    /** What each FTP site, the defaults and each listener of Remote Desktop and WinRM name, by key. */
    async function held(): Promise<Readonly<Record<string, string>>> {
      const { holders } = await world.snapshot();
      return Object.fromEntries(
        placesOf({ holders, sites: [] }).flatMap(({ key, kind: of, hashes }) => {
          const [hash] = hashes.slice(-1);
          if (of === 'tls' || hash === undefined) return [];
          const { kind, value } = holders.find((one: { key: string }) => one.key === key) ?? assert.fail(key);
          // The Web Management Service has two places, which tell its certificate where they agree.
          return [[key, kind === 'wmsvc' && value.listed !== hash ? 'two certificates' : hash]];
        }),
      );
    }

    async function renew(): Promise<{ readonly old: string; readonly successor: string }> {
      const old = world.certificates[0]?.thumbprint ?? '';
      const { new: successor } = await world.lab(['renew', old]);
      return { old, successor };
    }

    it('are named with the lines that move them, then moved, verified and undone', async () => {
      const { old, successor } = await renew();
      const byHand = [
        'nps/Wi-Fi',
        'rd-gateway/TSGateway',
        'smb-quic/files.example.com',
        'sql/MSSQLSERVER',
        'sstp/SstpSvc',
      ];
      const moved = sampleHolders.filter((key) => !byHand.includes(key));
      const naming = (thumbprint: string) => Object.fromEntries(moved.map((key) => [key, thumbprint]));
      const before = { ...naming(old), ...Object.fromEntries(byHand.map((key) => [key, old])) };
      const first = await world.json(['reconcile']);
      assert.deepEqual([first.exitCode, first.document.counts.changed], [0, 9]);
      const reported = first.document.skipped
        .map(met)
        .filter(({ reason }: { reason: string }) => reason === 'report-only');
      assert.deepEqual(reported.map(({ key }: { key: string }) => key).sort(), sampleHolders);
      assert.deepEqual(await held(), before);

      const lines = new Set<string>(
        reported.map(({ command }: { command: string }) => command).filter((line: string) => /^certrebind /.test(line)),
      );
      assert.equal(lines.size, new Set(moved.map((key) => key.split('/')[0])).size);
      for (const line of lines) assert.equal((await world.certrebind(line.split(' ').slice(1))).exitCode, 0);
      const second = await world.json(['reconcile']);
      assert.deepEqual([second.exitCode, second.document.result], [0, 'rebound']);
      assert.deepEqual(
        second.document.steps.map(({ key, state }: { key: string; state: string }) => `${key} ${state}`).sort(),
        moved.map((key) => `${key} verified`),
      );
      assert.deepEqual(await held(), { ...before, ...naming(successor) });

      const verified = await world.json(['verify']);
      const troubled = verified.document.endpoints.filter(({ trouble }: { trouble?: true }) => trouble === true);
      assert.ok(!troubled.some(({ key }: { key: string }) => moved.includes(key)));
      const undone = await world.json(['undo', '--yes']);
      assert.deepEqual([undone.exitCode, undone.document.result], [0, 'undone']);
      assert.deepEqual(await held(), before);
    });

    for (const [what, holder, key, chosen] of [
      ['SQL Server', 'sql', 'sql/MSSQLSERVER', '0'],
      ['SSTP', 'sstp', 'sstp/SstpSvc', '0'],
      ['SSTP with the certificate of an administrator', 'sstp', 'sstp/SstpSvc', '1'],
      ['Remote Desktop Gateway', 'rd-gateway', 'rd-gateway/TSGateway', '0'],
    ] as const)
      itSlowly(
        `${what} is restarted for a new certificate when a person says now, verified, and undone too`,
        async () => {
          const { old, successor } = await renew();
          await chooseForSstp(world.folder, chosen);
          const file = join(world.folder, 'restarts.json');
          const window = { from: '01:00', to: '04:00', timeZone: 'UTC' };
          await writeFile(
            file,
            JSON.stringify({ holders: { [holder]: { policy: 'replace', restart: 'window' } }, window }),
          );
          assert.equal((await world.certrebind(['config', 'set', file])).exitCode, 0);
          const { exitCode, document } = await world.json(['reconcile', '--now']);
          const step = document.steps.find((one: { key: string }) => one.key === key);
          assert.deepEqual([exitCode, step?.state, step?.error ?? null], [0, 'verified', null]);
          assert.equal((await held())[key], successor);
          assert.equal((await world.json(['undo', '--now', '--yes'])).exitCode, 0);
          assert.equal((await held())[key], old);
        },
      );

    itQuickly('that are only reported are findings until each names the new certificate or is left alone', async () => {
      const { old, successor } = await renew();
      await world.json(['reconcile']);
      const keysLeft = async () => {
        const { document, exitCode } = await world.json(['status', '--check']);
        assert.equal(exitCode, 9);
        const left = document.findings.filter(({ code }: { code: string }) => code === 'change-by-hand');
        return left.map(({ key, command }: { key: string; command: string }) => {
          assert.notEqual(command, '');
          return key;
        });
      };
      const before = await keysLeft();
      assert.ok(['0.0.0.0:10443', 'ftp/Files', 'nps/Wi-Fi', 'sql/MSSQLSERVER'].every((key) => before.includes(key)));
      for (const [list, key] of [
        ['exclude.records', '0.0.0.0:10443'],
        ['exclude.holders', 'ftp/Files'],
        ['exclude.holders', 'nps/Wi-Fi'],
      ] as const) {
        assert.equal((await world.certrebind(['config', 'add', list, key])).exitCode, 0);
      }
      // As a person does it with the command that was given.
      await changeRoles(world.folder, old, successor);
      // Certificate bindings, and what is no role of Windows.
      const stays = /^(ftp|rdp|sstp|winrm|wmsvc)\/|:/;
      assert.deepEqual(
        await keysLeft(),
        before.filter((key: string) => stays.test(key) && !['0.0.0.0:10443', 'ftp/Files'].includes(key)),
      );
    });

    itSlowly('of WinRM are left alone by a run that came in through it, or may have', async () => {
      const { old, successor } = await renew();
      await world.onLab(['config', 'set', 'holders.winrm.policy', 'replace']);
      for (const position of ['winrm', 'unknown']) {
        await world.lab(['switch', 'remote-session', position]);
        const { exitCode, document } = await world.json(['reconcile']);
        assert.equal(exitCode, 3);
        assert.deepEqual(each(document.blocked.map(met), 'key', 'reason'), [['winrm/*+HTTPS', 'remote-session']]);
        const how = position === 'winrm' ? 'was' : 'may have been';
        assert.equal(
          document.blocked[0].obstacles[0].text,
          `This run ${how} started through WinRM. Changing the WinRM listener could end the session.`,
        );
        assert.equal((await held())['winrm/*+HTTPS'], old);
      }
      await world.lab(['switch', 'remote-session', 'none']);
      const { exitCode, document } = await world.json(['reconcile']);
      assert.deepEqual([exitCode, document.counts.changed], [0, 1]);
      assert.equal((await held())['winrm/*+HTTPS'], successor);
    });

    itSlowly('of the Web Management Service keep both places where the registry refuses, and say so', async () => {
      const { old, successor } = await renew();
      await world.onLab(['config', 'set', 'holders.wmsvc.policy', 'replace']);
      await world.lab(['fault', 'set-wmsvc', 'fail']);
      const refused = await world.json(['reconcile']);
      const step = refused.document.steps.find(({ key }: { key: string }) => key === 'wmsvc/8172');
      assert.deepEqual([refused.exitCode, step.state, step.error.code], [4, 'as-before', 'replace-failed']);
      assert.equal((await held())['wmsvc/8172'], old);
      assert.equal((await world.json(['reconcile'])).exitCode, 0);
      assert.equal((await held())['wmsvc/8172'], successor);
    });

    it('of Remote Desktop get the right to read a new key that lacks it, and undo takes it back', async () => {
      const { successor } = await renew();
      await world.onLab(['config', 'set', 'holders.rdp.policy', 'replace']);
      await world.lab(['switch', 'renewed-key-access', 'lost']);
      const planned = await world.json(['plan']);
      assert.equal(planned.document.steps[0].key, `key/${successor}`);
      const rebound = await world.json(['reconcile']);
      const states = Object.fromEntries(
        rebound.document.steps.map(({ key, state }: { key: string; state: string }) => [key, state]),
      );
      assert.deepEqual(
        [rebound.exitCode, states[`key/${successor}`], states['rdp/RDP-Tcp']],
        [0, 'untested', 'verified'],
      );
      assert.deepEqual((await rights(world.folder))[successor], { 'S-1-5-20': true });
      assert.equal((await world.json(['undo', '--yes'])).exitCode, 0);
      assert.deepEqual((await rights(world.folder))[successor], { 'S-1-5-20': false });
    });

    // Its endpoint is asked for some seconds before it is rolled back.
    itSlowly(
      'of Remote Desktop whose new key cannot be used, or whose WMI only says that it changed, keep the old one',
      async () => {
        const { old, successor } = await renew();
        await world.onLab(['config', 'set', 'holders.rdp.policy', 'replace']);
        const stepNow = async (words: readonly string[]) => {
          const { exitCode, document } = await world.json(words);
          const step = document.steps.find(({ key }: { key: string }) => key === 'rdp/RDP-Tcp');
          return [exitCode, step?.state, step?.error?.code];
        };
        await world.lab(['fault', 'set-rdp', 'no-effect']);
        assert.deepEqual(await stepNow(['reconcile']), [4, 'as-before', 'replace-without-effect']);

        await world.lab(['switch', 'renewed-key-access', 'lost']);
        await world.lab(['switch', 'key-storage', 'platform']);
        assert.deepEqual(await stepNow(['reconcile']), [4, 'rolled-back', 'endpoint-worse']);
        assert.equal((await held())['rdp/RDP-Tcp'], old);

        assert.deepEqual(await stepNow(['reconcile']), [0, undefined, undefined]);
        const { document: status } = await world.json(['status']);
        assert.deepEqual(each(status.held, 'records'), [['rdp/RDP-Tcp']]);
        await world.lab(['switch', 'key-storage', 'software']);
        const again = await world.json(['rebind', '--old', old, '--new', successor, '--yes']);
        assert.equal(again.exitCode, 0);
        assert.equal((await held())['rdp/RDP-Tcp'], successor);
      },
    );

    it('of SQL Server come with their command only where its service may read the new key', async () => {
      const { old, successor } = await renew();
      const planned = async () => {
        const { document } = await world.json(['plan']);
        return met(document.skipped.find(({ key }: { key: string }) => key === 'sql/MSSQLSERVER'));
      };
      assert.match((await planned()).command ?? '', /^Set-ItemProperty /);

      await world.lab(['switch', 'renewed-key-access', 'lost']);
      const { command, detail } = await planned();
      assert.equal(command, undefined);
      assert.match(detail, /would not start with \w+\. NT SERVICE\\MSSQLSERVER cannot read its private key/);

      // Somebody gave it the new one all the same.
      await changeRoles(world.folder, old, successor);
      const { document } = await world.json(['doctor']);
      const found = document.findings.find(({ code }: { code: string }) => code === 'service-key');
      assert.deepEqual([found?.key, found?.severity], ['sql/MSSQLSERVER', 'warning']);
      assert.match((await world.certrebind(['usage'])).stdout, /SQL Server MSSQLSERVER cannot\s+read its key/);
    });

    itSlowly('are found by their names, whatever these are made of', async () => {
      const { old, successor } = await renew();
      await rename(world.folder, 'Files', oddName);
      assert.equal((await held())[`ftp/${oddName}`], old);
      await world.onLab(['config', 'set', 'holders.ftp.policy', 'replace']);
      const { exitCode, document } = await world.json(['rebind', '--old', old, '--new', successor, '--yes']);
      assert.deepEqual([exitCode, document.counts.changed], [0, 12]);
      assert.equal((await held())[`ftp/${oddName}`], successor);
    });
  });
}

onLab(servers, 'clients of FTP at a served lab', () => {
  let world: World;
  before(async function () {
    needProgram(this, { program: 'curl', asked: '--version', untested: 'what a client of FTP sees' });
    world = await openWorld((folder) => ['--lab', folder], ['--holders']);
  });
  after(() => world?.close());

  it('see the old certificate before a rebind and the new one after it, explicit and implicit', async () => {
    const old = world.certificates[0]?.thumbprint ?? '';
    const { new: successor } = await world.lab(['renew', old]);
    const before = [await seen('ftp', 21), await seen('ftps', 990), await seen('ftp', 2122)];
    assert.deepEqual(before, [old, old, old]);
    await world.onLab(['config', 'set', 'holders.ftp.policy', 'replace']);
    assert.equal((await world.certrebind(['reconcile'])).exitCode, 0);
    const after = [await seen('ftp', 21), await seen('ftps', 990), await seen('ftp', 2122)];
    assert.deepEqual(after, [successor, successor, successor]);
  });

  /** The thumbprint of the certificate that curl meets at a port of the lab. */
  async function seen(scheme: string, port: number): Promise<string> {
    const lab = await openLab(world.folder);
    const listeners = lab.listeners();
    await lab.close();
    const listener = listeners.find((one) => one.port === port && one.listening);
    assert(listener?.listening === true);
    const url = `${scheme}://127.0.0.1:${listener.localPort}/`;
    // The server lets nobody in, which is no matter here.
    const told = await promisify(execFile)('curl', ['-sk', '--ssl-reqd', '-m', '10', '-w', '%{certs}', url]).catch(
      (error: { readonly stdout: string }) => error,
    );
    const pem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(told.stdout)?.[0] ?? '';
    return new X509Certificate(pem).fingerprint.replaceAll(':', '');
  }
});

/** What of the rights on private keys was changed in a lab, by thumbprint. */
async function rights(folder: string): Promise<Readonly<Record<string, Readonly<Record<string, boolean>>>>> {
  const lab = await openLab(folder);
  try {
    const { result } = await lab.send({ kind: 'read' });
    assert(result.kind === 'state');
    return result.state.keyAccess ?? {};
  } finally {
    await lab.close();
  }
}

/** Every role gets the other certificate, in the letters in which it has the one. */
async function changeRoles(folder: string, from: string, to: string): Promise<void> {
  const lab = await openLab(folder);
  try {
    const { result } = await lab.send({ kind: 'read' });
    assert(result.kind === 'state' && result.state.roles !== undefined);
    const text = JSON.stringify(result.state.roles).replaceAll(from, to);
    const roles = JSON.parse(text.replaceAll(from.toLowerCase(), to.toLowerCase()));
    await lab.send({ kind: 'set-roles', roles });
    // The command for Remote Desktop Gateway changes its certificate bindings too.
    for (const key of anyAddressKeys(sampleGatewayPort)) {
      const words = [`ipport=${key}`, `certhash=${to}`, 'appid={00000000-0000-0000-0000-000000000000}'];
      await lab.send({ kind: 'netsh', args: ['http', 'update', 'sslcert', ...words, 'certstorename=My'] });
    }
  } finally {
    await lab.close();
  }
}

async function rename(folder: string, from: string, to: string): Promise<void> {
  const lab = await openLab(folder);
  try {
    const { result } = await lab.send({ kind: 'read' });
    assert(result.kind === 'state');
    const applicationHost = result.state.applicationHost.replace(`name="${from}"`, () => `name="${to}"`);
    await lab.send({ kind: 'set-configuration', applicationHost });
  } finally {
    await lab.close();
  }
}

async function chooseForSstp(folder: string, value: string): Promise<void> {
  const channel = await openLab(folder);
  await channel.send({ kind: 'set-role-value', key: sstpParameters, name: 'isHashConfiguredByAdmin', value });
  await channel.close();
}
