import { groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import type { RunResult } from '../../documents/runs/step-states.ts';
import type { Scope } from '../../documents/scope.ts';
import { type Consumer, consumerText } from '../../kinds/consumer.ts';
import { unknownText } from '../../kinds/unknown-parts.ts';
import {
  byThumbprint,
  type NamedCertificate,
  renewalText,
  shortOf,
} from '../../model/certificates/named-certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { paint, type TerminalStyle, type Tone } from './terminal-style.ts';
import { timesInWords } from './times.ts';
import { wrapParagraph } from './wrap.ts';

/** How the certificates of one document are written: by their names for people, or by digits that commands take. */
export interface Naming {
  /** Enough of a thumbprint to tell it from the others; tables would be unreadable with all 40 digits. */
  short(thumbprint: string | null): string;
  /** The pair in words, for example `shop.example.com (Issuing CA 2), ends 2027-01-29 → 2027-11-25`. */
  renewal(pair: Pick<Renewal, 'old' | 'new'>): string;
  /** The host names that it has; empty for one that is not on this server. */
  namesOf(thumbprint: Thumbprint): readonly string[];
  /** When it ends; `null` for one that is not on this server. */
  endOf(thumbprint: Thumbprint): string | null;
  /** A sentence with its thumbprints shortened, and its times by the clock of the reader. */
  sentence(text: string): string;
}

export function namingOf(
  { certificates = [] }: { readonly certificates?: readonly NamedCertificate[] },
  look: TerminalStyle,
): Naming {
  const known = byThumbprint(certificates);
  return {
    short: (thumbprint) => (thumbprint === null ? 'none' : shortOf(thumbprint, known)),
    namesOf: (thumbprint) => known.get(thumbprint)?.names ?? [],
    endOf: (thumbprint) => known.get(thumbprint)?.notAfter ?? null,
    renewal: (pair) => escapeControls(renewalText(pair, known)),
    sentence: (text) =>
      timesInWords(escapeControls(text), look).replace(/\b[0-9A-F]{40}\b/g, (thumbprint) => shortOf(thumbprint, known)),
  };
}

const consumersShown = 6;

/** The sites of consumers, each once, a line each; if they are many, the rest as a count. */
export function consumersText(consumers: readonly Consumer[], look: TerminalStyle): readonly string[] {
  return firstOf([...new Set(consumers.map(consumerText))], consumersShown, look, '');
}

const sources: Readonly<Record<Renewal['source'], string>> = {
  event: 'event',
  'renewal-property': 'renewal property',
  'same-names': 'same names',
  given: 'given by you',
};

/**
 * Each renewal in words, and below it the two thumbprints with where the pair was learnt. An undo goes from the new one
 * to the old one.
 */
export function renewalLines(
  { renewals, undoes }: { readonly renewals: readonly Renewal[]; readonly undoes?: string },
  naming: Naming,
  look: TerminalStyle,
): readonly string[] {
  const lines = renewals.flatMap((renewal) => [
    `  ${naming.renewal(renewal)}`,
    `    ${pairLine(renewal, naming, look)}`,
  ]);
  return undoes === undefined ? lines : lines.map((line) => line.replaceAll(' → ', ' ← '));
}

/** `2255C145 → 82AA8877  (event 12)` */
export function pairLine(renewal: Renewal, { short }: Naming, look: TerminalStyle): string {
  const number = renewal.eventRecordId === null ? '' : ` ${renewal.eventRecordId}`;
  const doubt = renewal.corroborated ? '' : paint(', uncorroborated', 'warn', look);
  return `${short(renewal.old)} → ${short(renewal.new)}  (${sources[renewal.source]}${number}${doubt})`;
}

type NoteText = { readonly code: string; readonly text: string; readonly command?: string };

const notesShown = 5;

/** Notes of one code together, equal ones once. */
export function noteLines(notes: readonly NoteText[], { sentence }: Naming, look: TerminalStyle): readonly string[] {
  return [...groupBy(notes, ({ code }) => code)].flatMap(([code, group]) => {
    const commands = new Map(group.map(({ text, command }) => [sentence(text), command]));
    const withCommand = (line: string) => {
      const command = commands.get(line);
      return command === undefined ? [line] : [line, `    ${escapeControls(command)}`];
    };
    const [first = '', ...others] = commands.keys();
    if (others.length === 0) return withCommand(first).map((line, at) => (at === 0 ? `  ${code}: ${line}` : line));
    return [
      `  ${code}:`,
      ...firstOf([first, ...others], notesShown, look)
        .flatMap(withCommand)
        .map((line) => `    ${line}`),
    ];
  });
}

/** As many lines as are allowed, of which the last one says how many more there are, and how to see them. */
export function firstOf(
  lines: readonly string[],
  most: number,
  { full = false }: TerminalStyle,
  how = ' (--full)',
): readonly string[] {
  if (full || lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more${how}`];
}

/** Our own commands take shortened thumbprints; those of Windows do not. */
export function typed(command: string, { sentence }: Naming): string {
  return command.startsWith('certrebind ') ? sentence(command) : escapeControls(command);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `8 changed, 1 blocked`; what is zero is left out. */
export function countedText(numbers: Readonly<Record<string, number>>): string {
  const counted = Object.entries(numbers).flatMap(([what, number]) => (number === 0 ? [] : `${number} ${what}`));
  return counted.join(', ');
}

export function milliseconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** What an answer is based on, and what it does not cover. */
export function scopeLines({ lookedAt, notLookedAt }: Scope): readonly string[] {
  return [
    `Looked at: ${escapeControls(lookedAt.map(({ part, from }) => `${part} (${from})`).join(', '))}.`,
    ...(notLookedAt.length === 0 ? [] : [`Not looked at: ${unknownText(notLookedAt)}.`]),
  ];
}

/** What helps, as a line of its own; if nothing has to be done, the text already says so. */
export function adviceText(hint: string): string {
  return hint.startsWith('Nothing to do') ? hint : `What to do: ${hint}`;
}

export function heading(text: string, look: TerminalStyle): string {
  return paint(text, 'strong', look);
}

/**
 * Paragraphs with an empty line between them; empty ones are dropped, and lines that are too long are broken at blanks.
 */
export function paragraphs(parts: readonly (readonly string[] | string | null)[], look: TerminalStyle): string {
  return parts
    .map((part) => (part === null || typeof part === 'string' ? part : part.join('\n')))
    .filter((part): part is string => part !== null && part !== '')
    .map((part) => wrapParagraph(part, look))
    .join('\n\n');
}

export const resultTones: Readonly<Record<RunResult, Tone>> = {
  rebound: 'good',
  'partly-rebound': 'warn',
  'would-rebind': 'good',
  waiting: 'good',
  'nothing-to-do': 'good',
  blocked: 'warn',
  undone: 'warn',
  'partly-undone': 'warn',
  'would-undo': 'good',
  repaired: 'good',
  'partly-repaired': 'warn',
  'would-repair': 'good',
  imported: 'good',
  'needs-attention': 'bad',
};

/** What a run rolled back by itself is not undone by a person. */
export function resultText(result: RunResult, isUndo: boolean): string {
  return isUndo
    ? result
    : result.replace(/^(?:(partly)-)?undone$/, (_, partly) => `${partly === undefined ? '' : 'partly '}rolled back`);
}
