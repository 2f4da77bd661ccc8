import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CertRebindError } from '../../src/base/errors.ts';
import { defaultConfiguration } from '../../src/documents/configuration.ts';
import { parseThumbprint } from '../../src/model/certificates/thumbprint.ts';
import type { WrittenOnServer } from '../../src/server/server.ts';
import { searchWritten } from '../../src/session/search-written.ts';
import { newFolder } from '../support/temporary-lab.ts';

const old = parseThumbprint('A'.repeat(40), 'test');
const successor = parseThumbprint('B'.repeat(40), 'test');
const onServer: WrittenOnServer = {
  found: [{ kind: 'service', where: 'Proxy', line: null, thumbprint: old, program: null }],
  others: 3,
  folders: [],
  disks: ['/'],
  notRead: ['arguments of tasks (access is denied)'],
};

describe('searching a server for thumbprints', () => {
  const folder = realpathSync(newFolder());
  before(() => writeFile(join(folder, 'a.json'), old));

  const search = (written: (() => Promise<WrittenOnServer>) | undefined, texts = [`${old}`], folders = [folder]) =>
    searchWritten(
      {
        server: written === undefined ? {} : { written },
        configuration: { ...defaultConfiguration, search: { folders } },
      },
      { noSearch: false },
      new Map(texts.map((text) => [text, text === old ? successor : null])),
    );

  it('tells texts of files and of Windows, each with what replaced its certificate, and what was not read', async () => {
    const { written } = await search(async () => onServer);
    const file = { kind: 'file', where: join(folder, 'a.json'), line: 1, thumbprint: old, program: null };
    assert.deepEqual(written, {
      found: [file, onServer.found[0]].map((one) => ({ ...one, replacedBy: successor })),
      files: 1,
      others: 3,
      notRead: onServer.notRead,
    });
  });

  it('fails nobody who asks about certificates where Windows gives no answer', async () => {
    const message = 'PowerShell did not answer within 20 seconds.';
    const { written } = await search(() => Promise.reject(new CertRebindError('server-unreachable', { message })));
    const notRead = ['all texts (PowerShell did not answer within 20 seconds)'];
    assert.deepEqual(written, { found: [], files: 0, others: 0, notRead });
  });

  it('reads no folder that is on no local disk, in whatever way it is written', async () => {
    const asked: readonly (readonly [path: string, isLocal: boolean])[] = [
      ['c:/deploy', true],
      ['C:\\deploy', true],
      ['C:deploy', false],
      ['D:\\deploy', false],
      ['\\\\server\\share', false],
      ['//server/share', false],
      ['\\\\?\\C:\\deploy', false],
      ['\\\\.\\pipe\\deploy', false],
    ];
    for (const [path, isLocal] of asked) {
      const { written } = await search(async () => ({ ...onServer, disks: ['C:\\'], notRead: [] }), [old], [path]);
      const why = isLocal ? 'there is no such folder' : 'it is on no local disk';
      assert.deepEqual(written?.notRead, [`${path} (${why})`]);
    }
  });

  it('asks nothing where there is nothing to ask, or nobody', async () => {
    const never = () => Promise.reject(new Error('asked'));
    assert.deepEqual(
      [await search(never, []), await search(never, ['C'.repeat(64)]), await search(undefined)],
      [{}, {}, {}],
    );
  });
});
