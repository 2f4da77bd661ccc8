import type { Argv } from 'yargs';
import { CertRebindError } from '../../model/errors.ts';
import type { Renewal } from '../../model/renewal.ts';
import { parseThumbprint } from '../../model/thumbprint.ts';
import type { GlobalArguments } from './globals.ts';

/** How a person names a pair of certificates. */
export interface PairArguments extends GlobalArguments {
  readonly old: string | undefined;
  readonly new: string | undefined;
  readonly represent: boolean;
}

export function withPair(yargs: Argv<GlobalArguments>): Argv<PairArguments> {
  return yargs
    .option('old', { type: 'string', requiresArg: true, describe: 'Thumbprint of the certificate to replace' })
    .option('new', { type: 'string', requiresArg: true, describe: 'Thumbprint of its successor' })
    .option('represent', {
      type: 'boolean',
      default: false,
      describe: 'Set the same certificate again, for a new chain (--old and --new are equal)',
    });
}

/**
 * The pair that a person gave; `null` when none was given.
 * @throws CertRebindError `bad-thumbprint`, `same-certificate`, or `usage` when one of the two is missing
 */
export function givenRenewal(args: PairArguments): Renewal | null {
  if (args.old === undefined && args.new === undefined && !args.represent) return null;
  if (args.old === undefined && args.new === undefined)
    throw new CertRebindError('usage', {
      message: '--represent sets a certificate again; name it with --old and with --new.',
      where: '--represent',
    });
  if (args.old === undefined || args.new === undefined)
    throw new CertRebindError('usage', {
      message: `--old and --new belong together, and --${args.old === undefined ? 'old' : 'new'} is missing.`,
      where: args.old === undefined ? '--old' : '--new',
    });
  const renewal: Renewal = {
    old: parseThumbprint(args.old, '--old'),
    new: parseThumbprint(args.new, '--new'),
    source: 'given',
    corroborated: true,
    eventRecordId: null,
  };
  if (renewal.old === renewal.new && !args.represent)
    throw new CertRebindError('same-certificate', { message: `Old and new are both ${renewal.old}.`, where: '--new' });
  if (renewal.old !== renewal.new && args.represent)
    throw new CertRebindError('usage', {
      message: '--represent sets the same certificate again; --old and --new must be equal.',
      where: '--represent',
    });
  return renewal;
}
