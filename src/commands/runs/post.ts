import { messagesOf } from '../../findings/messages.ts';
import type { Configuration } from '../../model/documents/configuration.ts';
import type { News } from '../../model/documents/news.ts';
import { outbox } from '../../state/outbox.ts';
import type { StandingFiles } from '../../state/standing-files.ts';

interface Posting {
  readonly home: string | null;
  readonly configuration: Configuration;
  readonly standing: Pick<StandingFiles, 'listTriggers'>;
}

/** Puts news into the outbox of this server, a file for each channel and trigger that wants it. */
export function postInto({ home, configuration, standing }: Posting) {
  return async (news: News): Promise<void> => {
    if (home === null) return;
    const box = outbox(home);
    for (const message of messagesOf(news, configuration, await standing.listTriggers())) await box.put(message);
  };
}
