import { basename, resolve } from 'node:path';
import { type Certificate, parseCertificate } from '../certificates/certificate.ts';
import { day } from '../certificates/named-certificate.ts';
import { openPfx, type Pfx } from '../certificates/pfx.ts';
import type { Renewal } from '../certificates/renewal.ts';
import { parseSelector } from '../certificates/selector.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import { allowing, withAllow } from '../command-line/allow.ts';
import { defineCommand, type Invocation } from '../command-line/command.ts';
import { unreadable } from '../command-line/files.ts';
import { renewalGiven } from '../command-line/renewals.ts';
import { personSaidNo } from '../command-line/shell.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { certificateInWords } from '../plan/named-certificates.ts';
import { planGiven } from '../plan/plan-given.ts';
import type { RunRequest } from '../run/request.ts';
import { type Session, withServer } from '../session/session.ts';
import { readRegularFile } from '../state/read-file.ts';
import { CertRebindError } from '../text/errors.ts';
import { confirmed } from './confirm.ts';
import { runAndShow, type Wanted } from './run.ts';

/** The result of an import that replaces no certificate. */
export interface Imported {
  readonly schema: 'certrebind/imported/1';
  readonly thumbprint: Thumbprint;
  readonly store: string;
  readonly subject: string;
  readonly notAfter: string;
  /** Nothing was written. */
  readonly dryRun: boolean;
}

export const importFile = defineCommand({
  examples: [
    ['import shop.pfx --replace auto', 'Import it, and replace the certificate that it renews'],
    ['import shop.pfx --replace shop.example.com', 'Import it, and replace the certificate of this host'],
    ['import shop.pfx', 'Import it only'],
    [
      'import shop.pfx --replace auto --yes',
      'In a script: pipe the password to it. In PowerShell: Get-Content password.txt | certrebind import …',
    ],
    ['import shop.pfx --replace auto --dry-run', 'Check the file, and show what would change'],
  ],
  build: (yargs) =>
    withAllow(yargs.positional('file', { type: 'string', demandOption: true, describe: 'A PFX file (PKCS #12)' }))
      .option('replace', {
        type: 'string',
        requiresArg: true,
        describe: 'Certificate to replace: thumbprint or its beginning, host, friendly name, auto',
      })
      .option('store', {
        choices: ['My', 'WebHosting'] as const,
        default: 'My' as const,
        describe: 'The certificate store',
      })
      .option('notify', {
        type: 'boolean',
        default: false,
        describe: 'Write event 1001 afterwards, for other tools. Needs --replace',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Change nothing' }),
  async run(args, invocation) {
    if (args.notify && args.replace === undefined)
      throw new CertRebindError('usage', {
        message: '--notify needs --replace, which names the certificate that was replaced.',
        where: '--notify',
      });
    const path = resolve(args.file);
    return withServer(args, invocation, async (session) => {
      const configuration = allowing(session.configuration, args.allow);
      const arrival = await openArrival(path, args.store, invocation);
      const before = await session.server.snapshot();
      demandReadable(arrival, before.server.osBuild);
      if (args.replace === undefined) return importOnly(arrival, session, invocation, args.dryRun);
      const snapshot = withArrival(arrival, before);
      const oldOption = '--replace';
      const old = parseSelector(args.replace, oldOption);
      const successor = { kind: 'thumbprint', thumbprint: arrival.certificate.thumbprint } as const;
      // An imported certificate may come from another authority, so a similar certificate of another issuer is found
      // too.
      const issuers = [...configuration.issuers, arrival.certificate.issuer];
      const renewal = renewalGiven({ old, new: successor, represent: false, oldOption }, snapshot, {
        ...configuration,
        issuers,
      });
      const wanted: Wanted = {
        command: 'import',
        takesEveryEvent: false,
        plan: (facts) =>
          planGiven({
            ...facts,
            snapshot: withArrival(arrival, facts.snapshot),
            renewal,
            configuration,
            represent: false,
            purpose: 'import',
            oldOption,
          }),
        dryRun: args.dryRun,
        wait: args.wait,
      };
      return replaceBy(arrival, renewal, { snapshot, wanted, notify: args.notify }, session, invocation);
    });
  },
});

/** A file that was opened, and the certificate it will be in the store. */
interface Arrival {
  readonly pfx: Pfx;
  readonly bytes: Buffer;
  readonly password: string;
  readonly certificate: Certificate;
  readonly store: string;
}

async function openArrival(path: string, store: string, { shell }: Invocation): Promise<Arrival> {
  const bytes = await readRegularFile(path).catch((cause: unknown) => {
    throw unreadable(path, 'file', cause);
  });
  const password = await shell.secret(`Password of ${basename(path)}`);
  const pfx = await openPfx(bytes, password, path);
  const certificate = parseCertificate(pfx.leaf, {
    store,
    key: 'usable',
    archived: false,
    renewedTo: null,
    friendlyName: null,
  });
  return { pfx, bytes, password, certificate, store };
}

const firstBuildWithAes = 17_763;

function demandReadable({ pfx }: Arrival, osBuild: number): void {
  if (pfx.isAes && osBuild < firstBuildWithAes)
    throw new CertRebindError('bad-input', {
      message: `The file is encrypted with AES. This version of Windows (build ${osBuild}) cannot read it.`,
      where: 'file',
      hint: 'Export it with TripleDES-SHA1. With OpenSSL: openssl pkcs12 -export -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1.',
    });
}

/** The server as it will be once the certificate is in its store. */
function withArrival({ certificate, store }: Arrival, snapshot: Snapshot): Snapshot {
  const isThere = snapshot.certificates.some(
    (one) => one.thumbprint === certificate.thumbprint && one.store === store && one.key !== 'missing',
  );
  if (isThere) return snapshot;
  const others = snapshot.certificates.filter(
    (one) => one.thumbprint !== certificate.thumbprint || one.store !== store,
  );
  return { ...snapshot, certificates: [...others, certificate] };
}

interface Replacement {
  readonly snapshot: Snapshot;
  readonly wanted: Wanted;
  readonly notify: boolean;
}

/** Nothing is put into a store that would then not be used: what blocks everything is reported first. */
async function replaceBy(
  arrival: Arrival,
  renewal: Renewal,
  { snapshot, wanted, notify }: Replacement,
  session: Session,
  invocation: Invocation,
): Promise<number> {
  const preview = await wanted.plan({ snapshot, ledger: await session.state.readLedger() });
  const isRefused = preview.steps.length === 0 && preview.blocked.length > 0;
  if (wanted.dryRun || isRefused) return runAndShow(session, invocation, { ...wanted, dryRun: true });
  const plan: RunRequest['plan'] | null = await confirmed(session, invocation, false, wanted.plan, preview);
  if (plan === null) return personSaidNo;
  await bringIn(arrival, session);
  const exitCode = await runAndShow(session, invocation, { ...wanted, plan });
  if (notify) await tellOtherTools(renewal, session, invocation);
  return exitCode;
}

async function importOnly(arrival: Arrival, session: Session, { shell }: Invocation, dryRun: boolean): Promise<number> {
  const { certificate, store } = arrival;
  const { thumbprint, subject, notAfter } = certificate;
  const words = `${certificateInWords(certificate)}, ends ${day(notAfter)}`;
  if (Date.parse(notAfter) < Date.now())
    throw new CertRebindError('bad-input', { message: `${words}: it has expired.`, where: 'file' });
  if (!dryRun) {
    if (!(await shell.confirm(`Import ${words}, into ${store}?`))) return personSaidNo;
    await bringIn(arrival, session);
  }
  const imported: Imported = { schema: 'certrebind/imported/1', thumbprint, store, subject, notAfter, dryRun };
  shell.result(imported, () => `${words}: ${dryRun ? 'would be imported' : 'imported'} into ${store} (${thumbprint}).`);
  return 0;
}

/** Windows reporting success is not enough: the certificate is read back with its key. */
async function bringIn({ bytes, password, certificate, store }: Arrival, { server }: Session): Promise<void> {
  const { thumbprint } = certificate;
  const [report] = await server.change([
    { do: 'import-certificate', pfx: bytes.toString('base64'), password, thumbprint, store },
  ]);
  const error = report?.error ?? null;
  if (error !== null) throw new CertRebindError('import-refused', { message: error.message, where: 'file' });
  const found = (await server.certificates([thumbprint])).find((one) => one.store === store);
  if (found === undefined || found.key === 'missing')
    throw new CertRebindError('import-refused', {
      message: `${thumbprint} is ${found === undefined ? 'not in' : 'without its private key in'} ${store}, although Windows reported no error.`,
      where: 'file',
    });
}

/** The rebind is over and proven: a failure to tell other tools does not change its result. */
async function tellOtherTools(renewal: Renewal, { server }: Session, { shell }: Invocation): Promise<void> {
  const [report] = await server.change([{ do: 'notify-renewal', old: renewal.old, new: renewal.new }]);
  const error = report?.error ?? null;
  if (error !== null) shell.notice(`Event 1001 was not written: ${error.message}`);
}
