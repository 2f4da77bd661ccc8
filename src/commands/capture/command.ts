import { resolve } from 'node:path';
import { recordsOf } from '../../kinds/holder.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { unknownText } from '../../kinds/unknown-parts.ts';
import { withServer } from '../../session/session.ts';
import { defineCommand, type Invocation } from '../../shell/command.ts';
import { writeText } from '../../shell/files.ts';
import { needed } from '../../shell/options.ts';
import { count } from '../../shell/print/phrases.ts';

export const capture = defineCommand({
  examples: [
    ['capture server.json', 'Capture this server'],
    ['capture support.json --for-support', 'To show to others: without real names. Read it before you send it'],
    ['capture support.json --for-support --overwrite', 'Replace an existing file'],
    ['plan --replay server.json', 'Make a plan for it on another computer'],
  ],
  build: (yargs) =>
    yargs
      .positional('file', needed('The file to write'))
      .option('for-support', {
        type: 'boolean',
        describe: 'Without real names, with findings, runs and versions, to send to the developers',
      })
      .option('overwrite', { type: 'boolean', describe: 'With --for-support: replace an existing file' })
      .implies('overwrite', 'for-support'),
  async run(args, invocation) {
    if (args.forSupport) {
      const { writeSupport } = await import('./support/write-support.ts');
      return writeSupport(args.file, args.overwrite === true, args, invocation);
    }
    return withServer(
      args,
      invocation,
      async ({ server }) => {
        invocation.shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
        return writeCapture(args.file, await server.snapshot(), invocation);
      },
      { configuration: 'if-readable' },
    );
  },
});

async function writeCapture(path: string, snapshot: Snapshot, { shell }: Invocation): Promise<number> {
  const file = resolve(path);
  await writeText(file, `${JSON.stringify(snapshot, null, 2)}\n`, 'capture');
  const { takenAt, sites, certificates, notLookedAt } = snapshot;
  const records = recordsOf(snapshot);
  const captured = {
    schema: 'certrebind/captured/1',
    file,
    takenAt,
    sites: sites.length,
    records: records.length,
    certificates: certificates.length,
    unreadable: snapshot.unreadable.length,
    notLookedAt: notLookedAt.map(({ part }) => part),
  };
  return shell.result(captured, () =>
    [
      `${snapshot.server.name} captured in ${file}: ${count(sites.length, 'site')}, ${count(records.length, 'certificate binding')}, ${count(certificates.length, 'certificate')}.`,
      ...(snapshot.unreadable.length === 0
        ? []
        : [`Could not be read: ${count(snapshot.unreadable.length, 'entry', 'entries')}.`]),
      ...(notLookedAt.length === 0 ? [] : [`Not known: ${unknownText(notLookedAt)}.`]),
    ].join('\n'),
  );
}
