import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rehearsalText } from '../../../src/commands/rehearse/command.ts';
import type { Rehearsal } from '../../../src/documents/rehearsal.ts';
import { labAround } from '../../../src/lab/servers/lab.ts';
import type { ServerSource } from '../../../src/shell/servers.ts';
import { perform } from '../../security/program.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const rehearsal: Rehearsal = {
  schema: 'certrebind/rehearsal/1',
  rehearsal: 'r1',
  server: { id: 'x', name: 'WEB01', kind: 'windows', iis: '10.0', osBuild: 20348 },
  at: '2026-06-01T12:00:00.000Z',
  durationMs: 12_000,
  exitCode: 0,
  stages: [{ stage: 'replace', result: 'done', detail: 'run 1: rebound' }],
  clean: true,
  leftovers: [],
  differences: [],
};
const plain = { width: null, colour: false };

describe('rehearsal as text', () => {
  it('is a few lines: what each stage did, and that nothing is left', () => {
    const text = rehearsalText(rehearsal, plain);
    assert.match(text, /^replace +done +run 1: rebound$/m);
    assert.match(text, /Everything was removed again\. Two snapshots prove it \(12/);
    assert.ok(text.split('\n').length <= 15);
  });

  it('names what is left, with nothing in it that a terminal obeys', () => {
    const dirty = {
      ...rehearsal,
      clean: false,
      leftovers: ['the site \u001b[31mX'],
      differences: ['the task Y has come'],
    };
    const text = rehearsalText(dirty, plain);
    assert.match(text, /You have to clean up:\n {2}the site .*X is still there\n {2}the task Y has come$/);
    assert.ok(!text.includes('\u001b'));
    const many = { ...dirty, differences: Array.from({ length: 30 }, (_, at) => `the task ${at} has come`) };
    assert.ok(rehearsalText(many, plain).split('\n').length <= 15);
    assert.match(rehearsalText(many, plain), /\n {2}and 26 more \(--full\)$/);
  });
});

describe('a rehearsal before enable', () => {
  it('is done on a server that is opened once its own folder for temporary files is there', async () => {
    const lab = await temporaryLab({ sites: 1 });
    try {
      const around = labAround();
      const foundAtOpening: boolean[] = [];
      const watched: ServerSource = {
        ...around,
        open(args, env) {
          foundAtOpening.push(existsSync(join(lab.folder, 'certrebind', 'temp')));
          return around.open(args, env);
        },
      };
      await perform(['rehearse', '--yes', '--lab', lab.folder], undefined, {}, watched);
      assert.deepEqual(foundAtOpening, [false, true]);
    } finally {
      await lab.remove();
    }
  });
});
