import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';

/**
 * The source checkout: the lab's PowerShell modules are in no package. Looked for above this program,
 * above the working folder, and where CERTREBIND_CHECKOUT says, for a program that was copied away.
 * @throws CertRebindError `no-server`
 */
export function findCheckout(env: NodeJS.ProcessEnv): string {
  const from = [env.CERTREBIND_CHECKOUT, process.argv[1], process.execPath, join(process.cwd(), '-')];
  for (const start of from) {
    if (start === undefined || start === '') continue;
    const found = start === env.CERTREBIND_CHECKOUT ? [resolve(start)] : foldersAbove(resolve(start));
    const checkout = found.find((folder) => existsSync(join(folder, ...modulesPath)));
    if (checkout !== undefined) return checkout;
  }
  throw new CertRebindError('no-server', {
    message: 'The Windows side of a lab needs a source checkout of CertRebind. None was found.',
    hint: 'Run the command inside a checkout, or set CERTREBIND_CHECKOUT.',
  });
}

/** Folder of the lab's PowerShell modules. */
export function labModules(checkout: string): string {
  return join(checkout, ...modulesPath);
}

/** Folder of the stand-ins for Windows' own programs. */
export function labSystem32(checkout: string): string {
  return join(checkout, ...home, 'system32');
}

const home = ['src', 'lab', 'windows'] as const;
const modulesPath = [...home, 'modules'] as const;

function foldersAbove(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...foldersAbove(above)];
}
