import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defineCommand, type Invocation } from '../command-line/command.ts';
import { readBytes, unreadable, writeText } from '../command-line/files.ts';
import { count } from '../command-line/print/phrases.ts';
import { type BroughtFile, importSnapshot } from '../documents/import-snapshot.ts';
import { recordsOf } from '../holders/holder.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { unknownText } from '../holders/unknown-parts.ts';
import { clock, withServer } from '../session/session.ts';
import { CertRebindError } from '../text/errors.ts';
import { anonymise } from './anonymise.ts';

export const capture = defineCommand({
  examples: [
    ['capture server.json', 'Capture this server'],
    ['capture server.json --anonymise', 'The same without real names, to share with others'],
    ['capture support.json --for-support', 'For the developers, without real names. Read it before you send it'],
    ['capture support.json --for-support --overwrite', 'Replace an existing file'],
    [
      'capture other.json --from-config applicationHost.config --from-registry http.reg --certificates exported',
      'Make a capture from files that Windows tools export',
    ],
    ['plan --replay server.json', 'Make a plan for it on another computer'],
  ],
  build: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'The file to write' })
      .option('anonymise', { type: 'boolean', describe: 'Replace names, addresses and thumbprints' })
      .option('for-support', {
        type: 'boolean',
        describe: 'Without real names, with findings, runs and versions, to send to the developers',
      })
      .option('overwrite', { type: 'boolean', describe: 'With --for-support: replace an existing file' })
      .option('exact-times', {
        type: 'boolean',
        default: false,
        describe: 'With --anonymise: keep the exact times of validity, which public logs of certificates show too',
      })
      .option('from-config', {
        type: 'string',
        requiresArg: true,
        describe: 'Make the capture from this applicationHost.config, not from this server',
      })
      .option('from-registry', {
        type: 'string',
        requiresArg: true,
        describe: 'Its TLS records: reg export of HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters',
      })
      .option('from-netsh', {
        type: 'string',
        requiresArg: true,
        describe: 'Instead of --from-registry: the output of netsh http show sslcert, in any language',
      })
      .option('certificates', {
        type: 'string',
        requiresArg: true,
        describe: 'A folder with its certificates (.cer, .crt, .pem, .p7b)',
      })
      .conflicts('for-support', ['anonymise', 'from-config'])
      .implies('overwrite', 'for-support')
      .conflicts('from-registry', 'from-netsh')
      .implies('from-registry', 'from-config')
      .implies('from-netsh', 'from-config')
      .implies('certificates', 'from-config'),
  async run(args, invocation) {
    if (args.forSupport) {
      const { writeSupport } = await import('./support/write-support.ts');
      return writeSupport(args.file, args.overwrite === true, args, invocation);
    }
    const write = (snapshot: Snapshot): Promise<number> =>
      writeCapture(
        args.file,
        args.anonymise ? anonymise(snapshot, { exactTimes: args.exactTimes }) : snapshot,
        invocation,
      );
    if (args.fromConfig !== undefined) {
      return write(
        importSnapshot({
          at: clock.now().toISOString(),
          configuration: await readBytes(args.fromConfig, '--from-config'),
          registry: args.fromRegistry === undefined ? null : await readBytes(args.fromRegistry, '--from-registry'),
          netsh: args.fromNetsh === undefined ? null : await readBytes(args.fromNetsh, '--from-netsh'),
          certificates: args.certificates === undefined ? [] : await readCertificateFiles(args.certificates),
        }),
      );
    }
    return withServer(
      args,
      invocation,
      async ({ server }) => {
        invocation.shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
        return write(await server.snapshot());
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
  shell.result(captured, () =>
    [
      `${snapshot.server.name} captured in ${file}: ${count(sites.length, 'site')}, ${count(records.length, 'TLS record')}, ${count(certificates.length, 'certificate')}.`,
      ...(snapshot.unreadable.length === 0
        ? []
        : [`Could not be read: ${count(snapshot.unreadable.length, 'entry', 'entries')}.`]),
      ...(notLookedAt.length === 0 ? [] : [`Not known: ${unknownText(notLookedAt)}.`]),
    ].join('\n'),
  );
  return 0;
}

const certificateFile = /\.(?:cer|crt|der|pem|p7b|p7c)$/i;

/** Certificates of a folder and of those below it; keys are never looked for. */
async function readCertificateFiles(folder: string): Promise<readonly BroughtFile[]> {
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
