import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { errorCodes } from '../../base/codes/error-codes.ts';
import { CertRebindError, type ErrorDocument, errorDocument } from '../../base/errors.ts';
import { ChannelSilent } from '../client/server-over-channel.ts';
import type { HostReplies, HostRequest } from './host-requests.ts';
import { pipeFolderPrefix } from './owner.ts';

/**
 * The pipe of a lab: one line of JSON a message. A client sends `{ "id": 1, "ask": "lab", "request": { "kind": "read" } }`
 * and gets `{ "id": 1, "reply": … }`, or `{ "id": 1, "error": { "code", "message", "hint", "where" } }`. Requests are
 * carried out in the order of their arrival, and answers carry the number of their request.
 */
export interface PipeServer {
  readonly address: string;
  /** Accepts no new clients, and disconnects the present ones. */
  close(): Promise<void>;
}

/** What may happen instead of an answer: nothing ever, or the end of the connection. */
export type Answer = { readonly reply: HostReplies[keyof HostReplies] } | 'silence' | 'hang-up';

/** A short name: the path of a Unix socket ends at 108 bytes, in some systems earlier. */
export async function newPipeAddress(): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${pipeFolderPrefix}${randomUUID()}`;
  const folder = tmpdir().length < 60 ? tmpdir() : '/tmp';
  // In its own folder, which nobody else can enter.
  return join(await mkdtemp(join(folder, pipeFolderPrefix)), 'pipe');
}

export async function openPipe(
  address: string,
  answer: (request: HostRequest) => Promise<Answer>,
): Promise<PipeServer> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
    socket.on('error', () => socket.destroy());
    readLines(socket, (line) => void respond(socket, line, answer));
  });
  await startListening(server, address);
  return {
    address,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of clients) client.destroySoon();
      await closed;
      if (process.platform !== 'win32') await rm(dirname(address), { recursive: true, force: true });
    },
  };
}

async function respond(socket: Socket, line: string, answer: (request: HostRequest) => Promise<Answer>): Promise<void> {
  let id: number | null = null;
  try {
    const message: { readonly id: number } & HostRequest = JSON.parse(line);
    id = message.id;
    const given = await answer(message);
    if (given === 'silence') return;
    if (given === 'hang-up') socket.destroy();
    else socket.write(`${JSON.stringify({ id, reply: given.reply })}\n`);
  } catch (thrown) {
    socket.write(`${JSON.stringify({ id, error: errorDocument(thrown).error })}\n`);
  }
}

export interface PipeClient {
  ask<R extends HostRequest>(request: R): Promise<HostReplies[R['ask']]>;
  /** Whether the other end is still there. */
  readonly open: boolean;
  /** Resolves when the connection has ended, from either side. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * @param silenceMs after this long an answer is not waited for any more
 * @throws the system's error when nothing listens there
 */
export async function connectPipe(address: string, silenceMs: number): Promise<PipeClient> {
  const socket = await connect(address);
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let open = true;
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      open = false;
      for (const { give } of waiting.values()) give(new ChannelSilent('the lab hung up without an answer'));
      resolve();
    });
  });
  socket.on('error', () => socket.destroy());
  readLines(socket, (line) => {
    const message: Message = JSON.parse(line);
    waiting.get(message.id)?.take(message);
  });

  function ask<R extends HostRequest>(request: R): Promise<HostReplies[R['ask']]> {
    if (!open) return Promise.reject(new ChannelSilent('the lab has hung up'));
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const silent = new ChannelSilent(`the lab gave no answer for ${silenceMs / 1000} seconds`);
      const limit = setTimeout(() => give(silent), silenceMs);
      waiting.set(id, { take, give });
      socket.write(`${JSON.stringify({ id, ...request })}\n`);

      function take(message: Message): void {
        done();
        if (message.error === undefined) resolve(message.reply);
        else reject(rebuilt(message.error));
      }
      function give(error: Error): void {
        done();
        reject(error);
      }
      function done(): void {
        clearTimeout(limit);
        waiting.delete(id);
      }
    });
  }

  return {
    ask,
    get open() {
      return open;
    },
    closed,
    close: async () => {
      socket.end();
      socket.destroySoon();
      await closed;
    },
  };
}

interface Waiting {
  take(message: Message): void;
  give(error: Error): void;
}

interface Message {
  readonly id: number;
  /** Of the type that its question has. */
  readonly reply?: ReturnType<typeof JSON.parse>;
  readonly error?: ErrorDocument['error'];
}

function rebuilt(error: ErrorDocument['error']): Error {
  const known = errorCodes.find(({ code }) => code === error.code);
  if (known === undefined) return new Error(error.message);
  return new CertRebindError(known.code, {
    message: error.message,
    ...(error.hint === null ? {} : { hint: error.hint }),
    ...(error.where === null ? {} : { where: error.where }),
  });
}

function connect(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function startListening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function readLines(socket: Socket, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  socket.on('data', (bytes) => {
    const pieces = decoder.write(bytes).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      const line = [...parts, piece].join('');
      parts = [];
      onLine(line);
    }
    if (last !== '') parts.push(last);
  });
}
