import { siteOfFtpKey } from '../../../model/holders/ftp.ts';
import { formatRecordKey, type KeyText, toRecordKey } from '../../../model/record-key.ts';
import { ftpSettingOf } from './ftp.ts';
import { fieldsOf, findEntry } from './http-sys.ts';
import type { LabState } from './lab-state.ts';

/** The key of a holder in the one form in which keys are compared; `null` for what is none. */
export function keyOf(text: string): KeyText | null {
  if (siteOfFtpKey(text as KeyText) !== undefined) return text as KeyText;
  const key = toRecordKey(text);
  return key === null ? null : formatRecordKey(key);
}

/** The thumbprint that a holder names, `null` where it names none, or `nothing` where it is not there. */
export function heldBy(state: LabState, text: string): string | null {
  const key = keyOf(text);
  const site = key === null ? undefined : siteOfFtpKey(key);
  if (site !== undefined) return ftpSettingOf(state, site)?.thumbprint ?? 'nothing';
  const entry = key === null ? null : findEntry(state.httpSys, key);
  return entry === null ? 'nothing' : fieldsOf(entry).thumbprint;
}
