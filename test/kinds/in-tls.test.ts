import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import type { Endpoint, InTls } from '../../src/model/certificates/handshake.ts';
import { questions } from '../../src/server/start-tls.ts';

const endless = /it sent too much data in its answer/;
const closed = /the connection was closed in its answer/;

/** What is answered to the whole question; `again` without an end. */
const rows: readonly (readonly [InTls, what: string, answer: string, RegExp | null, again?: string])[] = [
  ['sstp', '200', 'HTTP/1.1 200 OK\r\n', null],
  ['sstp', 'another status', 'HTTP/1.1 404 Not Found\r\n', /^SSTP answers HTTP\/1\.1 404 Not Found$/],
  ['sstp', 'nothing', '', closed],
  ['rdg', '401 for NTLM', 'HTTP/1.1 401 Unauthorized\r\nServer: x\r\nWWW-Authenticate: NTLM\r\n\r\n', null],
  ['rdg', '401 for Negotiate', 'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: negotiate\r\n\r\n', null],
  [
    'rdg',
    '200',
    'HTTP/1.1 200 OK\r\nWWW-Authenticate: NTLM\r\n\r\n',
    /^Remote Desktop Gateway answers HTTP\/1\.1 200 OK$/,
  ],
  ['rdg', 'another status', 'HTTP/1.1 503 \u001b[2J\r\n\r\n', /^Remote Desktop Gateway answers HTTP\/1\.1 503 \S*$/],
  ['rdg', '401 of a web site', 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n', /asks for no log-on/],
  ['rdg', '401 and nothing more', 'HTTP/1.1 401 Unauthorized\r\n', closed],
  ['rdg', 'headers without an end', 'HTTP/1.1 401 Unauthorized\r\n', endless, 'X: y\r\n'],
];

describe('a question inside TLS', () => {
  for (const [protocol, what, answer, refused, again] of rows) {
    it(`of ${protocol} that is answered by ${what} ${refused === null ? 'shows that the service answers' : 'is no proof'}`, async () => {
      const asked: Buffer[] = [];
      const server: Duplex = new Duplex({
        read: () => undefined,
        write(chunk: Buffer, _encoding, done) {
          asked.push(chunk);
          if (answer !== '') server.push(answer, 'latin1');
          for (let at = 0; again !== undefined && at < 20_000; at += 1) server.push(again, 'latin1');
          done();
          if (again !== undefined) return;
          server.push(null);
          server.end();
        },
      });
      const endpoint: Endpoint = {
        address: '192.0.2.1',
        port: 443,
        serverName: 'gate.example.com',
        startTls: protocol,
      };
      const outcome = questions[protocol](server, endpoint);
      if (refused === null) await outcome;
      else await assert.rejects(outcome, ({ message }: Error) => refused.test(message));
      const head = Buffer.concat(asked).toString('latin1');
      assert.ok(head.endsWith('\r\n\r\n'));
      assert.match(head, /^\S+ \/\S+ HTTP\/1\.1\r\nHost: gate\.example\.com\r\n/);
      assert.doesNotMatch(head, /^(?:Authorization|Cookie):/im);
    });
  }
});
