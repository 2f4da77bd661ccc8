import { execFileSync, type spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** A certificate and key that openssl makes, and the thumbprint. */
export function makeCertificate(
  folder: string,
  name: string,
): { readonly certificate: string; readonly key: string; readonly thumbprint: string } {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:files.example.com'];
  const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', ...subject];
  execFileSync('openssl', [...make, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const asked = ['x509', '-in', certificate, '-noout', '-fingerprint', '-sha1'];
  const print = execFileSync('openssl', asked, { encoding: 'utf8' });
  return { certificate, key, thumbprint: (print.split('=')[1] ?? '').replaceAll(':', '').trim() };
}

/** Ends processes and waits until they are gone. */
export async function endAll(processes: readonly ReturnType<typeof spawn>[]): Promise<void> {
  await Promise.all(
    processes.map(async (process) => {
      if (process.exitCode === null && process.kill('SIGKILL')) await once(process, 'exit');
    }),
  );
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when somebody takes connections at the port; the server itself says nothing of it. */
export async function listens(port: number, process: ReturnType<typeof spawn>, host = '127.0.0.1'): Promise<void> {
  for (;;) {
    if (process.exitCode !== null) throw new Error(`the server ended with ${process.exitCode}`);
    const socket = connect({ host, port });
    const came = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (came) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Servers of the tests of a suite, each gone after its test, and the sockets that they have. */
export function ownServers() {
  let server: Server | null = null;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
    server = null;
  });
  return {
    sockets,
    /** @returns its port */
    async listen(speak: (socket: Socket) => void): Promise<number> {
      server = createServer((socket) => {
        sockets.add(socket);
        speak(socket.on('error', () => undefined));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
  };
}
