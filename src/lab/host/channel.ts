import { setTimeout as wait } from 'node:timers/promises';
import { isMissing } from '../../base/file-error.ts';
import { ChannelSilent, type LabChannel } from '../client/server-over-channel.ts';
import type { LabReply } from '../kernel/answers.ts';
import type { LabRequest } from '../kernel/requests.ts';
import { labFolder, loadLab, requireLab } from './folder.ts';
import { type HostReplies, type HostRequest, performOnHost } from './host-requests.ts';
import { openHost } from './lab-host.ts';
import { forgetOwner, isServing, type Ownership, readOwner, type ServingOwner, takeOwnership } from './owner.ts';
import { connectPipe, type PipeClient } from './pipe.ts';
import type { FrontListener } from './tls-front.ts';

/** A client of a lab: through the pipe while the lab is served, otherwise with its files under its lock. */
export interface OpenLab extends LabChannel {
  readonly folder: string;
  /** Everything the host can do, including the kernel's requests. */
  ask<R extends HostRequest>(request: R): Promise<HostReplies[R['ask']]>;
  /** Whether a process serves the lab, as found when it was opened. */
  isServed(): boolean;
  /** Where the server's addresses are reached, as told when the pipe was opened; none while it is not served. */
  listeners(): readonly FrontListener[];
  /** Asks for them again, after sites were changed through another client. */
  lookForListeners(): Promise<void>;
}

export interface OpenLabOptions {
  /** After this long without an answer from the pipe, the request counts as unanswered. */
  readonly silenceMs?: number;
}

/** @throws CertRebindError `not-a-lab` */
export async function openLab(folderGiven: string, { silenceMs = 120_000 }: OpenLabOptions = {}): Promise<OpenLab> {
  const folder = labFolder(folderGiven);
  requireLab(folder);
  let pipe: PipeClient | null = null;
  let listeners: readonly FrontListener[] = [];
  const owner = readOwner(folder);
  if (owner !== null && isServing(owner)) await connectTo(owner);

  async function ask<R extends HostRequest>(request: R): Promise<HostReplies[R['ask']]> {
    if (pipe?.open === true) return askThrough(pipe, request);
    while (true) {
      const taken = await takeOwnership(folder, { pid: process.pid, pipe: null });
      if (taken.got === 'ownership') return withFiles(request, taken.ownership);
      const client = await connectTo(taken.owner);
      if (client !== null) return askThrough(client, request);
    }
  }

  /** `null` if the process that served has ended or was killed: the pipe exists as long as its owner's file. */
  async function connectTo(server: ServingOwner): Promise<PipeClient | null> {
    try {
      pipe = await connectPipe(server.pipe, silenceMs);
      listeners = await pipe.ask({ ask: 'listeners' });
      return pipe;
    } catch (error) {
      pipe = null;
      listeners = [];
      if (!isGone(error)) throw error;
      forgetOwner(folder, server);
      return null;
    }
  }

  async function withFiles<R extends HostRequest>(request: R, ownership: Ownership): Promise<HostReplies[R['ask']]> {
    try {
      return await carryOut(folder, request);
    } finally {
      ownership.release();
    }
  }

  async function lookForListeners(): Promise<void> {
    if (pipe?.open === true) listeners = await pipe.ask({ ask: 'listeners' });
  }

  return {
    folder,
    ask,
    async send(request) {
      const reply = await ask({ ask: 'lab', request });
      // New bindings have listeners that are not known yet.
      if (movesListeners(request)) await lookForListeners();
      return reply;
    },
    isServed: () => pipe?.open === true,
    listeners: () => (pipe?.open === true ? listeners : []),
    lookForListeners,
    close: async () => {
      await pipe?.close();
    },
  };
}

function movesListeners(request: LabRequest): boolean {
  switch (request.kind) {
    case 'batch':
      return request.requests.some(movesListeners);
    case 'set-configuration':
    case 'add-site':
    case 'add-binding':
    case 'remove-site':
    case 'set-switch':
      return true;
    default:
      return false;
  }
}

/** Waits until the lab has really stopped, and not only until it was told to. */
async function askThrough<R extends HostRequest>(pipe: PipeClient, request: R): Promise<HostReplies[R['ask']]> {
  const reply = await pipe.ask(request);
  if (request.ask === 'stop') await pipe.closed;
  return reply;
}

/** One request on the files; no process starts tasks, listens or has to be stopped. */
async function carryOut<R extends HostRequest>(folder: string, request: R): Promise<HostReplies[R['ask']]>;
async function carryOut(folder: string, request: HostRequest): Promise<HostReplies[HostRequest['ask']]> {
  const contents = loadLab(folder);
  const host = openHost({ folder, contents, saved: contents, onStart: null });
  switch (request.ask) {
    case 'lab': {
      const reply = host.perform(request.request);
      await host.save();
      return carried(reply);
    }
    case 'listeners':
      return [];
    case 'stop':
      return null;
    default: {
      const reply = await performOnHost(host, request);
      await host.save();
      return reply;
    }
  }
}

async function carried(reply: LabReply): Promise<LabReply> {
  switch (reply.carry?.do) {
    case 'hang':
    case 'die':
      throw new ChannelSilent('the process that ran the request ended');
    case 'delay':
      await wait(reply.carry.ms);
      return reply;
    case undefined:
      return reply;
  }
}

function isGone(error: unknown): boolean {
  if (error instanceof ChannelSilent || isMissing(error)) return true;
  return error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET');
}
