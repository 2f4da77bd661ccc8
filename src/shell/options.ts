import type { Argv } from 'yargs';
import { type BlockCode, blockCodes } from '../base/codes/plan-codes.ts';
import { CertRebindError, wrongUse } from '../base/errors.ts';
import { didYouMean } from '../base/nearest.ts';
import { isPlainName, quoted } from '../base/safe-text.ts';
import type { Overrides } from '../engine/plan/overrides.ts';
import { normaliseHost } from '../model/certificates/host-name.ts';

/** An option that is there or not. */
export function flag(describe: string) {
  return { type: 'boolean', default: false, describe } as const;
}

/** An option that takes a text. */
export function argument(describe: string) {
  return { type: 'string', requiresArg: true, describe } as const;
}

/** A word that has to be there. */
export function needed(describe: string) {
  return { type: 'string', demandOption: true, describe } as const;
}

/** Declares the option that leaves out the search for thumbprints in texts. */
export function withSearch<A>(yargs: Argv<A>): Argv<A & { 'no-search': boolean }> {
  return yargs.option('no-search', flag('Do not search files, tasks, services and policies for thumbprints'));
}

/** Declares what lets a person make a change outside of the window. */
export function withNow<A>(yargs: Argv<A>): Argv<A & { now: boolean }> {
  return yargs.option('now', flag('Now, even outside the change window'));
}

/** Declares the option that overrules guards once. */
export function withAllow<A>(yargs: Argv<A>): Argv<A & { allow: string | undefined }> {
  return yargs.option('allow', argument('Ignore these guards this time, separated by commas, for example names-lost'));
}

/**
 * What these options overrule.
 * @throws CertRebindError `usage` for a guard that is unknown, or that rests on facts and cannot be overruled
 */
export function overridesOf({ now = false, allow }: { now?: boolean; allow?: string | undefined }): Overrides {
  return { now, allow: allow?.split(',').map((word) => parseGuard(word.trim())) ?? [] };
}

function parseGuard(word: string): BlockCode {
  const known = blockCodes.find(({ code }) => code === word);
  if (known?.guard !== undefined) return known.code;
  const adjustable = blockCodes.filter(({ guard }) => guard !== undefined).map(({ code }) => code);
  if (known !== undefined) {
    throw new CertRebindError('usage', {
      message: `The guard ${word} cannot be ignored: the change would fail.`,
      where: '--allow',
      hint: known.hint,
    });
  }
  throw new CertRebindError('usage', {
    message: `There is no guard ${quoted(word, 60)}.${didYouMean(word, adjustable)}`,
    where: '--allow',
    hint: `Guards that can be ignored: ${adjustable.join(', ')}.`,
  });
}

const mostDays = 3650;

/** What `--days` says. @throws CertRebindError `usage` */
export function parseDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (days <= mostDays) return days;
  throw wrongUse('--days', `--days takes a number of days from 0 to ${mostDays}, not ${quoted(text, 40)}.`);
}

/** What `--names` says, as host names. @throws CertRebindError `usage` */
export function parseNames(text: string): readonly string[] {
  return text.split(',').map((each) => {
    const name = normaliseHost(each.trim());
    if (name !== null) return name;
    throw wrongUse('--names', `${quoted(each.trim(), 100)} is not a host name.`);
  });
}

/** The name of a secret or a trigger. @throws CertRebindError `usage` */
export function parseName(text: string, where: string, of: 'secret' | 'trigger'): string {
  if (isPlainName(text)) return text;
  const rule = 'Use lower-case letters, digits and hyphens, at most 40.';
  throw wrongUse(where, `${quoted(text, 60)} cannot be the name of a ${of}. ${rule}`);
}

/**
 * The number of the event, which follows the arguments that a task starts with; `null` if the task had none, and then
 * every pending renewal is taken.
 */
export function recordNumber(words: readonly string[]): number | null | 'refused' {
  const [option, value = '', ...rest] = words;
  if (option === undefined) return null;
  if (option !== '--record' || rest.length > 0) return 'refused';
  if (value === '' || /^\$\([A-Za-z]{1,40}\)$/.test(value)) return null;
  return recordNumberText.test(value) ? Number(value) : 'refused';
}

/** What `--record` says. @throws CertRebindError `usage` */
export function parseRecordNumber(text: string): number {
  if (recordNumberText.test(text)) return Number(text);
  throw wrongUse('--record', `${quoted(text, 60)} is not the record number of an event.`);
}

/** No more digits than a number holds exactly. */
const recordNumberText = /^\d{1,15}$/;

/** The parser keeps what follows `--` apart, and as it is. */
export function wordsAfterDashes(args: { readonly [name: string]: unknown }): readonly string[] {
  const words = args['--'];
  return Array.isArray(words) ? words.map(String) : [];
}
