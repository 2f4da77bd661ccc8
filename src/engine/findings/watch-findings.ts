import { finding, listed } from '../../documents/finding.ts';
import { isReplacedBy, mostRefusals, type Refusal } from '../../documents/refused.ts';
import type { Finding } from '../../documents/status.ts';
import { type KnownSet, neverLooked, type WatchedFolder } from '../../documents/watched.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { byThumbprint, day, momentText } from '../../model/certificates/named-certificate.ts';
import { isOfLine } from '../../model/certificates/source-folder.ts';
import { looksBeforeWarning } from '../known/judge-source.ts';
import type { Evidence } from './facts.ts';

/** What the last looks at the watched folders found wrong: nothing reads a folder for this, since a share may hang. */
export function watchFindings({
  configuration,
  watched,
  snapshot,
  inUse,
  survey: { pending: renewed },
  endings,
}: Evidence): readonly Finding[] {
  const now = Date.parse(snapshot.takenAt);
  const used = byThumbprint(inUse);
  return configuration.watch.flatMap(({ path }) => {
    const { unreachable, incomplete, newest }: WatchedFolder = watched.folders[path] ?? neverLooked;
    const ends = inUse.some(
      (one) => !renewed.has(one.thumbprint) && endings.mustAct(one) && newest.some((set) => isOfLine(one, set)),
    );
    const current = newest
      .flatMap(({ thumbprint }) => used.get(thumbprint) ?? [])
      .filter((one) => !renewed.has(one.thumbprint));
    const stale = current.filter((one) => isStale(one, now));
    const title = `${path} has no renewal yet`;
    const ofStale = listed(stale.map(({ thumbprint, notAfter }) => `${thumbprint}, ends ${day(notAfter)}`));
    return [
      unreachable && unreachableFinding(path, unreachable, ends ? 'error' : whileItLasts(unreachable, newest, now)),
      ...incomplete.map((file) => {
        const about = { ...lookAgain, title: `${path} has a file that cannot be used: ${file.path}` };
        const message = `${path}: ${file.path}: ${file.why}.`;
        return file.looks > looksBeforeWarning ? finding('source-incomplete', message, about) : null;
      }),
      ...newest.map((set) => (set.gone === true ? null : setFinding(path, set))),
      stale.length === 0 || unreachable !== null ? null : finding('source-stale', `${title} of ${ofStale}.`, { title }),
    ].filter((found) => found !== null);
  });
}

/** The hourly run does it too. */
const lookAgain = { next: 'retried', commands: ['certrebind watch now'] } as const;

type Unreachable = NonNullable<WatchedFolder['unreachable']>;

/** A share may be away for a night; what never worked, or lasts longer than a day, does not come back by itself. */
function whileItLasts({ since }: Unreachable, newest: WatchedFolder['newest'], now: number): 'warning' | 'info' {
  return newest.length === 0 || now - Date.parse(since) >= dayMs ? 'warning' : 'info';
}

function unreachableFinding(path: string, { since, why }: Unreachable, severity: Finding['severity']): Finding {
  return finding('source-unreachable', `${path}: ${why}, since ${momentText(since)}.`, {
    ...lookAgain,
    title: `${path} cannot be read`,
    severity,
    since,
  });
}

function setFinding(path: string, { names, thumbprint, state, why, wentBackTo }: KnownSet): Finding | null {
  const named = listed(names.split(' '));
  if (wentBackTo !== null)
    return finding(
      'source-went-back',
      `${path} has ${wentBackTo} for ${named}, which is older than ${thumbprint}, seen there before.`,
      { title: `${path} has an older certificate than before`, commands: lookAgain.commands },
    );
  return state === 'refused'
    ? finding('source-not-taken', `${path}: ${thumbprint} for ${named}: ${why ?? ''}.`, {
        ...lookAgain,
        title: `${path} has a new certificate that was not taken`,
      })
    : null;
}

/** Clients renew at two thirds of a lifetime, and of very short ones later. */
function isStale({ notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>, now: number): boolean {
  const begins = Date.parse(notBefore);
  const lifetime = Date.parse(notAfter) - begins;
  return now - begins > lifetime * (lifetime <= 10 * dayMs ? 3 / 4 : 2 / 3);
}

/** Those in use that a refused one could have replaced, as far as its names tell. */
export function concernedBy({ names }: Refusal, inUse: Evidence['inUse']): Evidence['inUse'] {
  return inUse.filter((one) => names.some((name) => coversHost(one, name)));
}

/**
 * Renewals that a hook brought and that were refused, until a certificate that is no older is in use for their names. What
 * named nothing may concern each one, and is over when all in use began later.
 */
export function refusalFindings({ refused, inUse, endings }: Evidence): readonly Finding[] {
  const isRenewedSince = (at: string) => inUse.length > 0 && inUse.every(({ notBefore }) => notBefore >= at);
  const found = refused.refusals.flatMap((refusal) => {
    const { at, command, what, names, message, hint } = refusal;
    const coveredBy = (one: Certificate) => names.filter((name) => coversHost(one, name));
    if (names.length === 0 && isRenewedSince(at)) return [];
    if (inUse.some((one) => isReplacedBy(refusal, one, coveredBy(one)))) return [];
    const concerned = concernedBy(refusal, inUse);
    const near = concerned.find(endings.mustAct);
    const of = names.length === 0 ? '' : ` for ${listed(names)}`;
    const [certificate] = near === undefined ? concerned : [near];
    return finding('renewal-refused', `${command} of ${what}${of} at ${momentText(at)}: ${message}`, {
      since: at,
      severity: near === undefined ? 'warning' : 'error',
      certificate: certificate?.thumbprint ?? null,
      endsAt: certificate?.notAfter ?? null,
      ...(hint === null ? {} : { hint }),
    });
  });
  const { gone } = refused;
  if (gone === undefined || isRenewedSince(gone.at)) return found;
  const lost = `CertRebind keeps ${mostRefusals} refused renewals. Older ones that it no longer keeps: ${gone.count}, the last at ${momentText(gone.at)}.`;
  const hint = 'Find out what starts import or rebind so often in vain, and correct it. The command then hides this.';
  return [
    ...found,
    finding('renewal-refused', lost, {
      ...{ title: 'Refused renewals had to be forgotten', since: gone.at, hint },
      commands: ['certrebind dismiss renewal-refused'],
    }),
  ];
}
