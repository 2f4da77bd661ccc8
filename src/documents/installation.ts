import type { Sha256, Time } from '../base/document.ts';
import { compareText } from '../base/order.ts';
import { validateInstalled } from './generated/validate-installed.js';
import { parserOf } from './parser-of.ts';

/** What `install` records about the files that it put in place. */
export interface Installed {
  readonly schema: 'certrebind/installed/1';
  /** @maxLength 100 */
  readonly version: string;
  readonly at: Time;
  /** @maxItems 1000 */
  readonly files: readonly InstalledFile[];
  /**
   * The file that tasks start, by its name in the list; absent until a version is in use.
   * @maxLength 200
   */
  readonly program?: string;
}

export interface InstalledFile {
  /**
   * Below the folder, with `/` between its parts.
   * @pattern ^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$
   * @maxLength 200
   */
  readonly name: string;
  /** Of a script without the signature behind it. */
  readonly sha256: Sha256;
}

/** Beside the program. */
export const installedFileName = 'installed.json';

/**
 * A program that was running when it was replaced or removed; the next install or uninstall after it ends removes it.
 */
export const replacedEnding = '.replaced';

export const parseInstalled = parserOf<Installed>('certrebind/installed/1', validateInstalled);

/** What `install` prints. */
export interface Installation {
  readonly schema: 'certrebind/install/1';
  readonly folder: string;
  readonly version: string;
  /** The version that was there before; `null` when there was none. */
  readonly previous: string | null;
  /** Files that were written; empty if everything was in place already. */
  readonly changed: readonly string[];
  /** Files of the previous version that this one does not have. */
  readonly removed: readonly string[];
  /** Folders of the modules in place, one for each PowerShell that looks there. */
  readonly modules: readonly string[];
  /** With which DSC v3 finds the program: by itself, or once the folder is in the path. */
  readonly dscManifest: { readonly file: string; readonly needsPath: boolean };
  readonly warnings: readonly string[];
}

/** What `uninstall` prints. */
export interface Uninstallation {
  readonly schema: 'certrebind/uninstall/1';
  readonly folder: string;
  readonly removed: readonly string[];
  /** Folders of modules that were removed. */
  readonly modules: readonly string[];
  /** Tasks of IIS Manager that `enable --replace-native` had disabled, and that are enabled again. */
  readonly restored: readonly string[];
  /** What could not be removed, or does not belong to this program. */
  readonly left: readonly string[];
  /** The state folder that stays; `null` when it was removed, or there was none. */
  readonly state: string | null;
  /** The state folder whose content was removed; `null` without `--purge`, or when there was none. */
  readonly purged: string | null;
  readonly warnings: readonly string[];
}

/**
 * Orders versions as semver.org does, ignoring build numbers: a pre-release is older than its release. A text that is
 * no version is older than everything, so that it can always be replaced.
 */
export function compareVersions(a: string, b: string): number {
  return compareText(sortable(a), sortable(b));
}

/**
 * A text in whose order versions stand. In a pre-release numbers, by their length first, come before words, and what is
 * shorter comes first; a release comes after all of them.
 */
function sortable(version: string): string {
  const found = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(version);
  if (found === null) return '';
  const [, major = '', minor = '', patch = '', preRelease] = found;
  const parts = [major, minor, patch, ...(preRelease?.split('.') ?? [])];
  return [...parts.map(sortablePart), preRelease === undefined ? '~' : ''].join(' ');
}

function sortablePart(part: string): string {
  const digits = /^0*(\d*)$/.exec(part)?.[1];
  return digits === undefined ? part : `${String(digits.length).padStart(9)}${digits}`;
}
