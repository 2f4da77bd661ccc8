import type { RehearsalAct } from '../../documents/rehearsal.ts';
import type { ServerError } from '../../documents/runs/journal.ts';
import { type Holder, isTls, type NonTlsKind, recordsIn, thumbprintOf } from '../../kinds/holder.ts';
import type { RecordNow } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { NetshAbilities } from '../../kinds/snapshot.ts';
import { type CertificateBinding, withCertificate } from '../../kinds/tls/certificate-binding.ts';
import { keyOption, netshOptions } from '../../kinds/tls/netsh-options.ts';
import { productKey } from '../../model/windows/product.ts';
import { inexpressible, keyOfChange } from '../../server/change-facts.ts';
import type { OtherChange } from '../../server/local-file-changes.ts';
import type { Change, ChangeReport } from '../../server/server.ts';
import type { LabResult } from '../kernel/answers.ts';
import { nowFrom, requestsToPut } from '../kernel/holders/kinds.ts';
import type { LabCertificate } from '../kernel/lab-state.ts';
import type { LabRequest, WriteEvent } from '../kernel/requests.ts';

/** The requests for a change; or why there are none. */
export type Steps = readonly LabRequest[] | ServerError;

/** What has to be known before some changes can be turned into requests. */
export interface Known {
  readonly abilities: NetshAbilities;
  readonly records: ReadonlyMap<KeyText, RecordNow>;
  /** By friendly name: certificates issued for a rehearsal, whose keys the host keeps. */
  readonly issued: ReadonlyMap<string, LabCertificate>;
}

/** Below HKEY_LOCAL_MACHINE. */
const productsPath = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

/** The requests that carry out a change, in order. */
export function stepsFor(change: OtherChange, known: Known): Steps {
  switch (change.do) {
    case 'put': {
      const { wanted } = change;
      const steps = isTls(wanted) ? whatPutsRecord(change, wanted, known) : whatPuts(change, wanted, known);
      if ('code' in steps || change.expected === null) return steps;
      const is = { thumbprint: thumbprintOf(change.expected) };
      return [{ kind: 'if-holder', key: wanted.key, is, requests: steps }];
    }
    case 'remove':
      return [{ kind: 'if-holder', key: change.key, is: 'present', requests: [deletion(change.key)], otherwise: [] }];
    case 'register-task':
      return [{ kind: 'register-task', path: change.path, name: change.name, xml: change.xml, force: true }];
    case 'unregister-task':
      return [{ kind: 'unregister-task', path: change.path, name: change.name }];
    case 'set-task-enabled':
      return [{ kind: 'set-task-enabled', path: change.path, name: change.name, enabled: change.enabled }];
    case 'control-service':
      return [{ kind: 'control-service', service: change.service, order: change.order }];
    case 'log': {
      const { eventId, level, text, data } = change;
      return [{ kind: 'application-log', source: 'CertRebind', eventId, level, text, data }];
    }
    case 'enable-lifecycle-log':
      return [{ kind: 'enable-log', enabled: true }];
    case 'list-product':
      return [{ kind: 'write-registry', key: `${productsPath}\\${productKey}`, values: change.product.values }];
    case 'unlist-product':
      return [{ kind: 'remove-registry-key', key: `${productsPath}\\${productKey}` }];
    case 'remove-log-source':
      return [{ kind: 'remove-log-source', source: 'CertRebind' }];
    case 'archive-certificate':
      return [{ kind: change.do, thumbprint: change.thumbprint, archived: change.archived }];
    case 'delete-key':
      return [{ kind: change.do, thumbprint: change.thumbprint, own: true }];
    case 'delete-certificate':
      return [{ kind: 'remove-certificate', thumbprint: change.thumbprint, store: change.store }];
    case 'notify-renewal':
      return [renewalNotice(change.old, change.new)];
    case 'rehearse':
      return stepsForAct(change.act, known.issued);
  }
}

/** The report of a change from the results of its steps, the reading back being the last one. */
export function reportFor(change: Change, results: readonly LabResult[]): ChangeReport {
  const key = keyOfChange(change);
  const last = results.at(-1);
  const now = key === null || last === undefined ? null : nowFrom(key, last);
  return { do: change.do, error: complaint(change, results), now };
}

/**
 * Certificate bindings that are part of the holder come first, because clients get their certificate; they are rolled back if the
 * rest fails.
 */
function whatPuts({ expected }: Put, wanted: Holder<NonTlsKind>, { abilities, records }: Known): Steps {
  const own = requestsToPut(wanted, thumbprintOf(expected));
  const forth: LabRequest[] = [];
  const back: LabRequest[] = [];
  for (const record of recordsIn(wanted)) {
    const steps = writeThroughNetsh(record, abilities);
    if ('code' in steps) return steps;
    forth.push(...steps);
    const before = records.get(record.key);
    const again =
      before?.state === 'holds' ? writeThroughNetsh(before.holder.value, abilities) : [deletion(record.key)];
    if (!('code' in again)) back.push(...again);
  }
  return forth.length === 0 ? own : [{ kind: 'in-turn', requests: [...forth, ...own], back }];
}

type Put = Extract<Change, { do: 'put' }>;

function whatPutsRecord(
  { expected, through }: Put,
  { key, value: record }: Holder<'tls'>,
  { abilities, records }: Known,
): Steps {
  const { thumbprint, store } = record;
  if (expected === null || thumbprint === null) return writeThroughNetsh(record, abilities);
  if (through != null) {
    return [{ kind: 'binding-method', method: 'RebindSslCertificate', ...through, hash: thumbprint, store }];
  }
  const before = records.get(key);
  // What it holds is checked again, because others may have changed it since it was read.
  return before?.state === 'holds'
    ? writeThroughNetsh(withCertificate(before.holder.value, thumbprint, store), abilities)
    : [];
}

/** In place if this host's netsh can do it, otherwise deleted and made again; every option is named. */
function writeThroughNetsh(record: CertificateBinding, abilities: NetshAbilities): Steps {
  const error = inexpressible(record, abilities);
  if (error !== null) return error;
  const words = netshOptions(record, abilities.options).map(({ name, value }) => `${name}=${value}`);
  const addition = netsh('add', words);
  const replacement = abilities.update === true ? [netsh('update', words)] : [deletion(record.key), addition];
  return [{ kind: 'if-holder', key: record.key, is: 'present', requests: replacement, otherwise: [addition] }];
}

function deletion(key: KeyText): LabRequest {
  const { name, value } = keyOption(key);
  return netsh('delete', [`${name}=${value}`]);
}

function netsh(verb: 'add' | 'update' | 'delete', words: readonly string[]): LabRequest {
  return { kind: 'netsh', args: ['http', verb, 'sslcert', ...words] };
}

function removes(change: Change): boolean {
  const what = change.do === 'rehearse' ? change.act.act : change.do;
  return (
    what === 'unregister-task' ||
    what === 'unlist-product' ||
    what === 'remove-log-source' ||
    what === 'remove-site' ||
    what === 'delete-certificate' ||
    what === 'remove-certificate'
  );
}

/** The first error, in the server's words. */
function complaint(change: Change, results: readonly LabResult[]): ChangeReport['error'] {
  for (const result of results) {
    switch (result.kind) {
      case 'failed':
        // Something that does not exist needs no removal.
        if (removes(change) && result.hresult === 0x80070002) break;
        return { code: 'refused', message: result.message };
      case 'netsh':
        if (result.exitCode === 0) break;
        return { code: 'refused', message: result.output.trim().replace(/\s*\r?\n\s*/g, ' ') };
      case 'unmet':
        return {
          code: 'changed-meanwhile',
          message: `${keyOfChange(change)} has changed since the plan was made`,
        };
      case 'batch': {
        const inner = complaint(change, result.results);
        if (inner !== null) return inner;
        break;
      }
      default:
        break;
    }
  }
  return null;
}

/**
 * What a lab does for an act of a rehearsal; or why it does not.
 * @param issued by friendly name: certificates whose keys the host keeps
 */
export function stepsForAct(act: RehearsalAct, issued: ReadonlyMap<string, LabCertificate>): Steps {
  switch (act.act) {
    case 'add-site':
      return [{ kind: 'add-site', name: act.name, bindings: act.bindings }];
    case 'remove-site':
      return [{ kind: 'remove-site', name: act.name }];
    case 'add-certificate': {
      const certificate = issued.get(act.friendlyName);
      if (certificate === undefined) return { code: 'refused', message: 'nobody here issues certificates' };
      const { thumbprint } = certificate;
      return [
        { kind: 'add-certificate', certificate },
        { ...writer, eventId: 1006, action: 'Enroll', old: null, new: null, certificate: thumbprint },
      ];
    }
    case 'remove-certificate':
      return [{ kind: 'remove-certificate', thumbprint: act.thumbprint, store: act.store }];
  }
}

/** What tells that one certificate follows another. */
export function renewalNotice(old: string, successor: string): WriteEvent {
  return { ...writer, eventId: 1001, action: 'Replace', old, new: successor, certificate: null };
}

const writer = {
  kind: 'write-event',
  writtenBy: 'S-1-5-18',
  processName: 'powershell.exe',
  accountName: 'NT AUTHORITY\\SYSTEM',
} as const satisfies Partial<WriteEvent>;
