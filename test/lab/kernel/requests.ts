import assert from 'node:assert/strict';
import { formatRecordKey, type KeyText, parseRecordKey } from '../../../src/kinds/record-key.ts';
import type { Applied, LabResult } from '../../../src/lab/kernel/answers.ts';
import { applyRequest } from '../../../src/lab/kernel/apply-request.ts';
import { fieldsOf, findEntry, type RecordFields } from '../../../src/lab/kernel/http-sys.ts';
import type { LabState } from '../../../src/lab/kernel/lab-state.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import { now } from '../../builders/snapshot.ts';

export const key = (text: string): KeyText => formatRecordKey(parseRecordKey(text, 'test'));

/** The requests one after another, each on the state of the one before. */
export function apply(state: LabState, ...requests: readonly LabRequest[]): Applied {
  const [first, ...rest] = requests;
  assert(first !== undefined);
  return rest.reduce((applied, request) => applyRequest(applied.state, request, now), applyRequest(state, first, now));
}

export function resultOf(state: LabState, ...requests: readonly LabRequest[]): LabResult {
  return apply(state, ...requests).reply.result;
}

/** What a record says; `null` when it does not exist. */
export function fieldsAt(state: LabState, text: string): RecordFields | null {
  const entry = findEntry(state.httpSys, key(text));
  return entry === null ? null : fieldsOf(entry);
}
