import { userInfo } from 'node:os';
import { byThumbprint, renewalText } from '../../certificates/named-certificate.ts';
import { parseNamedSelector } from '../../certificates/selector.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import { findingCodes } from '../../codes/finding-codes.ts';
import type { Invocation } from '../../command-line/command.ts';
import { flag } from '../../command-line/options.ts';
import { personSaidNo } from '../../command-line/shell.ts';
import {
  type Decision,
  type DecisionKind,
  type Ledger,
  type LedgerRenewal,
  samePair,
  withDecisions,
} from '../../documents/runs/ledger.ts';
import type { Finding } from '../../documents/status.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { endpointsOfServer } from '../../plan/endpoints-of-server.ts';
import { namedCertificates } from '../../plan/named-certificates.ts';
import { outstandingRenewals } from '../../plan/outstanding-renewals.ts';
import { selectCertificates } from '../../plan/select-certificate.ts';
import { clock, type Session, serverCommand } from '../../session/session.ts';
import { canonicalJson } from '../../text/canonical-json.ts';
import { CertRebindError, wrongUse } from '../../text/errors.ts';
import { escapeControls } from '../../text/safe-text.ts';
import { everyFinding } from '../findings/diagnose.ts';
import { asOfLastRun, doctorFacts } from '../status/read-status.ts';
import { observeWire } from '../verify/observe-wire.ts';
import { dismissalOf, isDismissed, stillDismissed } from './dismissals.ts';

export const dismiss = serverCommand({
  examples: [
    ['dismiss names-lost 0.0.0.0:443', 'Hide this warning until its facts change'],
    ['dismiss two-mechanisms', 'Hide every finding of this code'],
    ['dismiss two-mechanisms --undo', 'Show them again'],
    ['dismiss 2255C145', 'Give up a renewal that was rolled back: it is not tried again'],
  ],
  build: (yargs) =>
    yargs
      .positional('what', {
        type: 'string',
        demandOption: true,
        describe:
          'Code of a finding, or a certificate of a renewal that was rolled back (thumbprint, host, friendly name)',
      })
      .positional('holder', { type: 'string', describe: 'Only the finding at this place' })
      .option('undo', flag('Show again what was dismissed')),
  async run(session, args, invocation) {
    const snapshot = await session.server.snapshot();
    const isCode = findingCodes.some(({ code }) => code === args.what);
    return isCode ? dismissFindings(session, invocation, snapshot, args) : giveUp(session, invocation, snapshot, args);
  },
});

interface DismissArguments {
  readonly what: string;
  readonly holder: string | undefined;
  readonly undo: boolean;
  readonly wait: boolean;
}

async function dismissFindings(
  session: Session,
  invocation: Invocation,
  snapshot: Snapshot,
  { what, holder, undo, wait }: DismissArguments,
): Promise<number> {
  const wire = await observeWire(session, invocation, endpointsOfServer(snapshot), snapshot.certificates);
  const facts = await doctorFacts(session, snapshot, { wire, days: null });
  const isMeant = ({ code, key }: Pick<Finding, 'code' | 'key'>) =>
    code === what && (holder === undefined || key === holder);
  // What status says of the last run can be dismissed too, whatever the endpoints serve now.
  const both = [...everyFinding(facts), ...everyFinding(await asOfLastRun(session, facts))];
  const all = [...new Map(both.map((one) => [canonicalJson(one), one])).values()];
  const found = all.filter((one) => isMeant(one) && isDismissed(one, facts.ledger) === undo);
  demandDismissible(found, what, holder);
  const by = userInfo().username;
  const at = clock.now().toISOString();
  await change(session, invocation, wait, (ledger) => ({
    ...ledger,
    dismissed: undo
      ? stillDismissed(
          ledger.dismissed,
          all.filter((one) => !found.includes(one)),
        )
      : [...stillDismissed(ledger.dismissed, all), ...found.map((finding) => dismissalOf(finding, by, at))],
  }));
  const document = { schema: 'certrebind/dismissed/1', findings: found, renewal: null, certificates: [], undo };
  invocation.shell.result(document, () =>
    found.map((finding) => `${undo ? 'Shown again' : 'Dismissed'}: ${escapeControls(textOf(finding))}`).join('\n'),
  );
  return 0;
}

function textOf({ code, key, message }: Finding): string {
  return `${code}${key === null ? '' : ` at ${key}`}. ${message}`;
}

function demandDismissible(found: readonly Finding[], code: string, holder: string | undefined): void {
  const where = holder === undefined ? '' : ` at ${holder}`;
  if (found.length === 0)
    throw new CertRebindError('no-such-finding', {
      message: `There is no finding ${code}${where} now.`,
      where: 'what',
    });
  if (found.some(({ severity }) => severity === 'error'))
    throw new CertRebindError('not-dismissible', {
      message: `${code}${where} is an error: clients get no, an expired or a wrong certificate, or will. It cannot be dismissed.`,
      where: 'what',
    });
}

/** From then on it is like one that a person undid; `rebind` applies it anyway. */
async function giveUp(
  session: Session,
  invocation: Invocation,
  snapshot: Snapshot,
  { what, holder, undo, wait }: DismissArguments,
): Promise<number> {
  const { shell } = invocation;
  if (holder !== undefined || undo)
    throw wrongUse(
      'what',
      `${JSON.stringify(what.slice(0, 60))} is not the code of a finding. Only a finding has a place and --undo.`,
    );
  const ledger = await session.state.readLedger();
  const { renewal } = selectLedgerEntry(ledger, meantBy(what, snapshot, ledger), what);
  const { configuration } = session;
  const { held, pending } = outstandingRenewals(snapshot, ledger, configuration);
  const rolledBack = [
    ...held,
    ...pending.flatMap((one) => (one.again === null ? [] : { ...one, decision: one.again })),
  ];
  const own = rolledBack.filter((one) => samePair(one.renewal, renewal));
  const certificates = namedCertificates(snapshot, [renewal.old, renewal.new]);
  const text = escapeControls(renewalText(renewal, byThumbprint(certificates)));
  if (own.length === 0)
    throw new CertRebindError('no-such-renewal', {
      message: `This renewal was not rolled back: ${text}.`,
      where: 'what',
    });
  shell.preview(() => `CertRebind does not try this renewal again by itself: ${text}.`);
  if (!(await shell.confirm('Give it up?'))) return personSaidNo;
  const made = own.flatMap(({ onOld, decision }) => onOld.map((place) => givenUp({ ...decision, place })));
  const over = new Map(made.map(({ place }) => [place, new Set<DecisionKind>(['on-hold', 'interrupted'])]));
  await change(session, invocation, wait, (known) => ({
    ...known,
    decisions: withDecisions(known.decisions, made, over),
  }));
  const document = { schema: 'certrebind/dismissed/1', findings: [], renewal, certificates, undo };
  shell.result(document, () => `Given up: ${text}.`);
  return 0;
}

function givenUp(decision: Decision): Decision {
  return { ...decision, what: 'keeps-old', by: 'person', cause: null, attempts: 0, facts: null };
}

async function change(
  { state }: Session,
  { shell }: Invocation,
  wait: boolean,
  make: (ledger: Ledger) => Ledger,
): Promise<void> {
  const lock = await state.lock({ wait, signal: shell.interruptible() });
  try {
    await state.demandSafe();
    await state.writeLedger(make(await state.readLedger()));
  } finally {
    await lock.release();
  }
}

/** A certificate of the ledger may no longer be in any store, so its digits are looked up in the ledger too. */
function meantBy(text: string, snapshot: Snapshot, { renewals }: Ledger): readonly Thumbprint[] {
  const selector = parseNamedSelector(text, 'what');
  if (selector.kind === 'digits') {
    const remembered = renewals.flatMap(({ renewal }) => [renewal.old, renewal.new]);
    const begun = remembered.filter((thumbprint) => thumbprint.startsWith(selector.digits));
    if (begun.length > 0) return begun;
  }
  return selectCertificates(snapshot, selector, 'what');
}

/**
 * The renewal of the ledger that has one of these certificates as its old or its new one.
 * @throws CertRebindError `no-such-renewal`, naming what is remembered; `ambiguous-certificate` when several have
 */
export function selectLedgerEntry(ledger: Ledger, meant: readonly Thumbprint[], text: string): LedgerRenewal {
  const has = ({ renewal }: LedgerRenewal) => meant.some((one) => one === renewal.old || one === renewal.new);
  const found = ledger.renewals.filter(has);
  const [first, ...others] = found;
  if (first === undefined) {
    throw new CertRebindError('no-such-renewal', {
      message: `CertRebind has no record of a renewal of ${JSON.stringify(text.slice(0, 100))}.`,
      where: 'renewal',
    });
  }
  if (others.length === 0) return first;
  const olds = found.filter(({ renewal }) => meant.includes(renewal.old));
  const [only, ...more] = olds;
  if (only !== undefined && more.length === 0) return only;
  const pairs = found.map(({ renewal }) => `${renewal.old.slice(0, 8)} → ${renewal.new.slice(0, 8)}`).join(', ');
  throw new CertRebindError('ambiguous-certificate', {
    message: `${JSON.stringify(text.slice(0, 100))} is part of several renewals: ${pairs}.`,
    where: 'renewal',
    hint: 'Give the thumbprint of the old certificate.',
  });
}
