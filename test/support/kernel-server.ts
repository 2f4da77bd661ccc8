import type { Account } from '../../src/kinds/snapshot.ts';
import {
  ChannelSilent,
  type IssueCertificate,
  type LabChannel,
  labServerFrom,
} from '../../src/lab/client/server-over-channel.ts';
import type { LabReply } from '../../src/lab/kernel/answers.ts';
import { applyRequest } from '../../src/lab/kernel/apply-request.ts';
import { thumbprintOf } from '../../src/lab/kernel/certificates.ts';
import type { LabState, TaskStart } from '../../src/lab/kernel/lab-state.ts';
import { parsedCertificate, sentWith } from '../../src/lab/kernel/parsed-certificates.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import type { Endpoint, Handshake, Observation } from '../../src/model/certificates/handshake.ts';
import { coversHost } from '../../src/model/certificates/host-name.ts';
import { sentChain } from '../../src/model/certificates/served-chain.ts';
import { toThumbprint } from '../../src/model/certificates/thumbprint.ts';
import type { Server } from '../../src/server/server.ts';

/** A lab in memory: a state that requests change, and nothing else. */
export interface Kernel {
  readonly state: LabState;
  now(): Date;
  /** Applies a request at once. Delays are not waited for: the reply carries them. */
  apply(request: LabRequest): LabReply;
  /** The processes to start because of what was applied since the last call. */
  takeStarts(): readonly TaskStart[];
}

export interface KernelOptions {
  readonly now?: () => Date;
}

export function createKernel(initial: LabState, { now = () => new Date() }: KernelOptions = {}): Kernel {
  let state = initial;
  let starts: readonly TaskStart[] = [];
  return {
    get state() {
      return state;
    },
    now,
    apply(request) {
      const applied = applyRequest(state, request, now().toISOString());
      state = applied.state;
      starts = [...starts, ...applied.started];
      return applied.reply;
    },
    takeStarts() {
      const taken = starts;
      starts = [];
      return taken;
    },
  };
}

/** The port to a lab in memory. A request that hangs or dies gives no answer, and at once. */
export function kernelServer(
  kernel: Kernel,
  { account, issue }: { readonly account: Account; readonly issue?: IssueCertificate },
): Server {
  return labServerFrom({
    channel: kernelChannel(kernel),
    account,
    ...(issue === undefined ? {} : { issue }),
    now: () => kernel.now(),
    dial: (endpoint) => ({
      reachable: true,
      host: 'lab.invalid',
      port: endpoint.port,
      answer: () => kernelHandshaker(kernel)(endpoint),
    }),
  });
}

export function kernelChannel(kernel: Kernel): LabChannel {
  return {
    async send(request) {
      const reply = kernel.apply(request);
      switch (reply.carry?.do) {
        case 'hang':
          throw new ChannelSilent('it hung');
        case 'die':
          throw new ChannelSilent('it ended in the middle of the request');
        case 'delay':
        case undefined:
          return reply;
      }
    },
    async close() {},
  };
}

/** A handshake that waits longer than this is given up. */
const patienceMs = 10_000;

/** Dials a lab in memory: what its wire would serve, with its faults. */
export function kernelHandshaker(kernel: Kernel): (endpoint: Endpoint) => Promise<Observation> {
  return async (endpoint) => {
    const { address, port, serverName, startTls: service } = endpoint;
    const { result, carry } = kernel.apply({
      kind: 'connect',
      address,
      port,
      serverName,
      ...(service === undefined ? {} : { service }),
    });
    const waitedMs = carry?.do === 'delay' ? carry.ms : 0;
    const unanswered = (carry !== null && carry.do !== 'delay') || waitedMs >= patienceMs;
    if (unanswered) return unreachable(endpoint, 'no answer in time', patienceMs);
    if (result.kind !== 'connection') return unreachable(endpoint, 'no connection', waitedMs);
    const { connection } = result;
    switch (connection.outcome) {
      case 'not-listening':
        return { handshake: handshake(endpoint, 'not-listening', 'nothing listens there', waitedMs), covers: null };
      case 'refused':
        return unreachable(endpoint, connection.why, waitedMs);
      case 'served':
        return served(kernel.state, endpoint, connection.thumbprint, waitedMs);
    }
  };
}

function served(state: LabState, endpoint: Endpoint, thumbprint: string, durationMs: number): Observation {
  const der = derOf(state, thumbprint);
  const certificate = der === null ? null : parsedCertificate(der, state);
  const { serverName } = endpoint;
  return {
    handshake: {
      ...handshake(endpoint, 'served', null, durationMs),
      thumbprint: toThumbprint(thumbprint),
      notAfter: certificate?.notAfter ?? null,
      ...(der === null || certificate === null
        ? {}
        : {
            sent: sentChain(
              certificate,
              sentWith(der, state).map((issuer) => parsedCertificate(issuer, state)),
            ),
          }),
    },
    // A certificate that nobody here knows (inspection in between) covers nothing.
    covers: serverName === null ? null : certificate !== null && coversHost(certificate, serverName),
  };
}

function derOf({ certificates, wire, centralStore }: LabState, thumbprint: string): string | null {
  const known = [...certificates, ...wire.loaded].find((entry) => entry.thumbprint === thumbprint);
  if (known !== undefined) return known.der;
  const file = centralStore.files.find(({ der }) => thumbprintOf(der) === thumbprint);
  return file?.der ?? null;
}

function unreachable(endpoint: Endpoint, reason: string, durationMs: number): Observation {
  return { handshake: handshake(endpoint, 'unreachable', reason, durationMs), covers: null };
}

function handshake(
  endpoint: Endpoint,
  result: Handshake['result'],
  reason: string | null,
  durationMs: number,
): Handshake {
  return { endpoint, result, thumbprint: null, notAfter: null, reason, attempts: 1, durationMs };
}
