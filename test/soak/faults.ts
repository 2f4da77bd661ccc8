import type { KeyText } from '../../src/kinds/record-key.ts';
import type { Fault, FaultEffect, FaultPoint } from '../../src/lab/kernel/faults.ts';
import type { Oddity } from './excuses.ts';

export interface FaultChoice {
  readonly kind: FaultKind;
  readonly record: number;
  readonly nth: number;
  readonly times: number | null;
}

interface Row {
  readonly weight: number;
  readonly on: 'swap' | 'netsh' | 'connection' | 'read' | 'application-log';
  /** `stranger`: a certificate that no record had. */
  readonly effect: (stranger: string) => FaultEffect;
  /** What it may make of its record and of handshakes there, until it is lifted and the record is put right. */
  readonly odd?: Oddity;
}

const refusal: FaultEffect = { do: 'fail', hresult: 0x80070020, message: 'The file is used by another process.' };
const does = (effect: FaultEffect) => () => effect;
const die = (after: boolean) => does({ do: 'die', after });
const slow = does({ do: 'delay', ms: 700 });

const rows = {
  'swap-refused': { weight: 8, on: 'swap', effect: does(refusal) },
  'replace-without-effect': { weight: 8, on: 'swap', effect: does({ do: 'no-effect' }) },
  'swap-loses-options': { weight: 10, on: 'swap', effect: does({ do: 'lose-options' }), odd: 'options' },
  'swap-deletes-record': { weight: 8, on: 'swap', effect: does({ do: 'delete-without-add' }), odd: 'absent' },
  'swap-dies-before': { weight: 5, on: 'swap', effect: die(false) },
  'swap-dies-after': { weight: 5, on: 'swap', effect: die(true) },
  'swap-hangs': { weight: 2, on: 'swap', effect: does({ do: 'hang', after: true }) },
  'others-change-record': {
    weight: 4,
    on: 'swap',
    effect: (thumbprint) => ({ do: 'changed-by-others', thumbprint }),
    odd: 'other-certificate-held',
  },
  'netsh-without-effect': { weight: 6, on: 'netsh', effect: does({ do: 'no-effect' }) },
  'netsh-fails': { weight: 6, on: 'netsh', effect: does(refusal) },
  'handshake-refused': { weight: 8, on: 'connection', effect: does({ do: 'refuse' }), odd: 'handshake-fails' },
  'handshake-slow': { weight: 8, on: 'connection', effect: slow },
  'handshake-serves-other': {
    weight: 6,
    on: 'connection',
    effect: (thumbprint) => ({ do: 'serve', thumbprint }),
    odd: 'other-certificate-served',
  },
  'handshake-serves-previous': { weight: 6, on: 'connection', effect: does({ do: 'serve-previous' }) },
  'reading-slow': { weight: 4, on: 'read', effect: slow },
  'application-log-fails': { weight: 3, on: 'application-log', effect: does(refusal) },
} as const satisfies Readonly<Record<string, Row>>;

type Armed = keyof typeof rows;
/** The last is a switch of the whole lab. */
export type FaultKind = Armed | 'windows-loses-options';

export const faultWeights: readonly (readonly [FaultKind, number])[] = [
  ...(Object.keys(rows) as Armed[]).map((kind) => [kind, rows[kind].weight] as const),
  ['windows-loses-options', 3],
];

export function oddityOf(kind: FaultKind): Oddity | undefined {
  return kind === 'windows-loses-options' ? 'options' : rowOf(kind).odd;
}

export function faultOf({ nth, times }: FaultChoice, kind: Armed, key: KeyText, stranger: string): Fault {
  const points: Readonly<Record<Row['on'], FaultPoint>> = {
    swap: { kind: 'binding-method', method: 'RebindSslCertificate', key },
    netsh: { kind: 'netsh', key, verb: 'update' },
    connection: { kind: 'connect', key },
    read: { kind: 'read' },
    'application-log': { kind: 'application-log' },
  };
  const { on, effect } = rowOf(kind);
  return { on: points[on], nth, times, effect: effect(stranger) };
}

function rowOf(kind: Armed): Row {
  return rows[kind];
}
