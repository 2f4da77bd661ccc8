import { constants } from 'node:crypto';
import { once } from 'node:events';
import { createServer, isIPv6, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, type SecureVersion, TLSSocket } from 'node:tls';
import { messageFrom } from '../../base/errors.ts';
import { implicitFtpPort } from '../../kinds/ftp/ftp.ts';
import { strictProtocol } from '../../kinds/sql/before-tls.ts';
import type { InTls } from '../../model/certificates/handshake.ts';
import { readServerName } from './client-hello.ts';
import { noTls, readyForTls, speakFtp, untilAuthTls } from './ftp-front.ts';
import { answerInTls, askedIn } from './in-tls-front.ts';
import { refuseLogin, secureInPackets, untilPrelogin } from './sql-front.ts';
import type { HasCredentials, Welcome } from './welcome.ts';

/** An address and port as the lab server names them; IPv6 without brackets. */
export interface FrontAddress {
  readonly address: string;
  readonly port: number;
  /** The protocol there, before TLS too unless it is the port of implicit FTPS; absent for the web. */
  readonly service?: 'ftp' | 'rdp' | 'tds' | 'ldap' | InTls | undefined;
}

/** Where such an address is really reached on this machine. */
export type FrontListener = FrontAddress &
  (
    | { readonly listening: true; readonly host: string; readonly localPort: number }
    | { readonly listening: false; readonly reason: string }
  );

export interface FrontHost extends HasCredentials {
  welcome(address: FrontAddress, serverName: string | null): Promise<Welcome>;
}

/** The TLS listeners of a lab, all on the loopback addresses with ports of the system's choice. */
export interface TlsFront {
  /** Opens listeners for addresses that have none yet. A listener stays open, so that it keeps its port. */
  listenOn(addresses: readonly FrontAddress[]): Promise<void>;
  listeners(): readonly FrontListener[];
  close(): Promise<void>;
}

export function openTlsFront(host: FrontHost): TlsFront {
  const listeners = new Map<string, { readonly listener: FrontListener; close(): Promise<void> | void }>();
  const sockets = new Set<Socket>();
  /** By what is sent, since issuers come and go. */
  const contexts = new Map<string, SecureContext>();
  const takeAll = takingAll();

  async function listenOn(addresses: readonly FrontAddress[]): Promise<void> {
    await Promise.all(
      addresses.map(async (address) => {
        const id = frontId(address);
        if (listeners.has(id)) return;
        listeners.set(id, {
          listener: { ...address, listening: false, reason: 'the listener is starting' },
          close() {},
        });
        listeners.set(id, await listen(address));
      }),
    );
  }

  async function listen(address: FrontAddress) {
    const loopback = isIPv6(address.address) ? '::1' : '127.0.0.1';
    try {
      const { localPort, close } = await listenOnTcp(loopback, (socket) => {
        keep(socket);
        takeAll(() => accept(socket, address));
      });
      return { listener: { ...address, listening: true, host: loopback, localPort } as const, close };
    } catch (error) {
      const reason = `this machine cannot listen on ${loopback} (${messageFrom(error)})`;
      return { listener: { ...address, listening: false, reason } as const, close() {} };
    }
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Clients may disconnect in the middle of a handshake; that is not an error.
    socket.on('error', () => socket.destroy());
  }

  function accept(socket: Socket, address: FrontAddress): void {
    if (socket.destroyed) return;
    socket.resume();
    if (address.service === 'ftp' && address.port !== implicitFtpPort) {
      const decided = untilAuthTls(socket).then((serverName) => host.welcome(address, serverName));
      answerInPlain(socket, address, decided, readyForTls, noTls);
      return;
    }
    if (address.service === 'rdp') {
      const decided = untilConnectionRequest(socket).then((asksForTls) =>
        asksForTls ? host.welcome(address, null) : ({ do: 'refuse' } as const),
      );
      answerInPlain(socket, address, decided, selectsTls, hasNoCertificate);
      return;
    }
    if (address.service === 'ldap') {
      const decided = untilAskedForTls(socket).then(() => host.welcome(address, null));
      answerInPlain(socket, address, decided, ldapAnswer(0), ldapAnswer(unavailable));
      return;
    }
    if (address.service === 'tds') {
      socket.once('data', (first: Buffer) => {
        socket.unshift(first);
        // A client of TDS 8 begins with TLS.
        if (first[0] === tlsHandshake) untilHello(socket, address);
        else speakSql(socket, address);
      });
      return;
    }
    untilHello(socket, address);
  }

  /** TDS 7: the server says that it encrypts, and the handshake, of TLS 1.2 at most, travels inside its packets. */
  function speakSql(socket: Socket, address: FrontAddress): void {
    untilPrelogin(socket)
      .then(() => host.welcome(address, null))
      .then((welcome) => {
        const secureContext = welcome.do === 'serve' ? contextFor(welcome.thumbprint, 'TLSv1.2') : null;
        if (welcome.do === 'hang') return;
        if (secureContext === null) socket.resetAndDestroy();
        else secureInPackets(socket, secureContext);
      })
      .catch(() => socket.destroy());
  }

  function untilHello(socket: Socket, address: FrontAddress): void {
    let seen = Buffer.alloc(0);
    socket.on('data', onData);

    function onData(bytes: Buffer): void {
      seen = Buffer.concat([seen, bytes]);
      const hello = readServerName(seen);
      if (hello === 'incomplete') {
        if (seen.length > longestHello) socket.destroy();
        return;
      }
      socket.off('data', onData);
      socket.pause();
      socket.unshift(seen);
      host.welcome(address, hello.serverName).then(
        (welcome) => greet(socket, address, welcome),
        () => socket.resetAndDestroy(),
      );
    }
  }

  /** Where the client asks for TLS first, and is told whether it can have it. */
  function answerInPlain(
    socket: Socket,
    address: FrontAddress,
    decided: Promise<Welcome>,
    ready: string | Buffer,
    refused: string | Buffer,
  ): void {
    decided
      .then((welcome) => {
        if (welcome.do === 'serve') socket.write(ready);
        if (welcome.do === 'refuse') socket.end(refused);
        else greet(socket, address, welcome);
      })
      .catch(() => socket.destroy());
  }

  function greet(socket: Socket, address: FrontAddress, welcome: Welcome): void {
    if (socket.destroyed || welcome.do === 'hang') return;
    const secureContext = welcome.do === 'serve' ? contextFor(welcome.thumbprint) : null;
    if (welcome.do !== 'serve' || secureContext === null) {
      socket.resetAndDestroy();
      return;
    }
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      ALPNProtocols: address.service === 'tds' ? [strictProtocol] : ['http/1.1'],
    });
    secured.on('error', () => socket.destroy());
    if (address.service === 'ftp') {
      // Data written before the handshake is over would keep the connection open after the client has gone.
      secured.once('secure', () => speakFtp(secured, address.port === implicitFtpPort));
      return;
    }
    if (address.service === 'tds') {
      secured.once('secure', () => refuseLogin(secured, true));
      return;
    }
    // A Remote Desktop client would log on now, which is not possible here. Reading on shows when the client
    // disconnects.
    if (address.service === 'rdp') {
      secured.resume();
      return;
    }
    // Enough of an answer for a browser or curl; the certificate matters, not the page.
    secured.once('data', (first: Buffer) => {
      const service = askedIn(first);
      if (service === null) secured.end(page(welcome.text));
      else
        host
          .welcome({ ...address, service }, null)
          .then((answer) => answerInTls(secured, service, first, answer))
          .catch(() => socket.destroy());
    });
  }

  function contextFor(thumbprint: string, maxVersion: SecureVersion = 'TLSv1.3'): SecureContext | null {
    const credentials = host.credentials(thumbprint);
    if (credentials === null) return null;
    const id = `${maxVersion} ${credentials.chain}`;
    const known = contexts.get(id);
    if (known !== undefined) return known;
    // Without tickets nothing is resumed: a resumed session would show no certificate, or the one from before a replacement.
    const context = createSecureContext({
      cert: credentials.chain,
      key: credentials.key,
      secureOptions: constants.SSL_OP_NO_TICKET,
      maxVersion,
    });
    contexts.set(id, context);
    return context;
  }

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    await Promise.all([...listeners.values()].map((one) => one.close()));
    listeners.clear();
  }

  return { listenOn, listeners: () => [...listeners.values()].map(({ listener }) => listener), close };
}

const longestHello = 64 * 1024;
const tlsHandshake = 0x16;

export function frontId({ address, port }: FrontAddress): string {
  return `${address} ${port}`;
}

/**
 * Node accepts one connection of a listener in each turn of its loop. Where a turn takes long, the last of many clients would
 * wait for as many turns: so what was taken is answered only after a turn in which nobody else came.
 */
function takingAll(): (answer: () => void) => void {
  let taken: (() => void)[] = [];

  function whenAllAreTaken(before: number): void {
    if (taken.length > before) {
      setImmediate(whenAllAreTaken, taken.length);
      return;
    }
    const all = taken;
    taken = [];
    for (const answer of all) answer();
  }

  return (answer) => {
    taken.push(answer);
    if (taken.length === 1) setImmediate(whenAllAreTaken, 0);
  };
}

async function listenOnTcp(host: string, accept: (socket: Socket) => void) {
  const server = createServer({ pauseOnConnect: true }, accept).listen({ host, port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('the listener has no port');
  return { localPort: address.port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

function page(text: string): string {
  const body = `${text}\n`;
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

/** Resolves with whether the client asked for TLS, once its connection request is complete; then stops reading. */
function untilConnectionRequest(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    socket.on('data', onData).once('close', onClose);

    function onClose(): void {
      reject(new Error('the client went away'));
    }

    function onData(bytes: Buffer): void {
      seen = Buffer.concat([seen, bytes]);
      const length = seen.length < 4 ? 4 : seen.readUInt16BE(2);
      if (seen.length < length || seen.length < 11) return;
      socket.off('data', onData).off('close', onClose).pause();
      // The negotiation request is the last eight bytes; before it a cookie may stand.
      const asked = seen.length >= 19 && seen[length - 8] === 1 ? seen.readUInt32LE(length - 4) : 0;
      resolve((asked & 3) !== 0);
    }
  });
}

/** Resolves when a client of LDAP has sent a request, which here can only be that for TLS; then stops reading. */
function untilAskedForTls(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('the client went away')));
    socket.once('data', (request: Buffer) => {
      socket.pause();
      if (request[0] === ldapMessage) resolve();
      else reject(new Error('it does not speak LDAP'));
    });
  });
}

const ldapMessage = 0x30;
/** Of LDAP: there is no usable certificate. */
const unavailable = 52;

/** The answer to the extended request, with each length in four bytes as Active Directory writes it (RFC 4511, 4.12). */
function ldapAnswer(result: number): Buffer {
  return Buffer.from([0x30, 0x84, 0, 0, 0, 16, 2, 1, 1, 0x78, 0x84, 0, 0, 0, 7, 0x0a, 1, result, 4, 0, 4, 0]);
}

/** TLS with CredSSP, as a server with network level authentication selects it. */
const selectsTls = Buffer.from('030000130ed000000000000200080002000000', 'hex');
/** SSL_CERT_NOT_ON_SERVER. */
const hasNoCertificate = Buffer.from('030000130ed000000000000300080003000000', 'hex');
