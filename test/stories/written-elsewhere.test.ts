import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonHere } from '../cli/run-here.ts';
import { ofAll } from '../support/of-each.ts';
import { itQuickly } from '../support/slow.ts';
import { openWorld, servers } from './lab-world.ts';

const secret = 'Pa55w0rd-beside-it';

for (const { kind, words } of servers)
  describe(`a thumbprint that stands in a text (${kind})`, () => {
    const world = ofAll(() => openWorld(words, ['--holders']));
    let old: string;
    before(async () => {
      old = world.certificates[0]?.thumbprint ?? '';
      const folder = join(world.folder, 'SystemDrive/inetpub/sites/4');
      await writeFile(join(folder, 'deploy.env'), `PASSWORD=${secret}\nTHUMBPRINT=${old}\n`);
    });
    const sample = [
      ['file', 'sites/4/appsettings.json', 10, 'Kestrel'],
      ['file', 'sites/4/deploy.env', 2, null],
      ['file', 'sites/6/web.config', 4, 'WCF'],
      ['policy', 'Terminal Services\\TrustedCertThumbprints', null, 'Remote Desktop'],
      ['service', 'ExampleProxy', null, null],
      ['task', '\\Example\\Sign reports', null, null],
    ];
    interface Found {
      readonly kind: string;
      readonly where: string;
      readonly line: number | null;
      readonly thumbprint: string;
      readonly program: string | null;
      readonly replacedBy: string | null;
    }
    const short = (where: string) => where.replace(/^.*(?=sites\/)|^HKLM.*(?=Terminal Services)/, '');
    const told = ({ found }: { readonly found: readonly Found[] }) => {
      assert.deepEqual([...new Set(found.map((one) => one.thumbprint))], found.length === 0 ? [] : [old]);
      return found
        .map((one) => [one.kind, short(one.where), one.line, one.program])
        .sort((a, b) => (String(a) < String(b) ? -1 : 1));
    };

    it('is told with its place by usage of a certificate and of what was renewed, and nothing else of the text', async () => {
      const answers = [
        await world.json(['usage', old]),
        await world.json(['usage', '--renewed']),
        await world.json(['usage', '--renewed', old]),
      ];
      for (const { document } of answers) {
        assert.deepEqual(told(document.written), sample);
        assert.equal(document.written.files, 3);
        assert.deepEqual(document.written.notRead, []);
        assert.equal(JSON.stringify(document).includes(secret), false);
        assert.equal(JSON.stringify(document).includes('sign.ps1'), false);
      }
    });

    itQuickly('is told to people, with what was searched', async () => {
      const { stdout } = await world.certrebind(['usage', '--renewed']);
      assert.match(stdout, /Written elsewhere\n {2}A renewal does not change these texts\.\n/);
      assert.match(stdout, /sites\/4\/deploy\.env, line 2: [0-9A-F]{8}\n/);
      assert.match(stdout, /\n {2}task \\Example\\Sign reports: /);
      assert.match(stdout, /\n {2}Searched: 3 files, \d+ arguments, command lines and policies\.\n/);
      assert.equal(stdout.includes(secret), false);
    });

    itQuickly('changes no exit code, and is not searched for where nobody asked for it', async () => {
      for (const asked of [
        ['usage', old],
        ['usage', '--renewed'],
      ]) {
        const { exitCode, document } = await world.json(asked);
        const without = await world.json([...asked, '--no-search']);
        assert.deepEqual([without.exitCode, without.document.written], [exitCode, undefined]);
        const { written: _, at: _at, ...rest } = document;
        const { at: _before, ...other } = without.document;
        assert.deepEqual(other, rest);
      }
      for (const other of [['usage'], ['status'], ['doctor'], ['plan'], ['verify']])
        assert.equal(JSON.stringify((await world.json(other)).document).includes('appsettings.json, line'), false);
      assert.equal((await world.json(['usage'])).document.written, undefined);
    });

    itQuickly('is on the page of the server, unless it is left out', async () => {
      const file = join(world.folder, 'server.html');
      await world.json(['report', '--html', file]);
      const page = await readFile(file, 'utf8');
      assert.match(
        page,
        /Written elsewhere[\s\S]*A renewal does not change these texts\.[\s\S]*sites\/4\/deploy\.env, line 2/,
      );
      assert.equal(page.includes(secret), false);
      await world.json(['report', '--html', file, '--no-search']);
      assert.doesNotMatch(await readFile(file, 'utf8'), /Written elsewhere/);
    });

    itQuickly('is in no capture, nor in what is sent to the developers, and a capture is not searched', async () => {
      const [capture, support] = ['capture.json', 'support.json'].map((name) => join(world.folder, name));
      await world.json(['config', 'add', 'search.folders', '/srv/private-name']);
      await world.json(['capture', capture ?? '']);
      await world.json(['capture', support ?? '', '--for-support', '--overwrite']);
      await world.json(['config', 'unset', 'search']);
      for (const file of [capture, support]) {
        const text = await readFile(file ?? '', 'utf8');
        for (const word of ['deploy.env', 'ExampleProxy', 'Sign reports', 'private-name', secret])
          assert.equal(text.includes(word), false, `${file}: ${word}`);
      }
      const { document } = await jsonHere(['usage', old, '--replay', capture ?? '']);
      assert.deepEqual([document.certificates.length, document.written], [1, undefined]);
    });

    itQuickly('is found in folders that the configuration names, and what is no folder here is said', async () => {
      const folder = join(world.folder, 'deployment');
      await mkdir(folder);
      await writeFile(join(folder, 'pipeline.yml'), `steps:\n- task: Deploy@1\n  thumbprint: ${old}\n`);
      for (const path of [folder, '/no/such/folder', 'X:\\deploy'])
        assert.equal((await world.json(['config', 'add', 'search.folders', path])).exitCode, 0);
      const { written } = (await world.json(['usage', old])).document;
      const added = ['file', join(folder, 'pipeline.yml'), 3, 'Azure Pipelines'];
      assert.deepEqual(
        told(written),
        [added, ...sample].sort((a, b) => (String(a) < String(b) ? -1 : 1)),
      );
      assert.deepEqual(written.notRead, [
        'X:\\deploy (it is on no local disk)',
        '/no/such/folder (there is no such folder)',
      ]);
      const { exitCode, document } = await world.json(['config', 'add', 'search.folders', '\\\\files\\deploy']);
      assert.deepEqual([exitCode, document.error.code], [2, 'bad-configuration']);
      await world.json(['config', 'unset', 'search']);
    });

    it('stays after each renewal, and is told with what follows it to those who ask for the newest certificate', async () => {
      let successor = old;
      for (let renewals = 0; renewals < 2; renewals++) {
        successor = (await world.lab(['renew', successor])).new;
        await world.json(['reconcile']);
      }
      for (const asked of [
        ['usage', successor],
        ['usage', '--renewed'],
        ['usage', '--renewed', successor],
      ]) {
        const { written } = (await world.json(asked)).document;
        assert.deepEqual(told(written), sample);
        assert.deepEqual([...new Set(written.found.map((one: Found) => one.replacedBy))], [successor]);
      }
      const { stdout } = await world.certrebind(['usage', successor]);
      assert.match(stdout, new RegExp(`ExampleProxy: ${old.slice(0, 8)}, replaced by ${successor.slice(0, 8)}\\n`));
    });
  });
