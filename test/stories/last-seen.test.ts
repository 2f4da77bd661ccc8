import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ofAll } from '../support/of-each.ts';
import { openWorld } from './lab-world.ts';

describe('an endpoint that serves the old certificate again after the run', () => {
  const world = ofAll(openWorld);
  const key = '0.0.0.0:443';
  const seen = () => readFile(join(world.folder, 'certrebind', 'seen.json'), 'utf8');
  const stillOld = async () => {
    const { exitCode, document } = await world.json(['status', '--check']);
    const found = document.findings.filter(
      ({ code, keys }: { code: string; keys: readonly string[] }) => code === 'still-old' && keys.includes(key),
    );
    return { exitCode, found };
  };

  before(async () => {
    const { document } = await world.json(['usage']);
    const { thumbprint } = document.certificates.find(({ consumers }: { consumers: readonly { key: string }[] }) =>
      consumers.some((one) => one.key === key),
    );
    const { new: successor } = await world.lab(['renew', thumbprint]);
    assert.equal((await world.json(['rebind', '--old', thumbprint, '--new', successor, '--yes'])).exitCode, 0);
    await world.lab(['fault', 'connect', 'serve', '--thumbprint', thumbprint, '--key', key, '--times', 'all']);
    assert.equal((await world.json(['verify'])).exitCode, 9);
  });

  it('is so since it was first seen so, however often it is dialled', async () => {
    const [first] = (await stillOld()).found;
    await world.json(['verify']);
    await world.json(['reconcile']);
    const [found, ...more] = (await stillOld()).found;
    assert.deepEqual([found.since, more], [first.since, []]);
  });

  it('stays known when something is dismissed, or a dismissal is refused, after it is in order again', async () => {
    await world.lab(['fault', '--clear']);
    const before = await seen();
    assert.equal((await world.json(['dismiss', 'two-mechanisms', '--yes'])).exitCode, 2);
    assert.equal((await world.json(['dismiss', 'still-old', key, '--yes'])).exitCode, 2);
    assert.equal((await world.json(['dismiss', 'change-by-hand', '--all', '--yes'])).exitCode, 0);
    assert.equal(await seen(), before);
    const { exitCode, found } = await stillOld();
    assert.deepEqual([exitCode, found.length], [9, 1]);
  });

  it('is forgotten once a dial sees otherwise', async () => {
    await world.json(['verify']);
    assert.deepEqual((await stillOld()).found, []);
  });
});

describe('an endpoint that loses connections while the hourly task dials it', () => {
  const world = ofAll(openWorld);
  const key = '0.0.0.0:443';
  const atEndpoint = async () => {
    assert.equal((await world.json(['reconcile'])).exitCode, 0);
    const { document } = await world.json(['status', '--full']);
    return document.findings.filter(({ code }: { code: string }) => code === 'endpoint-unreachable');
  };

  it('is told when no try is answered', async () => {
    await world.lab(['fault', 'connect', 'refuse', '--key', key, '--times', 'all']);
    const [found, ...more] = await atEndpoint();
    assert.deepEqual([found.keys, more], [[key], []]);
  });

  it('is tried again in the same start when one is lost', async () => {
    await world.lab(['fault', '--clear']);
    await world.lab(['fault', 'connect', 'refuse', '--key', key]);
    assert.deepEqual(await atEndpoint(), []);
  });
});
