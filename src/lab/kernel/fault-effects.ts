import type { Applied, Carry, Connection, LabResult } from './answers.ts';
import { later } from './certificates.ts';
import { clearLog } from './event-log.ts';
import { keysOf } from './fault-points.ts';
import type { FaultEffect } from './faults.ts';
import { changedByOthers, heldBy } from './holders/kinds.ts';
import { defaultOptions, fieldsOf, findEntry, putEntry, putRecord, removeRecord, withCertificate } from './http-sys.ts';
import type { LabState } from './lab-state.ts';
import { netshCommand } from './netsh-command.ts';
import { netshText } from './netsh-text.ts';
import type { LabRequest, Single } from './requests.ts';
import { exceptionText, hresultOf, windowsErrors } from './windows-errors.ts';

const { noLogonSession } = windowsErrors;

type Make = (state: LabState, request: Single) => LabState;

/** What others do just before the request. @param make carries out a request without faults */
export function beforehand(state: LabState, request: Single, effects: readonly FaultEffect[], make: Make): LabState {
  return effects.reduce((current, effect) => meddled(current, request, effect, make), state);
}

/** What happens instead of the request; `null` if it is carried out. */
export function instead(state: LabState, request: LabRequest, effects: readonly FaultEffect[]): Applied | null {
  for (const effect of effects) {
    switch (effect.do) {
      case 'fail':
        return answer(state, failure(state, request, effect));
      case 'no-effect':
        return answer(state, success(state, request));
      case 'delete-without-add': {
        const httpSys = keysOf(state, request).reduce(removeRecord, state.httpSys);
        const error = { hresult: hresultOf(noLogonSession), message: exceptionText(noLogonSession) };
        return answer({ ...state, httpSys }, failure(state, request, error));
      }
      case 'hang':
      case 'die':
        if (!effect.after) return { state, reply: { result: { kind: 'done' }, carry: { do: effect.do } }, started: [] };
        break;
      default:
        break;
    }
  }
  return null;
}

/** What follows the request, and how it is answered. */
export function afterwards(
  before: LabState,
  applied: Applied,
  request: LabRequest,
  effects: readonly FaultEffect[],
  now: string,
): Applied {
  return effects.reduce((current, effect) => followed(before, current, request, effect, now), applied);
}

/** Remembers what a record held before a change, if a fault will need it. */
export function rememberPrevious(before: LabState, after: LabState, request: LabRequest): LabState {
  const isNeeded = after.faults.some(({ effect }) => effect.do === 'serve-previous');
  if (before === after || !isNeeded) return after;
  const previous = Object.fromEntries(
    keysOf(before, request).map((key) => {
      const held = heldBy(before, key);
      return [key, held === 'nothing' ? null : held];
    }),
  );
  return { ...after, wire: { ...after.wire, previous: { ...after.wire.previous, ...previous } } };
}

function meddled(state: LabState, request: Single, effect: FaultEffect, make: Make): LabState {
  switch (effect.do) {
    case 'changed-by-others': {
      const changed = changedByOthers(state, request.kind, effect.thumbprint);
      if (changed !== null) return changed;
      if (request.kind === 'set-role-value') return make(state, { ...request, value: effect.thumbprint.toLowerCase() });
      if ('hash' in request && request.kind !== 'binding-method')
        return make(state, { ...request, hash: effect.thumbprint });
      const httpSys = keysOf(state, request).reduce((tables, key) => {
        const entry = findEntry(tables, key);
        if (entry === null) return tables;
        const values = withCertificate(entry.values, effect.thumbprint, fieldsOf(entry).store ?? 'My');
        return putEntry(tables, key, { subKey: entry.subKey, values });
      }, state.httpSys);
      return { ...state, httpSys };
    }
    case 'configuration-changes':
      return { ...state, applicationHost: effect.applicationHost };
    case 'log-cleared':
      return clearLog(state);
    default:
      return state;
  }
}

function followed(before: LabState, applied: Applied, request: LabRequest, effect: FaultEffect, now: string): Applied {
  switch (effect.do) {
    case 'lose-options':
      return { ...applied, state: withoutOptions(before, applied.state, request) };
    case 'key-late':
      return { ...applied, state: withLateKey(applied.state, request, later(now, effect.ms)) };
    case 'hang':
    case 'die':
      return carrying(applied, { do: effect.do });
    case 'delay':
      return carrying(applied, { do: 'delay', ms: effect.ms });
    case 'refuse':
      return connection(applied, () => ({ outcome: 'refused', why: 'the connection was reset' }));
    case 'serve':
      return connection(applied, (served) => ({ ...served, thumbprint: effect.thumbprint }));
    case 'serve-previous':
      return connection(applied, (served) => ({
        ...served,
        thumbprint: before.wire.previous[served.record] ?? served.thumbprint,
      }));
    default:
      return applied;
  }
}

function withoutOptions(before: LabState, after: LabState, request: LabRequest): LabState {
  if (before.httpSys === after.httpSys) return after;
  const httpSys = keysOf(after, request).reduce((tables, key) => {
    const entry = findEntry(tables, key);
    return entry === null ? tables : putRecord(tables, key, { ...fieldsOf(entry), ...defaultOptions }, after.switches);
  }, after.httpSys);
  return { ...after, httpSys };
}

function withLateKey(state: LabState, request: LabRequest, readyAt: string): LabState {
  if (request.kind !== 'add-certificate') return state;
  const certificates = state.certificates.map((certificate) =>
    certificate.thumbprint === request.certificate.thumbprint ? { ...certificate, key: { readyAt } } : certificate,
  );
  return { ...state, certificates };
}

function connection(
  applied: Applied,
  change: (served: Extract<Connection, { outcome: 'served' }>) => Connection,
): Applied {
  const { result } = applied.reply;
  if (result.kind !== 'connection' || result.connection.outcome !== 'served') return applied;
  const changed: LabResult = { kind: 'connection', connection: change(result.connection) };
  return { ...applied, reply: { ...applied.reply, result: changed } };
}

function carrying(applied: Applied, carry: Carry): Applied {
  const { reply } = applied;
  return reply.carry !== null && reply.carry.do !== 'delay' ? applied : { ...applied, reply: { ...reply, carry } };
}

function answer(state: LabState, result: LabResult): Applied {
  return { state, reply: { result, carry: null }, started: [] };
}

/**
 * An error in the form of the program or method that was called: netsh prints it and ends with 1, a method throws it.
 */
function failure(
  state: LabState,
  request: LabRequest,
  error: { readonly hresult: number; readonly message: string },
): LabResult {
  if (request.kind !== 'netsh') return { kind: 'failed', hresult: error.hresult, message: error.message };
  const text = netshText(state.switches['display-language']);
  return {
    kind: 'netsh',
    exitCode: 1,
    output: `\r\n${text.updateFailed}${error.hresult & 0xffff}\r\n${error.message}\r\n`,
  };
}

function success(state: LabState, request: LabRequest): LabResult {
  if (request.kind !== 'netsh') return { kind: 'done' };
  const text = netshText(state.switches['display-language']);
  const { verb } = netshCommand(request.args);
  const said = verb === 'delete' ? text.deleted : verb === 'update' ? text.updated : text.added;
  return { kind: 'netsh', exitCode: 0, output: `\r\n${said}\r\n` };
}
