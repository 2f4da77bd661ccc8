// Asks the lab behind a system root one thing, for a program that stands for one of Windows.

import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';

/** Calls back with the result of the request. */
export function askLab(program, systemRoot, request, tell) {
  const socket = createConnection(pipeAddress(systemRoot));
  const pieces = [];
  const fail = (why) => {
    console.error(`Lab: ${program}: ${why}`);
    process.exit(1);
  };
  socket.on('data', (piece) => {
    pieces.push(piece);
    if (!piece.includes(10)) return;
    const { reply, error } = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    if (error !== undefined) fail(error.message);
    tell(reply.result, fail);
    socket.removeAllListeners('close');
  });
  socket.on('close', () => {
    // The lab's fault "die" ends the process that carries changes out: the engine that started this, named by the lab's
    // modules.
    if (process.env.CERTREBIND_LAB_ENGINE !== undefined)
      process.kill(Number(process.env.CERTREBIND_LAB_ENGINE), 'SIGKILL');
    process.exit(1);
  });
  socket.on('error', (error) => fail(error.message));
  socket.write(`${JSON.stringify({ id: 1, ask: 'lab', request })}\n`);
}

function pipeAddress(systemRoot) {
  const { folder, pipe } = JSON.parse(readFileSync(join(systemRoot, 'certrebind-lab.json'), 'utf8'));
  return pipe ?? JSON.parse(readFileSync(join(folder, 'serving.json'), 'utf8')).pipe;
}
