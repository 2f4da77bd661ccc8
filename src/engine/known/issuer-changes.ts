import { type Ledger, pairsKept } from '../../documents/runs/ledger.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { certificateNames } from '../../model/certificates/host-name.ts';
import { type IssuerChange, pairText, type Renewal } from '../../model/certificates/renewal.ts';
import { comparedOrganisation } from '../../model/certificates/trust.ts';

/** A pair that a person or a program gave, with what is remembered of it if it leads to another authority. */
export function withIssuerChange(renewal: Renewal, { certificates }: Snapshot): Renewal {
  const [old, successor] = [renewal.old, renewal.new].map((thumbprint) =>
    certificates.find((one) => one.thumbprint === thumbprint),
  );
  if (old === undefined || successor === undefined || authorityOf(old) === authorityOf(successor)) return renewal;
  return {
    ...renewal,
    moved: { between: [authorityOf(old), authorityOf(successor)], names: [...certificateNames(old)] },
  };
}

/** Whether names that one certificate has were moved before between the authorities of the two, in either direction. */
export function isIssuerChangeKnown(ledger: Ledger): (old: Certificate, successor: Certificate) => boolean {
  const kept = pairsKept(ledger);
  const moves = ledger.renewals.flatMap(({ renewal }): readonly IssuerChange[] =>
    renewal.moved === undefined || kept.has(pairText(renewal)) ? [] : [renewal.moved],
  );
  return (old, successor) => {
    const names = new Set(certificateNames(old));
    const pair = [authorityOf(old), authorityOf(successor)];
    return moves.some(
      ({ between, names: moved }) =>
        between.every((one) => pair.includes(one)) && moved.some((name) => names.has(name)),
    );
  };
}

/** Who issued it, however its intermediates change: the organisation, or the whole name where there is none. */
function authorityOf({ issuer }: Certificate): string {
  const organisation = /(?:^|, )O=((?:\\.|[^,\\])*)/.exec(issuer)?.[1];
  return organisation === undefined ? issuer : comparedOrganisation(organisation.replace(/\\(.)/g, '$1'));
}
