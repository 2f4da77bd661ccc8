import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import { parseThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { policy, thumbprintOf } from '../../builders/snapshot.ts';
import { fixture } from '../../support/fixture.ts';
import { newFolder, temporaryLab } from '../../support/temporary-lab.ts';

const folder = new URL('../../fixtures/iis/', import.meta.url);
const configurations = readdirSync(folder).filter((file) => file !== 'redirected.config');

/** A plan for the renewal of every certificate of a lab made from this file, and what was read. */
async function plannedFrom(file: string) {
  const lab = await temporaryLab({ from: { where: file, bytes: readFileSync(file) } });
  const { server } = await openLabServer(lab.folder);
  try {
    const snapshot = await server.snapshot();
    const renewals = lab.certificates.map(({ thumbprint }) => ({
      old: parseThumbprint(thumbprint, 'lab'),
      new: thumbprintOf(`successor of ${thumbprint}`),
      source: 'given' as const,
      corroborated: true,
      eventRecordId: null,
    }));
    return { lab, snapshot, plan: planRebind({ snapshot, renewals, configuration: policy() }) };
  } finally {
    await server.close();
    await lab.remove();
  }
}

/** The https bindings of which the plan, the notes and the list of unreadable things say nothing. */
function unexplained({ snapshot, plan }: Awaited<ReturnType<typeof plannedFrom>>): readonly string[] {
  const explained = new Set<string | undefined>([
    ...plan.steps.map(({ before }) => before?.key),
    ...[...plan.blocked, ...plan.skipped].map(({ key }) => key),
  ]);
  const central = plan.notes.some(({ code }) => code === 'central-store');
  return snapshot.sites.flatMap((site) =>
    site.bindings
      .filter(({ protocol }) => protocol.toLowerCase() === 'https')
      .filter(({ recordKey, information }) =>
        recordKey === null
          ? !snapshot.unreadable.some(({ where, text }) => where === site.name && text === information)
          : !explained.has(recordKey) && !(central && recordKey.startsWith('(central-store)')),
      )
      .map(({ information }) => `${site.name}: ${information}`),
  );
}

describe('a lab made from a configuration that somebody has', () => {
  for (const name of configurations) {
    it(`${name}: every https binding is planned for, blocked, skipped or named as unreadable`, async () => {
      const planned = await plannedFrom(new URL(name, folder).pathname);
      assert.ok(planned.snapshot.sites.length > 0);
      assert.deepEqual(unexplained(planned), []);
      assert.ok(!JSON.stringify(planned.snapshot).includes('canary'));
    });
  }

  it('is the same from UTF-16, and from 5 MB of which most is mime types and passwords', async () => {
    const path = newFolder();
    const text = fixture('iis/careless-hosts.config').toString('utf8');
    const filler =
      '<system.webServer><staticContent>' +
      '<mimeMap fileExtension=".a" mimeType="text/a"/>'.repeat(110_000) +
      '</staticContent></system.webServer>';
    const variants = {
      utf8: text,
      utf16: Buffer.from(`\uFEFF${text}`, 'utf16le'),
      large: text.replace('<system.applicationHost>', `${filler}<system.applicationHost>`),
    };
    const seen = [];
    for (const [name, content] of Object.entries(variants)) {
      const file = join(path, `${name}.config`);
      await writeFile(file, content);
      const { snapshot } = await plannedFrom(file);
      seen.push(snapshot.sites.map((site) => site.bindings));
    }
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(seen[2], seen[0]);
  });
});
