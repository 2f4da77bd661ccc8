import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { listed } from '../../documents/finding.ts';
import type { Outcome, StepError, StepOutcome } from '../../documents/runs/outcome.ts';
import { countText, type State, states } from '../../documents/runs/step-states.ts';
import { endpointText, type Handshake } from '../../model/certificates/handshake.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { blockedInRun } from './blocked-text.ts';
import {
  heading,
  milliseconds,
  type Naming,
  namingOf,
  noteLines,
  paragraphs,
  renewalLines,
  resultText,
  resultTones,
} from './phrases.ts';
import { skippedText } from './plan-text.ts';
import { flexible, renderTable } from './table.ts';
import { paint, type TerminalStyle, type Tone } from './terminal-style.ts';

function toneOf(state: State): Tone {
  const { exit } = states[state];
  return exit === 5 ? 'bad' : exit === 4 || state === 'not-verified' ? 'warn' : 'good';
}

/** The result of a run and its causes with what to type; then every holder with its state, and what was served. */
export function outcomeText(outcome: Outcome, look: TerminalStyle): string {
  return textOf(outcome, look, false);
}

/** The same of a run of some time ago: what is to be done now, it cannot tell. */
export function pastOutcomeText(outcome: Outcome, look: TerminalStyle): string {
  return textOf(outcome, look, true);
}

function textOf(outcome: Outcome, look: TerminalStyle, isPast: boolean): string {
  const { run, kept, dryRun, undoes } = outcome;
  const result = resultText(outcome.result, undoes !== undefined);
  // A run that the history does not contain is not named, because people would look for it.
  const title = kept ? `Run ${run}: ${result}` : dryRun ? `Dry run: ${result}` : `Nothing was changed: ${result}`;
  const naming = namingOf(outcome, look);
  // What is not zero, in the order of the table.
  const counts = Object.entries(outcome.counts).flatMap(([name, number]) =>
    number === 0 ? [] : countText(name, number),
  );
  return paragraphs(
    [
      paint(
        escapeControls(undoes === undefined ? title : `${title} (undo of run ${undoes})`),
        resultTones[outcome.result],
        look,
      ),
      errorLines(outcome, naming, look, isPast),
      blockedInRun(outcome, naming, look, isPast),
      restartLines(outcome, naming),
      renewalLines(outcome, naming, look),
      stepsText(outcome, naming, look),
      skippedText(outcome.skipped, naming, look),
      outcome.notes.length === 0 ? null : ['Notes', ...noteLines(outcome.notes, naming, look)],
      `${counts.length === 0 ? 'Nothing to change' : counts.join(', ')}; ${milliseconds(outcome.durationMs)}.`,
    ],
    look,
  );
}

/** Of a state, more rows than this say nothing new. */
const rowsOfState = 20;

function stepsText({ steps }: Outcome, naming: Naming, look: TerminalStyle): string | null {
  if (steps.length === 0) return null;
  const repairs = steps.some(({ repairedOptions }) => repairedOptions.length > 0);
  const groups = [...groupBy(steps, ({ state }) => state)];
  const shown = look.full === true ? steps.length : rowsOfState;
  const kept = new Set(groups.flatMap(([, group]) => group.slice(0, shown)));
  const more = groups.flatMap(([state, group]) =>
    group.length > shown ? [`and ${group.length - shown} more ${state} (--full)`] : [],
  );
  const rows = steps
    .filter((step) => kept.has(step))
    .map((step) => [
      step.key,
      { text: step.state, tone: toneOf(step.state) },
      nowText(step, naming),
      wireText(step, naming),
      ...(repairs ? [step.repairedOptions.join(', ')] : []),
    ]);
  const columns = [
    flexible('place'),
    'state',
    flexible('now uses'),
    flexible('served before → after'),
    ...(repairs ? [flexible('repaired')] : []),
  ];
  return [heading('Changes', look), renderTable(columns, rows, look), ...more].join('\n');
}

/** How long clients of a service got no answer; places of one service share its restart. */
function restartLines({ steps }: Outcome, naming: Naming): readonly string[] {
  const restarts = steps.flatMap(({ restarted = [] }) => restarted);
  return distinct(
    restarts.map(({ services, seconds, error, isRefused }) => {
      if (isRefused === true) return naming.sentence(error ?? `${services.at(-1)} was not restarted.`);
      const what = `${services.join(', ')} ${services.length === 1 ? 'was' : 'were'} restarted`;
      const down = seconds === null ? 'the run was interrupted then' : `down for ${seconds.toFixed(1)} s`;
      return `${what}: ${down}.${error === null ? '' : ` ${naming.sentence(error)}`}`;
    }),
  );
}

function nowText({ now }: StepOutcome, { short }: Naming): string {
  switch (now.state) {
    case 'holds':
      return short(now.thumbprint);
    case 'absent':
      return 'no certificate';
    case 'unknown':
      return `unknown: ${now.why}`;
  }
}

/** One line per endpoint, equal changes said once. */
function wireText({ before, after }: StepOutcome, naming: Naming): readonly string[] {
  if (after.length === 0) return ['-'];
  const changes = after.map((handshake, index) => {
    const earlier = before[index];
    if (earlier?.result === 'skipped' && handshake.result === 'skipped') return 'not tested';
    return `${earlier === undefined ? '?' : servedText(earlier, naming)} → ${servedText(handshake, naming)}`;
  });
  return [...new Set(changes)].map((change) => {
    const times = changes.filter((other) => other === change).length;
    return times === 1 ? change : `${change} (${times} endpoints)`;
  });
}

function servedText(handshake: Handshake, { short }: Naming): string {
  return handshake.result === 'served' ? short(handshake.thumbprint) : handshake.result;
}

type Failed = StepOutcome & { readonly error: StepError };

/**
 * What several steps have in common is said once: the same error with all of its places, what helps below them, what
 * was not tried because of them, and what to type.
 */
function errorLines(
  { steps, renewals, blocked }: Outcome,
  naming: Naming,
  look: TerminalStyle,
  isPast: boolean,
): readonly string[] {
  const failed = steps.filter((step): step is Failed => step.error !== null);
  const causes = failed.filter(({ error }) => error.code !== 'canary-failed');
  const untried = failed.flatMap(({ key, error }) => (error.code === 'canary-failed' ? key : []));
  const shown = (keys: readonly string[]) => escapeControls(look.full === true ? keys.join(', ') : listed(keys));
  // Of what was left without its certificate it is known only where the run had one renewal.
  const isOf = ({ now }: Failed, { old, new: successor }: Renewal) =>
    now.state === 'holds' ? now.thumbprint === old || now.thumbprint === successor : renewals.length === 1;
  const given = renewals.filter((one) => failed.some((step) => isLeftToPerson(step) && isOf(step, one)));
  const nextLines = [
    ...(failed.some(({ state }) => state === 'rollback-failed')
      ? ['To restore what could not be rolled back:', '  certrebind reconcile']
      : []),
    ...(given.length === 0 ? [] : ['To try it again:']),
    ...given.map((one) => `  certrebind rebind --old ${naming.short(one.old)} --new ${naming.short(one.new)}`),
  ];
  const isOpen = failed.length + blocked.length > 0;
  const pastLines = isOpen ? ['What is to be done now, if anything:', '  certrebind status'] : [];
  return [
    ...[...groupBy(causes, ({ error }) => error.hint)].flatMap(([hint, ofHint]) => [
      ...[...groupBy(ofHint, ({ error }) => `${error.code} ${withoutPlace(error.message)}`).values()].map((same) => {
        const [first, ...others] = same;
        const { code, message } = first.error;
        const where = first.after.map(({ endpoint }) => endpointText(endpoint)).join(', ');
        const place = `${first.key}${where === '' ? '' : ` (${where})`}`;
        const keys = others.length === 0 ? [place] : same.map(({ key }) => key);
        const isAlike = same.every(({ error }) => error.message === message);
        const said = isAlike ? message : `each ${withoutPlace(message)}`;
        return `${paint(code, 'bad', look)} at ${shown(keys)}: ${naming.sentence(said)}`;
      }),
      ...(hint === null || isPast ? [] : hint.split('\n').map((line) => `  ${naming.sentence(line)}`)),
    ]),
    ...(untried.length === 0 ? [] : [`Not tried for that reason: ${shown(untried)}`]),
    ...(isPast ? pastLines : nextLines),
  ];
}

/** No run tries it again by itself before something has changed there. */
function isLeftToPerson({ state, error: { code } }: Failed): boolean {
  if (code === 'chain-not-sent' || code === 'interrupted') return false;
  return state === 'rolled-back' || state === 'rollback-failed';
}

/** Without the endpoint that the message of `endpoint-worse` begins with. */
function withoutPlace(message: string): string {
  return message.replace(/^\S+ port \d+ (as \S+ )?(?=served )/, '');
}
