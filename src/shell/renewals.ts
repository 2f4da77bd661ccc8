import type { Argv } from 'yargs';
import { CertRebindError, wrongUse } from '../base/errors.ts';
import { type Known, type SelectedPair, selectPair } from '../engine/plan/select-certificate.ts';
import type { Snapshot } from '../kinds/snapshot.ts';
import { givenRenewal, type Renewal } from '../model/certificates/renewal.ts';
import { parseSelector } from '../model/certificates/selector.ts';
import type { GlobalArguments } from './globals.ts';
import { argument, flag } from './options.ts';

/** How a person names a pair of certificates. */
export interface PairArguments extends GlobalArguments {
  readonly old: string | undefined;
  readonly new: string | undefined;
  readonly reapply: boolean;
  readonly reason: 'revoked' | undefined;
}

export function withPair(yargs: Argv<GlobalArguments>): Argv<PairArguments> {
  return yargs
    .option('old', argument('Certificate to replace: thumbprint or its beginning, host, friendly name, auto'))
    .option('new', argument('New certificate, named in the same ways'))
    .option('reapply', flag('Set the same certificate again (--old and --new are equal)'))
    .option('reason', {
      choices: ['revoked'] as const,
      requiresArg: true,
      describe: 'Why it is replaced. revoked: no change window holds it',
    });
}

/** A pair of certificates as a person names it. */
export interface GivenPair extends SelectedPair {
  /** Set the same certificate again. */
  readonly reapply: boolean;
  /** Why the old one has to go. */
  readonly reason?: 'revoked';
}

/**
 * The pair that a person gave; `null` when none was given.
 * @throws CertRebindError `bad-thumbprint`, `same-certificate`, or `usage` when one of the two is missing
 */
export function givenPair(args: PairArguments): GivenPair | null {
  const { reapply, reason } = args;
  if (args.old === undefined && args.new === undefined && !reapply) return null;
  if (args.old === undefined && args.new === undefined)
    throw wrongUse('--reapply', '--reapply sets a certificate again. Name that certificate with both --old and --new.');
  if (args.old === undefined || args.new === undefined)
    throw wrongUse(
      args.old === undefined ? '--old' : '--new',
      `--old and --new must be used together. --${args.old === undefined ? 'old' : 'new'} is missing.`,
    );
  const pair = {
    old: parseSelector(args.old, '--old'),
    new: parseSelector(args.new, '--new'),
    reapply,
    ...(reason === undefined ? {} : { reason }),
  };
  const whole = wholePair(pair);
  if (whole !== null) assertPair(whole, reapply);
  return pair;
}

/**
 * The renewal that is meant on this server.
 * @returns null where the new one renews nothing: `auto`, and no place of this server is renewed by it
 * @throws CertRebindError `no-such-certificate`, `ambiguous-certificate`, `same-certificate` or `usage`
 */
export function renewalGiven(given: GivenPair, snapshot: Snapshot | null, known: Known): Renewal | null {
  const pair = wholePair(given) ?? (snapshot === null ? null : selectPair(snapshot, known, given));
  if (pair === null) throw new TypeError('only complete thumbprints can be used without a server');
  const { old } = pair;
  if (old === null) return null;
  assertPair({ ...pair, old }, given.reapply, given.oldOption);
  const renewal = givenRenewal(old, pair.new);
  return given.reason === undefined ? renewal : { ...renewal, early: given.reason };
}

/** The pair if no server is needed to know it; `null` if a certificate is not named by its whole thumbprint. */
export function wholePair({ old, new: successor }: SelectedPair): Pick<Renewal, 'old' | 'new'> | null {
  if (old.kind !== 'thumbprint' || successor.kind !== 'thumbprint') return null;
  return { old: old.thumbprint, new: successor.thumbprint };
}

function assertPair(pair: Pick<Renewal, 'old' | 'new'>, reapply: boolean, where = '--new'): void {
  if (pair.old === pair.new && !reapply)
    throw new CertRebindError('same-certificate', { message: `Old and new are both ${pair.old}.`, where });
  if (pair.old !== pair.new && reapply)
    throw wrongUse('--reapply', 'With --reapply, --old and --new must be the same certificate.');
}
