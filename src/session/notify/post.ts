import type { Configuration } from '../../documents/configuration.ts';
import type { Notification } from '../../documents/notification.ts';
import { outbox } from '../../engine/state/outbox.ts';
import type { PersistentFiles } from '../../engine/state/persistent-files.ts';
import { messagesOf } from './outbox-messages.ts';

interface Posting {
  readonly home: string | null;
  readonly configuration: Configuration;
  readonly standing: Pick<PersistentFiles, 'listTriggers'>;
}

/**
 * Puts news into the outbox of this server, a file for each channel and trigger that wants it.
 * @returns how many of these messages found no place there
 */
export function postInto({ home, configuration, standing }: Posting) {
  return async (news: Notification): Promise<number> => {
    if (home === null) return 0;
    const box = outbox(home);
    let dropped = 0;
    for (const message of messagesOf(news, configuration, await standing.listTriggers()))
      if ((await box.put(message)) === 'full') dropped += 1;
    return dropped;
  };
}
