import { type NamedCertificate, renewalText, shortOf } from '../model/certificates/named-certificate.ts';
import type { Renewal } from '../model/certificates/renewal.ts';
import { escapeControls } from '../model/text/safe-text.ts';

/** The question before a renewal is forgotten, and the text afterwards. */
export function forgottenText(renewal: Renewal, known: ReadonlyMap<string, NamedCertificate>) {
  const pair = escapeControls(renewalText(renewal, known));
  const digits = `${shortOf(renewal.old, known)} → ${shortOf(renewal.new, known)}`;
  return {
    question: `CertRebind forgot the state of this renewal: ${pair} (${digits}). The next run treats it as new.`,
    done: `Forgotten: ${pair} (${digits}).`,
  };
}
