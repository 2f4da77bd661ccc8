import { networkService } from '../../../kinds/key-access/key-access.ts';
import { rdpHolder, rdpKey, rdpListener } from '../../../kinds/rdp/rdp.ts';
import { nameInKey } from '../../../kinds/record-key.ts';
import { toThumbprint } from '../../../model/certificates/thumbprint.ts';
import type { Connection, Outcome } from '../answers.ts';
import { findCertificate } from '../certificates.ts';
import type { LabState } from '../lab-state.ts';
import { usable } from '../tls-resolution.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import { readsKey } from './key-access.ts';
import type { Connecting, KindInLab } from './kind-in-lab.ts';

interface SetRdp {
  readonly kind: 'set-rdp';
  readonly listener: string;
  readonly hash: string;
}

/** Remote Desktop listeners of a lab. */
export const rdpInLab: KindInLab<'rdp', SetRdp> = {
  value(state, key) {
    const hash = rdpHash(state, nameInKey(key));
    return hash === null ? null : rdpListener(nameInKey(key), hash);
  },
  standing: ({ others }) =>
    others.flatMap(({ thumbprint, consumer, listener }) => {
      if (consumer.kind !== 'rdp' || listener === undefined || toThumbprint(thumbprint) === null) return [];
      const { port, state, chosenBy } = listener;
      return [rdpHolder(consumer.detail, thumbprint, { port, state, ...(chosenBy === 'person' ? {} : { chosenBy }) })];
    }),
  put: ({ listener, thumbprint }) => [{ kind: 'set-rdp', listener, hash: thumbprint ?? '' }],
  own: { kind: 'set-rdp', about: (_state, { listener }) => rdpKey(listener), apply: setRdpCertificate },
  connect: connectRdp,
  listens: (state) =>
    listenersOf(state).flatMap(({ listener }) =>
      listener === undefined ? [] : [{ address: '0.0.0.0', port: listener.port, service: 'rdp' }],
    ),
};

function rdpHash(state: LabState, listener: string): string | null {
  return listenersOf(state).find(({ consumer }) => consumer.detail === listener)?.thumbprint ?? null;
}

/** As in WMI: the certificate must be in My. */
function setRdpCertificate(state: LabState, { listener, hash }: SetRdp): Outcome {
  if (rdpHash(state, listener) === null) return refuse(state, windowsErrors.notFound);
  if (findCertificate(state, hash, 'My') === null) return refuse(state, windowsErrors.badParameter);
  const others = state.others.map((each) =>
    each.consumer.kind === 'rdp' && each.consumer.detail === listener ? { ...each, thumbprint: hash } : each,
  );
  return { state: { ...state, others } };
}

/** The certificate that a Remote Desktop client gets there; `null` if there is no listener. */
function connectRdp(state: LabState, { port }: Connecting, now: string): Connection | null {
  const here = listenersOf(state).find(({ listener }) => listener?.port === port);
  if (here === undefined) return null;
  if (here.listener?.state === 'stopped') return { outcome: 'not-listening' };
  const { thumbprint, consumer } = here;
  const served = readsKey(state, thumbprint, networkService) ? usable(state, thumbprint, 'My', now) : null;
  return served === null
    ? { outcome: 'refused', why: 'Remote Desktop refuses TLS: it has no usable certificate' }
    : { outcome: 'served', thumbprint: served, record: rdpKey(consumer.detail) };
}

function listenersOf({ others }: Pick<LabState, 'others'>) {
  return others.flatMap(({ consumer, ...other }) => (consumer.kind === 'rdp' ? [{ ...other, consumer }] : []));
}
