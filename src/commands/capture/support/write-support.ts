import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { asResult, CertRebindError } from '../../../base/errors.ts';
import { defaultConfiguration } from '../../../documents/configuration.ts';
import type { Outcome } from '../../../documents/runs/outcome.ts';
import { endpointsOfServer } from '../../../engine/known/endpoints-of-server.ts';
import { statusOf } from '../../../engine/views/server-status.ts';
import { clock, type Session, withServer } from '../../../session/session.ts';
import { installationFacts } from '../../../session/setup/place-program.ts';
import { lookDialling } from '../../../session/status/read-status.ts';
import type { Invocation } from '../../../shell/command.ts';
import { alreadyThere, writeText } from '../../../shell/files.ts';
import type { GlobalArguments } from '../../../shell/globals.ts';
import { count } from '../../../shell/print/phrases.ts';
import { isPackaged } from '../../../shell/running-program.ts';
import { version } from '../../../shell/version.ts';
import { type SupportFacts, type SupportPart, supportBundle } from './document.ts';

/** A capture for the developers, with everything else that helps them and no real names. */
export async function writeSupport(
  path: string,
  overwrite: boolean,
  args: GlobalArguments,
  invocation: Invocation,
): Promise<number> {
  const file = resolve(path);
  // Before the server is read, so that a refusal comes without a long wait.
  if (!overwrite && existsSync(file)) throw alreadyThere(file, 'file');
  const write = async (facts: SupportFacts): Promise<number> => {
    const bundle = supportBundle(facts);
    await writeText(file, `${JSON.stringify(bundle, null, 2)}\n`, 'file', { overwrite });
    const written = {
      schema: 'certrebind/support-written/1',
      file,
      server: bundle.capture !== null,
      findings: bundle.findings?.length ?? null,
      runs: bundle.runs.length,
      missing: bundle.missing.map(({ part, code }) => ({ part, code })),
    } as const;
    return invocation.shell.result(written, supportText);
  };
  try {
    return await withServer(args, invocation, async (session) => write(await gather(session)), {
      configuration: 'if-readable',
    });
  } catch (thrown) {
    // If not even a server can be opened, that error is the content.
    if (!(thrown instanceof CertRebindError) || thrown.exitCode !== 7) throw thrown;
    return write({ ...nothingKnown(), missing: [{ part: 'server', error: thrown }] });
  }
}

/** Everything that can be read; what cannot is named and holds nothing else back. */
async function gather(session: Session): Promise<SupportFacts> {
  const { server, files, state, configuration, configurationDamage } = session;
  const missing: SupportFacts['missing'][number][] = [];
  if (configurationDamage !== null) missing.push({ part: 'configuration', error: configurationDamage });
  async function orMissing<Part>(part: SupportPart, read: () => Promise<Part>): Promise<Part | null> {
    const found = await asResult(read);
    if (!(found instanceof CertRebindError)) return found;
    missing.push({ part, error: found });
    return null;
  }
  session.shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
  const snapshot = await orMissing('server', () => server.snapshot());
  const installation = snapshot === null ? null : await orMissing('installation', () => installationFacts(session));
  const diagnosis =
    snapshot === null
      ? null
      : await orMissing('findings', async () => {
          const look = await lookDialling(session, snapshot, endpointsOfServer(snapshot));
          return { wire: look.facts.wire, tasks: statusOf(look).tasks, findings: look.findings };
        });
  const nothing = nothingKnown();
  return {
    ...nothing,
    program: { ...nothing.program, installed: installation?.programs?.installed ?? null },
    missing,
    snapshot,
    engine: server.cost().engine ?? null,
    setup: await orMissing('proof', () => files.readSetup()),
    proofCounts: installation?.setup?.verified != null,
    ...diagnosis,
    outcomes: (await orMissing('runs', () => lastOutcomes(session))) ?? [],
    openRuns: (await state.unfinishedRuns()).length,
    lastError: (await state.readLastError())?.error ?? null,
    configuration,
  };
}

const runsTold = 10;

async function lastOutcomes({ state }: Session): Promise<readonly Outcome[]> {
  const heads = (await state.listRuns()).filter(({ summary }) => summary !== null).slice(-runsTold);
  const runs = await Promise.all(heads.map(({ run }) => state.readRun(run)));
  return runs.flatMap(({ outcome }) => outcome ?? []);
}

function nothingKnown(): SupportFacts {
  return {
    at: clock.now().toISOString(),
    program: {
      version,
      installed: null,
      runtime: process.version,
      system: `${process.platform} ${process.arch}`,
      packaged: isPackaged(),
    },
    missing: [],
    snapshot: null,
    engine: null,
    setup: null,
    proofCounts: false,
    tasks: null,
    findings: null,
    wire: null,
    outcomes: [],
    openRuns: 0,
    lastError: null,
    configuration: defaultConfiguration,
  };
}

/** What `support` prints of the file that it has written. */
export interface SupportWritten {
  readonly schema: 'certrebind/support-written/1';
  readonly file: string;
  /** Whether the server could be read. */
  readonly server: boolean;
  readonly findings: number | null;
  readonly runs: number;
  readonly missing: readonly { readonly part: SupportPart; readonly code: string }[];
}

const parts: Readonly<Record<SupportPart, string>> = {
  server: 'the server',
  installation: 'the installation',
  findings: 'the findings of doctor',
  proof: 'the proof of the installation',
  runs: 'the last runs',
  configuration: 'the configuration',
};

function supportText({ file, findings, runs, missing }: SupportWritten): string {
  const told = findings === null ? '' : `${count(findings, 'finding')} and `;
  return [
    `${file} was written, with ${told}${count(runs, 'run')}.`,
    ...missing.map(({ part, code }) => `It does not contain: ${parts[part]} (${code}).`),
    'Host names, sites, addresses, accounts and thumbprints were replaced. Read the file before you send it.',
  ].join('\n');
}
