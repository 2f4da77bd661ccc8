import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MovableKind } from '../../../src/kinds/holder.ts';
import { holding } from '../../../src/kinds/holder.ts';
import { keyAccess, keyAccessKey } from '../../../src/kinds/key-access/key-access.ts';
import { holdersInUse } from '../../../src/kinds/place.ts';
import type { Thumbprint } from '../../../src/model/certificates/thumbprint.ts';
import type { Change } from '../../../src/server/server.ts';
import { assertServed } from './core/bench.ts';
import { NotMeasured } from './measurement.ts';
import { importPfx, type PfxFile, pfxFile } from './pfx.ts';
import type { Stage } from './stage.ts';

/**
 * A whole run for a kind whose service is restarted: a certificate in hand imported, the service restarted with it in a change
 * window, served, and undone. Not asked where no such service is met.
 */
export async function restarted(stage: Stage, kind: MovableKind): Promise<void> {
  const { server, handshake } = stage;
  const before = await server.snapshot('brief');
  const {
    holder,
    service,
    endpoints: [place] = [],
  } = holdersInUse(before).find((standing) => standing.holder.kind === kind) ?? {};
  if (holder === undefined || service == null || place === undefined)
    throw new NotMeasured(`this server has no service of the kind ${kind}`);
  const name = before.server.name.toLowerCase();
  const [old, renewed] = [pfxFile({ name }), pfxFile({ name })];
  const isServed = ({ thumbprint }: PfxFile) =>
    assertServed(async () => (await handshake(place.endpoint)).handshake, thumbprint);
  try {
    assert.equal(await importPfx(server, old), null);
    await letServiceRead(old.thumbprint);
    await startWith(old.thumbprint);
    await isServed(old);

    for (const [what, how] of Object.entries({ policy: 'replace', restart: 'window' }))
      await succeed(['config', 'set', `holders.${kind}.${what}`, how]);
    await succeed(['config', 'set', 'window', '{"from":"00:00","to":"23:59","timeZone":"UTC"}']);
    const file = join(tmpdir(), `certrebind-${renewed.thumbprint}.pfx`);
    await writeFile(file, Buffer.from(renewed.pfx, 'base64'));
    await succeed(['import', file], 'open\n').finally(() => rm(file));
    const pair = ['--old', old.thumbprint, '--new', renewed.thumbprint];
    const outcome = await succeed(['rebind', ...pair, '--now', '--allow', 'trust-lost']);
    const step = outcome.steps.find(({ key }: { key: string }) => key === holder.key);
    assert.equal(step?.state, 'verified', JSON.stringify(outcome));
    await isServed(renewed);

    await succeed(['undo', outcome.run, '--now']);
    await isServed(old);
  } finally {
    await startWith(null);
    for (const { thumbprint } of [old, renewed])
      await server.change([
        { do: 'delete-key', thumbprint, store: 'My' },
        { do: 'delete-certificate', thumbprint, store: 'My' },
      ]);
  }

  async function letServiceRead(thumbprint: Thumbprint) {
    const sid = service?.runsAs?.serviceSid ?? null;
    const rights = (await server.certificates([thumbprint]))[0]?.keyRights;
    if (sid === null || rights === undefined || !('sddl' in rights)) return;
    const value = { ...keyAccess(thumbprint, rights.sddl), asked: [{ sid, reads: true }] };
    await server.change([
      { do: 'put', expected: null, wanted: { kind: 'keyAccess', key: keyAccessKey(thumbprint), value } },
    ]);
  }

  /** `null`: what it had before. */
  async function startWith(thumbprint: Thumbprint | null) {
    if (holder === undefined || service == null) return;
    const wanted = thumbprint === null ? holder : holding(holder, thumbprint, 'My');
    const all = [...service.dependents, service.name];
    const order = (names: readonly string[], what: 'stop' | 'start') =>
      names.map((one): Change => ({ do: 'control-service', service: one, order: what }));
    await server.change([
      { do: 'put', expected: null, wanted },
      ...order(all, 'stop'),
      ...order(all.toReversed(), 'start'),
    ]);
  }

  async function succeed(words: readonly string[], input = '') {
    const { exitCode, document } = await stage.certrebind([...words, '--yes'], input);
    assert.equal(exitCode, 0, `certrebind ${words.join(' ')}: ${JSON.stringify(document).slice(0, 2000)}`);
    return document;
  }
}
