import { CertRebindError } from '../../base/errors.ts';
import { toKey } from '../../kinds/holder.ts';
import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import { gatewayClass } from '../../kinds/rd-gateway/rd-gateway.ts';
import { lifecycleLog } from '../../model/windows/lifecycle-event.ts';
import type { Applied, Carry, LabResult, Outcome } from './answers.ts';
import { callBindingMethod } from './binding-methods.ts';
import { addCertificate, changeCertificate, deleteKey, removeCertificate, setRevocationList } from './certificates.ts';
import { controlService, setRoleValue } from './control-service.ts';
import {
  addLogSource,
  appendApplicationEntry,
  appendEvent,
  clearLog,
  lifecycleAccess,
  mayWriteEvents,
  removeLogSource,
  renderEvent,
} from './event-log.ts';
import { afterwards, beforehand, instead, rememberPrevious } from './fault-effects.ts';
import { strike } from './fault-points.ts';
import { afterBoot, applyOwn, connectToHolder, heldBy, holderNow, isOwn } from './holders/kinds.ts';
import { gatewayObjects } from './holders/rd-gateway.ts';
import { findEntry } from './http-sys.ts';
import type { LabState, TaskStart } from './lab-state.ts';
import { runNetsh } from './netsh.ts';
import { netshCommand } from './netsh-command.ts';
import type { LabRequest, Single, WriteEvent } from './requests.ts';
import { centralStoreKey, classNow, registryKeyNow, removeRegistryKey, writeRegistry } from './roles.ts';
import {
  finishTask,
  isScheduling,
  registerTask,
  runTask,
  setTaskEnabled,
  startForBoot,
  startForEvent,
  startForTime,
  stopTask,
  unregisterTask,
} from './scheduler.ts';
import { serviceNow } from './services.ts';
import { addBinding, addSite, removeSite } from './sites.ts';
import { moveSwitch } from './switches.ts';
import { connect } from './tls-resolution.ts';
import { refuse, windowsErrors } from './windows-errors.ts';

/**
 * The whole lab: one request applied to a state, without side effects. `now` is the time, ISO 8601.
 * Nothing is thrown for what Windows would refuse; that is a result.
 */
export function applyRequest(state: LabState, request: LabRequest, now: string): Applied {
  switch (request.kind) {
    case 'batch':
      return inOrder(state, request.requests, now);
    case 'in-turn':
      return inTurn(state, request.requests, request.back, now);
    case 'if-holder': {
      const chosen = holds(state, request.key, request.is) ? request.requests : request.otherwise;
      return chosen === undefined
        ? { state, reply: { result: { kind: 'unmet' }, carry: null }, started: [] }
        : inOrder(state, chosen, now);
    }
    default:
      return applyOne(state, request, now);
  }
}

type Batch = Applied & { readonly reply: { readonly result: Extract<LabResult, { kind: 'batch' }> } };

/** Ends early if a request hangs or the executing process dies; delays add up. */
function inOrder(state: LabState, requests: readonly LabRequest[], now: string): Batch {
  let current = state;
  let delay = 0;
  const results: LabResult[] = [];
  const started: TaskStart[] = [];
  for (const request of requests) {
    const next = applyRequest(current, request, now);
    current = next.state;
    started.push(...next.started);
    results.push(next.reply.result);
    const { carry } = next.reply;
    if (carry?.do === 'delay') delay += carry.ms;
    else if (carry !== null) return batch(current, results, carry, started);
  }
  return batch(current, results, delay > 0 ? { do: 'delay', ms: delay } : null, started);
}

function inTurn(state: LabState, requests: readonly LabRequest[], back: readonly LabRequest[], now: string): Batch {
  let done = inOrder(state, [], now);
  for (const request of requests) {
    const next = inOrder(done.state, [request], now);
    const { results: own } = next.reply.result;
    const results = [...done.reply.result.results, ...own];
    done = batch(next.state, results, next.reply.carry, [...done.started, ...next.started]);
    if (own.length === 0 || next.reply.carry !== null) return done;
    if (!flat(own).some(isFailure)) continue;
    if (flat(results).every(isFailure)) return done;
    const undone = inOrder(done.state, back, now);
    return batch(undone.state, results, undone.reply.carry, undone.started);
  }
  return done;
}

function batch(
  state: LabState,
  results: readonly LabResult[],
  carry: Carry | null,
  started: readonly TaskStart[],
): Batch {
  return { state, reply: { result: { kind: 'batch', results }, carry }, started };
}

function flat(results: readonly LabResult[]): readonly LabResult[] {
  return results.flatMap((result) => (result.kind === 'batch' ? flat(result.results) : result));
}

function isFailure(result: LabResult): boolean {
  return result.kind === 'failed' || result.kind === 'unmet' || (result.kind === 'netsh' && result.exitCode !== 0);
}

/** A request with its faults: what happens before it, instead of it, and after it. */
function applyOne(state: LabState, request: Single, now: string): Applied {
  const { effects, faults } = strike(state, request);
  const make = (from: LabState, other: Single) => applyPrimitive(from, other, now).state;
  const before = beforehand(count({ ...state, faults }, request), request, effects, make);
  const carried = instead(before, request, effects) ?? carryOut(before, request, now);
  return afterwards(before, carried, request, effects, now);
}

function carryOut(before: LabState, request: Single, now: string): Applied {
  const { state, result = { kind: 'done' }, started = [] } = applyPrimitive(before, request, now);
  return { state: rememberPrevious(before, state, request), reply: { result, carry: null }, started };
}

const ofTaskScheduler: readonly Single['kind'][] = [
  'register-task',
  'unregister-task',
  'set-task-enabled',
  'run-task',
  'stop-task',
];

function applyPrimitive(state: LabState, request: Single, now: string): Outcome {
  if (!isScheduling(state) && ofTaskScheduler.includes(request.kind))
    return refuse(state, windowsErrors.schedulerStopped);
  switch (request.kind) {
    case 'read':
      if (request.only === undefined) return { state, result: { kind: 'state', state } };
      return {
        state,
        result: { kind: 'parts', parts: Object.fromEntries(request.only.map((name) => [name, state[name]])) },
      };
    case 'read-records':
      return { state, result: { kind: 'records', records: request.keys.map((key) => readRecord(state, key)) } };
    case 'set-role-value':
      return setRoleValue(state, request);
    case 'read-service':
      return { state, result: { kind: 'service', service: serviceNow(state, request.service) } };
    case 'control-service':
      return controlService(state, request);
    case 'set-central-file': {
      const { host, der } = request;
      const others = state.centralStore.files.filter((file) => file.host !== host);
      return { state: { ...state, centralStore: { ...state.centralStore, files: [...others, { host, der }] } } };
    }
    case 'read-registry':
      return {
        state,
        result: { kind: 'registry', key: registryKeyNow(state, request.key) ?? centralStoreKey(state, request.key) },
      };
    case 'read-class': {
      const { namespace, className } = request;
      const objects = className === gatewayClass ? gatewayObjects(state) : classNow(state, namespace, className);
      return { state, result: { kind: 'class', objects } };
    }
    case 'set-roles':
      return { state: { ...state, roles: request.roles } };
    case 'read-holder':
      return { state, result: { kind: 'holder', now: holderNow(state, request.key) } };
    case 'binding-method':
      return callBindingMethod(state, request, now);
    case 'netsh': {
      const { state: after, ...answer } = runNetsh(state, request.args, now);
      return { state: after, result: { kind: 'netsh', ...answer } };
    }
    case 'register-task':
      return registerTask(state, request.path, request.name, request.xml, request.force);
    case 'unregister-task':
      return unregisterTask(state, request.path, request.name);
    case 'set-task-enabled':
      return setTaskEnabled(state, request.path, request.name, request.enabled);
    case 'run-task':
      return runTask(state, request.path, request.name, now);
    case 'stop-task':
      return stopTask(state, request.path, request.name);
    case 'task-finished':
      return finishTask(state, request, now);
    case 'boot':
      return startForBoot(
        afterBoot({
          ...state,
          ...(state.roles === undefined ? {} : { roles: { ...state.roles, stopped: [] } }),
          wire: { previous: {}, loaded: [] },
        }),
        now,
        request.passedMs,
      );
    case 'tick':
      return startForTime(state, now, request.passedMs);
    case 'write-event':
      return writeEvent(state, request, now);
    case 'clear-log':
      return { state: clearLog(state) };
    case 'read-log-access':
      return { state, result: { kind: 'text', text: lifecycleAccess(state.switches) } };
    case 'enable-log':
      return { state: { ...state, lifecycle: { ...state.lifecycle, enabled: request.enabled } } };
    case 'application-log':
      return { state: appendApplicationEntry(state, request, now) };
    case 'add-log-source':
      return { state: addLogSource(state, request.source) };
    case 'remove-log-source':
      return found(state, removeLogSource(state, request.source));
    case 'write-registry':
      return { state: writeRegistry(state, request.key, request.values) };
    case 'remove-registry-key':
      return found(state, removeRegistryKey(state, request.key));
    case 'add-certificate':
      return { state: addCertificate(state, request.certificate, now) };
    case 'remove-certificate':
      return found(state, removeCertificate(state, request.thumbprint, request.store));
    case 'set-revocation-list':
      return setRevocationList(state, request.der);
    case 'delete-key':
      return deleteKey(state, request);
    case 'set-renewal':
      return found(state, changeCertificate(state, request.thumbprint, { renewedTo: request.renewedTo }));
    case 'archive-certificate':
      return found(state, changeCertificate(state, request.thumbprint, { archived: request.archived }));
    case 'set-key':
      return found(state, changeCertificate(state, request.thumbprint, { key: request.key }));
    case 'set-site-state':
      return setSiteState(state, request.site, request.state);
    case 'set-web-service':
      return { state: { ...state, webService: request.state } };
    case 'set-configuration':
      return setConfiguration(state, request.applicationHost);
    case 'add-site':
      return addSite(state, request);
    case 'add-binding':
      return addBinding(state, request);
    case 'remove-site':
      return removeSite(state, request.name);
    case 'set-switch': {
      const switches = moveSwitch(state.switches, request.name, request.position);
      return found(state, switches === null ? null : { ...state, switches });
    }
    case 'arm-fault':
      return { state: { ...state, faults: [...state.faults, { ...request.fault, seen: 0 }] } };
    case 'disarm-faults':
      return { state: { ...state, faults: [] } };
    case 'connect':
      return {
        state,
        result: {
          kind: 'connection',
          connection: connectToHolder(state, request, now) ?? connect(state, request, now),
        },
      };
    default:
      return applyOwn(state, request);
  }
}

function writeEvent(state: LabState, request: WriteEvent, now: string): Outcome {
  if (!mayWriteEvents(state, request.writtenBy)) return refuse(state, windowsErrors.accessDenied);
  if (!state.lifecycle.enabled) return { state, result: { kind: 'event', recordId: null } };
  const event = renderEvent(state, request, now);
  if (event === null) return refuse(state, windowsErrors.badParameter);
  const recordId = state.lifecycle.nextRecordId;
  const written = appendEvent(state, event.xml);
  return { ...startForEvent(written, lifecycleLog, event.root, now), result: { kind: 'event', recordId } };
}

function setSiteState(state: LabState, site: string, to: 'started' | 'stopped'): Outcome {
  const others = state.stoppedSites.filter((name) => name !== site);
  return { state: { ...state, stoppedSites: to === 'stopped' ? [...others, site] : others } };
}

/** IIS accepts no configuration that it cannot read. */
function setConfiguration(state: LabState, applicationHost: string): Outcome {
  try {
    parseApplicationHost(applicationHost, 'applicationHost.config');
    return { state: { ...state, applicationHost } };
  } catch (thrown) {
    if (!(thrown instanceof CertRebindError)) throw thrown;
    return { state, result: { kind: 'failed', hresult: 0x8007000d, message: thrown.message } };
  }
}

function readRecord(state: LabState, text: string): Extract<LabResult, { kind: 'records' }>['records'][number] {
  const key = toKey(text);
  return { key: text, entry: key === null ? null : findEntry(state.httpSys, key) };
}

function holds(state: LabState, text: string, is: Extract<LabRequest, { kind: 'if-holder' }>['is']): boolean {
  const held = heldBy(state, text);
  if (is === 'absent') return held === 'nothing';
  if (held === 'nothing') return false;
  return is === 'present' || held === is.thumbprint;
}

/** A request that can write is counted even if it fails or changes nothing. */
function count(state: LabState, request: Single): LabState {
  const { reads, writes } = state.counters;
  switch (request.kind) {
    case 'read':
    case 'read-records':
    case 'read-holder':
      return { ...state, counters: { reads: reads + 1, writes } };
    case 'netsh': {
      const { verb, words } = netshCommand(request.args);
      const onlyAsks = verb === null || verb === 'show' || (words.length === 1 && !words[0]?.includes('='));
      return { ...state, counters: onlyAsks ? { reads: reads + 1, writes } : { reads, writes: writes + 1 } };
    }
    case 'binding-method':
    case 'set-role-value':
    case 'control-service':
    case 'register-task':
    case 'unregister-task':
    case 'set-task-enabled':
    case 'run-task':
    case 'stop-task':
    case 'enable-log':
    case 'application-log':
    case 'add-log-source':
    case 'remove-log-source':
    case 'write-registry':
    case 'remove-registry-key':
    case 'set-configuration':
    case 'add-site':
    case 'add-binding':
    case 'remove-site':
      return { ...state, counters: { reads, writes: writes + 1 } };
    default:
      return isOwn(request) ? { ...state, counters: { reads, writes: writes + 1 } } : state;
  }
}

function found(before: LabState, after: LabState | null): Outcome {
  return after === null ? refuse(before, windowsErrors.notFound) : { state: after };
}
