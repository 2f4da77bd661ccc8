import { defineGroup } from '../command-line/command.ts';
import { type Channel, channels, makeNews, mostMessages } from '../documents/news.ts';
import { clock, serverCommand } from '../session/session.ts';
import { outbox } from '../state/outbox.ts';
import { CertRebindError } from '../text/errors.ts';
import { whyRefused } from './deliver.ts';
import { messageOf } from './outbox-messages.ts';

const test = serverCommand({
  examples: [['notify test', 'Send a test message on every channel now']],
  build: (yargs) => yargs,
  async run(session, _args, invocation) {
    const { notify } = session.configuration;
    const set = channels.filter((channel) => notify[channel] !== undefined);
    if (set.length === 0)
      throw new CertRebindError('usage', {
        message: 'The configuration has no notify.mail and no notify.webhook, so no messages are sent.',
        hint: 'Add one to a configuration file, then run certrebind config set <file>.',
      });
    const { server } = await session.server.snapshot();
    const news = makeNews('test', server, {
      at: clock.now().toISOString(),
      run: null,
      names: [],
      headline: 'test message of CertRebind',
      advice: 'Nothing to do.',
      lines: [],
    });
    const told: { readonly channel: Channel; readonly accepted: boolean; readonly error: string | null }[] = [];
    for (const channel of set) {
      const error = await whyRefused(session, messageOf(news, channel));
      told.push({ channel, accepted: error === null, error });
    }
    const exitCode = told.every(({ accepted }) => accepted) ? 0 : 4;
    const waiting = session.home === null ? [] : await outbox(session.home).list();
    const document = {
      schema: 'certrebind/notified/1',
      exitCode,
      channels: told,
      waiting: waiting.map(({ id, channel, attempts, lastError, news: { kind, at } }) => {
        return { id, channel, kind, at, attempts, lastError };
      }),
    };
    invocation.shell.result(document, () => [...told.map(toldText), ...waitingText(waiting.length)].join('\n'));
    return exitCode;
  },
});

export const notify = defineGroup([
  {
    usage: 'test',
    summary: 'Send a test message on every channel, and show what waits in the outbox',
    load: async () => test,
  },
]);

function toldText({ channel, error }: { readonly channel: Channel; readonly error: string | null }): string {
  return error === null ? `${channel}: accepted.` : `${channel}: not accepted: ${error}`;
}

function waitingText(number: number): readonly string[] {
  if (number === 0) return [];
  const full =
    number < mostMessages
      ? []
      : ['The outbox is full. New messages are lost until some of these are accepted or a week old.'];
  return [`${number} in the outbox. CertRebind tries each again after the next runs, for a week.`, ...full];
}
