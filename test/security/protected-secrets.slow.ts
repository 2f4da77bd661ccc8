import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, run } from '../cli/run-program.ts';
import { findEngine, findWindowsPowerShell } from '../engine.ts';
import { identityFor, openReceiver } from '../session/notify/send/receivers.ts';
import { sendAsText } from '../support/send-as-text.ts';
import { newFolder, temporaryLab } from '../support/temporary-lab.ts';
import { holds } from '../support/written-forms.ts';

/** Through the built program and a real PowerShell, which writes down all that its policies let it. */
(findEngine() === null ? describe.skip : describe)('secrets on Windows', () => {
  const canary = 'Canary-41b7-whatever';
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let other: Awaited<ReturnType<typeof temporaryLab>>;
  /** Where PowerShell finds its policies and writes its transcripts. */
  const profile = newFolder();
  let receiver: Awaited<ReturnType<typeof openReceiver>>;

  before(async () => {
    lab = await temporaryLab({ sites: 1 });
    other = await temporaryLab({ sites: 1 });
    await mkdir(join(profile, '.config', 'powershell'), { recursive: true });
    const PowerShellPolicies = {
      Transcription: { EnableTranscripting: true, OutputDirectory: join(profile, 'transcripts') },
    };
    await writeFile(
      join(profile, '.config', 'powershell', 'powershell.config.json'),
      JSON.stringify({ PowerShellPolicies }),
    );
    const identity = await identityFor();
    receiver = await openReceiver(identity, () => 202);
    const home = join(lab.folder, 'certrebind');
    const set = await windows(['secret', 'set', 'hook'], `https://localhost:${receiver.port}/hook?sig=${canary}\n`);
    assert.deepEqual([set.exitCode, set.stdout], [0, 'The secret hook is set.\n'], set.stderr);
    await mkdir(join(home, 'ca'), { mode: 0o700 });
    await writeFile(join(home, 'ca', 'ca.pem'), identity.ca, { mode: 0o600 });
    const webhook = { url: 'secret:hook', ca: join(home, 'ca', 'ca.pem') };
    await writeFile(join(home, 'config.json'), JSON.stringify({ notify: { webhook } }));
  });
  after(async () => {
    await receiver.close();
    for (const each of [lab, other]) await each.remove();
  });

  function windows(words: readonly string[], input = '', folder = lab.folder): Promise<Ended> {
    const env = { HOME: profile, CERTREBIND_TEST_PWSH: findEngine() ?? '' };
    return run([...words, '--server', 'windows', '--lab', folder], { input, env });
  }

  it('reach the receiver, and are found nowhere: no output, transcript, capture, support file or file of the server', async () => {
    const posted = await windows(['notify', 'test', '--debug']);
    assert.equal(posted.stdout, 'webhook: accepted.\n', posted.stderr);
    assert.match(receiver.posted[0]?.path ?? '', new RegExp(canary));
    const outputs = [posted];
    for (const words of [
      ['secret', 'list'],
      ['capture', join(lab.folder, 'capture.json')],
      ['capture', join(lab.folder, 'support.json'), '--for-support'],
    ])
      outputs.push(await windows(words));
    for (const { stdout, stderr } of outputs) assert.ok(!holds(stdout + stderr, canary), stdout);
    const transcripts = await filesBelow(join(profile, 'transcripts'));
    assert.ok(
      transcripts.some((file) => file.text.includes('certrebind-adapter.ps1')),
      'nothing was transcribed',
    );
    for (const { name, text } of [...transcripts, ...(await filesBelow(lab.folder))])
      assert.ok(!holds(text, canary), name);
  });

  it('that an earlier version left unencrypted are told, and encrypted with the next that is set', async () => {
    const folder = join(other.folder, 'certrebind');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const left = { schema: 'certrebind/secrets/1', secrets: { smtp: 'one' } };
    await writeFile(join(folder, 'secrets.json'), JSON.stringify(left), { mode: 0o600 });
    const list = async (form: readonly string[]) =>
      (await windows(['secret', 'list', ...form], '', other.folder)).stdout;
    assert.equal(await list([]), 'smtp (not encrypted; set it again)\n');
    assert.deepEqual(JSON.parse(await list(['--json'])).unencrypted, ['smtp']);
    assert.equal((await windows(['secret', 'set', 'hook'], 'two\n', other.folder)).exitCode, 0);
    assert.equal(await list([]), 'hook\nsmtp\n');
    assert.doesNotMatch(await readFile(join(folder, 'secrets.json'), 'utf8'), /one|two/);
    await rm(folder, { recursive: true });
  });

  it('would be found if they travelled as text', async () => {
    await sendAsText(findWindowsPowerShell() ?? '', profile, ['hook', canary]);
    const transcripts = await filesBelow(join(profile, 'transcripts'));
    assert.equal(transcripts.filter(({ text }) => holds(text, canary)).length, 1);
  });

  it('cannot be read by another server or under another name, and the error says what to do', async () => {
    const [from, to] = [lab, other].map(({ folder }) => join(folder, 'certrebind'));
    await cp(from ?? '', to ?? '', { recursive: true });
    const elsewhere = await windows(['notify', 'test'], '', other.folder);
    assert.equal(elsewhere.exitCode, 4);
    assert.equal(
      elsewhere.stdout,
      'webhook: not accepted: The secret hook cannot be read on this server: Key not valid for use in specified state. It was set on another server, or is damaged.\n',
    );
    const file = join(from ?? '', 'secrets.json');
    const before = await readFile(file, 'utf8');
    await writeFile(file, before.replace('"hook"', '"other"'));
    const config = join(from ?? '', 'config.json');
    await writeFile(config, (await readFile(config, 'utf8')).replace('secret:hook', 'secret:other'));
    const renamed = await windows(['notify', 'test']);
    await writeFile(file, before);
    assert.match(renamed.stdout, /The secret other cannot be read on this server: The data is invalid\./);
  });

  it('are not set where PowerShell could write them down: exit 7, and the file as before', async () => {
    const file = join(lab.folder, 'certrebind', 'secrets.json');
    const before = await readFile(file, 'utf8');
    const moved = await run(['lab', 'switch', 'execution-policy', 'AllSigned', '--lab', lab.folder]);
    assert.equal(moved.exitCode, 0);
    const refused = await windows(['secret', 'set', 'smtp'], 'x\n');
    assert.equal(refused.exitCode, 7);
    assert.match(
      refused.stderr,
      /^certrebind: secret-withheld: .*\n {2}Install CertRebind, .*\n {2}Install:\n {4}certrebind install\n/,
    );
    assert.equal(await readFile(file, 'utf8'), before);
    await rm(file);
  });
});

async function filesBelow(folder: string): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(files.map(async (name) => ({ name, text: await readFile(name, 'latin1') })));
}
