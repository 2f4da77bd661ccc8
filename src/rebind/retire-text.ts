import { byThumbprint, certificateText, momentText } from '../certificates/named-certificate.ts';
import { listed } from '../documents/finding.ts';
import type { Retirement, RetireReason } from '../documents/retirement.ts';
import { escapeControls } from '../text/safe-text.ts';

export function retirementText({ dryRun, refused, cases, certificates }: Retirement): string {
  if (refused !== null) return `Nothing is archived. ${refused}`;
  if (cases.length === 0) return 'No replaced certificate is left in the stores.';
  const known = byThumbprint(certificates);
  const lines = cases.map(({ thumbprint, store, becomes, message }) => {
    const named = known.get(thumbprint);
    const name = named === undefined ? thumbprint : `${certificateText(named)}, ${named.short}`;
    const word = becomes === 'archived' && dryRun ? 'would be archived' : becomes;
    return `${escapeControls(name)} in ${escapeControls(store)}: ${word}${message === '' ? '' : `. ${escapeControls(message)}`}`;
  });
  return lines.join('\n');
}

interface Reason {
  readonly why: RetireReason | null;
  readonly detail: readonly string[];
}

/** Why it stays, as a sentence; empty for one that goes. */
export function reasonText({ why, detail }: Reason): string {
  switch (why) {
    case null:
      return '';
    case 'in-use':
      return `In use at ${listed(detail)}.`;
    case 'too-soon':
      return `From ${momentText(detail[0] ?? '')} on.`;
    case 'successor-gone':
      return 'The certificate that replaced it is not in use here with its key.';
    case 'other-usages':
      return 'It may be used for more than TLS, for example to read encrypted data.';
    case 'template':
      return 'It was issued from a certificate template, and Windows archives it itself.';
    case 'unsettled':
      return 'Its renewal is not finished everywhere.';
  }
}
