import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labProgram, startEnvironment } from '../../cli/run-program.ts';
import { openWorld } from '../../stories/lab-world.ts';
import { each } from '../../support/each.ts';
import { ofEach } from '../../support/of-each.ts';

describe('certrebind lab serve', () => {
  const world = ofEach(openWorld);

  for (const { words, prints } of [
    { words: [], prints: false },
    { words: ['--print'], prints: true },
  ])
    it(`${prints ? 'prints what happens' : 'writes what happens to a log that it names, and prints nothing more'}`, async () => {
      await world.lab(['stop']);
      const serving = spawn(process.execPath, [labProgram, 'lab', 'serve', world.folder, ...words], {
        env: { ...process.env, ...startEnvironment },
      });
      let printed = '';
      const ready = new Promise<void>((resolve) => {
        serving.stdout.setEncoding('utf8').on('data', (text) => {
          printed += text;
          if (printed.includes('End with')) resolve();
        });
      });
      await ready;
      await world.certrebind(['verify']);
      await Promise.all([once(serving, 'close'), world.lab(['stop'])]);
      const log = join(world.folder, 'serve.log');
      assert.equal(printed.includes(`What happens is written to ${log}\n`), !prints);
      assert.equal(/^handshake at /m.test(printed), prints);
      assert.equal(/ handshake at 0\.0\.0\.0:443 /.test(await readFile(log, 'utf8').catch(() => '')), !prints);
    });
});

describe('certrebind lab stop', () => {
  const world = ofEach(openWorld);

  it('says what holds when it returns: nothing serves the lab, whether or not somebody did', async () => {
    for (const served of [true, false]) {
      assert.equal((await world.lab(['status'])).served, served);
      const { exitCode, stdout } = await world.certrebind(['lab', 'stop']);
      assert.equal(exitCode, 0);
      assert.equal(stdout, `Nothing serves ${world.folder} now.\n`);
    }
  });
});

describe('a command of a lab', () => {
  const world = ofEach(openWorld);

  it('that moves a switch says from where to where, and not all there are', async () => {
    const move = async () => (await world.certrebind(['lab', 'switch', 'rebind-options', 'flags-lost'])).stdout;
    assert.equal(await move(), 'The switch rebind-options was moved: kept → flags-lost.\n');
    assert.equal(await move(), 'The switch rebind-options stands at flags-lost already.\n');
  });

  it('arms a fault for every kind of holder, at the one that is named', async () => {
    for (const on of ['set-ftp', 'set-rdp', 'set-winrm']) {
      const armed = await world.lab(['fault', on, 'fail', '--key', 'ftp/Files', '--hresult', '0x80070005']);
      assert.deepEqual(armed.faults.at(-1).on, { kind: on, key: 'ftp/Files' });
    }
  });

  it('that an armed fault leaves without an answer is no defect: exit 7, and what to do', async () => {
    await world.lab(['fault', 'netsh', 'die']);
    const { exitCode, stderr } = await world.certrebind(['lab', 'netsh', 'http show sslcert']);
    assert.equal(exitCode, 7);
    assert.match(stderr, /The lab did not answer: .*lab fault, and disarm it with --clear/s);
  });

  it('puts an authority into the stores and takes it out, as a whole or as a file, and revokes', async () => {
    const old = world.certificates[0]?.thumbprint ?? '';
    const made = (await world.lab(['authority', 'staging', '--organisation', 'Acme'])).authorities;
    assert.deepEqual(
      made.map(({ store, subject }: { store: unknown; subject: string }) => [store, subject.split('\n')[0]]),
      Array(3).fill([null, 'O=Acme']),
    );
    const file = join(world.folder, 'renewed.pem');
    await world.lab(['renew', old, '--issuer', 'staging', '--to', file]);
    const stores = async (words: readonly string[]) =>
      (await world.lab(['trust', ...words])).certificates.map(({ store }: { store: unknown }) => store);
    assert.deepEqual(await stores(['staging']), ['Root', 'CA', 'CA']);
    assert.deepEqual(await stores([made[0].thumbprint, '--store', 'CA']), ['CA']);
    assert.deepEqual(await stores(['staging', '--remove']), [null, null, null]);
    const listed = (await world.lab(['authority'])).authorities;
    assert.deepEqual(each(listed, 'store'), ['Root', 'CA', 'CA', null, null, null]);
    assert.deepEqual(await stores([file, '--store', 'CA']), ['CA', 'CA']);
    await world.lab(['revoke', old]);
    const { findings } = (await world.json(['status'])).document;
    assert.ok(findings.some(({ code }: { code: string }) => code === 'certificate-revoked'));
    for (const words of [
      ['trust', 'nothing-such'],
      ['authority', 'lab'],
      ['authority', '--organisation', 'x'],
    ])
      assert.equal((await world.certrebind(['lab', ...words])).exitCode, 2, words.join(' '));
  });
});
