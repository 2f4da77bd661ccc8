import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertNone } from '../support/each.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { run } from './run-program.ts';

interface Metafile {
  readonly inputs: Readonly<
    Record<
      string,
      { readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[] }
    >
  >;
}

function metafile(program: string): Metafile {
  const path = fileURLToPath(new URL(`../../dist/meta/${program}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Everything that runs when this file is loaded: what it imports, but not what it may import later. */
function loadedWith({ inputs }: Metafile, entry: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    for (const { path, kind, external } of inputs[file]?.imports ?? [])
      if (kind !== 'dynamic-import' && external !== true) waiting.push(path);
  }
  return loaded;
}

/** Parts of Node without which nothing is sent. */
const sending = ['http', 'https', 'tls'];

/** Those of them that a program has loaded when it ends. */
async function builtInsOf(words: readonly string[], env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const says = "process.on('exit',()=>process.stderr.write(JSON.stringify(process.moduleLoadList)))";
  const hook = `--import=data:text/javascript,${encodeURIComponent(says)}`;
  const { stderr } = await run(words, { env: { ...env, NODE_OPTIONS: hook } });
  const loaded: readonly string[] = JSON.parse(stderr.slice(stderr.indexOf('["')));
  return sending.filter((name) => loaded.includes(`NativeModule ${name}`));
}

describe('what is loaded', () => {
  for (const program of ['certrebind', 'certrebind-lab'])
    for (const entry of [program === 'certrebind' ? 'src/cli.ts' : 'src/cli-lab.ts', 'src/commands/rebind/on-event.ts'])
      it(`no argument parser for --version and on-event: ${program}, ${entry}`, () => {
        const loaded = [...loadedWith(metafile(program), entry)];
        assert.ok(loaded.length > 3, 'the walk found nothing');
        assertNone(loaded, (file) => file.includes('/yargs'));
      });

  it('the parser with the command line, so that the walk above can fail', () => {
    const loaded = [...loadedWith(metafile('certrebind'), 'src/shell/command-line.ts')];
    assert.ok(loaded.some((file) => file.includes('node_modules/yargs/')));
  });

  it('no validators for --version, and no TLS before something is dialled', () => {
    const lab = metafile('certrebind-lab');
    const start = loadedWith(lab, 'src/cli-lab.ts');
    assertNone([...start], (file) => file.includes('/generated/'));
    const onEvent = loadedWith(lab, 'src/commands/rebind/on-event.ts');
    assert.ok([...onEvent].some((file) => file.includes('/generated/')));
    const builtIns = [...start, ...onEvent].flatMap((file) =>
      (lab.inputs[file]?.imports ?? []).flatMap(({ path, kind, external }) =>
        external === true && kind !== 'dynamic-import' ? path : [],
      ),
    );
    assert.ok(builtIns.includes('node:crypto'));
    assertNone(builtIns, (name) => /tls|readline/.test(name));
  });

  it('nothing that sends before something is sent, and the mail library only for mail', () => {
    const sends = (file: string) => file.includes('/nodemailer/') || file.startsWith('src/session/notify/send/');
    const product = metafile('certrebind');
    for (const entry of ['src/cli.ts', 'src/commands/rebind/on-event.ts', 'src/session/notify/deliver.ts'])
      assert.deepEqual([...loadedWith(product, entry)].filter(sends), [], entry);
    const webhook = [...loadedWith(product, 'src/session/notify/send/webhook.ts')];
    assert.ok(webhook.some(sends) && !webhook.some((file) => file.includes('/nodemailer/')));
    assert.ok(Object.keys(product.inputs).some((file) => file.includes('/nodemailer/')));
  });

  it('nothing that sends where mail and a webhook are set up and there is nothing to tell, as the process itself says', async () => {
    const { folder, certificates, remove } = await temporaryLab({ sites: 1 });
    try {
      const mail = {
        server: 'mail.example.com',
        from: 'a@example.com',
        to: ['b@example.com'],
        user: 'web01',
        password: 'secret:none',
      };
      const file = join(folder, 'notify.json');
      await writeFile(file, JSON.stringify({ notify: { mail, webhook: { url: 'secret:none' } } }));
      const set = await run(['config', 'set', file, '--lab', folder]);
      assert.equal(set.exitCode, 0, set.stderr);
      // The words of a task may name no lab.
      const env = { CERTREBIND_LAB: folder };
      assert.deepEqual(await builtInsOf(['on-event', '--record', '1'], env), []);
      const thumbprint = certificates[0]?.thumbprint ?? '';
      await run(['lab', 'renew', thumbprint, '--names', 'elsewhere.example', '--lab', folder]);
      assert.deepEqual(await builtInsOf(['on-event', '--record', '1'], env), sending);
    } finally {
      await remove();
    }
  });

  it('nothing that changes, recovers, reads runs or writes metrics before there is something to do so with', () => {
    const product = metafile('certrebind');
    const later = [
      'src/engine/run/carry-out.ts',
      'src/engine/run/recover.ts',
      'src/session/status/read-status.ts',
      'src/documents/runs/journal-document.ts',
      'src/documents/runs/outcome-document.ts',
    ];
    const start = loadedWith(product, 'src/commands/rebind/on-event.ts');
    assertNone(later, (file) => start.has(file));
    assert.ok(later.every((file) => file in product.inputs));
  });

  it('nothing that makes certificates before a lab has to issue one', () => {
    const made = (file: string) => file.includes('/@peculiar/');
    const [opened, issuing] = ['src/lab/client/lab-server.ts', 'src/lab/host/renew.ts'].map((file) => [
      ...loadedWith(metafile('certrebind-lab'), file),
    ]);
    assert.deepEqual(opened?.filter(made), []);
    assert.ok(issuing?.some(made));
  });

  it('no command with the command line: each is loaded once its name stands there', () => {
    const loaded = [
      ...loadedWith(metafile('certrebind-lab'), 'src/cli-lab.ts'),
      ...loadedWith(metafile('certrebind-lab'), 'src/shell/command-line.ts'),
      ...loadedWith(metafile('certrebind-lab'), 'src/lab/commands/catalogue.ts'),
    ];
    const catalogues = ['src/commands/catalogue.ts', 'src/lab/commands/catalogue.ts'];
    const { inputs } = metafile('certrebind-lab');
    const commands = new Set(
      catalogues.flatMap((file) =>
        (inputs[file]?.imports ?? []).flatMap(({ path, kind }) => (kind === 'dynamic-import' ? path : [])),
      ),
    );
    assert.ok(commands.size > 30 && catalogues.every((file) => loaded.includes(file)));
    assertNone(loaded, (file) => commands.has(file));
  });

  it('nothing of the lab is in the program for servers', () => {
    const files = Object.keys(metafile('certrebind').inputs);
    assertNone(files, (file) => /^src\/lab\/|@peculiar\/x509/.test(file));
    assert.ok(Object.keys(metafile('certrebind-lab').inputs).some((file) => file.startsWith('src/lab/')));
  });
});
