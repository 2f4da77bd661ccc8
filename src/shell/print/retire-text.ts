import { escapeControls } from '../../base/safe-text.ts';
import { listed } from '../../documents/finding.ts';
import type { RetiredCase, Retirement, RetireReason } from '../../documents/retirement.ts';
import { byThumbprint, certificateText, momentText } from '../../model/certificates/named-certificate.ts';
import type { TerminalStyle } from './terminal-style.ts';
import { writtenLines } from './written-text.ts';

export function retirementText(
  { dryRun, refused, cases, certificates, notLookedAt, written }: Retirement,
  look: TerminalStyle,
): string {
  if (refused !== null) return `No certificate is archived or deleted. ${refused}`;
  if (cases.length === 0) return 'No replaced certificate is left in the stores.';
  const known = byThumbprint(certificates);
  const lines = cases.map(({ thumbprint, store, becomes, message }) => {
    const named = known.get(thumbprint);
    const name = named === undefined ? thumbprint : `${certificateText(named)}, ${named.short}`;
    const isDone = becomes === 'archived' || becomes === 'deleted';
    const word = isDone && dryRun ? `would be ${becomes}` : becomes;
    return `${escapeControls(name)} in ${escapeControls(store)}: ${word}${message === '' ? '' : `. ${escapeControls(message)}`}`;
  });
  const unseen = notLookedAt.map((name) => `  ${escapeControls(name)}`);
  const texts = written === undefined ? [] : ['', ...writtenLines(written, look)];
  return [...lines, ...texts, '', 'Not looked at', ...unseen].join('\n');
}

/** What a person is asked before anything is done. */
export function questionText(free: readonly RetiredCase[]): string {
  const count = (wanted: RetiredCase['becomes']) => {
    const found = free.filter(({ becomes }) => becomes === wanted).length;
    return found === 0
      ? []
      : `${wanted === 'archived' ? 'archive' : 'delete'} ${found === 1 ? 'one certificate' : `${found} certificates`}`;
  };
  const question = [count('archived'), count('deleted')].flat().join(' and ');
  const final = free.some(({ becomes }) => becomes === 'deleted')
    ? ' Deleting is final: undo cannot use it again.'
    : '';
  return `${question.charAt(0).toUpperCase()}${question.slice(1)}?${final}`;
}

interface Reason {
  readonly why: RetireReason | null;
  readonly detail: readonly string[];
  readonly key?: string;
}

/** Why it stays, as a sentence; of one that is deleted, what becomes of its key; else empty. */
export function reasonText({ why, detail, key }: Reason): string {
  if (why !== null) return reasons[why](detail);
  if (key === undefined) return '';
  return key === 'shared'
    ? 'Its private key stays, because another certificate has the same.'
    : 'With its private key; this is final.';
}

const reasons: Readonly<Record<RetireReason, (detail: readonly string[]) => string>> = {
  'in-use': (places) => `In use at ${listed(places)}.`,
  'too-soon': ([from = '']) => `From ${momentText(from)} on.`,
  'successor-gone': () => 'The certificate that replaced it is not in use here with its key.',
  'other-usages': () => 'It may be used for more than TLS, for example to read encrypted data.',
  template: () => 'It was issued from a certificate template, and Windows archives it itself.',
  unsettled: () => 'Its renewal is not finished everywhere.',
  'taken-back': ([old = '']) => `Its predecessor ${old} was set again, and it can replace that one later.`,
  'key-unknown': () =>
    'It is not known whether its private key can be deleted: run this as SYSTEM, as the hourly task does.',
};
