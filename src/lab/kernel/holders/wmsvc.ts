import { type WmsvcSetting, wmsvcHolder, wmsvcKey, wmsvcSetting } from '../../../holders/wmsvc/wmsvc.ts';
import type { WmsvcNow } from '../requests.ts';
import { wmsvcNow } from '../wmsvc.ts';
import type { KindInLab } from './kind-in-lab.ts';

/** The Web Management Service of a lab: a value of the registry, and a TLS record that is written beside it. */
export const wmsvcInLab: KindInLab<'wmsvc'> = {
  read: () => ({ kind: 'read-wmsvc' }),
  now(key, result) {
    if (result.kind !== 'wmsvc') return { state: 'unknown', why: 'the lab did not tell' };
    const value = settingAt(key, result.now);
    return value === null ? { state: 'absent' } : { state: 'holds', holder: { kind: 'wmsvc', key, value } };
  },
  held(state, key) {
    const value = settingAt(key, wmsvcNow(state));
    return value === null ? 'nothing' : value.thumbprint;
  },
  standing: ({ others }, read) =>
    others.flatMap(({ thumbprint, management }) =>
      management === undefined ? [] : [wmsvcHolder(management, thumbprint, read)],
    ),
  put: ({ listed }) => (listed === null ? [] : [{ kind: 'set-wmsvc', hash: listed }]),
};

function settingAt(key: string, now: WmsvcNow | null): WmsvcSetting | null {
  if (now === null || wmsvcKey(now.management.port) !== key) return null;
  return wmsvcSetting(now.management, now.listed, now.records);
}
