import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labProgram, run } from '../cli/run-program.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

const canary = 'Canary-7f3e-Passw0rd';

describe('no secret comes out', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  /** What must be found nowhere: the planted text, and a line of each private key. */
  let secrets: readonly string[];

  before(async () => {
    lab = await temporaryLab({ sites: 2 });
    const file = join(lab.folder, 'applicationHost.config');
    const text = await readFile(file, 'utf8');
    const planted = text.replace(
      '<sites>',
      `<!-- ${canary} --><applicationPools><add name="a"><processModel userName="svc" password="${canary}"/></add></applicationPools><sites><virtualDirectoryDefaults userName="u" password="${canary}"/>`,
    );
    assert.notEqual(planted, text);
    await writeFile(file, planted);
    const keys = await readdir(join(lab.folder, 'keys'), { recursive: true });
    const texts = await Promise.all(
      keys.filter((name) => /\.\w+$/.test(name)).map((name) => readFile(join(lab.folder, 'keys', name), 'utf8')),
    );
    const lines = texts.flatMap((pem) =>
      pem
        .split('\n')
        .filter((line) => /^[A-Za-z0-9+/]{60,}$/.test(line))
        .slice(1, 2),
    );
    assert.ok(lines.length > 0, 'no key was found to look for');
    secrets = [canary, ...lines];
  });
  after(() => lab.remove());

  function search(where: string, text: string): void {
    for (const secret of secrets) assert.ok(!text.includes(secret), `${where} holds ${secret}`);
  }

  it('in any output or file of the main commands', async () => {
    const [old = { thumbprint: '' }] = lab.certificates;
    const renewed = await run(['lab', 'renew', old.thumbprint, '--lab', lab.folder, '--json']);
    const successor: string = JSON.parse(renewed.stdout).new;
    const pair = ['--old', old.thumbprint, '--new', successor];
    const capture = join(lab.folder, 'capture.json');
    const env = { APP_PASSWORD: canary, DEBUG: '*', OPENSSL_CONF: canary, NODE_POWERSHELL: canary };
    for (const words of [
      ['capture', capture],
      ['enable', '--no-proof'],
      ['status'],
      ['plan', ...pair, '--out', join(lab.folder, 'plan.json')],
      ['rebind', ...pair, '--progress', 'json'],
      ['reconcile'],
      ['verify'],
      ['doctor'],
      ['usage'],
      ['history'],
      ['undo'],
      ['config', 'show'],
      ['rebind', '--old', old.thumbprint, '--new', 'F'.repeat(40)],
      ['install'],
    ]) {
      for (const form of [[], ['--json', '--debug']]) {
        const { stdout, stderr } = await run([...words, ...form, '--lab', lab.folder], { env, program: labProgram });
        search(words.join(' '), stdout + stderr);
      }
    }
    const written = ['certrebind', 'tasks'].map((folder) => join(lab.folder, folder));
    let files = 0;
    for (const folder of written) {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        files++;
        const bytes = await readFile(join(entry.parentPath, entry.name));
        search(entry.name, bytes.toString('utf8'));
        search(entry.name, bytes.toString('utf16le'));
      }
    }
    assert.ok(files >= 4, `only ${files} files were written`);
    for (const file of [capture, join(lab.folder, 'plan.json')]) search(file, await readFile(file, 'utf8'));
  });

  it('when the configuration that holds it cannot be read', async () => {
    const file = join(lab.folder, 'applicationHost.config');
    const text = await readFile(file, 'utf8');
    for (const broken of [text.slice(0, text.lastIndexOf(canary) + canary.length), `${text}<x>`]) {
      await writeFile(file, broken);
      const { exitCode, stdout, stderr } = await run(['status', '--debug', '--lab', lab.folder]);
      assert.notEqual(exitCode, 0);
      search('the error', stdout + stderr);
    }
    await writeFile(file, text);
  });

  it('would be found if it did', () => assert.throws(() => search('a text', `password=${canary}`)));
});
