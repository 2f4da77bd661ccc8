import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openLab } from '../../../src/lab/host/channel.ts';
import { type LabContents, loadLab, saveLab } from '../../../src/lab/host/folder.ts';
import { takeOwnership } from '../../../src/lab/host/owner.ts';
import { parseRegistryExport } from '../../../src/lab/host/registry-export.ts';
import { serveLab } from '../../../src/lab/host/serve.ts';
import { listEntries } from '../../../src/lab/kernel/http-sys.ts';
import { assertNone } from '../../support/each.ts';
import { ofEach } from '../../support/of-each.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

describe('lab folder', () => {
  const lab = ofEach(temporaryLab);

  it('what was saved is what is loaded, whatever things are called', async () => {
    const before = await loadLab(lab.folder);
    const after = withOddThings(before);
    await saveLab(lab.folder, before, after);
    assert.deepEqual(sorted(await loadLab(lab.folder)), sorted(after));
  });

  it('what is gone from the state is gone from the folder', async () => {
    const before = await loadLab(lab.folder);
    const full = withOddThings(before);
    await saveLab(lab.folder, before, full);
    await saveLab(lab.folder, full, before);
    assert.deepEqual(sorted(await loadLab(lab.folder)).state, sorted(before).state);
    assert.deepEqual(await readdir(join(lab.folder, 'events')), []);
  });

  it('no draft is left behind, and keys are for the owner only', async () => {
    const files = await readdir(lab.folder, { recursive: true });
    assertNone(files, (file) => file.endsWith('.draft'));
    if (process.platform === 'win32') return;
    for (const file of files.filter((name) => name.endsWith('.key'))) {
      assert.equal((await stat(join(lab.folder, file))).mode & 0o077, 0, file);
    }
  });

  it('the tables of HTTP.SYS are a registry export in UTF-16', async () => {
    const bytes = await readFile(join(lab.folder, 'http-sys.reg'));
    assert.deepEqual([...bytes.subarray(0, 2)], [0xff, 0xfe]);
    const paths = parseRegistryExport(bytes).map(({ path }) => path);
    const parameters = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters';
    assert.ok(paths.includes(`${parameters}\\SslBindingInfo\\0.0.0.0:443`));
    assert.ok(paths.includes(`${parameters}\\SslBindingInfo\\[2001:db8::20]:443`));
  });

  it('a table that never had an entry stays absent, an emptied one stays empty', async () => {
    const before = await loadLab(lab.folder);
    const httpSys = { ...before.state.httpSys, SslCcsBindingInfo: null, SslSniBindingInfo: [] };
    await saveLab(lab.folder, before, { ...before, state: { ...before.state, httpSys } });
    const { SslCcsBindingInfo, SslSniBindingInfo } = (await loadLab(lab.folder)).state.httpSys;
    assert.deepEqual([SslCcsBindingInfo, SslSniBindingInfo], [null, []]);
  });

  const refusals: readonly (readonly [what: string, text: string | null, code: string])[] = [
    ['without lab.json', null, 'not-a-lab'],
    ['whose lab.json is torn', '{"schema":"certrebind/lab-', 'bad-document'],
    ['of another version', '{"schema":"certrebind/lab-folder/2"}', 'other-version'],
    ['with another program’s lab.json', '{"name":"lab"}', 'not-a-lab'],
    ['whose lab.json is no object', 'null', 'not-a-lab'],
  ];
  for (const [what, text, code] of refusals) {
    it(`a folder ${what} is refused and left alone`, async () => {
      const folder = join(lab.folder, 'other');
      await mkdir(folder);
      if (text !== null) await writeFile(join(folder, 'lab.json'), text);
      await assert.rejects(openLab(folder), { code, exitCode: 2 });
      await assert.rejects(serveLab(folder), { code, exitCode: 2 });
      assert.deepEqual(await readdir(folder), text === null ? [] : ['lab.json']);
    });
  }

  it('a lab in a folder that cannot be written says so', async () => {
    const client = await openLab(lab.folder);
    await chmod(dirname(lab.folder), 0o755);
    await chmod(lab.folder, 0o555);
    const end = process.geteuid?.() === 0 ? dropRoot() : null;
    try {
      await assert.rejects(client.send({ kind: 'read' }), {
        code: 'not-writable',
        exitCode: 2,
        message: /not even to read it, because .* cannot write its lock file there \(access is denied\)/,
      });
    } finally {
      end?.();
      await chmod(lab.folder, 0o755);
    }
  });

  it('clients that work with the files wait for each other, and lose nothing', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => openLab(lab.folder)));
    const texts = Array.from({ length: 15 }, (_, at) => `${at}`);
    await Promise.all(
      texts.map((text, at) =>
        clients[at % 5]?.send({ kind: 'application-log', source: 'Test', eventId: 1, level: 'error', text, data: {} }),
      ),
    );
    const { entries } = (await loadLab(lab.folder)).state.applicationLog;
    assert.deepEqual(entries.map(({ text }) => text).sort(), [...texts].sort());
  });

  it('what a killed client held is taken over', async () => {
    await writeFile(join(lab.folder, 'serving.json'), JSON.stringify({ pid: pidOfNobody, pipe: null }));
    const taken = await takeOwnership(lab.folder, { pid: process.pid, pipe: null });
    assert.equal(taken.got, 'ownership');
  });
});

/** Above what any system gives out. */
const pidOfNobody = 2 ** 30;

function withOddThings(contents: LabContents): LabContents {
  const { state } = contents;
  const task = {
    path: '\\Odd\\..\\',
    name: 'a/b:*? "ü" 日本',
    xml: '<?xml version="1.0" encoding="UTF-16"?>\r\n<Task>日本</Task>',
    enabled: false,
    lastRunAt: null,
    lastResult: 0x80070002,
    nextInstance: 3,
    running: [],
    queued: [],
  };
  const [certificate] = state.certificates;
  const [entry] = listEntries(state.httpSys);
  assert.ok(certificate !== undefined && entry !== undefined);
  const strange = {
    Strange: { type: 'REG_MULTI_SZ', base64: Buffer.from('a\0b\0\0', 'utf16le').toString('base64') },
    'quoted "name"\\': { type: 'REG_SZ', base64: Buffer.from('C:\\x "y"\0', 'utf16le').toString('base64') },
    Other: { type: 'REG_0x42', base64: 'AQID' },
    Empty: { type: 'REG_BINARY', base64: '' },
  };
  return {
    ...contents,
    enabledThrough: 'windows',
    keys: new Map(contents.keys).set('F'.repeat(40), 'key\n'),
    state: {
      ...state,
      tasks: [task],
      certificates: [
        ...state.certificates,
        { ...certificate, store: 'Remote Desktop', key: { readyAt: '2026-01-01T00:00:00.000Z' }, archived: true },
      ],
      httpSys: {
        ...state.httpSys,
        SslBindingInfo: [{ subKey: '10.0.0.1:1', values: { ...entry.entry.values, ...strange } }],
      },
      lifecycle: {
        ...state.lifecycle,
        nextRecordId: 12,
        events: [
          { recordId: 2, xml: '<Event>ü</Event>' },
          { recordId: 11, xml: '<Event/>' },
        ],
      },
    },
  };
}

/** The order of stores and files is nobody's business. */
function sorted(contents: LabContents) {
  const certificates = [...contents.state.certificates].sort((a, b) =>
    `${a.store} ${a.thumbprint}`.localeCompare(`${b.store} ${b.thumbprint}`),
  );
  const keys = [...contents.keys].sort(([a], [b]) => a.localeCompare(b));
  return { ...contents, keys, state: { ...contents.state, certificates } };
}

function dropRoot(): () => void {
  process.seteuid?.(65534);
  return () => process.seteuid?.(0);
}
