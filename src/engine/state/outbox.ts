import { join } from 'node:path';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { validateMessage } from '../../documents/generated/validate-message.js';
import { type Message, mostMessages } from '../../documents/notification.ts';
import { parserOf } from '../../documents/parser-of.ts';
import { ensureFolder, listIfThere, readDocument, removeFile, writeFileAtomically, writing } from './files.ts';

/** Messages to be sent: one file each, until it is accepted or given up. */
export function outbox(home: string) {
  const folder = join(home, 'outbox');
  const fileOf = (id: string) => join(folder, `${id}.json`);
  const names = async () => (await listIfThere(folder)).filter((name) => /^[0-9a-f]{32}\.json$/.test(name)).sort();
  const read = (name: string) => readDocument(join(folder, name), parseMessage, 'Delete it. It will not be sent.');
  const all = async () => Promise.all((await names()).map((name) => asResult(() => read(name))));
  return {
    /** In the order of their names; a file that cannot be read is left in place. */
    list: async (): Promise<readonly Message[]> =>
      (await all()).flatMap((one) => (one === null || one instanceof CertRebindError ? [] : one)),
    damage: async () => (await all()).flatMap((one) => (one instanceof CertRebindError ? one : [])),
    /** Replaces one with the same id. `full`: new messages are dropped until some are gone. */
    async put(message: Message): Promise<'kept' | 'full'> {
      await ensureFolder(home);
      await ensureFolder(folder);
      const known = await names();
      if (known.length >= mostMessages && !known.includes(`${message.id}.json`)) return 'full';
      await writeFileAtomically(fileOf(message.id), `${JSON.stringify(message, null, 1)}\n`);
      return 'kept';
    },
    remove: (id: string) => writing(folder, () => removeFile(fileOf(id))),
  };
}

/** @throws CertRebindError `bad-document` or `other-version` */
export const parseMessage = parserOf<Message>('certrebind/message/1', validateMessage);
