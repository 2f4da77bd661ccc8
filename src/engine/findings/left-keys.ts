import { finding } from '../../documents/finding.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Finding } from '../../documents/status.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Evidence, KeyFile } from './facts.ts';

/** Each is asked for at every look, and most that are this old are known to be gone. */
const mostAskedFor = 50;

/**
 * Files in which the private keys of replaced certificates lay that are in no store any more, where no certificate has that
 * file now; the newest first. Without what the others have, none is said to be left.
 */
export function keysMaybeLeft({ certificates }: Snapshot, { renewals }: Ledger): readonly KeyFile[] {
  if (certificates.some(({ key, keyRights }) => key === 'unknown' && keyRights === undefined)) return [];
  const stored = new Set(certificates.map(({ thumbprint }) => thumbprint));
  const used = certificates.map(({ keyRights }) =>
    keyRights !== undefined && 'file' in keyRights ? keyRights.file : '',
  );
  const files = new Map<string, KeyFile>();
  for (const { keyFile: path, renewal, run } of renewals.toReversed())
    if (
      path !== undefined &&
      run !== null &&
      !stored.has(renewal.old) &&
      !used.includes(path) &&
      files.size < mostAskedFor
    )
      files.set(path, files.get(path) ?? { path, of: renewal });
  return [...files.values()];
}

export function leftKeyFindings({ keysLeft }: Evidence): readonly Finding[] {
  return keysLeft.map(({ path, of: renewal }) => {
    const message = `${renewal.old} was replaced by ${renewal.new} and is no longer in My or WebHosting, but its private key is still in ${path}. No certificate there is known to use this key.`;
    return finding('key-left-behind', message, { certificate: renewal.new, renewal });
  });
}
