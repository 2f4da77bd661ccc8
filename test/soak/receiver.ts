import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMessage } from '../../src/engine/state/outbox.ts';
import { identityFor, openReceiver as openHttps } from '../session/notify/send/receivers.ts';
import { Broken } from './broken.ts';
import type { ReceiverAnswer } from './deeds.ts';

/** Results that are told outside. */
export const toldResults = ['rebound', 'partly-rebound', 'undone', 'partly-undone', 'needs-attention'] as const;

/** Receives what the program tells by its webhook, and looks after it: nothing lost, nothing under two ids. */
export interface Receiver {
  /** What the configuration says of it; the first two are names of secrets. */
  readonly url: string;
  readonly signingSecret: string;
  readonly ca: string;
  readonly secrets: Readonly<Record<string, string>>;
  answer(how: ReceiverAnswer): void;
  /** How many messages it was sent, and how many of them under an id that it knew. */
  received(): { readonly messages: number; readonly again: number };
  /** @throws Broken where one of these runs was told to nobody and does not wait either, or was told under two ids */
  check(runs: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

export async function openReceiver(home: string): Promise<Receiver> {
  let how: ReceiverAnswer = 202;
  const identity = await identityFor();
  const https = await openHttps(identity, () => how);
  const folder = join(home, 'ca');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ca = join(folder, 'receiver.pem');
  await writeFile(ca, identity.ca, { mode: 0o600 });
  const told = () =>
    https.posted.map(({ headers, body }) => ({ id: String(headers['webhook-id']), ...runOf(JSON.parse(body).data) }));
  return {
    url: 'secret:hook',
    signingSecret: 'secret:signing',
    ca,
    secrets: {
      hook: `https://localhost:${https.port}/hook`,
      signing: `whsec_${Buffer.from('a key of this soak').toString('base64')}`,
    },
    answer(answer) {
      how = answer;
    },
    received() {
      const messages = told();
      return { messages: messages.length, again: messages.length - new Set(messages.map(({ id }) => id)).size };
    },
    async check(runs) {
      const messages = [...told(), ...(await waiting(join(home, 'outbox')))];
      const ids = new Map<string, string>();
      for (const { id, run } of messages) {
        if (run === null) continue;
        const known = ids.get(run) ?? id;
        if (known !== id) throw new Broken('every run is told under one id', `${run}: ${known} and ${id}`);
        ids.set(run, id);
      }
      const lost = [...runs].filter((run) => !ids.has(run));
      if (lost.length > 0) throw new Broken('every run that changed something is told or waits to be', lost.join(', '));
    },
    close: https.close,
  };
}

function runOf({ run }: { readonly run: string | null }) {
  return { run };
}

async function waiting(outbox: string) {
  const names = await readdir(outbox).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).map((name) => join(outbox, name));
  return Promise.all(
    files.map(async (file) => {
      const { id, news } = parseMessage(await readFile(file, 'utf8'), file);
      return { id, ...runOf(news) };
    }),
  );
}
