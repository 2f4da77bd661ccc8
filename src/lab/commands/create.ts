import { resolve } from 'node:path';
import { defineCommand } from '../../command-line/command.ts';
import { readBytes } from '../../command-line/files.ts';
import { count } from '../../command-line/print/phrases.ts';
import { renderTable } from '../../command-line/print/table.ts';
import { CertRebindError } from '../../text/errors.ts';
import { labFolderOf, labNamed } from './folder.ts';

export const create = defineCommand({
  examples: [
    ['lab create my-lab', 'A sample server of at least ten endpoints'],
    ['lab create my-lab --sites 500', 'A large one'],
    ['lab create my-lab --holders', 'With FTP sites beside the web sites'],
    ['lab create my-lab --from applicationHost.config', 'One with the sites of a real configuration'],
  ],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'A new or empty folder (or --lab)' })
      .option('sites', { type: 'string', requiresArg: true, describe: 'At least so many sites' })
      .option('holders', {
        type: 'boolean',
        describe: 'With holders beside TLS records too: FTP sites, Remote Desktop, WinRM',
      })
      .option('from', { type: 'string', requiresArg: true, describe: 'An applicationHost.config to build from' })
      .conflicts('sites', 'from')
      .conflicts('holders', 'from'),
  async run(args, { shell }) {
    const sites = args.sites === undefined ? null : parseSites(args.sites);
    const { createLab } = await import('../host/create.ts');
    const created = await createLab({
      folder: labFolderOf(labNamed(args), {}),
      holders: args.holders === true,
      ...(sites === null ? {} : { sites }),
      ...(args.from === undefined ? {} : { from: await readBytes(resolve(args.from), '--from') }),
    });
    shell.result(created, (look) =>
      [
        `Lab created in ${created.folder}: ${count(created.sites, 'site')}, ${count(created.records, 'TLS record')}.`,
        renderTable(
          [{ title: 'certificate' }, { title: 'store' }, { title: 'names', flexible: true }],
          created.certificates.map(({ thumbprint, store, names }) => [thumbprint, store, names.join(', ')]),
          look,
        ),
        'Serve it with: certrebind lab serve <dir>',
      ].join('\n\n'),
    );
    return 0;
  },
});

const mostSites = 100_000;

function parseSites(text: string): number {
  const sites = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (sites >= 1 && sites <= mostSites) return sites;
  throw new CertRebindError('usage', {
    message: `--sites takes a number from 1 to ${mostSites}, not ${JSON.stringify(text.slice(0, 40))}.`,
    where: '--sites',
  });
}
