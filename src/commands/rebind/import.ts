import { basename, resolve } from 'node:path';
import { blockEntry } from '../../base/codes/plan-codes.ts';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { isRefused, obstaclesText } from '../../documents/runs/plan.ts';
import { certificateInWords } from '../../engine/known/named-certificates.ts';
import { whyNothingRenewed } from '../../engine/known/select-certificate.ts';
import { planWanted } from '../../engine/run/plan-wanted.ts';
import type { RunRequest } from '../../engine/run/request.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { arrivingCertificate, openCertificate } from '../../model/certificates/certificate-with-key.ts';
import { day } from '../../model/certificates/named-certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { parseSelector } from '../../model/certificates/selector.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { changeOne } from '../../server/server.ts';
import { type Arrival, bringIn, type providers, withProvider } from '../../session/run/arrival.ts';
import { type Attempt, forgetRefusals, refused, rememberRefusal } from '../../session/run/refusals.ts';
import { confirmed, runAndShow } from '../../session/run/run.ts';
import { type Session, withServer } from '../../session/session.ts';
import { defineCommand, type Invocation } from '../../shell/command.ts';
import { readBytes } from '../../shell/files.ts';
import { argument, flag, needed, overridesOf, withAllow } from '../../shell/options.ts';
import { renewalGiven } from '../../shell/renewals.ts';
import { declinedExitCode } from '../../shell/shell.ts';

/** The result of an import that replaces no certificate. */
export interface Imported {
  readonly schema: 'certrebind/imported/1';
  readonly thumbprint: Thumbprint;
  readonly store: string;
  readonly subject: string;
  readonly notAfter: string;
  /** Nothing was written. */
  readonly dryRun: boolean;
  /** Why nothing was replaced where that was asked for; `null` where it was not. */
  readonly why: string | null;
  /** What sets it somewhere. */
  readonly commands: readonly string[];
}

export const importFile = defineCommand({
  examples: [
    ['import shop.pfx --replace auto', 'Import it, and replace the certificate that it renews'],
    ['import shop.pfx --replace shop.example.com', 'Import it, and replace the certificate of this host'],
    [
      'import fullchain.pem --key privkey.pem --replace auto',
      'PEM files. It asks for a password only if the private key is encrypted',
    ],
    ['import shop.pfx', 'Import it only'],
    [
      'import shop.pfx --replace auto --yes',
      'In a script: pipe the password to it. In PowerShell: Get-Content password.txt | certrebind import …',
    ],
    ['import shop.pfx --replace auto --dry-run', 'Check the file, and show what would change'],
  ],
  build: (yargs) =>
    withAllow(yargs.positional('file', needed('A PFX file (PKCS #12), or a certificate as PEM or DER')))
      .option('key', argument('A PEM or DER file with the private key, if it is not in the first file'))
      .option('replace', argument('Certificate to replace: thumbprint or its beginning, host, friendly name, auto'))
      .option('store', {
        choices: ['My', 'WebHosting'] as const,
        default: 'My' as const,
        describe: 'The certificate store',
      })
      .option('provider', {
        choices: ['csp', 'ksp'] as const,
        describe:
          'Where Windows keeps the key: csp for programs that need a legacy provider. Default: as the file says',
      })
      .option('notify', flag('Write event 1001 afterwards, for other tools. Needs --replace'))
      .option('dry-run', flag('Change nothing')),
  async run(args, invocation) {
    if (args.notify && args.replace === undefined)
      throw wrongUse('--notify', '--notify needs --replace, which names the certificate that was replaced.');
    const paths = [args.file, ...(args.key === undefined ? [] : [args.key])].map((path) => resolve(path));
    const attempt: Attempt = { command: 'import', what: resolve(args.file), certificate: null };
    const importing = async (session: Session) => {
      const { configuration } = session;
      const overrides = overridesOf(args);
      const arrival = await openArrival(paths, args, invocation);
      attempt.certificate = arrival.certificate;
      const snapshot = await session.server.snapshot('whole', arrival);
      if (args.replace === undefined)
        return importOnly(arrival, session, { dryRun: args.dryRun, why: null, old: null });
      const oldOption = '--replace';
      const old = parseSelector(args.replace, oldOption);
      const successor = { kind: 'thumbprint', thumbprint: arrival.certificate.thumbprint } as const;
      const renewal = renewalGiven({ old, new: successor, oldOption }, snapshot, {
        configuration,
        ledger: await session.state.readLedger(),
      });
      if (renewal === null) {
        const nothing = whyNothingRenewed(snapshot, arrival.certificate);
        return importOnly(arrival, session, { dryRun: args.dryRun, ...nothing });
      }
      const wanted: RunRequest = {
        command: 'import',
        wanted: { want: 'pairs', renewals: [renewal], arriving: arrival, purpose: 'import', oldOption },
        configuration,
        overrides,
        dryRun: args.dryRun,
        wait: args.wait,
      };
      return replaceBy(arrival, renewal, { snapshot, wanted, notify: args.notify, attempt }, session);
    };
    // Clients name what the file renews; who only imports it is answered.
    const isOfHook = args.replace !== undefined;
    return withServer(args, invocation, importing, args.dryRun || !isOfHook ? {} : { failed: refused(attempt) });
  },
});

async function openArrival(
  paths: readonly string[],
  { store, provider }: { readonly store: string; readonly provider: keyof typeof providers | undefined },
  { shell }: Invocation,
): Promise<Arrival> {
  const files = await Promise.all(paths.map((path) => readBytes(path, 'file')));
  const found = await openCertificate(files, () =>
    shell.secret(`Password of ${paths.map((path) => basename(path)).join(' and ')}`),
  );
  return { found: withProvider(found, provider), certificate: arrivingCertificate(found, store) };
}

interface Replacement {
  readonly snapshot: Snapshot;
  readonly wanted: RunRequest;
  readonly notify: boolean;
  readonly attempt: Attempt;
}

/** Nothing is put into a store that would then not be used: what blocks everything is reported first. */
async function replaceBy(
  arrival: Arrival,
  renewal: Renewal,
  { snapshot, wanted, notify, attempt }: Replacement,
  session: Session,
): Promise<number> {
  const facts = { snapshot, ledger: await session.state.readLedger() };
  const preview = await planWanted(session.state, wanted, facts);
  if (wanted.dryRun || isRefused(preview)) {
    // A real import that is refused is no dry run for whoever typed it.
    const exitCode = await runAndShow(session, { ...wanted, dryRun: true }, { isDryRun: wanted.dryRun });
    const [blocked] = preview.blocked;
    if (!wanted.dryRun && blocked !== undefined) {
      const { key, obstacles } = blocked;
      const [{ code }] = obstacles;
      const hint = blockEntry(code)?.hint ?? null;
      const error = { code, message: `${code} at ${key}: ${obstaclesText(obstacles)}`, hint };
      await rememberRefusal(session, attempt, { exitCode, error }).catch(() => {});
    }
    return exitCode;
  }
  const request = await confirmed(session, wanted, preview);
  if (request === null) return declinedExitCode;
  await bringIn(arrival, session);
  const exitCode = await runAndShow(session, request);
  if (exitCode === 0) await forgetRefusals(session, { ...attempt, certificate: arrival.certificate });
  if (notify) {
    // The rebind is over and verified: a failure to tell other tools does not change its result.
    const error = await changeOne(session.server, { do: 'notify-renewal', old: renewal.old, new: renewal.new });
    if (error !== null) session.shell.notice(`Event 1001 was not written: ${error.message}`);
  }
  return exitCode;
}

interface Alone extends Pick<Imported, 'why'> {
  /** The certificate that it could replace, if a person says so. */
  readonly old: Thumbprint | null;
}

async function importOnly(
  arrival: Arrival,
  session: Session,
  { dryRun, why, old }: Alone & Pick<Imported, 'dryRun'>,
): Promise<number> {
  const { certificate } = arrival;
  const { thumbprint, store, subject, notAfter } = certificate;
  const words = `${certificateInWords(certificate)}, ends ${day(notAfter)}`;
  if (Date.parse(notAfter) < Date.now())
    throw new CertRebindError('bad-input', { message: `${words}: it has expired.`, where: 'file' });
  if (!dryRun) {
    if (!(await session.shell.confirm(`Import ${words}, into ${store}?`))) return declinedExitCode;
    await bringIn(arrival, session);
  }
  const commands = [`certrebind rebind --old ${old ?? '<certificate>'} --new ${thumbprint}`];
  const about = { thumbprint, store, subject, notAfter, dryRun, why, commands };
  return session.shell.result<Imported>({ schema: 'certrebind/imported/1', ...about }, () =>
    [
      `${words}: ${dryRun ? 'would be imported' : 'imported'} into ${store} (${thumbprint}).`,
      ...(why === null ? [] : [why]),
      old === null
        ? 'To use it, name the certificate that it replaces, by its thumbprint or a host:'
        : 'To use it instead of that one:',
      ...commands.map((line) => `  ${line}`),
    ].join('\n'),
  );
}
