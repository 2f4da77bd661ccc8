import { join } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { type MachineProtection, parseSecrets, type Secrets, type StoredSecret } from '../../documents/secrets.ts';
import { ensureFolder, readDocument, writeFileAtomically } from './files.ts';

export type SecretFile = ReturnType<typeof secretFile>;

/**
 * Values that no output, journal or capture ever contains, in one file that only administrators and SYSTEM can read.
 * @param protection absent on a server without one, where only the rights of the file protect values
 */
export function secretFile(home: string, protection: MachineProtection | undefined) {
  const file = join(home, 'secrets.json');
  const all = async (): Promise<Secrets['secrets']> =>
    (
      await readDocument(
        file,
        parseSecrets,
        'Delete it, then set each secret again.\nSet one:\n  certrebind secret set <name>',
      )
    )?.secrets ?? {};
  const save = async (secrets: Secrets['secrets']) => {
    await ensureFolder(home);
    const document: Secrets = { schema: 'certrebind/secrets/1', secrets };
    await writeFileAtomically(file, `${JSON.stringify(document)}\n`);
  };
  const stored = async (name: string, value: StoredSecret): Promise<StoredSecret> =>
    typeof value === 'string' && protection !== undefined ? { dpapi: await protection.protect(name, value) } : value;
  return {
    /** The names in order, and among them those that are stored unencrypted. */
    async known() {
      const secrets = await all();
      const names = Object.keys(secrets).sort();
      return { names, unencrypted: names.filter((name) => typeof secrets[name] === 'string') };
    },
    /** @throws CertRebindError `no-such-secret`, `secret-unreadable`, or what the protection throws */
    async read(name: string): Promise<string> {
      const value = (await all())[name];
      if (value === undefined)
        throw new CertRebindError('no-such-secret', { message: `There is no secret ${name} on this server.` });
      if (typeof value === 'string') return value;
      if (protection !== undefined) return protection.unprotect(name, value.dpapi);
      throw new CertRebindError('secret-unreadable', {
        message: `The secret ${name} was set on a Windows server, and can be read only there.`,
      });
    },
    /** Sets one, and encrypts those that are not yet. @throws CertRebindError as the protection does */
    async write(name: string, value: string): Promise<void> {
      const wanted = Object.entries<StoredSecret>({ ...(await all()), [name]: value });
      const done: [string, StoredSecret][] = [];
      for (const [each, given] of wanted) done.push([each, await stored(each, given)]);
      await save(Object.fromEntries(done));
    },
    /** Whether there was one. */
    async remove(name: string): Promise<boolean> {
      const { [name]: gone, ...rest } = await all();
      if (gone === undefined) return false;
      await save(rest);
      return true;
    },
  };
}
