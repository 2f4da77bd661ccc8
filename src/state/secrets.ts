import { join } from 'node:path';
import { parseSecrets, type Secrets } from '../model/documents/secrets.ts';
import { CertRebindError } from '../model/text/errors.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { ensureFolder } from './folder.ts';
import { readDocument } from './reading.ts';

/** Values that no output, journal or capture ever holds, in one file that only administrators and SYSTEM can read. */
export interface SecretFile {
  /** In order. */
  names(): Promise<readonly string[]>;
  /** @throws CertRebindError `no-such-secret` */
  read(name: string): Promise<string>;
  write(name: string, value: string): Promise<void>;
  /** Whether there was one. */
  remove(name: string): Promise<boolean>;
}

export function secretFile(home: string): SecretFile {
  const file = join(home, 'secrets.json');
  const all = async (): Promise<Secrets['secrets']> =>
    (await readDocument(file, parseSecrets, 'Delete it, and set the secrets again with certrebind secret set.'))
      ?.secrets ?? {};
  const save = async (secrets: Secrets['secrets']) => {
    await ensureFolder(home);
    const document: Secrets = { schema: 'certrebind/secrets/1', secrets };
    await writeFileAtomically(file, `${JSON.stringify(document)}\n`);
  };
  return {
    names: async () => Object.keys(await all()).sort(),
    async read(name) {
      const value = (await all())[name];
      if (value !== undefined) return value;
      throw new CertRebindError('no-such-secret', { message: `There is no secret ${name} on this server.` });
    },
    write: async (name, value) => save({ ...(await all()), [name]: value }),
    async remove(name) {
      const { [name]: gone, ...rest } = await all();
      if (gone === undefined) return false;
      await save(rest);
      return true;
    },
  };
}
