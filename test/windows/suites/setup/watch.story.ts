import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertServed, removeRecords, served, setRecord } from '../core/bench.ts';
import { plainRecord } from '../core/on-records.ts';
import type { Story } from '../measurement.ts';
import { importPfx, pfxFile } from '../pfx.ts';

/** A renewal that lies in a watched folder as a PFX file: found, taken, served, and undone. */
export const story: Story = {
  safe: 'vm',
  program: 'installed',
  seconds: 600,
  async tell(stage) {
    const { server, folder } = stage;
    const name = 'watched.certrebind.invalid';
    const old = pfxFile({ name });
    const made = [old.thumbprint];
    // Only administrators write there.
    const watched = join(folder, 'watched');
    await mkdir(watched);
    const bench = await stage.bench();
    const { key } = bench.byAddress;
    const serves = () => served(bench, null);
    try {
      assert.equal(await importPfx(server, old), null);
      await setRecord(bench, plainRecord(bench, key, old.thumbprint));
      await succeed(['secret', 'set', 'pfx'], 'open\n');
      await succeed(['watch', 'add', watched, '--password', 'secret:pfx']);
      // It signs itself, which nothing says of a renewal unless its issuer is known.
      await succeed(['config', 'add', 'issuers', `CN=${name}`]);
      const renewed = pfxFile({ name });
      made.push(renewed.thumbprint);
      await writeFile(join(watched, 'renewed.pfx'), Buffer.from(renewed.pfx, 'base64'));
      const { runs, watches } = await succeed(['watch', 'now']);
      assert.equal(runs.length, 1, JSON.stringify(watches));
      await assertServed(serves, renewed.thumbprint);
      await succeed(['undo', runs[0].run]);
      await assertServed(serves, old.thumbprint);
    } finally {
      await removeRecords(bench, [key]);
      for (const thumbprint of made)
        await server.change([
          { do: 'delete-key', thumbprint, store: 'My' },
          { do: 'delete-certificate', thumbprint, store: 'My' },
        ]);
      await rm(watched, { recursive: true });
    }

    async function succeed(words: readonly string[], input = '') {
      const { exitCode, document } = await stage.certrebind([...words, '--yes'], input);
      assert.equal(exitCode, 0, `certrebind ${words.join(' ')}: ${JSON.stringify(document).slice(0, 2000)}`);
      return document;
    }
  },
};
