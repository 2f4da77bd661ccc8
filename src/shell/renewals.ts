import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { CertRebindError, wrongUse } from '../base/errors.ts';
import { certificateInWords } from '../engine/known/named-certificates.ts';
import { type Known, type SelectedPair, selectPair, whyNothingRenewed } from '../engine/known/select-certificate.ts';
import type { Wanted } from '../engine/run/request.ts';
import type { Snapshot } from '../kinds/snapshot.ts';
import type { Certificate } from '../model/certificates/certificate.ts';
import { givenRenewal, type Renewal } from '../model/certificates/renewal.ts';
import { parseSelector } from '../model/certificates/selector.ts';
import type { GlobalArguments } from './globals.ts';
import { argument, flag } from './options.ts';

/** How a person names a pair of certificates. */
const pairOptions = {
  old: argument('Certificate to replace: thumbprint or its beginning, host, friendly name, auto'),
  new: argument('New certificate, named in the same ways'),
  reapply: flag('Set the same certificate again (--old and --new are equal)'),
  reason: {
    choices: ['revoked'],
    requiresArg: true,
    describe: 'Why it is replaced. revoked: only a restart of a service waits for the change window',
  },
} as const satisfies Record<string, Options>;

export function withPair(yargs: Argv<GlobalArguments>) {
  return yargs.options(pairOptions);
}

/** A pair of certificates as a person names it. */
export interface GivenPair extends SelectedPair {
  /** Why the old one has to go. */
  readonly reason?: 'revoked';
}

/**
 * The pair that a person gave; `null` when none was given.
 * @throws CertRebindError `bad-thumbprint`, `same-certificate`, or `usage` when one of the two is missing
 */
export function givenPair(args: Readonly<InferredOptionTypes<typeof pairOptions>>): GivenPair | null {
  const { old, new: successor, reapply, reason } = args;
  if (old === undefined && successor === undefined) {
    if (!reapply) return null;
    throw wrongUse('--reapply', '--reapply sets a certificate again. Name that certificate with both --old and --new.');
  }
  if (old === undefined || successor === undefined) {
    const missing = old === undefined ? '--old' : '--new';
    throw wrongUse(missing, `--old and --new must be used together. ${missing} is missing.`);
  }
  const pair = {
    old: parseSelector(old, '--old'),
    new: parseSelector(successor, '--new'),
    reapply,
    ...(reason === undefined ? {} : { reason }),
  };
  const whole = wholePair(pair);
  if (whole !== null) assertPair(whole, reapply);
  return pair;
}

/**
 * What a run does with that pair on this server. Where `auto` finds nothing that the new one replaces, a note says why.
 * @throws CertRebindError as `renewalGiven`
 */
export function pairsGiven(given: GivenPair, snapshot: Snapshot | null, known: Known): PairsWanted {
  const renewal = renewalGiven(given, snapshot, known);
  const { new: successor, reapply = false } = given;
  const wanted = { want: 'pairs', renewals: renewal === null ? [] : [renewal], reapply, oldOption: '--old' } as const;
  const isNew = ({ thumbprint }: Certificate) => successor.kind === 'thumbprint' && thumbprint === successor.thumbprint;
  const certificate = renewal === null ? snapshot?.certificates.find(isNew) : undefined;
  if (snapshot === null || certificate === undefined) return wanted;
  const { why, old } = whyNothingRenewed(snapshot, certificate);
  const line = old === null ? {} : { command: `certrebind rebind --old ${old} --new ${certificate.thumbprint}` };
  return {
    ...wanted,
    notes: [{ code: 'renews-nothing', text: `${certificateInWords(certificate)}: ${why}`, ...line }],
  };
}

type PairsWanted = Extract<Wanted, { want: 'pairs' }>;

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
  assertPair({ ...pair, old }, given.reapply === true, given.oldOption);
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
