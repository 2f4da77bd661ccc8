import type { Readers } from '../base/document.ts';
import { holdersNow } from '../kinds/what-left.ts';
import { ledgerOfEntries } from './earlier-ledger.ts';

/**
 * What earlier programs wrote, by document and number: each reader makes of a document of its number one of the next. That
 * of the newest number reads what was written under it before numbers were promises. Readers get any JSON, and what they
 * make is checked.
 */
export const earlier = {
  // What had nothing to do was done, or not begun.
  campaign: { 1: (written) => written },
  configuration: { 1: (written) => withWordsOfNow(written, configurationWords) },
  journal: { 2: (written) => withWordsOfNow(written, runWords) },
  ledger: { 1: ledgerOfEntries },
  message: {
    1: (written) => {
      const message = Object(withWordsOfNow(written, configurationWords));
      return { ...message, news: { advice: 'To see what is wrong: certrebind status', ...message.news } };
    },
  },
  outcome: { 2: (written) => withWordsOfNow(written, runWords) },
  'run-summary': { 1: (written) => withWordsOfNow(written, runWords) },
  setup: { 1: (written) => withWordsOfNow(written, { names: { proven: 'verified' } }) },
  snapshot: {
    // Places that are only reported now were among those that were changed.
    2: (written) => {
      const { holders, ...rest } = Object(written);
      return { ...rest, holders: Array.isArray(holders) ? holdersNow(holders) : holders };
    },
  },
  trigger: { 1: (written) => withWordsOfNow(written, configurationWords) },
} as const satisfies Readonly<Record<string, Readers>>;

/** Words that were renamed: names of properties, and values by the property that has them. */
interface Renamed {
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const proofs = { proven: 'verified', unproven: 'not-verified' };
const rollbacks = { 'putting-back': 'rolling-back', 'put-back': 'rolled-back', 'put-back-failed': 'rollback-failed' };

const runWords: Renamed = {
  names: { unproven: 'notVerified' },
  values: {
    state: { ...proofs, ...rollbacks },
    proof: proofs,
    type: rollbacks,
    reason: { 'not-ours': 'other-program' },
    code: {
      'swap-failed': 'replace-failed',
      'swap-without-effect': 'replace-without-effect',
      'deadline-swap': 'deadline-replace',
    },
  },
};

const configurationWords: Renamed = {
  values: {
    policy: { swap: 'replace' },
    action: { swap: 'replace' },
    on: { 'ends-soon': 'problem' },
    kind: { 'ends-soon': 'problem' },
  },
};

function withWordsOfNow(written: unknown, renamed: Renamed, property = ''): unknown {
  if (typeof written === 'string') return ownIn(ownIn(renamed.values, property), written) ?? written;
  if (Array.isArray(written)) return written.map((part) => withWordsOfNow(part, renamed, property));
  if (typeof written !== 'object' || written === null) return written;
  return Object.fromEntries(
    Object.entries(written).map(([name, part]) => [
      ownIn(renamed.names, name) ?? name,
      withWordsOfNow(part, renamed, name),
    ]),
  );
}

function ownIn<Value>(table: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
