import { momentText } from '../../certificates/named-certificate.ts';
import { finding, listed } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { certificateInWords } from '../../plan/named-certificates.ts';
import type { OutstandingRenewals } from '../../plan/outstanding-renewals.ts';
import type { NamesDoubt } from '../../plan/renewals-from-names.ts';

/** What matching names suggest and CertRebind does not take by itself. */
export function suggestedFindings(
  { doubts, waiting }: OutstandingRenewals['suggested'],
  { certificates }: Pick<Snapshot, 'certificates'>,
): readonly Finding[] {
  return [
    ...doubts.map(({ old, candidates, why }) => {
      const [first] = candidates;
      const found = candidates.map((one) => certificateInWords(one));
      const message = `${certificateInWords(old)} may be renewed by ${listed(found)}, but ${against[why]}.`;
      const command = `certrebind rebind --old ${old.thumbprint} --new ${first.thumbprint}`;
      return finding('renewal-unclear', message, { certificate: old.thumbprint, endsAt: old.notAfter, command });
    }),
    ...waiting.map(({ renewal, until }) => {
      const old = certificates.find(({ thumbprint }) => thumbprint === renewal.old);
      const name = old === undefined ? renewal.old : certificateInWords(old);
      const message = `${name} was issued again as ${renewal.new}, which ends before it. CertRebind uses that from ${momentText(until)} on.`;
      const about = { renewal, certificate: renewal.old, next: 'waits' as const, at: until };
      return finding('replaced-earlier', message, about);
    }),
  ];
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
