import type { Fault, FaultEffect, FaultPoint } from '../../src/lab/kernel/faults.ts';
import { exceptionText, hresultOf, type WindowsError, windowsErrors } from '../../src/lab/kernel/windows-errors.ts';

const swap: FaultPoint = { kind: 'binding-method', method: 'RebindSslCertificate' };
const netsh: FaultPoint = { kind: 'netsh' };
const arrival: FaultPoint = { kind: 'add-certificate' };
const connection: FaultPoint = { kind: 'connect' };

/** The faults of the tests, by name; anything else can be armed as data. */
export const faultTable = [
  entry('swap-fails', 'RebindSslCertificate is refused.', swap, failsWith(windowsErrors.accessDenied)),
  entry('replace-without-effect', 'RebindSslCertificate reports success and changes nothing.', swap, {
    do: 'no-effect',
  }),
  entry('swap-loses-options', 'RebindSslCertificate puts every option back to its default.', swap, {
    do: 'lose-options',
  }),
  entry('delete-without-add', 'A swap deletes the record and does not make it again.', swap, {
    do: 'delete-without-add',
  }),
  entry('swap-hangs', 'A swap is carried out and never answered.', swap, { do: 'hang', after: true }),
  entry('swap-hangs-before', 'A swap is neither carried out nor answered.', swap, { do: 'hang', after: false }),
  entry('dies-after-swap', 'Whoever carries out the changes ends right after a swap.', swap, {
    do: 'die',
    after: true,
  }),
  entry('dies-before-swap', 'Whoever carries out the changes ends right before a swap.', swap, {
    do: 'die',
    after: false,
  }),
  entry(
    'configuration-locked',
    'Another process holds the configuration file, so no binding can be used.',
    swap,
    failsWith(windowsErrors.sharingViolation),
  ),
  entry('netsh-fails', 'netsh refuses a change.', netsh, failsWith(windowsErrors.badParameter)),
  entry('netsh-without-effect', 'netsh ends with 0 and changes nothing.', netsh, { do: 'no-effect' }),
  entry('server-hangs', 'Reading the server is never answered.', { kind: 'read' }, { do: 'hang', after: false }),
  entry('log-cleared', 'The lifecycle log is cleared just before it is read.', { kind: 'read' }, { do: 'log-cleared' }),
  entry('key-late', 'The key of an arriving certificate opens only after five seconds.', arrival, {
    do: 'key-late',
    ms: 5000,
  }),
  entry('handshake-refused', 'Connections are reset.', connection, { do: 'refuse' }),
  entry('handshake-slow', 'Handshakes take three seconds.', connection, { do: 'delay', ms: 3000 }),
  entry('old-then-new', 'After a swap the certificate from before is served for a while.', connection, {
    do: 'serve-previous',
  }),
] as const;

export type FaultName = (typeof faultTable)[number]['name'];

/** A fault by name. It strikes once, the first time, unless told otherwise. */
export function namedFault(
  name: FaultName,
  where: { readonly key?: string; readonly nth?: number; readonly times?: number | null } = {},
): Fault {
  const found = faultTable.find((candidate) => candidate.name === name);
  if (found === undefined) throw new TypeError(`no such fault: ${name}`);
  const { nth = 1, times = 1, key } = where;
  return { on: at(found.on, key), nth, times, effect: found.effect };
}

/** Somebody else sets the record to another certificate just before it is replaced. */
export function changedByOthers(thumbprint: string, key?: string): Fault {
  return { on: at(swap, key), nth: 1, times: 1, effect: { do: 'changed-by-others', thumbprint } };
}

/** The wire serves another certificate than the record names, as a TLS inspection in between does. */
export function servedInstead(thumbprint: string, key?: string): Fault {
  return { on: at(connection, key), nth: 1, times: null, effect: { do: 'serve', thumbprint } };
}

function entry<N extends string>(name: N, doc: string, on: FaultPoint, effect: FaultEffect) {
  return { name, doc, on, effect };
}

function failsWith(error: WindowsError): FaultEffect {
  return { do: 'fail', hresult: hresultOf(error), message: exceptionText(error) };
}

function at(on: FaultPoint, key: string | undefined): FaultPoint {
  return key === undefined ? on : { ...on, key };
}
