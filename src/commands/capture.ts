import { resolve } from 'node:path';
import { count } from '../report/phrases.ts';
import { readSnapshot } from '../server/server.ts';
import { defineCommand } from './shell/command.ts';
import { writeText } from './shell/files.ts';
import { withServer } from './shell/session.ts';

export const capture = defineCommand({
  usage: 'capture <file>',
  summary: 'Write all facts about this server into a file, to be read anywhere with --replay',
  examples: [
    ['capture server.json', 'Capture this server'],
    ['plan --replay server.json', 'Plan for it on another machine'],
  ],
  build: (yargs) => yargs.positional('file', { type: 'string', demandOption: true, describe: 'The file to write' }),
  async run(args, invocation) {
    return withServer(args, invocation, async ({ server }) => {
      invocation.shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
      const snapshot = await readSnapshot(server);
      const file = resolve(args.file);
      await writeText(file, `${JSON.stringify(snapshot, null, 2)}\n`, 'capture');
      const { takenAt, sites, records, certificates } = snapshot;
      const captured = {
        schema: 'certrebind/captured/1',
        file,
        takenAt,
        sites: sites.length,
        records: records.length,
        certificates: certificates.length,
      };
      invocation.shell.result(
        captured,
        () =>
          `${snapshot.server.name} captured in ${file}: ${count(sites.length, 'site')}, ${count(records.length, 'TLS record')}, ${count(certificates.length, 'certificate')}.`,
      );
      return 0;
    });
  },
});
