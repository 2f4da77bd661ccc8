// netsh.mjs <system root> [arguments]: netsh.exe of a lab. The lab answers; this passes on text and exit code.

import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';

const [systemRoot, ...args] = process.argv.slice(2);
const socket = createConnection(pipeAddress());
const pieces = [];
socket.on('data', (piece) => pieces.push(piece));
socket.on('data', (piece) => piece.includes(10) && answer(Buffer.concat(pieces).toString('utf8')));
socket.on('close', () => {
  // The lab's fault "die" ends whoever carries changes out: the engine that started this, named by the lab's modules.
  if (process.env.CERTREBIND_LAB_ENGINE !== undefined)
    process.kill(Number(process.env.CERTREBIND_LAB_ENGINE), 'SIGKILL');
  process.exit(1);
});
socket.on('error', (error) => fail(error.message));
socket.write(`${JSON.stringify({ id: 1, ask: 'lab', request: { kind: 'netsh', args } })}\n`);

function answer(line) {
  const { reply, error } = JSON.parse(line);
  if (error !== undefined) fail(error.message);
  const { result } = reply;
  if (result.kind !== 'netsh') fail(`the lab answered with ${result.kind}: ${result.message ?? ''}`);
  process.stdout.write(result.output, () => process.exit(result.exitCode));
  socket.removeAllListeners('close');
}

function pipeAddress() {
  const { folder, pipe } = JSON.parse(readFileSync(join(systemRoot, 'certrebind-lab.json'), 'utf8'));
  return pipe ?? JSON.parse(readFileSync(join(folder, 'serving.json'), 'utf8')).pipe;
}

function fail(why) {
  console.error(`Lab: netsh.exe: ${why}`);
  process.exit(1);
}
