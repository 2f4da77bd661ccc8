import type { Configuration } from '../../model/configuration.ts';
import type { News } from '../../model/news.ts';
import { messagesOf } from '../../plan/messages.ts';
import { outbox } from '../../state/outbox.ts';

/** Puts news into the outbox of this server, a file for each channel that wants it. */
export function postInto({
  home,
  configuration,
}: {
  readonly home: string | null;
  readonly configuration: Configuration;
}) {
  return async (news: News): Promise<void> => {
    if (home === null) return;
    const box = outbox(home);
    for (const message of messagesOf(news, configuration)) await box.put(message);
  };
}
