import { type HolderNow, holderOf, type Place } from '../../../../model/holder.ts';
import type { Change } from '../../../server.ts';
import type { LabRequest, LabResult } from '../requests.ts';
import { recordNow } from '../snapshot.ts';
import { ftpInLab } from './ftp.ts';
import type { KindsInLab } from './kind-in-lab.ts';

const kinds: KindsInLab = {
  tls: {
    read: (key) => ({ kind: 'read-records', keys: [key] }),
    now: (key, result) =>
      result.kind === 'records'
        ? holderOf(recordNow(key, result.records[0]?.entry ?? null))
        : { state: 'unknown', why: 'the lab did not tell' },
  },
  ftp: ftpInLab,
};

/** The request that reads a holder. */
export function readingOf({ kind, key }: Place): LabRequest {
  return kinds[kind].read(key);
}

/** What such a request was answered with. */
export function nowFrom({ kind, key }: Place, result: LabResult): HolderNow {
  return kinds[kind].now(key, result);
}

/** Changed only where the holder still holds what is expected, unless nothing is. */
export function requestsToPut({ expected, wanted }: Extract<Change, { do: 'put' }>): readonly LabRequest[] {
  const put = kinds[wanted.kind].put(wanted.value);
  if (expected === null) return [put];
  return [{ kind: 'if-holder', key: wanted.key, is: { thumbprint: expected.value.thumbprint }, requests: [put] }];
}
