import { isObject, without } from '../base/document.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { KindRules } from './kind-rules.ts';
import { nameInKey } from './record-key.ts';
import { makersCommand, reportedRules } from './reported/reported-kinds.ts';

/*
 * What earlier versions did and this one does not. What names it is read for ever: settings in configurations, policies of DSC
 * and values of Ansible; kinds of places in plans, runs, ledgers and captures.
 */

/** What a run of an earlier version wrote of a place, as far as it is still read. */
export interface LeftValue {
  readonly thumbprint: Thumbprint | null;
  readonly store: string;
}

/** A kind of place that earlier versions changed. */
interface LeftKindRules {
  /** Why nothing is changed there, as a sentence. */
  readonly why: string;
  /** How a person gives a place the certificate that a run of an earlier version took away. @param name what follows the kind in its key */
  byHand(name: string, before: LeftValue): ReturnType<typeof makersCommand>;
}

export type LeftKind = 'smb-quic' | 'file';

export const leftKinds: Readonly<Record<LeftKind, LeftKindRules>> = {
  file: {
    why: 'CertRebind no longer replaces certificate files.',
    byHand(name, before) {
      const path = 'path' in before ? `${before.path}` : name;
      const earlier = `${path}.certrebind-${before.thumbprint ?? '<thumbprint>'}`;
      return {
        command: `Copy-Item -LiteralPath '${earlier.replaceAll("'", "''")}' -Destination '${path.replaceAll("'", "''")}'`,
        besides: 'Do the same with the file of its key, if it has one, then have its program read them again.',
      };
    },
  },
  'smb-quic': {
    why: 'CertRebind no longer changes SMB over QUIC.',
    byHand: (name, { thumbprint }) =>
      makersCommand(reportedRules['smb-quic'], { detail: name, old: null, new: thumbprint }),
  },
};

/** A setting that has no effect any more. */
interface LeftSetting {
  /** Names joined by dots. */
  readonly setting: string;
  /** What became of it, as a sentence. */
  readonly why: string;
  /**
   * Keys of the places that were changed because of it, `smb-quic/` for all of a kind, none if there were no such places; `null`
   * where the value asks for nothing.
   */
  asks(value: unknown): readonly string[] | null;
}

const filesNow =
  'Let the ACME client of the program write its files, and a trigger restart it. What lies beside them as .certrebind-<thumbprint> holds earlier keys: delete it.';

const leftSettings: readonly LeftSetting[] = [
  {
    setting: 'files',
    why: `${leftKinds.file.why} ${filesNow}`,
    asks: (value) =>
      Array.isArray(value) && value.length > 0
        ? value.flatMap((one) => (isObject(one) && typeof one.name === 'string' ? `file/${one.name}` : []))
        : null,
  },
  {
    setting: 'holders.file',
    why: leftKinds.file.why,
    asks: (value) => (isObject(value) && value.restart !== undefined ? [] : null),
  },
  {
    setting: 'holders.smb-quic',
    why: `${leftKinds['smb-quic'].why} It reports each mapping that keeps an old certificate, with the command.`,
    asks: (value) => (isObject(value) && value.policy === 'replace' ? ['smb-quic/'] : null),
  },
  {
    setting: 'retire.delete',
    why: 'Deleting is for a person: certrebind retire --delete.',
    asks: (value) => (value === true ? [] : null),
  },
];

/** What a configuration asks for and does not get. */
export interface IgnoredSetting extends Omit<LeftSetting, 'asks'> {
  readonly places: readonly string[];
}

/** @param written a configuration as a person wrote it */
export function ignoredSettings(written: unknown): readonly IgnoredSetting[] {
  return leftSettings.flatMap(({ setting, why, asks }) => {
    const value = setting
      .split('.')
      .reduce<unknown>((owner, name) => (isObject(owner) ? owner[name] : undefined), written);
    const places = value === undefined ? null : asks(value);
    return places === null ? [] : [{ setting, why, places }];
  });
}

/** The same configuration with the settings that have an effect. */
export function withoutLeft(written: object): object {
  return leftSettings.reduce((left, { setting }) => without(left, setting.split('.')), written);
}

/** Why a setting cannot be set any more; `null` for one that can. */
export function whyLeft(key: string): string | null {
  return leftSettings.find(({ setting }) => `${key}.`.startsWith(`${setting}.`))?.why ?? null;
}

/** The kind that left to which a key belongs; `null` for none. */
export function leftKindOf(key: string): LeftKind | null {
  return kinds.find((kind) => key.startsWith(`${kind}/`)) ?? null;
}

export function isLeft(kind: string): kind is LeftKind {
  return Object.hasOwn(leftKinds, kind);
}

const kinds = Object.keys(leftKinds) as readonly LeftKind[];

/** What a person does about a place that a run of an earlier version changed; `null` for a place of today. */
export function leftByHand(
  key: string,
  before: LeftValue | null,
): { readonly detail: string; readonly command: string } | null {
  const kind = leftKindOf(key);
  if (kind === null) return null;
  const { why, byHand } = leftKinds[kind];
  const { thumbprint = null } = before ?? {};
  const { command, besides } = byHand(nameInKey(key), before ?? { thumbprint, store: '' });
  const used = `Before the run it used ${thumbprint ?? 'no certificate'}.`;
  return { detail: [why, used, ...(besides === null ? [] : [besides])].join(' '), command };
}

/** How such a place is compared in runs of earlier versions. */
export const leftRules: KindRules<LeftValue> = {
  differences: (wanted, found) => {
    const others = ({ thumbprint: _, store: _store, ...rest }: LeftValue) => JSON.stringify(rest);
    return others(wanted) === others(found) ? [] : ['options'];
  },
  withCertificate: (value, thumbprint, store) => ({ ...value, thumbprint, store }),
};

/** The places of a capture of an earlier version, as they are read today; certificate files are not looked at any more. */
export function holdersNow(captured: readonly unknown[]): readonly unknown[] {
  return captured.flatMap((one) => {
    if (!isObject(one) || !isObject(one.value)) return [one];
    if (one.kind === 'file') return [];
    const { name, thumbprint } = one.value;
    return one.kind === 'smb-quic' && typeof name === 'string' && typeof thumbprint === 'string'
      ? [{ kind: one.kind, key: one.key, value: { detail: name, hash: thumbprint } }]
      : [one];
  });
}
