import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerSource } from '../../src/command-line/servers.ts';
import type { Rehearsal } from '../../src/documents/rehearsal.ts';
import { labAround } from '../../src/lab/servers/lab.ts';
import { rehearsalText } from '../../src/rehearse/text.ts';
import { perform } from '../security/program.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

const rehearsal: Rehearsal = {
  schema: 'certrebind/rehearsal/1',
  rehearsal: 'r1',
  server: { id: 'x', name: 'WEB01', kind: 'windows', iis: '10.0', osBuild: 20348 },
  at: '2026-06-01T12:00:00.000Z',
  durationMs: 12_000,
  exitCode: 0,
  stages: [{ stage: 'replace', result: 'done', detail: 'run 1: rebound' }],
  alsoStarted: [],
  facts: [
    { name: 'rebind-options', measured: 'kept', positions: ['kept'], how: 'every field stayed' },
    { name: 'event-writers', measured: null, positions: [], how: 'it would take a service account' },
    { name: 'netsh-options', measured: 'certhash appid '.repeat(20), positions: [], how: 'help' },
  ],
  limits: [
    { name: 'stdin-line', carried: 4_194_304, refused: null, how: 'PowerShell 5.1 carried every size' },
    { name: 'json', carried: 1_048_576, refused: 2_097_152, how: 'the length exceeds the value' },
  ],
  clean: true,
  leftovers: [],
  differences: [],
};
const plain = { width: null, colour: false };

describe('rehearsal as text', () => {
  it('tells what was measured from what was not, with the reason', () => {
    const text = rehearsalText(rehearsal, plain);
    assert.match(text, /^rebind-options +kept +every field stayed$/m);
    assert.match(text, /^event-writers +not-measured +it would take a service account$/m);
  });

  it('tells how much was carried, and what was refused', () => {
    const text = rehearsalText(rehearsal, plain);
    assert.match(text, /^stdin-line +4194304 +- +PowerShell 5\.1 carried every size$/m);
    assert.match(text, /^json +1048576 +2097152 +the length exceeds the value$/m);
  });

  it('keeps long lists out of the table', () => {
    assert.ok(
      rehearsalText(rehearsal, plain)
        .split('\n')
        .every((line) => line.length < 120),
    );
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
