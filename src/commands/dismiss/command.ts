import { userInfo } from 'node:os';
import { findingCodes } from '../../base/codes/finding-codes.ts';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { distinct } from '../../base/order.ts';
import { escapeControls, quoted } from '../../base/safe-text.ts';
import { listed } from '../../documents/finding.ts';
import {
  type Decision,
  type DecisionKind,
  type Ledger,
  type LedgerRenewal,
  samePair,
  withDecisions,
} from '../../documents/runs/ledger.ts';
import type { Finding } from '../../documents/status.ts';
import { noSuchFinding } from '../../engine/findings/diagnose.ts';
import { dismissalsOf, dismissedBy, endingOf, type HeldNow, stillDismissed } from '../../engine/findings/dismissals.ts';
import { namedCertificates } from '../../engine/known/named-certificates.ts';
import { selectCertificates } from '../../engine/known/select-certificate.ts';
import {
  type KeptRenewal,
  type OutstandingRenewals,
  outstandingRenewals,
} from '../../engine/plan/outstanding-renewals.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { byThumbprint, renewalText } from '../../model/certificates/named-certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { parseNamedSelector } from '../../model/certificates/selector.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { clock, type Session, serverCommand } from '../../session/session.ts';
import { lookNow } from '../../session/status/read-status.ts';
import { flag, needed } from '../../shell/options.ts';
import { declinedExitCode } from '../../shell/shell.ts';

export const dismiss = serverCommand({
  examples: [
    ['dismiss names-lost 0.0.0.0:443', 'Hide this warning until something changes there'],
    ['dismiss change-by-hand --all', 'Show the places with this warning, and hide it at all of them'],
    ['dismiss two-mechanisms --undo', 'Show it again'],
    ['dismiss 2255C145', 'Give up a renewal that was rolled back, or a mistyped one: it is not tried again'],
  ],
  build: (yargs) =>
    yargs
      .positional(
        'what',
        needed(
          'Code of a finding, or a certificate of a renewal that was rolled back, or that you gave and no run has used',
        ),
      )
      .positional('place', { type: 'string', describe: 'Only the finding at this place' })
      .option('all', flag('Hide it at every place that has it'))
      .option('undo', flag('Show again what was dismissed')),
  async run(session, args) {
    const snapshot = await session.server.snapshot();
    const isCode = findingCodes.some(({ code }) => code === args.what);
    return isCode ? dismissFindings(session, snapshot, args) : giveUp(session, snapshot, args);
  },
});

interface DismissArguments {
  readonly what: string;
  readonly place: string | undefined;
  readonly all: boolean;
  readonly undo: boolean;
  readonly wait: boolean;
}

async function dismissFindings(
  session: Session,
  snapshot: Snapshot,
  { what, place, all, undo, wait }: DismissArguments,
): Promise<number> {
  const { shell } = session;
  // Nothing is dialled: that would replace what is known, which is what a person saw and judges.
  const { facts, held, every: findings } = await lookNow(session, snapshot);
  const isDismissed = dismissedBy(facts.ledger.dismissed, held);
  const found = findings.filter(
    (one) =>
      one.code === what && (place === undefined || one.keys.some((key) => key === place)) && isDismissed(one) === undo,
  );
  assertDismissible(found, held, what, place);
  const places = distinct(found.flatMap(({ keys }) => keys));
  if (!undo && places.length > 1) {
    if (!all) throw severalPlaces(what, place, places);
    const placesOfIt = found.flatMap(({ keys, message }) => [
      escapeControls(message),
      ...keys.map((key) => `  ${key}`),
    ]);
    shell.preview(() => placesOfIt.join('\n'));
    if (!(await shell.confirm(`Hide ${what} at these ${places.length} places until something changes there?`)))
      return declinedExitCode;
  }
  const by = userInfo().username;
  const at = clock.now().toISOString();
  await change(session, wait, (ledger) => {
    const others = undo ? findings.filter((one) => !found.includes(one)) : findings;
    const hidden = undo ? [] : found.flatMap((one) => dismissalsOf(one, held, by, at));
    return { ...ledger, dismissed: [...stillDismissed(ledger.dismissed, others, held), ...hidden] };
  });
  const document = { schema: 'certrebind/dismissed/1', findings: found, renewal: null, certificates: [], undo };
  const lines = found.map(({ code, keys, message }) => {
    const places = keys.length === 0 ? '' : ` at ${listed(keys)}`;
    return `${undo ? 'Shown again' : 'Dismissed'}: ${escapeControls(`${code}${places}. ${message}`)}`;
  });
  return shell.result(document, () => lines.join('\n'));
}

function severalPlaces(code: string, place: string | undefined, places: readonly KeyText[]): CertRebindError {
  const others = places.filter((one) => one !== place);
  return place === undefined
    ? wrongUse(
        'what',
        `${code} is found at ${places.length} places: ${listed(places)}. Name one of them, or give --all.`,
      )
    : wrongUse('place', `This finding is also about ${listed(others)}. To hide it at all of its places, give --all.`);
}

function assertDismissible(found: readonly Finding[], held: HeldNow, code: string, place: string | undefined): void {
  const where = place === undefined ? '' : ` at ${place}`;
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
  const ending = found.map((one) => endingOf(one, held)).find((one) => one !== null);
  if (ending !== undefined)
    throw new CertRebindError('not-dismissible', {
      message: `${code}${where}: the certificate ${ending} must be replaced now: it ends within days, has expired or is revoked. That cannot be dismissed.`,
      where: 'what',
    });
}

/** From then on it is like one that a person undid; `rebind` applies it anyway. */
async function giveUp(
  session: Session,
  snapshot: Snapshot,
  { what, place, all, undo, wait }: DismissArguments,
): Promise<number> {
  const { shell } = session;
  if (place !== undefined || undo || all)
    throw noSuchFinding(what, 'what', '. Only a finding has a place, --all and --undo');
  const ledger = await session.state.readLedger();
  const meant = meantBy(what, snapshot, ledger);
  const { renewal } =
    ledger.renewals.find((one) => isUnused(one) && meant.includes(one.renewal.new)) ??
    selectLedgerEntry(ledger, meant, what);
  const { configuration } = session;
  const own = rolledBackNow(outstandingRenewals(snapshot, ledger, configuration), renewal);
  const forgotten = withoutUnused(ledger, renewal.new);
  // What the server itself tells comes back.
  const isOnlyGiven =
    forgotten.renewals.length < ledger.renewals.length &&
    !outstandingRenewals(snapshot, forgotten, configuration).links.some((link) => samePair(link, renewal));
  const certificates = namedCertificates(snapshot, [renewal.old, renewal.new]);
  const text = escapeControls(renewalText(renewal, byThumbprint(certificates)));
  if (own.length === 0 && !isOnlyGiven)
    throw new CertRebindError('no-such-renewal', {
      message: `This renewal was not rolled back, nor is it one that you gave and no run has used: ${text}.`,
      where: 'what',
    });
  shell.preview(() => `CertRebind does not try this renewal again by itself: ${text}.`);
  if (!(await shell.confirm('Give it up?'))) return declinedExitCode;
  await change(session, wait, (known) =>
    isOnlyGiven ? withoutUnused(known, renewal.new) : { ...known, decisions: withGivenUp(known.decisions, own) },
  );
  const document = { schema: 'certrebind/dismissed/1', findings: [], renewal, certificates, undo };
  return shell.result(document, () => `Given up: ${text}.`);
}

/** What a person gave, perhaps mistyped, and no run had a step for. */
function isUnused({ renewal, run }: LedgerRenewal): boolean {
  return renewal.source === 'given' && run === null;
}

function withoutUnused(ledger: Ledger, successor: Thumbprint): Ledger {
  const renewals = ledger.renewals.filter((one) => !isUnused(one) || one.renewal.new !== successor);
  return { ...ledger, renewals };
}

type RolledBack = Pick<KeptRenewal, 'onOld' | 'decision'>;

/** Where a renewal was rolled back, whether a run would try it again or not. */
export function rolledBackNow(
  { held, pending }: Pick<OutstandingRenewals, 'held' | 'pending'>,
  renewal: Pick<Renewal, 'old' | 'new'>,
): readonly RolledBack[] {
  const again = pending.flatMap((one) => (one.again === null ? [] : { ...one, decision: one.again }));
  return [...held, ...again].filter((one) => samePair(one.renewal, renewal));
}

/** A person keeps the old certificate at these places. */
export function withGivenUp(before: Ledger['decisions'], rolledBack: readonly RolledBack[]): Ledger['decisions'] {
  const made = rolledBack.flatMap(({ onOld, decision }) =>
    onOld.map((place): Decision => {
      return { ...decision, place, what: 'keeps-old', by: 'person', cause: null, attempts: 0, facts: null };
    }),
  );
  const over = new Map(made.map(({ place }) => [place, new Set<DecisionKind>(['on-hold', 'interrupted'])]));
  return withDecisions(before, made, over);
}

async function change({ state, shell }: Session, wait: boolean, make: (ledger: Ledger) => Ledger): Promise<void> {
  const lock = await state.lock({ wait, signal: shell.interruptible() });
  try {
    await state.assertSafe();
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
  try {
    return selectCertificates(snapshot, selector, 'what');
  } catch (error) {
    throw /^[a-z]+(?:-[a-z]+)*$/.test(text) ? noSuchFinding(text, 'what', ', and no certificate of that name') : error;
  }
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
      message: `CertRebind knows no renewal of ${quoted(text, 100)}.`,
      where: 'renewal',
    });
  }
  if (others.length === 0) return first;
  const olds = found.filter(({ renewal }) => meant.includes(renewal.old));
  const [only, ...more] = olds;
  if (only !== undefined && more.length === 0) return only;
  const pairs = found.map(({ renewal }) => `${renewal.old.slice(0, 8)} → ${renewal.new.slice(0, 8)}`).join(', ');
  throw new CertRebindError('ambiguous-certificate', {
    message: `${quoted(text, 100)} is part of several renewals: ${pairs}.`,
    where: 'renewal',
    hint: 'Give the thumbprint of the old certificate.',
  });
}
