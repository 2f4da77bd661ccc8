import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { InputFile } from '../../base/document.ts';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { defineCommand } from '../../shell/command.ts';
import { readBytes, unreadable } from '../../shell/files.ts';
import { argument } from '../../shell/options.ts';
import { count } from '../../shell/print/phrases.ts';
import { renderTable } from '../../shell/print/table.ts';
import { labFolderOf, labNamed } from './folder.ts';

export const create = defineCommand({
  examples: [
    ['lab create my-lab', 'A sample server of at least ten endpoints'],
    ['lab create my-lab --sites 500', 'A large one'],
    ['lab create my-lab --holders', 'With FTP sites beside the web sites'],
    ['lab create my-lab --from applicationHost.config', 'One with the sites of a real configuration'],
    [
      'lab create my-lab --from applicationHost.config --from-registry http.reg --certificates exported',
      'One with the certificate bindings and certificates of a real server too, from files that Windows tools export',
    ],
  ],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'A new or empty folder (or --lab)' })
      .option('sites', argument('At least so many sites'))
      .option('holders', {
        type: 'boolean',
        describe: 'With holders beside certificate bindings too: FTP sites, Remote Desktop, WinRM',
      })
      .option('from', argument('An applicationHost.config to build from'))
      .option(
        'from-registry',
        argument('Its certificate bindings: reg export of HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters'),
      )
      .option(
        'certificates',
        argument('A folder with its certificates (.cer, .crt, .pem, .p7b), which have no keys in the lab'),
      )
      .conflicts('sites', 'from')
      .conflicts('holders', 'from')
      .implies('from-registry', 'from')
      .implies('certificates', 'from-registry'),
  async run(args, { shell }) {
    const sites = args.sites === undefined ? null : parseSites(args.sites);
    const { createLab } = await import('../host/create.ts');
    const created = await createLab({
      folder: labFolderOf(labNamed(args), {}),
      holders: args.holders === true,
      ...(sites === null ? {} : { sites }),
      ...(args.from === undefined ? {} : { from: await readBytes(resolve(args.from), '--from') }),
      ...(args.fromRegistry === undefined
        ? {}
        : { registry: await readBytes(resolve(args.fromRegistry), '--from-registry') }),
      ...(args.certificates === undefined ? {} : { certificates: await readCertificateFiles(args.certificates) }),
    });
    shell.result(created, (_, look) =>
      [
        `Lab created in ${created.folder}: ${count(created.sites, 'site')}, ${count(created.records, 'certificate binding')}.`,
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
  throw wrongUse('--sites', `--sites takes a number from 1 to ${mostSites}, not ${JSON.stringify(text.slice(0, 40))}.`);
}

const certificateFile = /\.(?:cer|crt|der|pem|p7b|p7c)$/i;

/** Certificates of a folder and of those below it; keys are never looked for. */
async function readCertificateFiles(folder: string): Promise<readonly InputFile[]> {
  const found: Dirent[] = await readdir(folder, { withFileTypes: true, recursive: true }).catch((cause: unknown) =>
    Promise.reject(unreadable(folder, '--certificates', cause)),
  );
  const files = found
    .filter((entry) => entry.isFile() && certificateFile.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0) {
    throw new CertRebindError('bad-input', {
      message: `${folder} contains no certificate file (.cer, .crt, .der, .pem, .p7b or .p7c).`,
      where: '--certificates',
    });
  }
  return Promise.all(files.sort().map((file) => readBytes(file, '--certificates')));
}
