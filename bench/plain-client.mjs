// plain-client.mjs <endpoints.json> <at once>: the least that a program in Node can do at endpoints it is given. It
// dials each once, with one context for all, and takes the certificate; nothing of it is parsed or kept. It prints the
// milliseconds that the handshakes took.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createSecureContext } from 'node:tls';

const [file, atOnce] = process.argv.slice(2);
const waiting = JSON.parse(readFileSync(file, 'utf8'));
const from = performance.now();
const secureContext = createSecureContext();

async function client() {
  for (let endpoint = waiting.pop(); endpoint !== undefined; endpoint = waiting.pop()) {
    const socket = connect({ ...endpoint, secureContext, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.getPeerX509Certificate();
    socket.destroy();
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, client));
console.log(performance.now() - from);
