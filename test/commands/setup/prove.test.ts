import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { proofFiles } from '../../../src/engine/state/proof-files.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import { labAround } from '../../../src/lab/servers/lab.ts';
import type { RunningProgram } from '../../../src/shell/running-program.ts';
import type { ServerSource } from '../../../src/shell/servers.ts';
import { perform } from '../../security/program.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const nonce = '0123456789abcdef';

describe('prove', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let running: RunningProgram;
  let home: string;

  beforeEach(async () => {
    lab = await temporaryLab({ sites: 2 });
    running = { file: join(lab.folder, 'program'), packaged: true };
    await writeFile(running.file, 'program 1');
    home = join(lab.folder, 'certrebind');
    await mkdir(home, { mode: 0o700 });
  });
  afterEach(() => lab.remove());

  const prove = (...words: string[]) => perform(['prove', ...words], running, { CERTREBIND_LAB: lab.folder });

  it('answers whom it runs as, which program it is and what it read, and writes nothing else', async () => {
    await proofFiles(home).ask(nonce);
    assert.equal((await prove(nonce)).exitCode, 0);
    const answer = await proofFiles(home).readAnswer(nonce);
    assert.equal(answer?.account, 'system');
    assert.equal(answer?.sha256, createHash('sha256').update('program 1').digest('hex'));
    assert.ok((answer?.read?.records ?? 0) > 0);
    assert.equal(answer?.error, null);
    assert.deepEqual(await readdir(home), ['proofs']);
  });

  it('answers with an invalid configuration too', async () => {
    await writeFile(join(home, 'config.json'), 'no configuration');
    await proofFiles(home).ask(nonce);
    assert.equal((await prove(nonce)).exitCode, 0);
  });

  const refused: readonly (readonly [string, readonly string[]])[] = [
    ['nobody asks for', ['f'.repeat(16)]],
    ['that is no nonce', ['../../etc']],
    ['with more words', [nonce, '--lab', 'elsewhere']],
    ['without a nonce', []],
  ];
  for (const [what, words] of refused) {
    it(`refuses a proof ${what}, and writes nothing`, async () => {
      await proofFiles(home).ask(nonce);
      const { exitCode, stderr } = await prove(...words);
      assert.equal(exitCode, 2);
      assert.match(stderr, /no such test is active/);
      assert.equal(await proofFiles(home).readAnswer(nonce), null);
    });
  }

  it('is refused where there is no state folder, as with a capture', async () => {
    const source = labAround(running);
    const withoutHome: ServerSource = {
      ...source,
      open: async (choice, env) => ({ ...(await source.open(choice, env)), home: null }),
    };
    const { exitCode, stderr } = await perform(['prove', nonce], running, { CERTREBIND_LAB: lab.folder }, withoutHome);
    assert.equal(exitCode, 2);
    assert.match(stderr, /no such test is active/);
  });

  it('says in the answer why it cannot read the server', async () => {
    await proofFiles(home).ask(nonce);
    const channel = await openLab(lab.folder);
    await channel.send({
      kind: 'arm-fault',
      fault: { on: { kind: 'read' }, nth: 1, times: 1, effect: { do: 'hang', after: false } },
    });
    await channel.close();
    const { exitCode } = await prove(nonce);
    assert.equal(exitCode, 7);
    const answer = await proofFiles(home).readAnswer(nonce);
    assert.deepEqual([answer?.read, answer?.error?.code], [null, 'server-unreachable']);
  });

  it('writes nothing into a state folder that others can write', async () => {
    await proofFiles(home).ask(nonce);
    await chmod(home, 0o777);
    assert.equal((await prove(nonce)).exitCode, 7);
    assert.equal(await proofFiles(home).readAnswer(nonce), null);
  });

  it('follows no link to where the answer would go', async () => {
    const others = join(lab.folder, 'others');
    await mkdir(others);
    await mkdir(join(home, 'proofs'), { mode: 0o700 });
    await symlink(others, join(home, 'proofs', nonce));
    assert.notEqual((await prove(nonce)).exitCode, 0);
    assert.deepEqual(await readdir(others), []);
  });
});
