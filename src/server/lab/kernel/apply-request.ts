import { CertRebindError } from '../../../model/text/errors.ts';
import { parseApplicationHost } from '../../../model/windows/application-host.ts';
import { lifecycleLog } from '../../../model/windows/lifecycle-event.ts';
import { callBindingMethod } from './binding-methods.ts';
import { addCertificate, changeCertificate, removeCertificate } from './certificates.ts';
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
import { connectFtp, ftpSettingNow, setFtpCertificate } from './ftp.ts';
import { heldBy, keyOf } from './holders/kinds.ts';
import { findEntry } from './http-sys.ts';
import { keySddl, setKeyAccess } from './key-access.ts';
import type { LabState, TaskStart } from './lab-state.ts';
import { runNetsh } from './netsh.ts';
import { netshCommand } from './netsh-command.ts';
import { connectRdp, rdpHash, setRdpCertificate } from './rdp.ts';
import { removeRegistryKey, writeRegistry } from './registry.ts';
import type { Applied, Carry, LabRequest, LabResult, WriteEvent } from './requests.ts';
import { classNow, registryKeyNow } from './roles.ts';
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
import { addBinding, addSite, removeSite } from './site-requests.ts';
import { moveSwitch } from './switches.ts';
import { connect } from './tls-resolution.ts';
import { failed, windowsErrors } from './windows-errors.ts';
import { setWinrmCertificate, winrmNow } from './winrm.ts';
import { afterStartOfWmsvc, setWmsvcValue, wmsvcNow } from './wmsvc.ts';

/**
 * The whole lab: one request applied to a state, without side effects. `now` is the time, ISO 8601.
 * Nothing is thrown for what Windows would refuse; that is a result.
 */
export function applyRequest(state: LabState, request: LabRequest, now: string): Applied {
  switch (request.kind) {
    case 'batch': {
      const { results, ...applied } = inOrder(state, request.requests, now);
      return { ...applied, reply: { ...applied.reply, result: { kind: 'batch', results } } };
    }
    case 'in-turn': {
      const { results, ...applied } = inTurn(state, request.requests, request.back, now);
      return { ...applied, reply: { ...applied.reply, result: { kind: 'batch', results } } };
    }
    case 'if-holder': {
      const chosen = holds(state, request.key, request.is) ? request.requests : request.otherwise;
      if (chosen === undefined) return quiet(state, { kind: 'unmet' });
      const { results, ...applied } = inOrder(state, chosen, now);
      return { ...applied, reply: { ...applied.reply, result: { kind: 'batch', results } } };
    }
    default:
      return applyOne(state, request, now);
  }
}

type Single = Exclude<LabRequest, { kind: 'batch' | 'in-turn' | 'if-holder' }>;

/** Ends early if a request hangs or the executing process dies; delays add up. */
function inOrder(
  state: LabState,
  requests: readonly LabRequest[],
  now: string,
): Applied & { readonly results: readonly LabResult[] } {
  let current = state;
  let delay = 0;
  const results: LabResult[] = [];
  const started: TaskStart[] = [];
  for (const request of requests) {
    const applied = applyRequest(current, request, now);
    current = applied.state;
    started.push(...applied.started);
    results.push(applied.reply.result);
    const { carry } = applied.reply;
    if (carry?.do === 'delay') delay += carry.ms;
    else if (carry !== null) return { state: current, reply: { result: { kind: 'done' }, carry }, started, results };
  }
  const carry: Carry | null = delay > 0 ? { do: 'delay', ms: delay } : null;
  return { state: current, reply: { result: { kind: 'done' }, carry }, started, results };
}

function inTurn(
  state: LabState,
  requests: readonly LabRequest[],
  back: readonly LabRequest[],
  now: string,
): ReturnType<typeof inOrder> {
  let done = inOrder(state, [], now);
  for (const request of requests) {
    const next = inOrder(done.state, [request], now);
    const results = [...done.results, ...next.results];
    done = { ...next, results, started: [...done.started, ...next.started] };
    if (next.results.length === 0 || next.reply.carry !== null) return done;
    if (!flat(next.results).some(isFailure)) continue;
    return flat(results).every(isFailure) ? done : { ...inOrder(done.state, back, now), results };
  }
  return done;
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
  const counted = count({ ...state, faults }, request);
  if (effects.length === 0) return applyPrimitive(counted, request, now);
  const before = beforehand(counted, request, effects);
  const replaced = instead(before, request, effects);
  const carried = replaced === null ? applyPrimitive(before, request, now) : { ...replaced, started: [] };
  return afterwards(before, carried, request, effects, now);
}

const ofTaskScheduler: readonly Single['kind'][] = [
  'register-task',
  'unregister-task',
  'set-task-enabled',
  'run-task',
  'stop-task',
];

function applyPrimitive(state: LabState, request: Single, now: string): Applied {
  if (!isScheduling(state) && ofTaskScheduler.includes(request.kind))
    return quiet(state, failed(windowsErrors.schedulerStopped));
  switch (request.kind) {
    case 'read':
      return quiet(state, request.only === undefined ? { kind: 'state', state } : partsOf(state, request.only));
    case 'read-records':
      return quiet(state, { kind: 'records', records: request.keys.map((key) => readRecord(state, key)) });
    case 'read-rdp':
      return quiet(state, { kind: 'rdp', hash: rdpHash(state, request.listener) });
    case 'set-rdp': {
      const { state: after, result } = setRdpCertificate(state, request);
      return quiet(rememberPrevious(state, after, request), result);
    }
    case 'read-winrm':
      return quiet(state, { kind: 'winrm', listener: winrmNow(state, request.listener) });
    case 'set-winrm': {
      const { state: after, result } = setWinrmCertificate(state, request);
      return quiet(rememberPrevious(state, after, request), result);
    }
    case 'read-key-access':
      return quiet(state, { kind: 'key-access', sddl: keySddl(state, request.thumbprint) });
    case 'set-key-access': {
      const { state: after, result } = setKeyAccess(state, request);
      return quiet(after, result);
    }
    case 'read-wmsvc':
      return quiet(state, { kind: 'wmsvc', now: wmsvcNow(state) });
    case 'set-wmsvc': {
      const { state: after, result } = setWmsvcValue(state, request);
      return quiet(after, result);
    }
    case 'read-registry':
      return quiet(state, { kind: 'registry', key: registryKeyNow(state, request.key) });
    case 'read-class':
      return quiet(state, { kind: 'class', objects: classNow(state, request.namespace, request.className) });
    case 'set-roles':
      return quiet({ ...state, roles: request.roles }, { kind: 'done' });
    case 'read-ftp':
      return quiet(state, { kind: 'ftp', setting: ftpSettingNow(state, request.site) });
    case 'set-ftp': {
      const { state: after, result } = setFtpCertificate(state, request);
      return quiet(rememberPrevious(state, after, request), result);
    }
    case 'binding-method': {
      const called = callBindingMethod(state, request, now);
      return quiet(rememberPrevious(state, called.state, request), called.result);
    }
    case 'netsh': {
      const { state: after, exitCode, output } = runNetsh(state, request.args, now);
      return quiet(rememberPrevious(state, after, request), { kind: 'netsh', exitCode, output });
    }
    case 'register-task':
      return scheduled(registerTask(state, request.path, request.name, request.xml, request.force));
    case 'unregister-task':
      return scheduled(unregisterTask(state, request.path, request.name));
    case 'set-task-enabled':
      return scheduled(setTaskEnabled(state, request.path, request.name, request.enabled));
    case 'run-task':
      return scheduled(runTask(state, request.path, request.name, now));
    case 'stop-task':
      return scheduled(stopTask(state, request.path, request.name));
    case 'task-finished':
      return scheduled(finishTask(state, request, now));
    case 'boot':
      return scheduled({
        ...startForBoot(
          { ...state, httpSys: afterStartOfWmsvc(state), wire: { previous: {}, loaded: [] } },
          now,
          request.passedMs,
        ),
        result: { kind: 'done' },
      });
    case 'tick':
      return scheduled({ ...startForTime(state, now, request.passedMs), result: { kind: 'done' } });
    case 'write-event':
      return writeEvent(state, request, now);
    case 'clear-log':
      return quiet(clearLog(state));
    case 'read-log-access':
      return quiet(state, { kind: 'text', text: lifecycleAccess(state.switches) });
    case 'enable-log':
      return quiet({ ...state, lifecycle: { ...state.lifecycle, enabled: request.enabled } });
    case 'application-log':
      return quiet(appendApplicationEntry(state, request, now));
    case 'add-log-source':
      return quiet(addLogSource(state, request.source));
    case 'remove-log-source':
      return found(state, removeLogSource(state, request.source));
    case 'write-registry':
      return quiet(writeRegistry(state, request.key, request.values));
    case 'remove-registry-key':
      return found(state, removeRegistryKey(state, request.key));
    case 'add-certificate':
      return quiet(addCertificate(state, request.certificate, now));
    case 'remove-certificate':
      return found(state, removeCertificate(state, request.thumbprint, request.store));
    case 'set-renewal':
      return found(state, changeCertificate(state, request.thumbprint, { renewedTo: request.renewedTo }));
    case 'archive-certificate':
      return found(state, changeCertificate(state, request.thumbprint, { archived: request.archived }));
    case 'set-key':
      return found(state, changeCertificate(state, request.thumbprint, { key: request.key }));
    case 'set-site-state':
      return setSiteState(state, request.site, request.state);
    case 'set-web-service':
      return quiet({ ...state, webService: request.state });
    case 'set-configuration':
      return setConfiguration(state, request.applicationHost);
    case 'add-site':
      return edited(addSite(state, request));
    case 'add-binding':
      return edited(addBinding(state, request));
    case 'remove-site':
      return edited(removeSite(state, request));
    case 'set-switch': {
      const switches = moveSwitch(state.switches, request.name, request.position);
      return found(state, switches === null ? null : { ...state, switches });
    }
    case 'arm-fault':
      return quiet({ ...state, faults: [...state.faults, { ...request.fault, seen: 0 }] });
    case 'disarm-faults':
      return quiet({ ...state, faults: [] });
    case 'connect':
      return quiet(state, {
        kind: 'connection',
        connection: connectFtp(state, request, now) ?? connectRdp(state, request, now) ?? connect(state, request, now),
      });
  }
}

function writeEvent(state: LabState, request: WriteEvent, now: string): Applied {
  if (!mayWriteEvents(state, request.writtenBy)) return quiet(state, failed(windowsErrors.accessDenied));
  if (!state.lifecycle.enabled) return quiet(state, { kind: 'event', recordId: null });
  const event = renderEvent(state, request, now);
  if (event === null) return quiet(state, failed(windowsErrors.badParameter));
  const recordId = state.lifecycle.nextRecordId;
  const written = appendEvent(state, event.xml);
  return scheduled({ ...startForEvent(written, lifecycleLog, event.root, now), result: { kind: 'event', recordId } });
}

function setSiteState(state: LabState, site: string, to: 'started' | 'stopped'): Applied {
  const others = state.stoppedSites.filter((name) => name !== site);
  return quiet({ ...state, stoppedSites: to === 'stopped' ? [...others, site] : others });
}

/** IIS accepts no configuration that it cannot read. */
function setConfiguration(state: LabState, applicationHost: string): Applied {
  try {
    parseApplicationHost(applicationHost, 'applicationHost.config');
    return quiet({ ...state, applicationHost });
  } catch (thrown) {
    if (!(thrown instanceof CertRebindError)) throw thrown;
    return quiet(state, { kind: 'failed', hresult: 0x8007000d, message: thrown.message });
  }
}

function readRecord(state: LabState, text: string): Extract<LabResult, { kind: 'records' }>['records'][number] {
  const key = keyOf(text);
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
    case 'read-ftp':
    case 'read-rdp':
    case 'read-winrm':
    case 'read-wmsvc':
    case 'read-key-access':
      return { ...state, counters: { reads: reads + 1, writes } };
    case 'netsh': {
      const { verb, words } = netshCommand(request.args);
      const onlyAsks = verb === null || verb === 'show' || (words.length === 1 && !words[0]?.includes('='));
      return { ...state, counters: onlyAsks ? { reads: reads + 1, writes } : { reads, writes: writes + 1 } };
    }
    case 'binding-method':
    case 'set-ftp':
    case 'set-rdp':
    case 'set-winrm':
    case 'set-wmsvc':
    case 'set-key-access':
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
      return state;
  }
}

function edited({ state, result }: { readonly state: LabState; readonly result: LabResult }): Applied {
  return quiet(state, result);
}

function found(before: LabState, after: LabState | null): Applied {
  return after === null ? quiet(before, failed(windowsErrors.notFound)) : quiet(after);
}

function partsOf(state: LabState, names: readonly (keyof LabState)[]): LabResult {
  return { kind: 'parts', parts: Object.fromEntries(names.map((name) => [name, state[name]])) };
}

function quiet(state: LabState, result: LabResult = { kind: 'done' }): Applied {
  return { state, reply: { result, carry: null }, started: [] };
}

function scheduled({
  state,
  started,
  result,
}: {
  readonly state: LabState;
  readonly started: readonly TaskStart[];
  readonly result: LabResult;
}): Applied {
  return { state, started, reply: { result, carry: null } };
}
