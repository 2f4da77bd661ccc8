import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { askSqlForTls, inTds } from '../../../src/kinds/sql/before-tls.ts';
import { openTlsFront, type TlsFront } from '../../../src/lab/host/tls-front.ts';
import { makeCertificate } from '../../support/real-servers.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('the listener of SQL Server in a lab', () => {
  let front: TlsFront;
  let port: number;
  before(async () => {
    const folder = newFolder();
    const { certificate, key } = makeCertificate(folder, 'sql');
    const credentials = { chain: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
    front = openTlsFront({
      welcome: () => Promise.resolve({ do: 'serve', thumbprint: 'any', text: '' }),
      credentials: () => credentials,
    });
    await front.listenOn([{ address: '0.0.0.0', port: 1433, service: 'tds' }]);
    const [listener] = front.listeners();
    port = listener?.listening === true ? listener.localPort : 0;
  });
  after(() => front.close());

  /** The version that both agree on; `null` for none. */
  async function agreed(minVersion: SecureVersion, isStrict: boolean): Promise<string | null> {
    const socket = connect(port, '127.0.0.1');
    if (!isStrict) await askSqlForTls(socket);
    const over = isStrict ? socket : inTds(socket).stream;
    const secured = connectTls({ socket: over as never, minVersion, rejectUnauthorized: false });
    const error = new Promise<null>((resolve) => {
      secured.once('error', () => resolve(null)).once('close', () => resolve(null));
    });
    const version = await Promise.race([once(secured, 'secureConnect').then(() => secured.getProtocol()), error]);
    secured.destroy();
    socket.destroy();
    return version;
  }

  // Clients leave the packets with the handshake; of TLS 1.3 the tickets would still come in packets.
  it('takes TLS 1.2 in packets and no TLS 1.3, which SQL Server only speaks in TDS 8', async () => {
    assert.deepEqual(
      [await agreed('TLSv1.2', false), await agreed('TLSv1.3', false), await agreed('TLSv1.3', true)],
      ['TLSv1.2', null, 'TLSv1.3'],
    );
  });
});
