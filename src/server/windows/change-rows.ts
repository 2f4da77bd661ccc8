import type { RehearsalAct } from '../../documents/rehearsal.ts';
import { type Holder, isTls, type NonTlsKind, recordsIn, thumbprintOf } from '../../kinds/holder.ts';
import { flagsOnRecord } from '../../kinds/iis/binding.ts';
import type { RecordNow } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { NetshAbilities } from '../../kinds/snapshot.ts';
import { type CertificateBinding, withCertificate } from '../../kinds/tls/certificate-binding.ts';
import { keyOption, netshOptions } from '../../kinds/tls/netsh-options.ts';
import type { SeenPlaces } from '../../kinds/tls/tables-in-rows.ts';
import { lifecycleLog } from '../../model/windows/lifecycle-event.ts';
import { productKey } from '../../model/windows/product.ts';
import type { Row } from '../../model/windows/rows.ts';
import { inexpressible } from '../change-facts.ts';
import type { OtherChange } from '../local-file-changes.ts';
import { type Change, type ChangeReport, serviceLimitMs } from '../server.ts';
import { rowToPut } from './holders.ts';

/** What has to be known before some changes can be turned into rows. */
export interface Known {
  readonly abilities: NetshAbilities;
  /** For changes that bypass IIS: the records as just read. */
  readonly records: ReadonlyMap<KeyText, RecordNow>;
  readonly places: SeenPlaces;
}

/** The row of one change for the adapter: kind and fields; or why there is none. */
export type Instructions = { readonly rows: readonly Row[] } | { readonly error: ChangeReport['error'] };

type Put = Extract<Change, { do: 'put' }>;

export function instructionsFor(change: OtherChange, known: Known): Instructions {
  switch (change.do) {
    case 'put':
      return isTls(change.wanted) ? putRecord(change, change.wanted, known) : putHolder(change, change.wanted, known);
    case 'remove':
      return { rows: isAbsent(change.key, known) ? [] : [deletion(change.key, '', known)] };
    case 'register-task':
      return { rows: [['register-task', change.path, change.name, change.xml]] };
    case 'unregister-task':
      return { rows: [['unregister-task', change.path, change.name]] };
    case 'set-task-enabled':
      return { rows: [[change.enabled ? 'enable-task' : 'disable-task', change.path, change.name]] };
    case 'control-service':
      return { rows: [['control-service', change.order, change.service, String(serviceLimitMs / 1000)]] };
    case 'log':
      return { rows: [['log', String(change.eventId), change.level, entryText(change)]] };
    case 'enable-lifecycle-log':
      return { rows: [['enable-log', lifecycleLog]] };
    case 'list-product': {
      const values = Object.entries(change.product.values);
      const fields = values.flatMap(([name, value]) => [
        name,
        typeof value === 'number' ? 'DWord' : 'String',
        `${value}`,
      ]);
      return { rows: [['list-product', productKey, ...fields]] };
    }
    case 'unlist-product':
      return { rows: [['unlist-product', productKey]] };
    case 'remove-log-source':
      return { rows: [['remove-log-source']] };
    case 'archive-certificate':
      return { rows: [[change.do, change.thumbprint, change.store, `${change.archived}`]] };
    case 'delete-key':
    case 'delete-certificate':
      return { rows: [[change.do, change.thumbprint, change.store]] };
    case 'notify-renewal':
      return { rows: [['notify-renewal', change.old, change.new]] };
    case 'rehearse':
      return { rows: [rowForAct(change.act)] };
  }
}

function rowForAct(act: RehearsalAct): Row {
  switch (act.act) {
    case 'add-site':
      return [act.act, act.name, ...act.bindings.flatMap(({ information, sslFlags }) => [information, `${sslFlags}`])];
    case 'remove-site':
      return [act.act, act.name];
    case 'add-certificate':
      return [act.act, act.name, act.friendlyName];
    case 'remove-certificate':
      return [act.act, act.thumbprint, act.store];
  }
}

/**
 * Certificate bindings that are part of the holder come first, because clients get their certificate; the adapter puts them back
 * if the rest fails.
 */
function putHolder({ expected }: Put, wanted: Holder<NonTlsKind>, known: Known): Instructions {
  const held = thumbprintOf(expected);
  const row = rowToPut(wanted, held);
  const records = recordsIn(wanted);
  if (records.length === 0) return { rows: [row] };
  const forth: Row[] = [];
  const back: Row[] = [];
  const after = { ...known, records: new Map() };
  for (const record of records) {
    const there = writeWhole(record, held ?? '', known);
    if ('error' in there) return there;
    forth.push(...there.rows);
    const before = known.records.get(record.key);
    if (before?.state === 'absent') {
      back.push(deletion(record.key, '', known));
      continue;
    }
    // What it was is not known, so that nothing could put it back.
    if (before?.state !== 'holds')
      return { error: { code: 'refused', message: `${record.key} could not be read before the change` } };
    const again = writeWhole(before.holder.value, '', after);
    if ('rows' in again) back.push(...again.rows);
  }
  return { rows: [[...row, ...counted(forth), ...counted(back)]] };
}

/** Rows of netsh in one row: how many, then each with the number of its fields. */
function counted(rows: readonly Row[]): Row {
  return [`${rows.length}`, ...rows.flatMap(([, ...fields]) => [`${fields.length}`, ...fields])];
}

function putRecord({ expected, through }: Put, { key, value: record }: Holder<'tls'>, known: Known): Instructions {
  const { thumbprint, store } = record;
  if (expected === null || thumbprint === null) return writeWhole(record, '', known);
  const held = thumbprintOf(expected);
  if (through != null) {
    const flags = flagsOnRecord(through.information, key).join(',');
    const row = ['replace', ...known.places.rowOf(key), held ?? '', through.information, flags, thumbprint, store];
    return { rows: [row] };
  }
  const now = known.records.get(key);
  if (now?.state !== 'holds' || now.holder.value.thumbprint !== held) {
    const message = `${key} has changed since the plan was made`;
    return { error: { code: 'changed-meanwhile', message } };
  }
  return writeWhole(withCertificate(now.holder.value, thumbprint, store), held ?? '', known);
}

/** In place if netsh can; otherwise deleted and made again. Every option is named (fidelity: netsh-update-options). */
function writeWhole(record: CertificateBinding, expected: string, known: Known): Instructions {
  const error = inexpressible(record, known.abilities);
  if (error !== null) return { error };
  if (isAbsent(record.key, known)) return { rows: [addition(record, known)] };
  if (known.abilities.update === true) return { rows: [netsh('update', record, expected, known)] };
  return { rows: [deletion(record.key, expected, known), addition(record, known)] };
}

export function addition(record: CertificateBinding, known: Known): Row {
  return netsh('add', record, '', known);
}

function deletion(key: KeyText, expected: string, known: Known): Row {
  const { name, value } = keyOption(key);
  return ['netsh', ...known.places.rowOf(key), expected, 'http', 'delete', 'sslcert', `${name}=${value}`];
}

function netsh(
  verb: 'add' | 'update',
  record: CertificateBinding,
  expected: string,
  { abilities, places }: Known,
): Row {
  const words = netshOptions(record, abilities.options).map(({ name, value }) => `${name}=${value}`);
  return ['netsh', ...places.rowOf(record.key), expected, 'http', verb, 'sslcert', ...words];
}

function isAbsent(key: KeyText, known: Known): boolean {
  return known.records.get(key)?.state === 'absent';
}

/** The event log accepts one text of at most 31,839 characters. */
function entryText({ text, data }: Extract<Change, { do: 'log' }>): string {
  const lines = Object.entries(data).map(([name, value]) => `${name}: ${value}`);
  return [text.slice(0, 30_000), ...(lines.length === 0 ? [] : ['']), ...lines].join('\r\n').slice(0, 31_000);
}
