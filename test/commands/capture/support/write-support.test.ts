import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Support } from '../../../../src/commands/capture/support/document.ts';
import { recordsOf } from '../../../../src/kinds/holder.ts';
import { openLab } from '../../../../src/lab/host/channel.ts';
import { createLab } from '../../../../src/lab/host/create.ts';
import { perform } from '../../../security/program.ts';
import { each } from '../../../support/each.ts';
import { newFolder } from '../../../support/temporary-lab.ts';

const word = 'quxcanary';
const configuration = `<configuration><system.applicationHost><sites>
  <site name="Site ${word}" id="1"><bindings>
    <binding protocol="https" bindingInformation="*:443:www.${word}.example" sslFlags="1" />
    <binding protocol="https" bindingInformation="203.0.113.77:443:" sslFlags="0" />
  </bindings></site>
</sites></system.applicationHost></configuration>`;

describe('capture --for-support', () => {
  let place: string;
  let lab: string;
  let old: string;
  let file: string;

  beforeEach(async () => {
    place = newFolder();
    lab = join(place, `lab-${word}`);
    file = join(place, 'support.json');
    old =
      (await createLab({ folder: lab, from: { where: 'a test', bytes: Buffer.from(configuration) } })).certificates[0]
        ?.thumbprint ?? '';
  });

  const onLab = (...words: readonly string[]) => perform([...words, '--lab', lab, '--json']);
  const bundle = async (): Promise<Support> => JSON.parse(await readFile(file, 'utf8'));

  /** A server with a history: a run, a configuration, a proof that failed, an error that names files. */
  async function used(): Promise<string> {
    const client = await openLab(lab);
    const { new: successor } = await client.ask({ ask: 'renew', options: { thumbprint: old } });
    await client.close();
    assert.equal((await onLab('rebind', '--old', old, '--new', successor)).exitCode, 0);
    const home = join(lab, 'certrebind');
    const failed = {
      at: '2026-01-01T00:00:00.000Z',
      version: '0.1.0',
      why: `C:\\${word}\\x.exe cannot be read: access is denied.`,
    };
    const setup = { schema: 'certrebind/setup/1', unfinished: null, verified: null, failed };
    await writeFile(join(home, 'setup.json'), JSON.stringify(setup));
    const exclude = { sites: [`Site ${word}`], records: [`www.${word}.example:443`] };
    await writeFile(
      join(home, 'config.json'),
      JSON.stringify({ schema: 'certrebind/configuration/1', exclude, issuers: [`CN=${word}`] }),
    );
    return successor;
  }

  it('holds the facts, the runs, the findings and the proof, and no name of anybody', async () => {
    const successor = await used();
    const { exitCode, document } = await onLab('capture', file, '--for-support');
    assert.deepEqual(
      [exitCode, document.schema, document.server, document.runs, document.missing],
      [0, 'certrebind/support-written/1', true, 1, []],
    );
    const { schema, program, capture, runs, findings, proof, configuration: settings, wire } = await bundle();
    assert.equal(schema, 'certrebind/support/1');
    assert.equal(program.runtime, process.version);
    assert.ok(capture !== null);
    assert.deepEqual([capture.sites.length, recordsOf(capture).length], [1, 2]);
    assert.deepEqual([runs[0]?.result, runs[0]?.steps.length], ['rebound', 2]);
    assert.ok(findings?.some(({ code }) => code === 'task-missing'));
    assert.equal(wire?.length, 2);
    assert.equal(proof?.failed?.why, '… cannot be read: access is denied.');
    assert.deepEqual([settings.excluded.sites, settings.excluded.records, settings.issuers], [1, 1, 1]);
    // One name for one thing, through the whole document.
    const [step] = runs[0]?.steps ?? [];
    assert.ok(recordsOf(capture).some(({ key }) => key === step?.key));
    assert.ok(capture.certificates.some(({ thumbprint }) => thumbprint === runs[0]?.renewals[0]?.new));
    const replayed = await perform(['usage', '--replay', file, '--json']);
    assert.deepEqual(
      [replayed.exitCode, replayed.document.certificates.length],
      [0, (await onLab('usage')).document.certificates.length],
    );
    const text = await readFile(file, 'utf8');
    for (const secret of [word, '203.0.113.77', 'LAB-WEB01', old, successor, place, lab])
      assert.ok(!text.toLowerCase().includes(secret.toLowerCase()), `${secret} is in ${text}`);
  });

  it('is written where the server cannot be read, and says so', async () => {
    await used();
    const client = await openLab(lab);
    const effect = { do: 'fail', hresult: 0x80070005, message: `${word} is denied` } as const;
    await client.ask({
      ask: 'lab',
      request: { kind: 'arm-fault', fault: { on: { kind: 'read' }, nth: 1, times: null, effect } },
    });
    await client.close();
    const { exitCode, document } = await onLab('capture', file, '--for-support');
    assert.deepEqual([exitCode, document.server, document.runs], [0, false, 1]);
    assert.deepEqual(each(document.missing, 'part'), ['server']);
    const { capture, findings, runs, missing } = await bundle();
    assert.deepEqual([capture, findings, runs.length, missing[0]?.part], [null, null, 1, 'server']);
    assert.ok(!(await readFile(file, 'utf8')).includes(word));
    const replayed = await perform(['usage', '--replay', file, '--json']);
    assert.deepEqual([replayed.exitCode, replayed.document.error.code], [2, 'bad-document']);
    assert.match(replayed.document.error.message, /holds no capture/);
    const { stdout } = await perform(['capture', file, '--for-support', '--overwrite', '--lab', lab]);
    assert.match(stdout, /^It does not contain: the server \(/m);
  });

  it('writes over nothing unless it is told to, and then does', async () => {
    await writeFile(file, 'mine');
    const refused = await onLab('capture', file, '--for-support');
    assert.deepEqual([refused.exitCode, refused.document.error.code], [2, 'not-writable']);
    assert.equal(await readFile(file, 'utf8'), 'mine');
    assert.equal((await onLab('capture', file, '--for-support', '--overwrite')).exitCode, 0);
    assert.equal((await bundle()).schema, 'certrebind/support/1');
  });

  it('is written where no server is, and a mistake of the command line is still one', async () => {
    const nowhere = await perform(['capture', file, '--for-support', '--json']);
    assert.deepEqual([nowhere.exitCode, nowhere.document.server], [0, false]);
    assert.equal((await bundle()).missing[0]?.code, 'no-server');
    const other = join(place, 'other.json');
    assert.equal((await perform(['capture', other, '--for-support', '--server', 'web01', '--json'])).exitCode, 2);
    await mkdir(other);
    assert.equal((await onLab('capture', other, '--for-support', '--overwrite')).document.error.code, 'not-writable');
  });
});
