import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { issueLeaf, makeAuthority } from '../../../../src/lab/host/authority.ts';

export interface Identity {
  readonly key: string;
  readonly cert: string;
  /** PEM of what a client has to trust. */
  readonly ca: string;
}

/** A certificate for `localhost` from an authority of its own, which nobody trusts by itself. */
export async function identityFor(name = 'localhost'): Promise<Identity> {
  const key = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const now = new Date();
  const authority = await makeAuthority('Test', key(), key(), now);
  const own = key();
  const notAfter = new Date(now.getTime() + 24 * 3600_000);
  const notBefore = new Date(now.getTime() - 3600_000);
  const leaf = await issueLeaf(authority, { names: [name], notBefore, notAfter, ekus: null, key: own });
  const pem = (der: Buffer) => `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
  return { key: own, cert: `${pem(leaf.der)}${pem(authority.intermediate)}`, ca: pem(authority.root) };
}

export interface Mailbox {
  readonly port: number;
  readonly mails: {
    readonly from: string;
    readonly to: readonly string[];
    readonly raw: string;
    readonly secure: boolean;
    /** The name by which the client greeted. */
    readonly greeted: string;
  }[];
  close(): Promise<void>;
}

/** A mail server that keeps what it gets. */
export async function openMailbox(options: SMTPServerOptions): Promise<Mailbox> {
  const mails: Mailbox['mails'] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    ...options,
    onData(stream, session, done) {
      let raw = '';
      stream.setEncoding('utf8').on('data', (text) => {
        raw += text;
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        mails.push({
          from,
          to: rcptTo.map(({ address }) => address),
          raw,
          secure: session.secure,
          greeted: session.hostNameAppearsAs,
        });
        done();
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

export interface Posted {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An https receiver that answers as it is told. */
export async function openReceiver(
  { key, cert }: Identity,
  answer: (posted: Posted) => number | 'silence' | 'hang-up' = () => 202,
): Promise<{ readonly port: number; readonly posted: Posted[]; close(): Promise<void> }> {
  const posted: Posted[] = [];
  const server: Server = createServer({ key, cert }, async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    posted.push(one);
    const status = answer(one);
    if (status === 'hang-up') request.socket.destroy();
    else if (status !== 'silence') response.writeHead(status, { location: 'https://localhost:1/elsewhere' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    posted,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
