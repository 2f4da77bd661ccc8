import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { fake } from 'sinon';
import { type FrontAddress, frontId, openTlsFront } from '../../../src/lab/host/tls-front.ts';

const addresses: readonly FrontAddress[] = [
  { address: '0.0.0.0', port: 443 },
  { address: '192.0.2.10', port: 443 },
];

describe('the listeners of a lab', () => {
  // Node takes one of them in each turn of its loop: with work between, the last waits for the work of all turns.
  it('take everybody who waits at any of them, before they answer one', async () => {
    let taken = 0;
    const onSocket = () => {
      taken++;
    };
    const takenAtAnswers: number[] = [];
    const front = openTlsFront({
      welcome: async () => {
        takenAtAnswers.push(taken);
        return { do: 'refuse' };
      },
      credentials: () => null,
    });
    await front.listenOn(addresses);
    subscribe('net.server.socket', onSocket);
    const clients = front.listeners().flatMap((listener) => {
      assert.ok(listener.listening);
      // The more at one listener, the more turns it needs.
      const many = frontId(listener) === '0.0.0.0 443' ? 20 : 1;
      return Array.from({ length: many }, () => connect({ host: listener.host, port: listener.localPort }));
    });
    await Promise.all(clients.map((client) => once(client, 'close').catch(() => undefined)));
    unsubscribe('net.server.socket', onSocket);
    await front.close();
    assert.deepEqual(
      takenAtAnswers,
      clients.map(() => clients.length),
    );
  });

  it('let go of everybody when they are closed, of those too who were not answered yet', async () => {
    const welcome = fake.rejects(new Error('nobody is answered'));
    const front = openTlsFront({ welcome, credentials: () => null });
    await front.listenOn(addresses);
    const closed = new Promise<void>((resolve) => {
      subscribe('net.server.socket', function close() {
        unsubscribe('net.server.socket', close);
        resolve(front.close());
      });
    });
    const clients = front.listeners().map((listener) => {
      assert.ok(listener.listening);
      return connectPlain(listener.localPort, listener.host).resume();
    });
    await Promise.all([closed, ...clients.map((client) => once(client, 'close').catch(() => undefined))]);
    assert.equal(welcome.callCount, 0);
  });
});
