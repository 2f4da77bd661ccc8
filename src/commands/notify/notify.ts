import { CertRebindError } from '../../base/errors.ts';
import { type Channel, channels, makeNotification, mostMessages } from '../../documents/notification.ts';
import { outbox } from '../../engine/state/outbox.ts';
import { whyRefused } from '../../session/notify/deliver.ts';
import { messageOf } from '../../session/notify/outbox-messages.ts';
import { clock, serverCommand } from '../../session/session.ts';
import { putSettings } from '../../session/setup/set-configuration.ts';
import { defineCommand, groupOf } from '../../shell/command.ts';
import { argument, needed } from '../../shell/options.ts';

const test = serverCommand({
  examples: [['notify test', 'Send a test message on every channel now']],
  async run(session) {
    const { notify } = session.configuration;
    const set = channels.filter((channel) => notify[channel] !== undefined);
    if (set.length === 0)
      throw new CertRebindError('usage', {
        message: 'The configuration has no notify.mail and no notify.webhook, so no messages are sent.',
        hint: 'To set up mail:\n  certrebind notify mail <host> --from <address> --to <address>',
      });
    const { server } = await session.server.snapshot();
    const news = makeNotification('test', server, {
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
    const lines = told.map(
      ({ channel, error }) => `${channel}: ${error === null ? 'accepted.' : `not accepted: ${error}`}`,
    );
    if (waiting.length > 0)
      lines.push(`${waiting.length} in the outbox. CertRebind tries each again after the next runs, for a week.`);
    if (waiting.length >= mostMessages)
      lines.push('The outbox is full. New messages are lost until some of these are accepted or a week old.');
    const document = {
      schema: 'certrebind/notified/1',
      exitCode,
      channels: told,
      waiting: waiting.map(({ id, channel, attempts, lastError, news: { kind, at } }) => {
        return { id, channel, kind, at, attempts, lastError };
      }),
    };
    return session.shell.result(document, () => lines.join('\n'), exitCode);
  },
});

const mail = defineCommand({
  examples: [
    ['notify mail mail.example.com --from web01@example.com --to ops@example.com,you@example.com', 'Then: notify test'],
  ],
  build: (yargs) =>
    yargs
      .positional('host', needed('The mail server or relay'))
      .option('from', { ...argument('Address of the sender'), demandOption: true })
      .option('to', { ...argument('Addresses of the recipients, with commas between them'), demandOption: true }),
  async run({ host, from, to, ...args }, invocation) {
    const settings = Object.entries({ server: host, from, to: to.split(',').map((each) => each.trim()) });
    const pairs = settings.map(([name, value]) => [`notify.mail.${name}`, JSON.stringify(value)] as const);
    const { file, configuration } = await putSettings(pairs, args, invocation);
    return invocation.shell.result(
      configuration,
      () =>
        `${file} has it now. certrebind notify test sends a message; other settings of mail: certrebind config set notify.mail.<setting> <value>.`,
    );
  },
});

export const notify = groupOf(
  ['mail <host>', 'Send mail through this server, from one address to others', mail],
  ['test', 'Send a test message on every channel, and show what waits in the outbox', test],
);
