import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Serving, serveLab } from '../cli/serve-lab.ts';
import { each } from '../support/each.ts';
import { linuxBinary } from './artefacts.ts';

describe('the executable for Linux', () => {
  let folder: string;
  let lab: string;
  let serving: Serving;
  let old: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crb-packaged-'));
    lab = join(folder, 'lab');
    old = (await certrebind('lab', 'create', lab)).certificates[0].thumbprint;
    serving = await serveLab(lab, { command: [linuxBinary] });
  });
  after(async () => {
    await serving?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  async function certrebind(...words: readonly string[]): Promise<any> {
    const started = promisify(execFile)(linuxBinary, [...words, '--json'], { env: {} });
    // `verify` ends with 9: another program keeps the old certificate on a port of its own.
    const { stdout } = await started.catch((ended) =>
      words[0] === 'verify' && ended.code === 9 ? ended : Promise.reject(ended),
    );
    return JSON.parse(stdout);
  }
  const onLab = (...words: readonly string[]) => certrebind(...words, '--lab', lab);

  it('registers itself, is started by the event, proves what it changed, and brings it back', async () => {
    await onLab('enable');
    await onLab('lab', 'renew', old, '--wait');
    const { runs } = await onLab('history');
    assert.deepEqual(each(runs, 'result'), ['rebound']);
    assert.ok((await onLab('verify')).endpoints.every(({ matches }: { matches: boolean | null }) => matches !== false));
    assert.equal((await onLab('undo', '--yes')).result, 'undone');
  });
});
