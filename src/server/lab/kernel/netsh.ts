import { formatRecordKey, type KeyText, toRecordKey } from '../../../model/record-key.ts';
import { toThumbprint } from '../../../model/thumbprint.ts';
import { normaliseStore } from '../../../model/tls-record.ts';
import { whyNotBindable } from './certificates.ts';
import {
  defaultOptions,
  fieldsOf,
  findEntry,
  listEntries,
  putRecord,
  type RecordFields,
  removeRecord,
} from './http-sys.ts';
import { checkBits, flagBits } from './http-sys-bits.ts';
import type { LabState, RegistryEntry } from './lab-state.ts';
import { type NetshText, netshText } from './netsh-text.ts';
import { windowsErrors } from './windows-errors.ts';

export interface NetshAnswer {
  readonly state: LabState;
  readonly exitCode: number;
  readonly output: string;
}

/** What `netsh` would do with these arguments on this server (fidelity: netsh-texts, netsh-exit-codes). */
export function runNetsh(state: LabState, args: readonly string[], now: string): NetshAnswer {
  const text = netshText(state.switches['display-language']);
  const { verb, words } = netshCommand(args);
  switch (verb) {
    case 'show':
      return show(state, words, text);
    case 'add':
      return isHelp(words) ? answer(state, 0, usage('add', state, text)) : write('add', state, words, text, now);
    case 'update':
      if (!hasUpdate(state)) break;
      return isHelp(words) ? answer(state, 0, usage('update', state, text)) : write('update', state, words, text, now);
    case 'delete':
      return remove(state, words, text);
    case null:
      break;
  }
  return answer(state, 1, [`${text.commandNotFound}${args.join(' ')}.`]);
}

/** The command that the arguments name, and the words after it. */
export function netshCommand(args: readonly string[]): {
  readonly verb: 'show' | 'add' | 'update' | 'delete' | null;
  readonly words: readonly string[];
} {
  const [context, verb, object, ...words] = args;
  const known = (['show', 'add', 'update', 'delete'] as const).find((name) => name === verb?.toLowerCase());
  const named = context?.toLowerCase() === 'http' && object?.toLowerCase() === 'sslcert';
  return { verb: named ? (known ?? null) : null, words };
}

/** The record that the words after a command name; `null` when they name none. */
export function netshKey(words: readonly string[]): KeyText | null {
  for (const word of words) {
    const [name, value] = splitWord(word);
    const key = name === 'ccs' ? toRecordKey(`(central-store):${value}`) : isKeyName(name) ? toRecordKey(value) : null;
    if (key === null) continue;
    if (name === 'ipport' && key.table !== 'ip') return null;
    return formatRecordKey(key);
  }
  return null;
}

/** Whether this host's netsh knows `update sslcert`, and the parameters its `add sslcert` lists (fidelity: netsh-options). */
export function netshAbilities(state: LabState): { readonly update: boolean; readonly options: readonly string[] } {
  return { update: hasUpdate(state), options: knownOptions(state.osBuild).map(({ name }) => name) };
}

interface Option {
  readonly name: string;
  readonly value: string;
  /** First OS build whose netsh knows it. */
  readonly since: number;
  readonly apply: (fields: RecordFields, value: string) => RecordFields | null;
}

const options: readonly Option[] = [
  { name: 'appid', value: '<GUID>', since: 0, apply: (fields, appId) => withAppId(fields, appId) },
  { name: 'certhash', value: '<string>', since: 0, apply: (fields, hash) => withHash(fields, hash) },
  { name: 'certstorename', value: '<string>', since: 0, apply: (fields, store) => ({ ...fields, store }) },
  // Verifying is the default, and the bit switches it off.
  check('verifyclientcertrevocation', checkBits.noRevocation, 'disable'),
  check('verifyrevocationwithcachedclientcertonly', checkBits.cachedOnly, 'enable'),
  check('usagecheck', checkBits.noUsage, 'disable'),
  { name: 'revocationfreshnesstime', value: '<u-int>', since: 0, apply: withFreshness },
  { name: 'urlretrievaltimeout', value: '<u-int>', since: 0, apply: withUrlTimeout },
  {
    name: 'sslctlidentifier',
    value: '<string>',
    since: 0,
    apply: (fields, text) => ({ ...fields, ctlIdentifier: text }),
  },
  {
    name: 'sslctlstorename',
    value: '<string>',
    since: 0,
    apply: (fields, text) => ({ ...fields, ctlStoreName: text }),
  },
  flag('dsmapperusage', flagBits.dsMapper, 0),
  flag('clientcertnegotiation', flagBits.negotiateClientCertificate, 0),
  flag('reject', flagBits.reject, 14393),
  flag('disablehttp2', flagBits.disableHttp2, 14393),
  flag('disablequic', flagBits.disableQuic, 20348),
  flag('disablelegacytls', flagBits.disableLegacyTls, 17763),
  flag('disabletls12', flagBits.disableTls12, 20348),
  flag('disabletls13', flagBits.disableTls13, 20348),
  flag('disableocspstapling', flagBits.disableOcspStapling, 17763),
  flag('enabletokenbinding', flagBits.enableTokenBinding, 17763),
  flag('logextendedevents', flagBits.logExtendedEvents, 17763),
  flag('enablesessionticket', flagBits.enableSessionTicket, 20348),
  flag('disablesessionid', flagBits.disableSessionId, 26100),
];

/** Rows of `show sslcert` that newer systems print as `Set` or `Not Set`, in their order. */
const flagRows: readonly { label: keyof NetshText; bit: number; since: number }[] = [
  { label: 'http2', bit: flagBits.disableHttp2, since: 14393 },
  { label: 'quic', bit: flagBits.disableQuic, since: 20348 },
  { label: 'tls12', bit: flagBits.disableTls12, since: 20348 },
  { label: 'tls13', bit: flagBits.disableTls13, since: 20348 },
  { label: 'ocsp', bit: flagBits.disableOcspStapling, since: 17763 },
  { label: 'tokenBinding', bit: flagBits.enableTokenBinding, since: 17763 },
  { label: 'logExtended', bit: flagBits.logExtendedEvents, since: 17763 },
  { label: 'legacyTls', bit: flagBits.disableLegacyTls, since: 17763 },
  { label: 'sessionTicket', bit: flagBits.enableSessionTicket, since: 20348 },
  { label: 'sessionId', bit: flagBits.disableSessionId, since: 26100 },
  { label: 'cacheHello', bit: flagBits.cacheClientHello, since: 26100 },
];

/** `netsh http update sslcert` sits on a call that appeared with build 15063 (fidelity: netsh-update-presence). */
function hasUpdate({ osBuild, switches }: LabState): boolean {
  return osBuild >= 15063 || (osBuild >= 14393 && switches['netsh-update-on-2016'] === 'present');
}

function knownOptions(osBuild: number): readonly Option[] {
  return options.filter(({ since }) => osBuild >= since);
}

function show(state: LabState, words: readonly string[], text: NetshText): NetshAnswer {
  const title = [text.title, '-'.repeat(25), ''];
  const key = netshKey(words);
  if (words.length > 0 && key === null) return answer(state, 1, [text.badParameter]);
  const shown =
    key === null
      ? listEntries(state.httpSys)
      : [{ key, entry: findEntry(state.httpSys, key) }].flatMap(({ key, entry }) =>
          entry === null ? [] : [{ key, entry }],
        );
  if (shown.length === 0) return answer(state, 1, [...title, text.notFound]);
  return answer(state, 0, [...title, ...shown.flatMap(({ key, entry }) => [...block(state, key, entry, text), ''])]);
}

function block(state: LabState, key: KeyText, entry: RegistryEntry, text: NetshText): readonly string[] {
  const fields = fieldsOf(entry);
  const enabled = (on: boolean) => (on ? text.enabled : text.disabled);
  const identity =
    fields.thumbprint === null
      ? [row(text.appId, fields.appId)]
      : [
          row(text.hash, fields.thumbprint.toLowerCase()),
          row(text.appId, fields.appId),
          row(text.store, fields.store ?? text.none),
        ];
  return [
    keyRow(state, key, text),
    ...identity,
    row(text.revocation, enabled((fields.checkMode & checkBits.noRevocation) === 0)),
    row(text.cachedOnly, enabled((fields.checkMode & checkBits.cachedOnly) !== 0)),
    row(text.usage, enabled((fields.checkMode & checkBits.noUsage) === 0)),
    row(text.freshness, `${fields.freshnessSeconds}`),
    row(text.urlTimeout, `${fields.urlTimeoutMs}`),
    row(text.ctlIdentifier, fields.ctlIdentifier ?? text.none),
    row(text.ctlStore, fields.ctlStoreName ?? text.none),
    row(text.dsMapper, enabled((fields.flags & flagBits.dsMapper) !== 0)),
    row(text.negotiate, enabled((fields.flags & flagBits.negotiateClientCertificate) !== 0)),
    ...(state.osBuild >= 14393 ? [row(text.reject, enabled((fields.flags & flagBits.reject) !== 0))] : []),
    ...flagRows
      .filter(({ since }) => state.osBuild >= since)
      .map(({ label, bit }) => row(text[label], (fields.flags & bit) !== 0 ? text.set : text.notSet)),
    ...extendedProperties(state, text),
  ];
}

/** Shown by newer systems for every record; what changes them is not known. */
function extendedProperties({ osBuild }: LabState, text: NetshText): readonly string[] {
  if (osBuild < 20348) return [];
  const property = (id: number, ...rows: readonly string[]) => [
    ` ${text.extended}`,
    row(text.propertyId, `${id}`),
    ...rows,
  ];
  return [
    ...property(0, row(text.receiveWindow, '1048576')),
    ...property(1, row(text.maxPerFrame, '2796202'), row(text.maxPerMinute, '4294967295')),
    ...(osBuild < 26100 ? [] : [2, 3, 4].flatMap((id) => property(id))),
  ];
}

function keyRow({ switches }: LabState, key: KeyText, text: NetshText): string {
  const { table, port } = toRecordKey(key) ?? { table: 'ip', port: 0 };
  switch (table) {
    case 'ip':
      return row(text.ipPort, key);
    case 'sni':
      return row(text.hostnamePort, key);
    case 'ccs':
      return switches['netsh-central-store-text'] === 'own-label'
        ? row(text.centralStore, `${port}`)
        : row(text.hostnamePort, `*:${port}`);
  }
}

function row(label: string, value: string): string {
  return `    ${`${label} `.padEnd(29)}: ${value}`;
}

/**
 * Adds or updates. Server 2019 ends with 0 and does nothing where another build complains about a parameter (fidelity:
 * netsh-silent-failure); Server 2025 takes no explicit zero as a time (fidelity: netsh-zero).
 */
function write(
  verb: 'add' | 'update',
  state: LabState,
  words: readonly string[],
  text: NetshText,
  now: string,
): NetshAnswer {
  const complaint = state.osBuild === 17763 ? 0 : 1;
  const refuse = (error: 'badParameter' | 'alreadyExists' | 'notFound' | 'noLogonSession', exitCode: number) =>
    answer(state, exitCode, [
      `${verb === 'add' ? text.addFailed : text.updateFailed}${windowsErrors[error].code}`,
      text[error],
    ]);
  const key = netshKey(words);
  const existing = key === null ? null : findEntry(state.httpSys, key);
  const keepsUnnamed = verb === 'update' && state.switches['netsh-update-options'] === 'kept';
  let fields: RecordFields =
    existing === null
      ? { ...defaultOptions, thumbprint: null, store: null, appId: '' }
      : keepsUnnamed
        ? fieldsOf(existing)
        : { ...fieldsOf(existing), ...defaultOptions };
  for (const word of words) {
    const [name, value] = splitWord(word);
    if (isKeyName(name)) continue;
    const option = knownOptions(state.osBuild).find((candidate) => candidate.name === name);
    if (option === undefined) {
      return answer(state, complaint, [
        `${name}${text.invalidArgument}`,
        text.invalidSyntax,
        ...usage(verb, state, text),
      ]);
    }
    const zero = state.osBuild >= 26100 && option.value === '<u-int>' && Number(value) === 0;
    const next = zero ? null : option.apply(fields, value);
    if (next === null) return refuse('badParameter', complaint);
    fields = next;
  }
  if (key === null || fields.appId === '') return refuse('badParameter', complaint);
  if (verb === 'add' && existing !== null) return refuse('alreadyExists', 1);
  if (verb === 'update' && existing === null) return refuse('notFound', 1);
  const central = toRecordKey(key)?.table === 'ccs';
  if (central !== (fields.thumbprint === null)) return refuse('badParameter', complaint);
  const obstacle =
    fields.thumbprint === null ? null : whyNotBindable(state, fields.thumbprint, normaliseStore(fields.store), now);
  if (obstacle === windowsErrors.noLogonSession) return refuse('noLogonSession', 1);
  if (obstacle !== null) return refuse('badParameter', complaint);
  const httpSys = putRecord(state.httpSys, key, fields, state.switches);
  return answer({ ...state, httpSys }, 0, [verb === 'add' ? text.added : text.updated]);
}

function remove(state: LabState, words: readonly string[], text: NetshText): NetshAnswer {
  const key = netshKey(words);
  if (key === null || words.length !== 1) return answer(state, 1, [text.invalidSyntax]);
  if (findEntry(state.httpSys, key) === null) {
    return answer(state, 1, [`${text.deleteFailed}${windowsErrors.notFound.code}`, text.notFound]);
  }
  return answer({ ...state, httpSys: removeRecord(state.httpSys, key) }, 0, [text.deleted]);
}

function usage(verb: 'add' | 'update', state: LabState, text: NetshText): readonly string[] {
  const [appId, ...rest] = knownOptions(state.osBuild);
  const indent = ' '.repeat(8);
  return [
    `${text.usageTitle}${verb} sslcert hostnameport=<name:port> | ipport=<ipaddr:port> | ccs=<port>`,
    `${indent}${appId?.name}=${appId?.value}`,
    ...rest.map(({ name, value }) => `${indent}[${name}=${value}]`),
  ];
}

function isHelp(words: readonly string[]): boolean {
  return words.length === 1 && ['help', '?', '/?'].includes(words[0]?.toLowerCase() ?? '');
}

function isKeyName(name: string): boolean {
  return name === 'ipport' || name === 'hostnameport' || name === 'ccs';
}

function splitWord(word: string): readonly [name: string, value: string] {
  const at = word.indexOf('=');
  return at < 0 ? [word.toLowerCase(), ''] : [word.slice(0, at).toLowerCase(), word.slice(at + 1)];
}

function answer(state: LabState, exitCode: number, lines: readonly string[]): NetshAnswer {
  return { state, exitCode, output: `\r\n${lines.join('\r\n')}\r\n` };
}

function flag(name: string, bit: number, since: number): Option {
  return {
    name,
    value: 'enable|disable',
    since,
    apply: (fields, value) => {
      const on = switchWord(value);
      return on === null ? null : { ...fields, flags: withBit(fields.flags, bit, on) };
    },
  };
}

function check(name: string, bit: number, sets: 'enable' | 'disable'): Option {
  return {
    name,
    value: 'enable|disable',
    since: 0,
    apply: (fields, value) => {
      const on = switchWord(value);
      return on === null ? null : { ...fields, checkMode: withBit(fields.checkMode, bit, on === (sets === 'enable')) };
    },
  };
}

function withBit(bits: number, bit: number, on: boolean): number {
  return (on ? bits | bit : bits & ~bit) >>> 0;
}

function switchWord(value: string): boolean | null {
  const word = value.toLowerCase();
  return word === 'enable' || word === 'yes' ? true : word === 'disable' || word === 'no' ? false : null;
}

function withHash(fields: RecordFields, hash: string): RecordFields | null {
  const thumbprint = /^[0-9A-Fa-f]{40}$/.test(hash) ? toThumbprint(hash) : null;
  return thumbprint === null ? null : { ...fields, thumbprint };
}

function withAppId(fields: RecordFields, appId: string): RecordFields | null {
  return /^\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$/.test(appId)
    ? { ...fields, appId: appId.toLowerCase() }
    : null;
}

function withFreshness(fields: RecordFields, value: string): RecordFields | null {
  const freshnessSeconds = unsigned(value);
  if (freshnessSeconds === null) return null;
  const checkMode = withBit(fields.checkMode, checkBits.useFreshness, freshnessSeconds > 0);
  return { ...fields, freshnessSeconds, checkMode };
}

function withUrlTimeout(fields: RecordFields, value: string): RecordFields | null {
  const urlTimeoutMs = unsigned(value);
  return urlTimeoutMs === null ? null : { ...fields, urlTimeoutMs };
}

function unsigned(value: string): number | null {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  return number <= 0xffffffff ? number : null;
}
