import { connect as connectPlain, isIP, type Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { messageFrom, nullIfThrown } from '../base/errors.ts';
import { foreignText } from '../base/safe-text.ts';
import { type Certificate, inNoStore, parseCertificate } from '../model/certificates/certificate.ts';
import {
  type Endpoint,
  type Handshake,
  isInTls,
  isOverQuic,
  type Observation,
  whyNeverDialled,
} from '../model/certificates/handshake.ts';
import { coversHost } from '../model/certificates/host-name.ts';
import { sentChain } from '../model/certificates/served-chain.ts';
import type { DialTarget, Server } from './server.ts';
import { openings, packed, questions } from './start-tls.ts';

export interface HandshakeLimits {
  /** From the first connection to the served certificate, however many attempts are made. */
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Whether what was served is told too; runs do not store it. Absent for no. */
  readonly showsCertificate?: true;
}

/**
 * Dials endpoints of a server with real TLS handshakes. Only the served certificate matters, not whether it is trusted: the question is which certificate a client would get. A certificate counts as served once the server has
 * verified that it has the key of it.
 */
export function tlsHandshaker(
  { dial }: Pick<Server, 'dial'>,
  { timeoutMs, attempts, showsCertificate }: HandshakeLimits,
): (endpoint: Endpoint) => Promise<Observation> {
  const readServed = servedReader();
  return async (endpoint) => {
    const never = whyNeverDialled(endpoint);
    const target = never === null ? dial(endpoint) : { reachable: false as const, reason: never };
    const started = performance.now();
    const observe = (seen: Seen, made: number): Observation => ({
      handshake: { endpoint, ...seen.part, attempts: made, durationMs: Math.round(performance.now() - started) },
      covers: seen.covers,
      ...(seen.certificate !== undefined && showsCertificate === true ? { certificate: seen.certificate } : {}),
    });
    if (!target.reachable) return observe(nothing('skipped', target.reason), 0);
    if (target.answer !== undefined) return target.answer();
    dialler ??= import('node:tls').then(tcpDialler);
    const dialOnce = await dialler;
    const { seen, made } = await untilServed({ timeoutMs, attempts }, (ms) =>
      handshake(dialOnce, target, endpoint, ms, readServed),
    );
    return observe(seen, made);
  };
}

type Reachable = Extract<DialTarget, { reachable: true }>;

/** Dials once. The certificates that it tells are what the server sent after its own. Stopping is harmless at any time. */
type Dialler = (
  target: Reachable,
  endpoint: Endpoint,
  tell: { served(chain: readonly Buffer[]): void; failed(error: unknown): void },
) => { stop(): void };

/** Loaded late because loading takes long, and a start that finds nothing to do dials nothing; and once for all handshakes. */
let dialler: Promise<Dialler> | undefined;

const pauseMs = 100;

/** One attempt. A signal for each of them would cost a twentieth of the processor time of a verification. */
interface Attempt {
  readonly seen: Promise<Seen>;
  /** Harmless once it is over. */
  stop(): void;
}

/**
 * All attempts together have the time of one. A refused attempt is repeated after a short pause; an unanswered one
 * keeps waiting while the next one starts, so that a silent endpoint costs no more than one attempt.
 */
function untilServed(
  { timeoutMs, attempts }: HandshakeLimits,
  attempt: (timeoutMs: number) => Attempt,
): Promise<{ readonly seen: Seen; readonly made: number }> {
  return new Promise((resolve, reject) => {
    const begun: Attempt[] = [];
    const started = performance.now();
    const left = () => timeoutMs - (performance.now() - started);
    let waiting = 0;
    let over = false;
    let next: NodeJS.Timeout | undefined;
    function end(seen: Seen): void {
      over = true;
      clearTimeout(next);
      for (const one of begun) one.stop();
      resolve({ seen, made: begun.length });
    }
    function begin(): void {
      const one = attempt(left());
      begun.push(one);
      waiting++;
      if (begun.length < attempts) next = setTimeout(begin, timeoutMs / attempts);
      one.seen.then(judge, reject);
    }
    function judge(seen: Seen): void {
      waiting--;
      if (over) return;
      const pause = Math.min(pauseMs * begun.length, timeoutMs / attempts);
      if (seen.part.result === 'served') end(seen);
      else if (begun.length < attempts && left() > pause) {
        clearTimeout(next);
        next = setTimeout(begin, pause);
      } else if (waiting === 0) end(seen);
    }
    begin();
  });
}

interface Seen extends Pick<Observation, 'covers' | 'certificate'> {
  readonly part: Omit<Handshake, 'endpoint' | 'attempts' | 'durationMs'>;
}

function handshake(
  dial: Dialler,
  target: Reachable,
  endpoint: Endpoint,
  timeoutMs: number,
  readServed: ReadServed,
): Attempt {
  let end: (seen: Seen) => void = () => {};
  const seen = new Promise<Seen>((resolve) => {
    end = resolve;
  });
  const silent = nothing('unreachable', `no answer within ${Math.round(timeoutMs)} ms`);
  const timer = setTimeout(() => end(silent), timeoutMs);
  const dialled = dial(target, endpoint, {
    served: (chain) => end(served(chain, endpoint.serverName, readServed)),
    failed: (error) => end(failed(error)),
  });
  void seen.then(() => {
    clearTimeout(timer);
    dialled.stop();
  });
  return { seen, stop: () => end(nothing('unreachable', 'it answered another attempt')) };
}

/** Making the context costs more than everything else in a handshake on this side. */
function tcpDialler({ connect, createSecureContext }: typeof import('node:tls')): Dialler {
  // Old protocols and weak keys of a server are accepted, because otherwise its certificate would not be seen.
  const secureContext = createSecureContext({ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
  return ({ host, port }, endpoint, { served: tell, failed: fail }) => {
    const { serverName, startTls } = endpoint;
    const options: ConnectionOptions = {
      secureContext,
      // Nothing is sent or trusted; only the certificate is looked at.
      rejectUnauthorized: false,
      ...(serverName === null || isIP(serverName) !== 0 ? {} : { servername: serverName }),
    };
    let open: Socket | null = null;
    let isStopped = false;
    function listen<Opened extends Socket>(socket: Opened, failed: (error: unknown) => void = fail): Opened {
      open = socket;
      socket.once('close', () => failed(new Error('the connection was closed during the handshake')));
      return socket.on('error', failed);
    }
    function secure(over: ConnectionOptions): void {
      const socket = listen(connect({ ...over, ...options }));
      socket.once('secureConnect', () => {
        const sent = sentBy(socket);
        if (isInTls(startTls)) questions[startTls](socket, endpoint).then(() => tell(sent), fail);
        else tell(sent);
      });
    }
    if (startTls === undefined || isOverQuic(startTls) || isInTls(startTls)) secure({ host, port });
    else {
      const inside = packed[startTls];
      const socket = listen(connectPlain({ host, port }), inside === undefined ? fail : () => {});
      const refused = (error: unknown) => {
        if (inside === undefined) fail(error);
        else if (!isStopped) secure({ host, port, ALPNProtocols: [inside.strict] });
      };
      openings[startTls](socket, endpoint).then(() => secure({ socket: inside?.over(socket) ?? socket }), refused);
    }
    return {
      stop() {
        isStopped = true;
        open?.destroy();
      },
    };
  };
}

/** Node links the certificates of a handshake in the order in which they were sent, no matter who issued them. */
function sentBy(socket: TLSSocket): readonly Buffer[] {
  const sent: Buffer[] = [];
  for (let next = socket.getPeerX509Certificate(); next !== undefined; next = next.issuerCertificate)
    sent.push(next.raw);
  return sent;
}

/** Parses each certificate once: most endpoints of a server serve the same few. */
type ReadServed = (raw: Buffer) => Certificate;

function servedReader(): ReadServed {
  const known = new Map<string, Certificate>();
  return (raw) => {
    const bytes = raw.toString('latin1');
    const certificate = known.get(bytes) ?? parseCertificate(raw, { ...inNoStore, store: 'My' });
    known.set(bytes, certificate);
    return certificate;
  };
}

function served([own, ...others]: readonly Buffer[], serverName: string | null, readServed: ReadServed): Seen {
  if (own === undefined) return nothing('unreachable', 'no certificate was served');
  try {
    const certificate = readServed(own);
    const { thumbprint, notAfter } = certificate;
    // One that cannot be read has no issuer to follow.
    const above = others.flatMap((one) => nullIfThrown(() => readServed(one)) ?? []);
    const sent = sentChain(certificate, above);
    return {
      part: { result: 'served', thumbprint, notAfter, sent, reason: null },
      covers: serverName === null ? null : coversHost(certificate, serverName),
      certificate,
    };
  } catch (error) {
    return nothing('unreachable', `the served certificate cannot be read: ${foreignText(messageFrom(error))}`);
  }
}

function failed(error: unknown): Seen {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
    ? nothing('not-listening', 'nothing listens there')
    : nothing('unreachable', foreignText(messageFrom(error)));
}

function nothing(result: 'unreachable' | 'not-listening' | 'skipped', reason: string): Seen {
  return { part: { result, thumbprint: null, notAfter: null, reason }, covers: null };
}
