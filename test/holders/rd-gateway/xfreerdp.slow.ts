import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, createServer } from 'node:tls';
import type { Endpoint } from '../../../src/certificates/handshake.ts';
import { askGateway } from '../../../src/holders/rd-gateway/in-tls.ts';
import { gatewayService } from '../../../src/holders/rd-gateway/rd-gateway.ts';
import { type LabServer, openLabServer } from '../../../src/lab/client/lab-server.ts';
import { type OpenLab, openLab } from '../../../src/lab/host/channel.ts';
import { sampleGatewayPort } from '../../../src/lab/host/sample-roles.ts';
import { type ServingLab, serveLab } from '../../../src/lab/host/serve.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import { needProgram } from '../../support/needed-program.ts';
import { makeCertificate } from '../../support/real-servers.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const endpoint: Endpoint = { address: '0.0.0.0', port: sampleGatewayPort, serverName: null, startTls: 'rdg' };
const noGateway = 'RD Gateway does not support HTTP transport';

describe('a client of Remote Desktop Gateway that others wrote', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let serving: ServingLab;
  let { server }: Partial<LabServer> = {};
  let client: OpenLab;
  before(async function () {
    const untested = 'the answers of Remote Desktop Gateway';
    needProgram(this, { program: 'xfreerdp', asked: '--version', untested, from: 'freerdp2-x11' });
    needProgram(this, { program: 'Xvfb', asked: '-help', untested, from: 'xvfb' });
    lab = await temporaryLab({ holders: true });
    serving = await serveLab(lab.folder);
    ({ server } = await openLabServer(lab.folder));
    client = await openLab(lab.folder);
  });
  after(async () => {
    await client?.close();
    await server?.close();
    await serving?.close();
    await lab?.remove();
  });

  /** What it says until it gives up: nobody lets it in. It opens a display first. */
  async function asked(gateway: string): Promise<string> {
    const display = spawn('Xvfb', ['-displayfd', '1'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [number] = (await once(display.stdout, 'data')) as [Buffer];
      const account = ['/u:a', '/p:b', '/gu:a', '/gp:b'];
      const words = ['/v:desktop.example.com', `/g:${gateway}`, ...account, '/gt:http', '/cert:ignore'];
      const env = { ...process.env, DISPLAY: `:${number.toString().trim()}`, HOME: lab.folder };
      const started = spawn('xfreerdp', words, { env, stdio: ['ignore', 'pipe', 'ignore'] });
      return await text(started.stdout);
    } finally {
      display.kill();
      await once(display, 'close');
    }
  }

  async function dialled() {
    assert.ok(server !== undefined);
    const { handshake } = await tlsHandshaker(server, { timeoutMs: 5000, attempts: 1 })(endpoint);
    return [handshake.result, handshake.reason];
  }

  async function askedOfLab(): Promise<string> {
    const target = server?.dial(endpoint);
    assert.ok(target?.reachable === true);
    return asked(`${target.host}:${target.port}`);
  }

  const perform = (request: LabRequest) => client.ask({ ask: 'lab', request });

  it('finds a gateway at a served lab where our own question does', async () => {
    assert.doesNotMatch(await askedOfLab(), new RegExp(noGateway));
    assert.deepEqual(await dialled(), ['served', null]);
  });

  it('finds none where its service does not run, as our own question does', async () => {
    await perform({ kind: 'set-switch', name: 'gateway-down-status', position: '404' });
    await perform({ kind: 'control-service', service: gatewayService, order: 'stop' });
    assert.match(await askedOfLab(), new RegExp(noGateway));
    assert.deepEqual(await dialled(), ['unreachable', 'Remote Desktop Gateway answers HTTP/1.1 404 Refused']);
  });

  it('asks with the method, the address and the headers of our own question', async () => {
    const requests: string[] = [];
    const { certificate, key } = makeCertificate(lab.folder, 'gateway');
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
