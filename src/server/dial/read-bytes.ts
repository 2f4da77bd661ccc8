import type { Socket } from 'node:net';

/** What a server sends before TLS, as so many bytes as are asked for. */
export interface Bytes {
  /** @throws Error when the server closes */
  next(count: number): Promise<Buffer>;
  /** Stops reading; what comes from now on belongs to TLS. @throws Error when the server has said more already */
  end(): void;
}

export function readBytes(socket: Socket): Bytes {
  let seen = Buffer.alloc(0);
  let isClosed = false;
  let wake = () => {};
  socket.on('data', onData).once('close', onClose);

  function onData(chunk: Buffer): void {
    seen = Buffer.concat([seen, chunk]);
    // One that talks without being asked is not listened to any longer.
    if (seen.length > mostBytes) socket.destroy();
    wake();
  }

  function onClose(): void {
    isClosed = true;
    wake();
  }

  async function next(count: number): Promise<Buffer> {
    while (seen.length < count) {
      if (isClosed) throw new Error('the connection was closed before TLS');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const taken = seen.subarray(0, count);
    seen = seen.subarray(count);
    return taken;
  }

  function end(): void {
    socket.off('data', onData).off('close', onClose).pause();
    if (seen.length > 0) throw new Error('it went on talking before TLS began');
  }

  return { next, end };
}

const mostBytes = 64 * 1024;
