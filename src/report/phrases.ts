import type { Consumer } from '../model/consumer.ts';
import type { Endpoint } from '../model/handshake.ts';
import type { Renewal } from '../model/renewal.ts';
import { escapeControls } from '../model/safe-text.ts';
import type { Sight } from '../model/sight.ts';
import type { RunResult } from '../model/step-states.ts';
import { unknownText } from '../model/unknown-parts.ts';
import { type Look, paint, type Tone } from './look.ts';

/** Enough of a thumbprint to tell certificates of one server apart; tables would be unreadable with all 40 digits. */
export function shortThumbprint(thumbprint: string | null): string {
  return thumbprint === null ? 'none' : thumbprint.slice(0, 8);
}

export function consumerText(consumer: Consumer): string {
  switch (consumer.kind) {
    case 'iis-binding':
      return `${consumer.site} (${consumer.information}${consumer.siteState === 'stopped' ? ', stopped' : ''})`;
    case 'ftps':
      return consumer.site === null ? 'FTP site defaults' : `FTP ${consumer.site}`;
    case 'http-sys':
      return consumer.owner ?? `application ${consumer.appId}`;
    case 'winrm':
    case 'rdp':
    case 'sstp':
    case 'rd-gateway':
    case 'wmsvc':
      return `${consumer.kind}: ${consumer.detail}`;
  }
}

/** The sites of consumers, each once, a line each; at most `limit`, the rest as a count. */
export function consumersText(consumers: readonly Consumer[], limit = 6): readonly string[] {
  const names = [...new Set(consumers.map(consumerText))];
  if (names.length <= limit) return names;
  return [...names.slice(0, limit - 1), `and ${names.length - limit + 1} more`];
}

export function endpointText({ address, port, serverName }: Endpoint): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port}${serverName === null ? '' : ` as ${serverName}`}`;
}

const sources: Readonly<Record<Renewal['source'], string>> = {
  event: 'event',
  'renewal-property': 'renewal property',
  'same-names': 'same names',
  given: 'given by you',
};

/** The pairs old → new with where they were learnt, a line each. */
export function renewalLines(renewals: readonly Renewal[], look: Look): readonly string[] {
  return renewals.map((renewal) => {
    const number = renewal.eventRecordId === null ? '' : ` ${renewal.eventRecordId}`;
    const doubt = renewal.corroborated ? '' : paint(', uncorroborated', 'warn', look);
    return `  ${renewal.old} → ${renewal.new}  (${sources[renewal.source]}${number}${doubt})`;
  });
}

export function noteLines(notes: readonly { readonly code: string; readonly text: string }[]): readonly string[] {
  return notes.map((note) => `  ${note.code}: ${escapeControls(note.text)}`);
}

/** `2026-01-31 09:15` in UTC: minutes are enough for people, and the zone is said in the title. */
export function when(iso: string): string {
  return escapeControls(iso.slice(0, 16).replace('T', ' '));
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

export function milliseconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** What an answer rests on, and what it says nothing of. */
export function sightLines({ lookedAt, notLookedAt }: Sight): readonly string[] {
  return [
    `Looked at: ${escapeControls(lookedAt.map(({ part, from }) => `${part} (${from})`).join(', '))}.`,
    ...(notLookedAt.length === 0 ? [] : [`Not looked at: ${unknownText(notLookedAt)}.`]),
  ];
}

export function heading(text: string, look: Look): string {
  return paint(text, 'strong', look);
}

/** Paragraphs with an empty line between; empty ones fall away. */
export function paragraphs(parts: readonly (readonly string[] | string | null)[]): string {
  return parts
    .map((part) => (part === null || typeof part === 'string' ? part : part.join('\n')))
    .filter((part): part is string => part !== null && part !== '')
    .join('\n\n');
}

const tones: Readonly<Record<RunResult, Tone>> = {
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

export function resultTone(result: RunResult): Tone {
  return tones[result];
}
