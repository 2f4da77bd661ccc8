import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import type { Endpoint } from '../../certificates/handshake.ts';
import { type CryptoStream, cryptoStream } from './crypto-stream.ts';
import { ackFrame, closeFrame, cryptoFrame, type Frame, framesIn, pingFrame } from './frames.ts';
import { initialKeys, type KeyPair } from './keys.ts';
import { isRetryFor, type Level, open, type Packet, packetsIn, seal, version1 } from './packets.ts';
import { tlsClient } from './tls-client.ts';

/** A datagram with an Initial packet has at least this size (RFC 9000, 14.1). */
const smallestInitial = 1200;
/** Until the first repetition of what may have been lost; each later one takes twice as long. */
const firstPauseMs = 250;

interface Space {
  keys: KeyPair | null;
  sent: number;
  readonly received: Set<number>;
  readonly stream: CryptoStream;
}

/**
 * A handshake over QUIC version 1: it ends when the server has verified that it has the key of its certificate, and leaves by
 * closing the connection. No data is sent. Repeats what gets lost until it is stopped.
 */
export function dialQuic(
  { host, port }: { readonly host: string; readonly port: number },
  { serverName, startTls }: Pick<Endpoint, 'serverName' | 'startTls'>,
  tell: { served(chain: readonly Buffer[]): void; failed(error: unknown): void },
): { stop(): void } {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const tls = tlsClient(serverName === null || isIP(serverName) !== 0 ? null : serverName, startTls ?? 'h3');
  const source = Buffer.alloc(0);
  let destination: Buffer = randomBytes(8);
  let token: Buffer = Buffer.alloc(0);
  const space = (keys: KeyPair | null): Space => ({ keys, sent: 0, received: new Set(), stream: cryptoStream() });
  const spaces: Readonly<Record<Level, Space>> = { initial: space(initialKeys(destination)), handshake: space(null) };
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  socket.on('error', fail);
  socket.on('message', (datagram) => {
    try {
      let asksForAck = false;
      for (const packet of packetsIn(datagram)) if (!isOver && take(packet)) asksForAck = true;
      if (asksForAck && !isOver) send();
    } catch (error) {
      fail(error);
    }
  });
  socket.connect(port, host, () => {
    if (!isOver) repeat(firstPauseMs);
  });

  /** What the server may not have received, and may go on after. */
  function repeat(pauseMs: number): void {
    send(spaces.handshake.keys === null ? cryptoFrame(0, tls.hello) : pingFrame);
    clearTimeout(timer);
    timer = setTimeout(() => repeat(2 * pauseMs), pauseMs);
  }

  /** Under the newest keys, since a client that has those of the handshake no longer uses the others. */
  function send(frame: Buffer = pingFrame, sent = () => {}): void {
    const type = spaces.handshake.keys === null ? 'initial' : 'handshake';
    const { keys, received } = spaces[type];
    if (keys === null) return;
    const payload = Buffer.concat([ackFrame(received), frame]);
    const number = spaces[type].sent++;
    const packet = (padding: number) =>
      seal(keys.client, { type, number, token, destination, source }, Buffer.concat([payload, Buffer.alloc(padding)]));
    const bare = packet(0);
    socket.send(type === 'initial' ? packet(Math.max(0, smallestInitial - bare.length)) : bare, sent);
  }

  /** Whether it asks for an acknowledgement. */
  function take(packet: Packet): boolean {
    const hasAnswered = spaces.initial.received.size > 0;
    switch (packet.type) {
      case 'negotiation':
        if (!hasAnswered && !packet.versions.includes(version1)) throw new Error('it does not speak version 1 of QUIC');
        return false;
      case 'retry':
        if (hasAnswered || token.length > 0 || !isRetryFor(destination, packet.bytes)) return false;
        ({ source: destination, token } = packet);
        spaces.initial.keys = initialKeys(destination);
        repeat(firstPauseMs);
        return false;
      case 'initial':
      case 'handshake':
        return takeProtected(packet, hasAnswered);
    }
  }

  function takeProtected(packet: Extract<Packet, { type: Level }>, hasAnswered: boolean): boolean {
    const { keys, received } = spaces[packet.type];
    const opened = keys === null ? null : open(keys.server, packet, Math.max(-1, ...received));
    if (opened === null || received.has(opened.number)) return false;
    received.add(opened.number);
    if (!hasAnswered) destination = Buffer.from(packet.source);
    const frames = framesIn(opened.payload);
    for (const frame of frames) if (!isOver) heed(packet.type, frame);
    return frames.some(({ type }) => type !== 'ack');
  }

  function heed(level: Level, frame: Frame): void {
    if (frame.type === 'close') throw new Error(closeText(frame));
    if (frame.type !== 'crypto') return;
    for (const message of spaces[level].stream.add(frame.offset, frame.bytes)) {
      if (level === 'initial') spaces.handshake.keys = tls.helloFrom(message);
      else {
        const chain = tls.next(message);
        if (chain !== null) end(() => tell.served(chain));
      }
    }
  }

  function fail(error: unknown): void {
    end(() => tell.failed(error));
  }

  function end(tellNow = () => {}): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    if (spaces.initial.received.size > 0) send(closeFrame(0), () => socket.close());
    else socket.close();
    tellNow();
  }

  return { stop: () => end() };
}

/** Codes from 0x100 on are alerts of TLS (RFC 9000, 20.1). */
function closeText({ code, reason }: Extract<Frame, { type: 'close' }>): string {
  const alert = code - 0x100;
  const told = alert >= 0 && alert < 0x100 ? (alerts[alert] ?? `alert ${alert} of TLS`) : `code ${code}`;
  return `it closed the connection: ${told}${reason === '' ? '' : ` (${reason})`}`;
}

const alerts: Readonly<Record<number, string>> = {
  40: 'handshake failure',
  80: 'internal error',
  112: 'it does not know the name',
  116: 'it requires a certificate of the client',
  120: 'it does not know the protocol',
};
