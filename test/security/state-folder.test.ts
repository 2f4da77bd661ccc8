import assert from 'node:assert/strict';
import { chmod, chown, lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileState } from '../../src/engine/state/file-state.ts';
import { openLabServer } from '../../src/lab/client/lab-server.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import type { SwitchName } from '../../src/lab/kernel/switches.ts';
import { builtInOnly } from '../../src/model/windows/administrators.ts';
import { windowsDangers } from '../../src/model/windows/path-safety.ts';
import type { Change } from '../../src/server/server.ts';
import { folderRights } from '../../src/server/windows/path-rights.ts';
import { run, withOptions } from '../cli/run-program.ts';
import { each } from '../support/each.ts';
import { ofEach } from '../support/of-each.ts';
import { startingProofs } from '../support/starting-proofs.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { perform } from './program.ts';

const someone = 65534;
const isRoot = process.getuid?.() === 0;
/** Only root can give a file away; whoever else runs the tests sees these skipped. */
const byRoot = 'by root';

describe('state folder: made with its final rights in one step, or refused', () => {
  const lab = ofEach(() => temporaryLab({ sites: 1 }));
  let home: string;
  beforeEach(() => {
    home = join(lab.folder, 'certrebind');
  });
  const call = (...words: string[]) => perform(withOptions(words, '--lab', lab.folder, '--json'));

  it('is open to its owner alone from the moment enable makes it', async () => {
    assert.equal((await call('enable', '--no-proof')).exitCode, 0);
    assert.equal((await lstat(home)).mode & 0o777, 0o700);
  });

  it('is made by the first run where enable did not', async () => {
    assert.equal((await call('reconcile')).exitCode, 0);
    assert.equal((await lstat(home)).mode & 0o777, 0o700);
  });

  for (const [line, code] of [
    ['config set keepRuns 9', 'unsafe-folder'],
    ['trigger add --on expired -- /bin/true', 'unsafe-folder'],
    ['enable --no-proof', 'unsafe-folder'],
    ['reconcile', 'not-writable'],
  ] as const)
    it(`is not made without its rights by ${line}`, async () => {
      const asked: Change[] = [];
      const running = { file: process.execPath, packaged: false };
      const refusing = startingProofs(running, {
        wrap: (server) => ({
          ...server,
          async change(changes) {
            asked.push(...changes);
            return changes.map(({ do: what }) => ({ do: what, error: { code: 'refused', message: 'No.' }, now: null }));
          },
        }),
      });
      const words = withOptions(line.split(' '), '--lab', lab.folder, '--json');
      const { document } = await perform(words, running, {}, refusing);
      assert.deepEqual([document.error?.code, document.error?.where], [code, home], JSON.stringify(document));
      assert.ok(asked.length > 0);
      for (const change of asked)
        assert.deepEqual(change, { do: 'create-folder', path: home, readableBy: 'administrators' });
      await assert.rejects(lstat(home), { code: 'ENOENT' });
    });

  it('cannot be made where a folder is already', async () => {
    await mkdir(home);
    const { server } = await openLabServer(lab.folder);
    const [report] = await server.change([{ do: 'create-folder', path: home, readableBy: 'administrators' }]);
    assert.equal(report?.error?.code, 'refused');
    await server.close();
  });

  const unsafe: readonly (readonly [string, () => Promise<void>, typeof byRoot?])[] = [
    ['writable by everybody', () => chmod(home, 0o777)],
    ['writable by its group', () => chmod(home, 0o770)],
    [
      'holding a file that others can write',
      async () => {
        await writeFile(join(home, 'config.json'), '{"schema":"certrebind/configuration/1"}');
        await chmod(join(home, 'config.json'), 0o666);
      },
    ],
    [
      'holding a folder that others can write',
      async () => {
        await mkdir(join(home, 'runs'), { recursive: true });
        await chmod(join(home, 'runs'), 0o777);
      },
    ],
    [
      'holding, deep in it, a file that others can write',
      async () => {
        await mkdir(join(home, 'runs', '20200101-x'), { recursive: true });
        await writeFile(join(home, 'runs', '20200101-x', 'journal.ndjson'), '');
        await chmod(join(home, 'runs', '20200101-x', 'journal.ndjson'), 0o666);
      },
    ],
    [
      'a link to another folder',
      async () => {
        await rm(home, { recursive: true });
        await mkdir(join(lab.folder, 'elsewhere'));
        await symlink(join(lab.folder, 'elsewhere'), home);
      },
    ],
    ['of another owner', () => chown(home, someone, someone), byRoot],
    [
      'holding a file of another owner',
      async () => {
        await writeFile(join(home, 'ledger.json'), '{}', { mode: 0o600 });
        await chown(join(home, 'ledger.json'), someone, someone);
      },
      byRoot,
    ],
  ];
  for (const [what, make, needs] of unsafe) {
    it(`is refused when it is ${what}; enable registers nothing and nothing is repaired`, async function () {
      if (needs === byRoot && !isRoot) this.skip();
      await mkdir(home, { mode: 0o700 });
      await make();
      const before = await lstat(home);
      const { exitCode, document } = await call('enable', '--no-proof');
      assert.deepEqual([exitCode, document.error?.code], [7, 'unsafe-folder'], JSON.stringify(document));
      assert.equal((await lstat(home)).mode, before.mode);
      assert.deepEqual(await readdir(join(lab.folder, 'tasks')).catch(() => []), []);
    });
  }

  describe('of others', () => {
    let everything: () => Promise<readonly string[]>;
    beforeEach(async () => {
      // What would be recovered, thrown away, or emptied through a link, if it were believed.
      const elsewhere = join(lab.folder, 'elsewhere');
      await mkdir(elsewhere);
      await writeFile(join(elsewhere, 'precious.txt'), '');
      await mkdir(join(home, 'runs', '20200101-begun'), { recursive: true });
      await writeFile(join(home, 'runs', '20200101-begun', 'journal.ndjson'), '');
      await symlink(elsewhere, join(home, 'runs', '20200101-link'));
      await chmod(home, 0o777);
      everything = async () => [...(await readdir(home, { recursive: true })), ...(await readdir(elsewhere))].sort();
    });

    const pair = ['--old', 'A'.repeat(40), '--new', 'B'.repeat(40)];
    for (const words of [
      ['enable', '--no-proof'],
      ['reconcile'],
      ['reconcile', '--dry-run'],
      ['rebind', ...pair],
      ['undo', '20200101-begun'],
      ['trigger', 'add', 'mine', '--on', 'replaced', '--', '/bin/true'],
      ['rehearse', '--yes'],
    ]) {
      it(`is refused by ${words.slice(0, 2).join(' ')}, and nothing in it is believed, recovered, removed or left`, async () => {
        const before = await everything();
        const { exitCode, document } = await call(...words);
        assert.deepEqual([exitCode, document.error?.code], [7, 'unsafe-folder'], JSON.stringify(document));
        assert.deepEqual(await everything(), before);
      });
    }

    it('is refused by a start of the task too, and nothing of it stays there', async () => {
      const before = await everything();
      const { exitCode } = await run(['on-event', '--record', '1'], { env: { CERTREBIND_LAB: lab.folder } });
      assert.equal(exitCode, 7);
      assert.deepEqual(await everything(), before);
    });
  });

  it('holding a link among its runs is refused, and nothing behind it is removed', async () => {
    const elsewhere = join(lab.folder, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'precious.txt'), '');
    await mkdir(join(home, 'runs'), { recursive: true });
    await symlink(elsewhere, join(home, 'runs', '20200101-link'));
    await assert.rejects(fileState(home).discardRun('20200101-link'), { code: 'unsafe-folder' });
    assert.deepEqual(await readdir(elsewhere), ['precious.txt']);
  });

  describe('on a volume of a domain', () => {
    const setSwitch = async (name: SwitchName, position: string) => {
      const channel = await openLab(lab.folder);
      await channel.send({ kind: 'set-switch', name, position });
      await channel.close();
    };
    const enabledWith = async (name: SwitchName, position: string) => {
      await setSwitch(name, position);
      const { exitCode, document } = await call('enable', '--no-proof');
      return { exitCode, error: document.error };
    };
    const trusted = async () =>
      (await call('doctor')).document.findings.filter(({ code }: { code: string }) => code === 'trusted-account');

    it('is taken where Domain Admins may change the root and others may modify it', async () => {
      assert.equal((await enabledWith('volume-root', 'modify')).exitCode, 0);
      assert.deepEqual(await trusted(), []);
    });

    it('is refused where Windows does not tell who its Domain Admins are', async () => {
      const { exitCode, error } = await enabledWith('domain-letters', 'not-told');
      assert.deepEqual([exitCode, error?.code], [7, 'unsafe-folder']);
      assert.match(error.message, /can be written by S-1-5-21-[\d-]+-512/);
      assert.deepEqual(await readdir(home).catch(() => null), null, 'a folder was left that every start would refuse');
    });

    it('is refused where an agent has full control, with the line that trusts it', async () => {
      const { exitCode, error } = await enabledWith('agent-rights', 'not-trusted');
      assert.deepEqual([exitCode, error?.code], [7, 'unsafe-folder']);
      assert.match(error.hint, /agent-rights trusted/);
    });

    it('is made by no first run where an agent has full control', async () => {
      await setSwitch('agent-rights', 'not-trusted');
      const { exitCode, document } = await call('reconcile');
      assert.deepEqual([exitCode, document.error?.code], [7, 'unsafe-folder']);
      assert.deepEqual(await readdir(home).catch(() => null), null);
    });

    it('is taken where that agent is trusted, which is said until a person dismisses it', async () => {
      assert.equal((await enabledWith('agent-rights', 'trusted')).exitCode, 0);
      for (let time = 0; time < 2; time++) assert.deepEqual(each(await trusted(), 'severity'), ['warning']);
      const isReported = async () =>
        (await call('status')).document.findings.some(({ code }: { code: string }) => code === 'trusted-account');
      assert.equal(await isReported(), true);
      assert.equal((await call('dismiss', 'trusted-account')).exitCode, 0);
      assert.equal(await isReported(), false);
    });
  });

  it('with foreign rights is found by status and doctor', async () => {
    await mkdir(home, { mode: 0o700 });
    await chmod(home, 0o777);
    for (const command of ['status', 'doctor']) {
      const { document } = await call(command);
      assert.ok(
        document.findings.some(({ code }: { code: string }) => code === 'unsafe-path'),
        command,
      );
    }
  });
});

describe('rights of Windows', () => {
  const parent = {
    path: 'C:\\ProgramData',
    is: 'folder' as const,
    reparsePoint: false,
    owner: 'SY',
    // As Windows ships it: users may add folders.
    sddl: 'O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICIIO;GA;;;CO)(A;OICI;0x1200a9;;;BU)(A;CI;DCLCRPCR;;;BU)',
  };
  const folder = { path: 'C:\\ProgramData\\CertRebind', is: 'folder' as const, reparsePoint: false, owner: 'BA' };
  const file = {
    path: 'C:\\ProgramData\\CertRebind\\ledger.json',
    is: 'missing' as const,
    reparsePoint: false,
    owner: '',
    sddl: '',
  };
  const judged = (parts: Partial<typeof parent>) =>
    windowsDangers([file, { ...folder, sddl: folderRights.administrators, ...parts }, parent], builtInOnly).map(
      ({ why }) => why,
    );

  it('the descriptors that new folders get let nobody but administrators write, whatever the folder above passes on', () => {
    for (const sddl of Object.values(folderRights))
      assert.deepEqual(judged({ sddl: createdBelow(parent.sddl, sddl) }), []);
    const unprotected = createdBelow(parent.sddl, folderRights.administrators.replace('D:P', 'D:'));
    assert.match(judged({ sddl: unprotected }).join(), /can be written by Users/);
  });

  for (const [what, parts] of [
    ['its owner is a user, who can take back every right', { owner: 'S-1-5-21-1-2-3-1001' }],
    ['it is a junction', { reparsePoint: true }],
    ['users may add files', { sddl: `${folderRights.administrators}(A;CI;DCLC;;;BU)` }],
    ['it has no list of rights', { sddl: 'O:BAG:BAD:NO_ACCESS_CONTROL' }],
    ['a right has a name that is not known', { sddl: `${folderRights.administrators}(A;;XX;;;BU)` }],
    [
      'users may do everything, behind an entry with a condition',
      { sddl: 'O:BAG:BAD:PAI(XA;;FR;;;BU;(Member_of {SID(BA)}))(A;OICI;FA;;;BU)' },
    ],
    ['its rights are not understood to the end', { sddl: `${folderRights.administrators}(XA;;FR;;;BU;(` }],
    ['a user may change the rights', { sddl: `${folderRights.administrators}(A;;WD;;;S-1-5-21-1-2-3-1001)` }],
  ] as const) {
    it(`a state folder is refused when ${what}`, () => assert.notDeepEqual(judged(parts), []));
  }
});

/** What a folder has that is made with these rights: those that the folder above passes on too, unless they are protected. */
function createdBelow(above: string, own: string): string {
  if (/D:[A-Z]*P/.test(own)) return own;
  const inherited = Array.from(
    above.matchAll(/\(([A-Z]*);(\w*CI\w*);([^)]*)\)/g),
    ([, kind, , rest]) => `(${kind};CIID;${rest})`,
  );
  return own + inherited.join('');
}
