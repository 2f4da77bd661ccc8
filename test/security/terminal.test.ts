import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeControls } from '../../src/base/safe-text.ts';
import type { Snapshot } from '../../src/kinds/snapshot.ts';
import { certificate, https, logOf, record, replaced, site, snapshot, thumbprintOf } from '../builders/snapshot.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { perform } from './program.ts';

/** Sets a window's title, clears the screen, goes back to overwrite, turns the direction of text, hides, adds a line. */
const evil = 'x\u001B]0;owned\u0007\u001B[2J\r\u009B1A\u202Egnp\u00AD\uFFF9\u{E0041}.exe\nFORGED line';

/** Everything that others choose the text of. */
const hostile: Snapshot = snapshot({
  server: { id: 'server-1', name: evil, kind: 'lab', iis: '10.0', osBuild: 20348 },
  sites: [site(evil, [https('*:443:'), https('*:443:shop.example.com', 1)]), site(`stopped ${evil}`, [], 'stopped')],
  records: [
    record('0.0.0.0:443', 'old'),
    record('shop.example.com:443', 'old'),
    record('0.0.0.0:8443', 'old', { appId: '{11111111-2222-3333-4444-555555555555}', store: evil }),
  ],
  unreadable: [{ part: 'records', where: evil, text: evil, why: evil }],
  certificates: ['old', 'new'].map((label) =>
    certificate(label, { subject: `CN=${evil}`, issuer: `CN=${evil}`, friendlyName: evil, serialNumber: '01' }),
  ),
  ftps: [{ site: evil, thumbprint: thumbprintOf('old'), store: 'My' }],
  tasks: [
    {
      path: '\\Microsoft\\Windows\\CertificateServicesClient\\',
      name: evil,
      enabled: true,
      xml: '<Task/>',
      lastResult: 0,
      lastRunAt: null,
    },
  ],
  lifecycle: logOf(replaced(7, 'old', 'new', { processName: evil, accountName: evil, userId: 'S-1-5-20' })),
});

const controls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u00AD\u202A-\u202E\u2066-\u2069\uFFF9\u{E0041}]|^\s*FORGED/mu;

describe('names that others choose move no terminal', () => {
  const folder = newFolder();
  let file: string;
  before(async () => {
    file = join(folder, 'server.json');
    await writeFile(file, JSON.stringify(hostile));
  });

  for (const words of [
    ['plan', '--old', thumbprintOf('old'), '--new', thumbprintOf('new')],
    ['plan', '--record', '7'],
    ['status'],
    ['verify'],
    ['doctor'],
    ['usage'],
    ['reconcile', '--dry-run'],
    ['rebind', '--dry-run', '--old', thumbprintOf('old'), '--new', thumbprintOf('new')],
  ]) {
    it(`in the text of ${words.slice(0, 2).join(' ')}`, async () => {
      const { stdout, stderr } = await perform([...words, '--replay', file]);
      assert.ok((stdout + stderr).length > 20);
      assert.doesNotMatch(stdout + stderr, controls);
    });

    it(`in the document of ${words.slice(0, 2).join(' ')}`, async () => {
      const { stdout } = await perform([...words, '--replay', file, '--json']);
      assert.doesNotMatch(stdout, controls);
    });
  }

  for (const words of [
    [evil],
    ['plan', `--${evil}`],
    ['rebind', '--old', evil, '--new', evil],
    ['explain', evil],
    ['history', evil, '--replay', 'nothing'],
    ['status', '--replay', evil],
    ['on-event', '--record', evil],
    ['trigger-run', evil],
  ]) {
    it(`in the error of ${words[0] === evil ? 'an unknown command' : words[0]}`, async () => {
      const { exitCode, stdout, stderr } = await perform(words);
      assert.notEqual(exitCode, 0);
      assert.doesNotMatch(stdout + stderr, controls);
    });
  }

  it('and are still told apart', () => assert.equal(escapeControls('a\u001Bb'), 'a\\u001Bb'));
});
