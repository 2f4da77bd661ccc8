import type { KeyText } from '../../../kinds/record-key.ts';
import { wmsvcHolder, wmsvcKey, wmsvcRecordKeys, wmsvcSetting } from '../../../kinds/wmsvc/wmsvc.ts';
import type { Outcome } from '../answers.ts';
import { fieldsOf, findEntry, putEntry, recordsAt, withCertificate } from '../http-sys.ts';
import type { LabService, LabState } from '../lab-state.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import type { KindInLab } from './kind-in-lab.ts';

/** The registry value of the Web Management Service; its certificate binding is written by `netsh`. */
interface SetWmsvc {
  readonly kind: 'set-wmsvc';
  readonly hash: string;
}

/** The Web Management Service of a lab: a value of the registry, and a certificate binding that is written beside it. */
export const wmsvcInLab: KindInLab<'wmsvc', SetWmsvc> = {
  value(state, key) {
    const now = wmsvcNow(state);
    if (now === null || wmsvcKey(now.management.port) !== key) return null;
    return wmsvcSetting(now.management, now.listed, now.records);
  },
  standing: ({ others }, read) =>
    others.flatMap(({ thumbprint, management }) =>
      management === undefined ? [] : [wmsvcHolder(management, thumbprint, read)],
    ),
  put: ({ listed }) => (listed === null ? [] : [{ kind: 'set-wmsvc', hash: listed }]),
  own: {
    kind: 'set-wmsvc',
    about(state) {
      const { management } = findUse(state) ?? {};
      return management === undefined ? null : wmsvcKey(management.port);
    },
    apply: setWmsvcValue,
  },
  services: { booted: withListedServed },
};

/** `null` if the service is not installed. */
function wmsvcNow(state: Pick<LabState, 'others' | 'httpSys'>) {
  const found = findUse(state);
  if (found?.management === undefined) return null;
  const records = recordsAt(state, wmsvcRecordKeys(found.management));
  return { management: found.management, listed: found.thumbprint, records };
}

/** The registry accepts any value. */
function setWmsvcValue(state: LabState, { hash }: SetWmsvc): Outcome {
  const found = findUse(state);
  if (found === undefined) return refuse(state, windowsErrors.notFound);
  const others = state.others.map((each) => (each === found ? { ...each, thumbprint: hash } : each));
  return { state: { ...state, others } };
}

/** The service serves what it names once it starts (fidelity: wmsvc-value). */
function withListedServed(state: LabState): LabState {
  const now = wmsvcNow(state);
  const key: KeyText | undefined = now?.records[0]?.key;
  if (state.switches['wmsvc-value'] === 'shown-only' || now === null || key === undefined || now.listed === '')
    return state;
  const entry = findEntry(state.httpSys, key);
  if (entry === null) return state;
  const values = withCertificate(entry.values, now.listed, fieldsOf(entry).store ?? 'My');
  return { ...state, httpSys: putEntry(state.httpSys, key, { subKey: entry.subKey, values }) };
}

function findUse({ others }: Pick<LabState, 'others'>): LabService | undefined {
  return others.find(({ consumer, management }) => consumer.kind === 'wmsvc' && management !== undefined);
}
