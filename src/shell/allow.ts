import type { Argv } from 'yargs';
import { type BlockCode, blockCodes } from '../base/codes/plan-codes.ts';
import { CertRebindError } from '../base/errors.ts';
import { didYouMean } from '../base/nearest.ts';
import type { Configuration } from '../documents/configuration.ts';
import { argument } from './options.ts';

/** Declares the option that overrules guards once. */
export function withAllow<A>(yargs: Argv<A>): Argv<A & { allow: string | undefined }> {
  return yargs.option('allow', argument('Ignore these guards this time, separated by commas, for example names-lost'));
}

/**
 * The configuration with these guards set to warn, so that the plan and the outcome say what was overruled.
 * @throws CertRebindError `usage` for a guard that is unknown, or that rests on facts and cannot be overruled
 */
export function allowing(configuration: Configuration, allow: string | undefined): Configuration {
  if (allow === undefined) return configuration;
  const guards = allow.split(',').map((word) => parseGuard(word.trim()));
  return {
    ...configuration,
    guards: { ...configuration.guards, ...Object.fromEntries(guards.map((guard) => [guard, 'warn' as const])) },
  };
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
    message: `There is no guard ${JSON.stringify(word.slice(0, 60))}.${didYouMean(word, adjustable)}`,
    where: '--allow',
    hint: `Guards that can be ignored: ${adjustable.join(', ')}.`,
  });
}
