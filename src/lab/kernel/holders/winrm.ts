import { formatRecordKey, nameInKey } from '../../../kinds/record-key.ts';
import {
  addressOfWinrm,
  type WinrmListener,
  winrmHolder,
  winrmKey,
  winrmListener,
} from '../../../kinds/winrm/winrm.ts';
import { certificateNames } from '../../../model/certificates/host-name.ts';
import type { Outcome } from '../answers.ts';
import { findCertificate } from '../certificates.ts';
import { defaultOptions, fieldsOf, findEntry, putEntry, putRecord, withCertificate } from '../http-sys.ts';
import type { LabService, LabState } from '../lab-state.ts';
import { parsedCertificate } from '../parsed-certificates.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import type { KindInLab } from './kind-in-lab.ts';

/** The certificate of a WinRM listener, such as `*+HTTPS`; without a host name the one that it has stays. */
interface SetWinrm {
  readonly kind: 'set-winrm';
  readonly listener: string;
  readonly hash: string;
  readonly hostname?: string;
}

/** WinRM listeners of a lab. */
export const winrmInLab: KindInLab<'winrm', SetWinrm> = {
  value: (state, key) => winrmNow(state, nameInKey(key)),
  standing: (state) => {
    const carriesRun = ({ none: 'no', winrm: 'yes', unknown: 'unknown' } as const)[state.switches['remote-session']];
    return state.others.flatMap(({ consumer, remoting }) => {
      const listener = consumer.kind === 'winrm' ? winrmNow(state, consumer.detail) : null;
      if (listener === null || listener.thumbprint === null || remoting === undefined) return [];
      return [winrmHolder(listener, { state: remoting.state, carriesRun })];
    });
  },
  put: ({ listener, thumbprint }) => [{ kind: 'set-winrm', listener, hash: thumbprint ?? '' }],
  own: { kind: 'set-winrm', about: (_state, { listener }) => winrmKey(listener), apply: setWinrmCertificate },
};

/** The application id of the certificate bindings that WinRM makes. */
const winrmAppId = '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}';

function winrmNow(state: Pick<LabState, 'others'>, listener: string): WinrmListener | null {
  const found = findListener(state, listener);
  if (found?.remoting === undefined) return null;
  return winrmListener(listener, found.thumbprint, found.remoting.hostname, found.remoting.port);
}

/**
 * As in `Set-WSManInstance`: the certificate must be in My and for the host name of the listener. A switch decides
 * whether the HTTP.SYS record, whose certificate clients get, follows.
 */
function setWinrmCertificate(state: LabState, { listener, hash, hostname }: SetWinrm): Outcome {
  const found = findListener(state, listener);
  if (found?.remoting === undefined) return refuse(state, windowsErrors.notFound);
  const remoting = { ...found.remoting, hostname: hostname === undefined ? found.remoting.hostname : hostname };
  const certificate = findCertificate(state, hash, 'My');
  if (remoting.state === 'stopped' || certificate === null || !fits(state, certificate.der, remoting.hostname)) {
    return refuse(state, windowsErrors.badParameter);
  }
  const others = state.others.map((each) => (each === found ? { ...each, thumbprint: hash, remoting } : each));
  const isRewritten = state.switches['winrm-record'] === 'rewritten-at-once';
  const httpSys = isRewritten ? withWinrmRecord(state, listener, hash) : state.httpSys;
  return { state: { ...state, others, httpSys } };
}

/** The tables with the record of a listener; one of any IPv6 address is changed where it is there. */
export function withWinrmRecord(
  state: Pick<LabState, 'httpSys' | 'switches' | 'others'>,
  listener: string,
  hash: string,
): LabState['httpSys'] {
  const port = winrmNow(state, listener)?.port ?? 0;
  const address = addressOfWinrm(listener);
  const own = formatRecordKey({ table: 'ip', address, port });
  const keys = address === '0.0.0.0' ? [own, formatRecordKey({ table: 'ip', address: '::', port })] : [own];
  const fields = { ...defaultOptions, thumbprint: hash, store: 'My', appId: winrmAppId };
  return keys.reduce((tables, key) => {
    const entry = findEntry(tables, key);
    if (entry === null) return key === own ? putRecord(tables, key, fields, state.switches) : tables;
    if (fieldsOf(entry).appId.toLowerCase() !== winrmAppId) return tables;
    return putEntry(tables, key, { subKey: entry.subKey, values: withCertificate(entry.values, hash, 'My') });
  }, state.httpSys);
}

/** fidelity: winrm-hostname */
function fits(state: LabState, der: string, hostname: string | null): boolean {
  if (hostname === null) return true;
  const certificate = parsedCertificate(der, state);
  const names =
    state.switches['winrm-hostname'] === 'any-name' ? certificateNames(certificate) : [certificate.commonName ?? ''];
  return [...names, certificate.commonName ?? ''].some((name) => name.toLowerCase() === hostname.toLowerCase());
}

function findListener({ others }: Pick<LabState, 'others'>, listener: string): LabService | undefined {
  return others.find(({ consumer }) => consumer.kind === 'winrm' && consumer.detail === listener);
}
