import type { ServerError } from '../documents/runs/journal.ts';
import { type HolderNow, isTls, recordsIn } from '../kinds/holder.ts';
import type { KeyText } from '../kinds/record-key.ts';
import type { NetshAbilities } from '../kinds/snapshot.ts';
import type { CertificateBinding } from '../kinds/tls/certificate-binding.ts';
import { cannotExpress } from '../kinds/tls/netsh-options.ts';
import type { Change, ChangeReport } from './server.ts';

/** The key of the holder that a change concerns; `null` for changes of other things. */
export function keyOfChange(change: Change): KeyText | null {
  if (change.do === 'put') return change.wanted.key;
  return change.do === 'remove' ? change.key : null;
}

/** For a certificate binding with options that netsh of this host cannot write; `null` if it can write them all. */
export function inexpressible(record: CertificateBinding, abilities: NetshAbilities): ServerError | null {
  const missing = cannotExpress(record, abilities);
  if (missing.length === 0) return null;
  return {
    code: 'cannot-express',
    message: `netsh of this server cannot write ${missing.join(', ')} of ${record.key}`,
  };
}

/** For a change whose answer never came. */
export function silentReport(change: Change, why: string): ChangeReport {
  const now: HolderNow | null = keyOfChange(change) === null ? null : { state: 'unknown', why };
  return { do: change.do, error: { code: 'silent', message: why }, now };
}

/**
 * Whether `netsh` makes the change: then the abilities of this host's netsh, and for a replacement the record itself, have to
 * be known first.
 */
export function goesPastIis(change: Change): boolean {
  if (change.do !== 'put') return change.do === 'remove';
  if (!isTls(change.wanted)) return recordsIn(change.wanted).length > 0;
  return change.expected === null || change.through == null;
}

/** The keys of the certificate bindings that a change writes, even as part of another holder. */
export function recordKeysOf(change: Change): readonly KeyText[] {
  if (change.do === 'put') return recordsIn(change.wanted).map(({ key }) => key);
  return change.do === 'remove' ? [change.key] : [];
}
