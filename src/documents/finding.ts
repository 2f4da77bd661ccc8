import { canonicalDigest } from '../base/canonical-json.ts';
import { type FindingCode, findingCodes, findingEntry, type Severity } from '../base/codes/finding-codes.ts';
import { compareText } from '../base/order.ts';
import { dayMs } from '../model/certificates/deadline.ts';
import { momentText } from '../model/certificates/named-certificate.ts';
import type { Action, Finding, PlaceState } from './status.ts';

/**
 * `severity` and `title` only if they differ from those of the code; a finding whose code is repaired by a plan needs no `commands`. `key`
 * for one place, `keys` for any number.
 */
export type FindingParts = Partial<Omit<Finding, 'code' | 'message' | 'repair'>>;

/** What can be typed for the hint that all findings of a code have. */
const linesOfHints = new Set(
  findingCodes.flatMap(({ hint, lines = {} }) => Object.values(lines).map((line) => `${hint}\n${line}`)),
);

/** What is said of every finding of a code, to find the command, says nothing beside it. */
export function isWorthReading(hint: string, [command]: readonly string[]): boolean {
  return hint !== '' && (command === undefined || !linesOfHints.has(`${hint}\n${command}`));
}

/** The rest of an advice can be read later. */
export function firstSentence(text: string): string {
  return text.split(/(?<=\.) /)[0] ?? '';
}

/** What to do before the command is of use; empty for nothing. */
export function beforeCommand(hint: string): string {
  return hint.startsWith('First ') ? firstSentence(hint) : '';
}

/** What to type, after what has to be done before it. */
export function typeText(hint: string, commands: readonly string[]): string {
  const before = beforeCommand(hint);
  const typed = commands.join('\nThen type: ');
  return before === '' ? `Type: ${typed}` : `${before} Then type: ${typed}`;
}

/** A finding with the severity, the hint and the kind of repair that the table of codes gives it. */
export function finding(
  code: FindingCode,
  message: string,
  { severity, commands, key = null, keys = key === null ? [] : [key], ...told }: FindingParts = {},
): Finding {
  const entry = findingEntry(code);
  if (entry === undefined) throw new TypeError(`no such finding: ${code}`);
  const byPlan = entry.repair === 'plan' && commands === undefined;
  const typed = byPlan ? [`certrebind doctor --fix ${code}`] : (commands ?? []);
  return {
    code,
    severity: severity ?? entry.severity,
    since: null,
    title: subjectOf(code, told.missingNames),
    key: keys.length === 1 ? (keys[0] ?? null) : null,
    keys,
    site: null,
    certificate: null,
    endsAt: null,
    renewal: null,
    missingNames: [],
    cause: null,
    run: null,
    message,
    next: 'person',
    at: null,
    ...told,
    hint: filled(told.hint ?? entry.hint, told),
    repair: byPlan ? 'plan' : typed.length === 0 ? null : 'command',
    commands: typed,
  };
}

/** With the thumbprints that are known. */
function filled(hint: string, { renewal, certificate }: FindingParts): string {
  const [old, successor] = [renewal?.old ?? certificate, renewal?.new];
  return hint.replaceAll('<old>', old ?? '<old>').replaceAll('<new>', successor ?? '<new>');
}

/** Whether it is about what clients get, and not about the program. */
export function isAboutClients({ code }: Finding): boolean {
  return findingEntry(code)?.place !== 'program';
}

/** What a finding makes of its places; `null` for nothing. */
export function stateOf(code: string): PlaceState | null {
  const place = findingEntry(code)?.place ?? null;
  return place === 'program' ? null : place;
}

/** These are told before the end too, and have a date then. */
const toldBefore: ReadonlySet<string> = new Set<FindingCode>([
  'ftps-certificate-expired',
  'listener-certificate-expired',
]);

/** Whether clients notice it already. */
export function isNoticed({ code, dueAt }: Pick<Urgent, 'code' | 'dueAt'>): boolean {
  const state = stateOf(code);
  return state === 'down' || state === 'no-answer' || (state === 'wrong' && !(toldBefore.has(code) && dueAt !== null));
}

/** Whether commands that watch a server end with 9. */
export function isTrouble(findings: readonly Pick<Finding, 'severity'>[]): boolean {
  return findings.some(({ severity }) => severity !== 'info');
}

const ranks: Readonly<Record<Severity, 0 | 1 | 2>> = { error: 0, warning: 1, info: 2 };

/** 2 where nothing is wrong. */
export function worstRank(findings: readonly Pick<Finding, 'severity'>[]): 0 | 1 | 2 {
  const found = new Set(findings.map(({ severity }) => severity));
  if (found.has('error')) return 0;
  return found.has('warning') ? 1 : 2;
}

export interface Urgent extends Pick<Action, 'dueAt'> {
  readonly code: string;
  readonly severity: Severity;
}

/** People are warned of the end of a certificate at most so long before it, where they set no other time. */
const soonMs = 30 * dayMs;

const keepFromActing: ReadonlySet<string> = new Set<FindingCode>(['unfinished-run', 'part-unknown', 'unreadable']);

/**
 * The least first: what clients meet now; what they meet soon; what keeps CertRebind from seeing or acting; what is later; what
 * is for information.
 */
function urgencyOf(found: Urgent, at: string): 0 | 1 | 2 | 3 | 4 | 5 {
  const { code, severity, dueAt } = found;
  if (severity === 'info') return isNoticed(found) ? 4 : 5;
  if (isNoticed(found)) return 0;
  const place = findingEntry(code)?.place ?? null;
  if (place === 'program' || keepFromActing.has(code)) return 2;
  const isSoon =
    dueAt === null ? severity === 'error' || place === 'ends-soon' : Date.parse(dueAt) - Date.parse(at) <= soonMs;
  return isSoon ? 1 : 3;
}

/** In the order of every view; what is alike stays as it was found. @param at of the look */
export function mostUrgentFirst<One extends Urgent>(found: readonly One[], at: string): readonly One[] {
  const judged = found.map((one) => {
    const date = isNoticed(one) ? '' : (one.dueAt ?? '9');
    return { one, urgency: urgencyOf(one, at), rank: ranks[one.severity], date };
  });
  return judged
    .sort((a, b) => a.urgency - b.urgency || a.rank - b.rank || compareText(a.date, b.date))
    .map(({ one }) => one);
}

/** The order in which every view shows what is wrong. */
export function inOrder(findings: readonly Finding[], at: string): readonly Finding[] {
  const urgent = findings.map((found) => ({ found, ...found, dueAt: found.endsAt }));
  return mostUrgentFirst(urgent, at).map(({ found }) => found);
}

/** These are told once for a certificate, in as many findings as there are outlooks for its places. */
const ofCertificates: ReadonlySet<string> = new Set<FindingCode>([
  'certificate-gone',
  'certificate-expired',
  'certificate-ends-soon',
  'certificate-revoked',
  'private-key-missing',
  'private-key-unusable',
  'renewal-late',
  'will-die-on-restart',
]);

/** What makes it this one at every look: times and counts in its text change while it stays the same. */
export function idOfFinding({ code, key, certificate, renewal, message }: Finding): string {
  const pair = renewal === null ? null : [renewal.old, renewal.new];
  const isNamed = key !== null || certificate !== null || pair !== null;
  const place = certificate !== null && ofCertificates.has(code) ? null : key;
  return canonicalDigest([
    code,
    place,
    certificate,
    pair,
    isNamed ? null : withoutTime(message).replace(/\d+/g, '#'),
  ]).slice(0, 32);
}

/** What was seen some time ago. */
export function asOfText(at: string, message: string): string {
  return `As of ${momentText(at)}: ${message}`;
}

/** The same at every look: when it was seen last is no part of what it is. */
export function withoutTime(message: string): string {
  return message.replace(/^As of \S+ \S+ UTC: /, '');
}

const shown = 5;

/** `a, b and 7 more`: nobody reads ten thousand keys in one sentence. */
export function listed(texts: readonly string[], most = shown): string {
  if (texts.length <= most) return texts.join(', ');
  return `${texts.slice(0, most).join(', ')} and ${texts.length - most} more`;
}

/** `a; b; and 7 more` */
export function firstClauses(clauses: readonly string[], most: number): string {
  const more = clauses.length > most ? `; and ${clauses.length - most} more` : '';
  return `${clauses.slice(0, most).join('; ')}${more}`;
}

function subjectOf(code: FindingCode, missingNames: readonly string[] = []): string {
  const entry = findingEntry(code);
  const subject = entry?.subject ?? entry?.text.split(/[.:] |\.$/)[0] ?? code;
  const [first, ...others] = missingNames;
  if (first === undefined) return subject;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `new certificate does not cover ${first}${more}`;
}
