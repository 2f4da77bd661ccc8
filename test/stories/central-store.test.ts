import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endpointsOfServer } from '../../src/engine/known/endpoints-of-server.ts';
import { isOfCentralStore } from '../../src/kinds/record-key.ts';
import { openLabServer } from '../../src/lab/client/lab-server.ts';
import { ofAll } from '../support/of-each.ts';
import { openWorld } from './lab-world.ts';

describe('an expired file in the central certificate store', () => {
  const world = ofAll(openWorld);
  before(async () => {
    await world.lab([
      'renew',
      world.certificates[0]?.thumbprint ?? '',
      '--central',
      'central.example.com',
      '--expires-in',
      '-1d',
    ]);
  });

  const codesOf = async (line: readonly string[]) => {
    const { exitCode, document } = await world.json(line);
    return [exitCode, document.findings.some(({ code }: { code: string }) => code === 'certificate-expired')];
  };
  const stored = () => join(world.folder, 'certrebind', 'seen.json');

  it('is what openssl gets there', async () => {
    const { server } = await openLabServer(world.folder);
    try {
      const [found = assert.fail()] = endpointsOfServer(await server.snapshot()).filter(({ key }) =>
        isOfCentralStore(key),
      );
      const at = server.dial(found.endpoint);
      assert.ok(at.reachable);
      const words = ['s_client', '-connect', `${at.host}:${at.port}`, '-servername', found.endpoint.serverName ?? ''];
      // The lab answers from this process.
      const asking = promisify(execFile)('openssl', words, { timeout: 60_000 });
      asking.child.stdin?.end();
      const { stdout } = await asking;
      assert.equal(spawnSync('openssl', ['x509', '-checkend', '0', '-noout'], { input: stdout }).status, 1);
    } finally {
      await server.close();
    }
  });

  it('is found by whatever dials', async () => {
    for (const line of [['verify'], ['doctor'], ['status', '--check', '--dial']])
      assert.deepEqual(await codesOf(line), [9, true], line.join(' '));
  });

  it('is found by what dials nothing once a reconcile has looked, and no longer once it has been replaced', async () => {
    await rm(stored());
    assert.equal((await codesOf(['status', '--check']))[1], false);
    await world.json(['reconcile']);
    assert.deepEqual(await codesOf(['status', '--check']), [9, true]);
    const [one = assert.fail()] = JSON.parse(await readFile(stored(), 'utf8')).endpoints.filter(
      ({ certificate }: { certificate?: object }) => certificate !== undefined,
    );
    assert.deepEqual([one.result, one.certificate.dnsNames], ['served', ['central.example.com']]);
    await world.lab(['renew', world.certificates[0]?.thumbprint ?? '', '--central', 'central.example.com']);
    await world.json(['reconcile']);
    assert.equal((await codesOf(['status', '--check']))[1], false);
    await rm(stored());
    assert.equal((await codesOf(['status', '--check']))[1], false);
  });
});
