import type { Socket } from 'node:net';

/** More than any server says before TLS; one that talks for ever is left. */
const mostBytes = 64 * 1024;

/** The lines that a server sends before TLS, one at a time. */
export interface Lines {
  /** The next line without its end. @throws Error when the server closes, or says too much */
  next(): Promise<string>;
  /** Stops reading; what comes from now on belongs to TLS. @throws Error when the server has said more already */
  end(): void;
}

export function readLines(socket: Socket): Lines {
  let text = '';
  let bytes = 0;
  let failure: Error | null = null;
  let wake = () => {};
  socket.on('data', onData).once('close', onClose);

  function onData(chunk: Buffer): void {
    bytes += chunk.length;
    text += chunk.toString('latin1');
    if (bytes > mostBytes) failure = new Error('it talks without an end before TLS');
    wake();
  }

  function onClose(): void {
    failure ??= new Error('the connection was closed before TLS');
    wake();
  }

  async function next(): Promise<string> {
    for (;;) {
      const end = text.indexOf('\n');
      if (end >= 0) {
        const line = text.slice(0, end).replace(/\r$/, '');
        text = text.slice(end + 1);
        return line;
      }
      if (failure !== null) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  function end(): void {
    socket.off('data', onData).off('close', onClose).pause();
    if (text !== '') throw new Error('it went on talking before TLS began');
  }

  return { next, end };
}
