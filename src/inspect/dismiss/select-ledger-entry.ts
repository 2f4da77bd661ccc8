import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { Ledger, LedgerEntry } from '../../documents/runs/ledger.ts';
import { CertRebindError } from '../../text/errors.ts';

/**
 * The renewal of the ledger that has one of these certificates as its old or its new one.
 * @throws CertRebindError `no-such-renewal`, naming what is remembered; `ambiguous-certificate` when several have
 */
export function selectLedgerEntry(ledger: Ledger, meant: readonly Thumbprint[], text: string): LedgerEntry {
  const has = ({ renewal }: LedgerEntry) => meant.some((one) => one === renewal.old || one === renewal.new);
  const found = ledger.entries.filter(has);
  const [first, ...others] = found;
  if (first === undefined) {
    throw new CertRebindError('no-such-renewal', {
      message: `CertRebind has no record of a renewal of ${JSON.stringify(text.slice(0, 100))}.`,
      where: 'renewal',
    });
  }
  if (others.length === 0) return first;
  const olds = found.filter(({ renewal }) => meant.includes(renewal.old));
  const [only, ...more] = olds;
  if (only !== undefined && more.length === 0) return only;
  const pairs = found.map(({ renewal }) => `${renewal.old.slice(0, 8)} → ${renewal.new.slice(0, 8)}`).join(', ');
  throw new CertRebindError('ambiguous-certificate', {
    message: `${JSON.stringify(text.slice(0, 100))} is part of several renewals: ${pairs}.`,
    where: 'renewal',
    hint: 'Give the thumbprint of the old certificate.',
  });
}
