import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { readServerName } from '../../../src/lab/host/client-hello.ts';

describe('client hello', () => {
  it('the server name is read from what a real client sends', async () => {
    const hello = await firstFlight({ servername: 'shop.example.com' });
    assert.deepEqual(readServerName(hello), { serverName: 'shop.example.com' });
  });

  it('a client that sends no name has none', async () => {
    assert.deepEqual(readServerName(await firstFlight({})), { serverName: null });
  });

  it('a TLS 1.2 client is understood as well', async () => {
    const hello = await firstFlight({ servername: 'a.example.net', maxVersion: 'TLSv1.2' });
    assert.deepEqual(readServerName(hello), { serverName: 'a.example.net' });
  });

  it('every beginning of a hello asks for more', async () => {
    const hello = await firstFlight({ servername: 'shop.example.com' });
    for (let length = 0; length < hello.length; length++) {
      assert.equal(readServerName(hello.subarray(0, length)), 'incomplete', `after ${length} bytes`);
    }
  });

  it('a hello that is spread over several TLS records is put together', async () => {
    const hello = await firstFlight({ servername: 'shop.example.com' });
    assert.deepEqual(readServerName(inRecordsOf(hello, 40)), { serverName: 'shop.example.com' });
  });

  it('bytes that are no hello give no name and no error', () => {
    assert.deepEqual(readServerName(Buffer.from('GET / HTTP/1.1\r\n\r\n')), { serverName: null });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const record = Buffer.concat([Buffer.from([22, 3, 1, bytes.length >> 8, bytes.length & 255]), bytes]);
        readServerName(record);
        readServerName(Buffer.from(bytes));
      }),
    );
  });
});

/** What a client of Node's sends first; it never gets an answer. */
async function firstFlight(options: { servername?: string; maxVersion?: 'TLSv1.2' }): Promise<Buffer> {
  const sent: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _encoding, done) => {
      sent.push(bytes);
      done();
    },
  });
  const client = connect({ socket, ...options });
  client.on('error', () => undefined);
  if (sent.length === 0) await once(socket, 'drain');
  client.destroy();
  return Buffer.concat(sent);
}

function inRecordsOf(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const fragment = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, fragment.length >> 8, fragment.length & 255]), fragment);
  }
  return Buffer.concat(records);
}
