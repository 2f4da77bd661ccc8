import { toRecordKey } from '../../kinds/record-key.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import { whyNotBindable } from './certificates.ts';
import { defaultOptions, fieldsOf, findEntry, putRecord, type RecordFields, removeRecord } from './http-sys.ts';
import type { LabState } from './lab-state.ts';
import { answer, isKeyName, type NetshAnswer, netshCommand, netshKey, splitWord } from './netsh-command.ts';
import { hasUpdate, knownOptions } from './netsh-options.ts';
import { show } from './netsh-show.ts';
import { type NetshText, netshText } from './netsh-text.ts';
import { windowsErrors } from './windows-errors.ts';

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

/**
 * Adds or updates. Server 2019 ends with 0 and does nothing if another build complains about a parameter (fidelity:
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
