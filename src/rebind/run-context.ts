import { randomBytes } from 'node:crypto';
import type { Invocation } from '../command-line/command.ts';
import type { RunContext } from '../run/context.ts';
import { tlsHandshaker } from '../server/handshake.ts';
import { clock, type Session } from '../session/session.ts';
import { postInto } from '../tell/post.ts';

/** What a run gets of a session. */
export function runContext(session: Session, { shell }: Invocation): RunContext {
  return {
    server: session.server,
    state: session.state,
    clock,
    newRunId: () => newRunId(clock.now()),
    pid: process.pid,
    handshake: tlsHandshaker(session.server, session.configuration.handshake),
    report: shell.progress,
    post: postInto(session),
    signal: shell.interruptible(),
  };
}

/**
 * The name of a run: its start in UTC to the millisecond, and a random part. It shows people when a run began by the
 * clock of that time; the state folder knows the order of runs.
 */
export function newRunId(now: Date): string {
  const [date = '', time = ''] = now.toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.replace(/[:.Z]/g, '')}-${randomBytes(2).toString('hex')}`;
}
