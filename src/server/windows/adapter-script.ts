import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { isMissing } from '../../base/file-error.ts';
import { onWindows } from '../../kinds/kinds.ts';
import call from './adapter/call.ps1';
import change from './adapter/change.ps1';
import folders from './adapter/folders.ps1';
import holders from './adapter/holders.ps1';
import importing from './adapter/import.ps1';
import parts from './adapter/parts.ps1';
import readIis from './adapter/read-iis.ps1';
import readMachine from './adapter/read-machine.ps1';
import readRegistry from './adapter/read-registry.ps1';
import readStores from './adapter/read-stores.ps1';
import rehearse from './adapter/rehearse.ps1';
import reported from './adapter/reported.ps1';
import secrets from './adapter/secrets.ps1';
import serve from './adapter/serve.ps1';
import services from './adapter/services.ps1';
import written from './adapter/written.ps1';

/** The adapter as one script, in the order in which its parts build on one another. It is ASCII and syntax of 5.1. */
export const adapterText = [
  call,
  parts,
  readRegistry,
  readIis,
  readStores,
  readMachine,
  change,
  services,
  holders,
  ...Object.values(onWindows).map(({ script }) => script),
  importing,
  reported,
  written,
  rehearse,
  folders,
  secrets,
  serve,
].join('\n');

/** Put in by the bundler where the adapter was signed before it was packed. */
declare const ADAPTER_SIGNATURE: string | undefined;

/** The adapter as a file: its text and, in a signed program, the block that is its signature. */
export const adapterFileText = adapterText + (typeof ADAPTER_SIGNATURE === 'string' ? ADAPTER_SIGNATURE : '');

/** Its name beside the installed executable, where application control can allow it by signature or hash. */
export const adapterFileName = 'certrebind-adapter.ps1';

export interface AdapterScript {
  /** Where it can be started as a file; `null` where it lies in no place that only administrators can change. */
  readonly file: string | null;
  readonly text: string;
}

/**
 * The adapter's text, and the script where only administrators can change it: beside the installed executable, or for any
 * other program where its version would be installed. The file must be what was built into this program: the same text,
 * followed only by the comment that contains a signature.
 * @param folder where the installed executable lies
 * @param placed where this version would be installed
 * @throws CertRebindError `unsafe-folder` when another script lies beside the installed executable
 */
export function findAdapterScript(
  folder: string | null,
  { placed = null, text = adapterText }: { readonly placed?: string | null; readonly text?: string } = {},
): AdapterScript {
  if (folder === null && placed !== null) {
    const file = join(placed, adapterFileName);
    // That of another program of this version is left to it.
    return { file: isAdapter(readIfThere(file) ?? '', text) ? file : null, text };
  }
  const path = folder === null ? null : join(folder, adapterFileName);
  const found = path === null ? null : readIfThere(path);
  if (path === null || found === null) return { file: null, text };
  if (isAdapter(found, text)) return { file: path, text };
  throw new CertRebindError('unsafe-folder', {
    message: `${path} is not the adapter script of this version of CertRebind.`,
    hint: 'Find out who changed the file. Then install again.\nInstall:\n  certrebind install',
    where: path,
  });
}

function isAdapter(found: string, text: string): boolean {
  if (!found.startsWith(text)) return false;
  const added = found.slice(text.length).split(/\r\n|\r|\n/);
  return added.every((line) => /^(?:# [\x20-\x7e]*)?$/.test(line));
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw new CertRebindError('unsafe-folder', { message: `${path} cannot be read.`, where: path, cause: error });
  }
}
