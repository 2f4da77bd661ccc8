import type { Duplex } from 'node:stream';

/** More than any server sends before TLS; a server that never stops is dropped. */
const mostBytes = 64 * 1024;

/** What a server sends before TLS, a piece at a time. */
export interface BeforeTls {
  /** This many bytes. @throws Error when the server closes, or sends too much */
  bytes(count: number): Promise<Buffer>;
  /** The next line without its end. @throws Error when the server closes, or sends too much */
  line(): Promise<string>;
  /** Stops reading; everything from now on belongs to TLS. @throws Error when the server has sent more already */
  end(): void;
}

/** @param when for people, where in the dialogue it is */
export function readBeforeTls(socket: Duplex, when = 'before TLS'): BeforeTls {
  let seen = Buffer.alloc(0);
  let said = 0;
  let failure: Error | null = null;
  let wake = () => {};
  socket.on('data', onData).once('close', onClose);

  function onData(chunk: Buffer): void {
    seen = Buffer.concat([seen, chunk]);
    said += chunk.length;
    if (said > mostBytes) failure = new Error(`it sent too much data ${when}`);
    wake();
  }

  function onClose(): void {
    failure ??= new Error(`the connection was closed ${when}`);
    wake();
  }

  /** @param lengthOf the length of the piece in the bytes so far; `null` while it is incomplete */
  async function next(lengthOf: (seen: Buffer) => number | null): Promise<Buffer> {
    for (;;) {
      const length = lengthOf(seen);
      if (length !== null) {
        const piece = seen.subarray(0, length);
        seen = seen.subarray(length);
        return piece;
      }
      if (failure !== null) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function line(): Promise<string> {
    const piece = await next((bytes) => (bytes.includes('\n') ? bytes.indexOf('\n') + 1 : null));
    return piece.toString('latin1').replace(/\r?\n$/, '');
  }

  function end(): void {
    socket.off('data', onData).off('close', onClose).pause();
    if (seen.length > 0) throw new Error('it sent unexpected data before TLS');
  }

  return { bytes: (count) => next((bytes) => (bytes.length < count ? null : count)), line, end };
}
