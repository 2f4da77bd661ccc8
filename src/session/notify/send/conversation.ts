import type { Socket } from 'node:net';
import type { ConversationLimits } from '../outbox-messages.ts';

export interface Conversation {
  /** Aborted at a limit. */
  readonly signal: AbortSignal;
  /** What comes over this socket counts, and it is closed when the conversation is over. */
  watch(socket: Socket): void;
}

const lookEveryMs = 20;

/**
 * A conversation that ends: when `talk` does, or at one of the limits. No socket is open after it.
 * @throws Error of `talk`, or one that says which limit was reached
 */
export async function withLimits<Result>(
  { timeMs, bytes }: ConversationLimits,
  who: string,
  talk: (conversation: Conversation) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController();
  const sockets = new Set<Socket>();
  const end = (why: string) => limit.abort(new Error(`${who} ${why}`));
  const timer = setTimeout(() => end('did not answer in time'), timeMs);
  const look = setInterval(() => {
    const said = [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    if (said > bytes) end('sent too much data');
  }, lookEveryMs);
  const limited = new Promise<never>((_, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason));
  });
  try {
    return await Promise.race([limited, talk({ signal: limit.signal, watch: (socket) => sockets.add(socket) })]);
  } finally {
    clearTimeout(timer);
    clearInterval(look);
    for (const socket of sockets) socket.destroy();
  }
}
