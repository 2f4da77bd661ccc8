import { finding, listed } from '../../documents/finding.ts';
import { commandOf, isByHand } from '../../documents/runs/plan.ts';
import type { Finding } from '../../documents/status.ts';
import type { ServiceSeen } from '../../kinds/kind-rules.ts';
import { changeableCertificates, thumbprintsByPlace } from '../../kinds/place.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { byThumbprint, day, momentText } from '../../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { evaluateTrust } from '../../model/certificates/trust.ts';
import { certificateInWords } from '../known/named-certificates.ts';
import type { NamesDoubt } from '../known/renewals-from-names.ts';
import { exchangeCommand } from '../look/commands.ts';
import type { unrecordedRenewals } from '../plan/outstanding-renewals.ts';
import { decisionsBy } from '../plan/plan-rebind.ts';
import { lineThatAllows, restartByHand } from '../plan/restarts.ts';
import type { Endings } from './endings.ts';
import type { Evidence } from './facts.ts';

/** What matching names suggest and CertRebind does not take by itself. */
export function suggestedFindings({ succession, renewals, snapshot }: Evidence): readonly Finding[] {
  return renewals.survey.olds.map(succession.successorOf).flatMap((one): readonly Finding[] => {
    if (one.is === 'doubtful') {
      const { old, candidates, why } = one;
      const [first] = candidates;
      const found = candidates.map(certificateInWords);
      const message = `${certificateInWords(old)} may be renewed by ${listed(found)}, but ${against[why]}.`;
      const commands = [exchangeCommand(old.thumbprint, first.thumbprint)];
      return [finding('renewal-unclear', message, { certificate: old.thumbprint, endsAt: old.notAfter, commands })];
    }
    if (one.is === 'later') {
      const { renewal, until } = one;
      const old = snapshot.certificates.find(({ thumbprint }) => thumbprint === renewal.old);
      const name = old === undefined ? renewal.old : certificateInWords(old);
      const message = `${name} was issued again as ${renewal.new}, which ends before it. CertRebind uses that from ${momentText(until)} on.`;
      const about = { renewal, certificate: renewal.old, next: 'waits' as const, at: until };
      return [finding('replaced-earlier', message, about)];
    }
    return [];
  });
}

/** What is to be done about the end of the old one too; one that has ended has a finding of its own. */
export function unrecordedFindings(
  unrecorded: ReturnType<typeof unrecordedRenewals>,
  { certificates, takenAt }: Pick<Snapshot, 'certificates' | 'takenAt'>,
  { isNear, mustAct }: Endings,
): readonly Finding[] {
  if (unrecorded.length === 0) return [];
  const here = byThumbprint(certificates);
  return unrecorded.flatMap(({ renewal, onOld: keys }) => {
    const [old, successor] = [here.get(renewal.old), here.get(renewal.new)];
    if (old === undefined || successor === undefined || keys.length === 0) return [];
    const [named, newer] = [certificateInWords(old), certificateInWords(successor)];
    const message = `${named}, which ends ${day(old.notAfter)}, looks renewed by ${newer}, which ends ${day(successor.notAfter)}, but no event or renewal property says so.`;
    const isOver = Date.parse(old.notAfter) <= Date.parse(takenAt);
    return finding('renewal-unrecorded', message, {
      severity: isOver || !isNear(old) ? 'info' : mustAct(old) ? 'error' : 'warning',
      keys,
      certificate: old.thumbprint,
      endsAt: old.notAfter,
      commands: [exchangeCommand(old.thumbprint, successor.thumbprint)],
    });
  });
}

/** The end of a sentence. */
const against: Readonly<Record<NamesDoubt['why'], string>> = {
  'other-authority': 'another authority issued it',
  'was-private': 'the old one is of a private authority and the new one is public',
  'was-untrusted': 'the old one is not trusted here',
  'self-signed': 'it is self-signed, so nobody vouches for it',
  'other-template': 'it was issued from another certificate template',
  'chain-unknown': 'an issuing certificate of one of them is not on this server',
  'key-type': 'its key is of another type, and the old one is not half over',
  'names-lost': 'it lacks a name of the old one',
  'names-merged': 'its wildcard replaces a single name',
  'used-elsewhere': 'another service uses it already',
  'issued-together': 'they were issued within an hour of each other, and either may be the one for this place',
};

/**
 * Holders that keep the old certificate although its renewal is here, until they name the new one or are excluded; nobody
 * is told to set one whose chain clients did not get, or that a person took back elsewhere on this server.
 */
export function byHandFindings({
  snapshot,
  succession: { resolved, successorOf },
  configuration,
  renewals,
  survey,
}: Pick<Evidence, 'snapshot' | 'succession' | 'configuration' | 'renewals' | 'survey'>): readonly Finding[] {
  if (resolved.renewals.length + resolved.unresolved.length === 0) return [];
  const unfit = new Set<Thumbprint | null>(
    renewals.held.flatMap(({ renewal, decision: { cause, by } }) =>
      cause?.kind === 'chain' || by === 'person' ? renewal.old : [],
    ),
  );
  const names = thumbprintsByPlace(snapshot);
  const ends = byThumbprint(snapshot.certificates);
  const successorHere = (held: Thumbprint | null) => {
    const found = successorOf(held);
    return found.is === 'known' ? ends.get(found.renewal.new) : undefined;
  };
  const { skipped } = decisionsBy({ snapshot, renewals: [], closed: resolved, configuration });
  const byHand = skipped.filter((entry) => isByHand(entry) && !unfit.has(names.get(entry.key) ?? null));
  return byHand.map(({ key, obstacles: [first] }) => {
    const { text: detail } = first;
    const command = commandOf(first) ?? undefined;
    const old = names.get(key) ?? null;
    const inUse = survey.inUse.get(key);
    const message =
      command === undefined || old === null || inUse?.sharedFrom != null
        ? detail.replace(/^It /, () => `${key} `)
        : `${key} still uses ${old}, which has been renewed.`;
    const about = { certificate: old, endsAt: old === null ? null : (ends.get(old)?.notAfter ?? null) };
    const service = command === undefined ? null : (inUse?.service ?? null);
    const line =
      inUse === undefined || service?.refuses !== undefined ? null : lineThatAllows(inUse.holder.kind, configuration);
    const hint =
      service !== null
        ? { hint: hintOfRestart(service, successorHere(old)) }
        : command?.startsWith('certrebind ') === true
          ? { hint: byCommand }
          : {};
    const typed = service === null ? [command ?? []].flat() : [line ?? command ?? []].flat();
    return finding('change-by-hand', message, { key, ...about, ...hint, commands: typed });
  });
}

const byCommand = 'The command lets CertRebind change it, with the next run. Or change it yourself.';

function hintOfRestart(service: ServiceSeen, successor: Certificate | undefined): string {
  const how =
    service.refuses === undefined
      ? ', and the command allows that restart in the change window. The plan shows how to change it yourself.'
      : `. ${service.refuses}`;
  return `${service.name} uses the new certificate only after a restart${how} ${restartByHand(service, successor)}`;
}

/**
 * Public certificates in use of which nothing shows how their renewal would be learnt: not by their names, which the policy
 * leaves out, and no earlier renewal led to them. Programs that call CertRebind are only known once they have done so.
 */
export function unnoticedFindings({ snapshot, succession, configuration }: Evidence): readonly Finding[] {
  if (configuration.successors === 'same-names') return [];
  const vouchedFor = evaluateTrust(snapshot.trust, Date.parse(snapshot.takenAt));
  const inUse = changeableCertificates(snapshot);
  const learnt = new Set(succession.pairs.flatMap((renewal) => [renewal.old, renewal.new]));
  const found = snapshot.certificates.filter(
    (one) => inUse.has(one.thumbprint) && !learnt.has(one.thumbprint) && vouchedFor(one).anchor === 'public',
  );
  if (found.length === 0) return [];
  const named = listed([...byThumbprint(found).values()].map(certificateInWords));
  const commands = ['certrebind config set successors same-names'];
  return [
    finding('renewal-unnoticed', `Nothing shows how CertRebind would learn of a renewal of ${named}.`, { commands }),
  ];
}
