import { ldapsHolder, ldapsKey, ldapsPorts, ldapsSetting, ntdsKept, ntdsStore } from '../../../kinds/ldaps/ldaps.ts';
import type { Connection, Outcome } from '../answers.ts';
import { findCertificate } from '../certificates.ts';
import type { LabRoles, LabState } from '../lab-state.ts';
import { registryKeyNow } from '../roles.ts';
import { usable } from '../tls-resolution.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import type { Connecting, KindInLab } from './kind-in-lab.ts';

/** A certificate into the store of a domain controller or out of it, or the word to look at it. */
type SetLdaps =
  | { readonly kind: 'set-ldaps'; readonly what: 'add' | 'remove'; readonly hash: string }
  | { readonly kind: 'set-ldaps'; readonly what: 'renew' };

/** LDAPS of a domain controller: keys of the registry, at which its service looks when it is told to. */
export const ldapsInLab: KindInLab<'ldaps', SetLdaps> = {
  value: settingNow,
  standing: (state) => [settingNow(state) ?? []].flat().map(ldapsHolder),
  put({ thumbprint }, expected) {
    const change = (what: 'remove' | 'add', hash: string) => ({ kind: 'set-ldaps', what, hash }) as const;
    const [old, hash] = [expected ?? '', thumbprint ?? ''];
    const remove = old === '' || old === hash ? [] : [change('remove', old)];
    const back = [change('remove', hash), ...(remove.length === 0 ? [] : [change('add', old)]), renew];
    return [{ kind: 'in-turn', requests: [...remove, change('add', hash), renew], back }];
  },
  own: { kind: 'set-ldaps', about: () => ldapsKey, apply: setLdaps, byOthers: replacedInNtds },
  connect: connectLdaps,
  listens: (state) =>
    settingNow(state) === null
      ? []
      : ldapsPorts.map(({ port, startTls: service }) => ({ address: '0.0.0.0', port, service })),
};

const renew = { kind: 'set-ldaps', what: 'renew' } as const;
const service = 'NTDS';

/** A key of the store, or the word to the service; until that word it goes on with what it has. */
function setLdaps(state: LabState, request: SetLdaps): Outcome {
  const { roles, wire, switches } = state;
  if (roles === undefined) return refuse(state, windowsErrors.notFound);
  const inUse = wire.services?.[service] ?? settingNow(state)?.thumbprint ?? undefined;
  if (request.what === 'renew') {
    if (switches['ldaps-system-right'] === 'denied') return refuse(state, windowsErrors.accessDenied);
    if (switches['ldaps-ack-only'] === 'no-effect') return { state };
    const { [service]: _, ...services } = wire.services ?? {};
    return { state: { ...state, wire: { ...wire, services } } };
  }
  const { hash } = request;
  const isInMy = findCertificate(state, hash, 'My') !== null;
  const [here, kept] = [`${ntdsStore}\\${hash}`, `${ntdsKept}\\${hash}`];
  const source = request.what === 'remove' ? roles.registry[here] : (roles.registry[kept] ?? (isInMy ? {} : undefined));
  if (source === undefined) return refuse(state, windowsErrors.notFound);
  const { [here]: _, ...others } = roles.registry;
  const registry: LabRoles['registry'] =
    request.what === 'add'
      ? { ...others, [here]: source }
      : { ...others, ...(isInMy ? {} : { [kept]: source }), [ntdsStore]: {} };
  const services = { ...wire.services, ...(inUse === undefined ? {} : { [service]: inUse }) };
  return { state: { ...state, wire: { ...wire, services }, roles: { ...roles, registry } } };
}

/** As if somebody else had put this certificate in the place of what is there. */
function replacedInNtds(state: LabState, thumbprint: string): LabState {
  const roles = state.roles ?? { registry: {}, classes: {} };
  const others = Object.entries(roles.registry).filter(([key]) => !key.startsWith(`${ntdsStore}\\`));
  const registry = { ...Object.fromEntries(others), [`${ntdsStore}\\${thumbprint}`]: {} };
  return { ...state, roles: { ...roles, registry } };
}

function settingNow(state: Pick<LabState, 'roles'>) {
  return ldapsSetting(registryKeyNow(state, ntdsStore)?.subKeys ?? []);
}

/** The certificate that a client of LDAP gets; `null` for a client of anything else, and where there is no such store. */
function connectLdaps(state: LabState, { port, service: asked }: Connecting, now: string): Connection | null {
  const isMet = ldapsPorts.some((at) => at.port === port && at.startTls === asked);
  const setting = isMet ? settingNow(state) : null;
  const thumbprint = state.wire.services?.[service] ?? setting?.thumbprint ?? null;
  if (!isMet || thumbprint === null) return null;
  const store = state.certificates.find((one) => one.thumbprint === thumbprint)?.store ?? 'My';
  const served = usable(state, thumbprint, store, now);
  return served === null
    ? { outcome: 'refused', why: 'the domain controller has no usable certificate' }
    : { outcome: 'served', thumbprint: served, record: ldapsKey };
}
