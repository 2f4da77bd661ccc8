import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, createServer } from 'node:tls';
import { askGateway } from '../../../src/kinds/rd-gateway/in-tls.ts';
import { gatewayService } from '../../../src/kinds/rd-gateway/rd-gateway.ts';
import { sampleGatewayPort } from '../../../src/lab/host/sample-roles.ts';
import type { Endpoint } from '../../../src/model/certificates/handshake.ts';
import { needProgram } from '../../support/needed-program.ts';
import { makeCertificate } from '../../support/real-servers.ts';
import { serveRoles } from '../served-roles.ts';

const endpoint: Endpoint = { address: '0.0.0.0', port: sampleGatewayPort, serverName: null, startTls: 'rdg' };
const noGateway = 'RD Gateway does not support HTTP transport';

describe('a client of Remote Desktop Gateway that others wrote', () => {
  let roles: Awaited<ReturnType<typeof serveRoles>>;
  before(async function () {
    const untested = 'the answers of Remote Desktop Gateway';
    needProgram(this, { program: 'xfreerdp', asked: '--version', untested, from: 'freerdp2-x11' });
    needProgram(this, { program: 'Xvfb', asked: '-help', untested, from: 'xvfb' });
    roles = await serveRoles();
  });
  after(() => roles?.close());

  /** What it says until it gives up: nobody lets it in. It opens a display first. */
  async function asked(gateway: string): Promise<string> {
    const display = spawn('Xvfb', ['-displayfd', '1'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [number] = (await once(display.stdout, 'data')) as [Buffer];
      const account = ['/u:a', '/p:b', '/gu:a', '/gp:b'];
      const words = ['/v:desktop.example.com', `/g:${gateway}`, ...account, '/gt:http', '/cert:ignore'];
      const env = { ...process.env, DISPLAY: `:${number.toString().trim()}`, HOME: roles.folder };
      const started = spawn('xfreerdp', words, { env, stdio: ['ignore', 'pipe', 'ignore'] });
      return await text(started.stdout);
    } finally {
      display.kill();
      await once(display, 'close');
    }
  }

  it('finds a gateway at a served lab where our own question does', async () => {
    assert.doesNotMatch(await asked(roles.target(endpoint)), new RegExp(noGateway));
    assert.deepEqual(await roles.dialled(endpoint), ['served', null]);
  });

  it('finds none where its service does not run, as our own question does', async () => {
    await roles.perform({ kind: 'set-switch', name: 'gateway-down-status', position: '404' });
    await roles.perform({ kind: 'control-service', service: gatewayService, order: 'stop' });
    assert.match(await asked(roles.target(endpoint)), new RegExp(noGateway));
    assert.deepEqual(await roles.dialled(endpoint), [
      'unreachable',
      'Remote Desktop Gateway answers HTTP/1.1 404 Refused',
    ]);
  });

  it('asks with the method, the address and the headers of our own question', async () => {
    const requests: string[] = [];
    const { certificate, key } = makeCertificate(roles.folder, 'gateway');
    const [cert, secret] = [certificate, key].map((file) => readFileSync(file));
    const gateway = createServer({ cert, key: secret }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes) => {
        requests.push(bytes.toString('latin1'));
        socket.end('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n');
      });
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const { port } = gateway.address() as AddressInfo;
    await asked(`127.0.0.1:${port}`);
    const own = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(own, 'secureConnect');
    await askGateway(own, { ...endpoint, serverName: '127.0.0.1' });
    own.destroy();
    gateway.close();
    await once(gateway, 'close');
    const [theirs = [], ours = []] = requests.map(headersOf);
    // It asks for a web socket at once, and logs on with the first request.
    const more = ['connection', 'upgrade', 'sec-websocket-version', 'sec-websocket-key', 'authorization'];
    const common = (lines: readonly string[]) =>
      lines.filter((line) => !more.includes(line.split(':')[0] ?? '')).sort();
    assert.ok(theirs.length > 5, requests[0]);
    assert.deepEqual(common(ours), common(theirs));
  });
});

/** The request line, and its headers with their names in lower case; numbers that are made for each connection are left out. */
function headersOf(request: string): readonly string[] {
  const [line = '', ...headers] = request.split('\r\n\r\n')[0]?.split('\r\n') ?? [];
  return [
    line,
    ...headers.map((header) => {
      const [name = '', ...value] = header.split(':');
      return `${name.toLowerCase()}:${/-Id$/i.test(name) ? ' {…}' : value.join(':')}`;
    }),
  ];
}
