import assert from 'node:assert/strict';
import { cryptoStream } from '../../../src/server/quic/crypto-stream.ts';
import { ackFrame, framesIn } from '../../../src/server/quic/frames.ts';
import { initialKeys } from '../../../src/server/quic/keys.ts';
import { isRetryFor, open, packetsIn, seal, wholeNumber } from '../../../src/server/quic/packets.ts';

const hex = (...lines: readonly string[]) => Buffer.from(lines.join(''), 'hex');

// RFC 9001, appendix A.
const clientDestination = hex('8394c8f03e515708');
const serverSource = hex('f067a5502a4262b5');
const clientCrypto = hex(
  '060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868',
  '04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578',
  '616d706c652e636f6dff01000100000a00080006001d00170018001000070005',
  '04616c706e000500050100000000003300260024001d00209370b2c9caa47fba',
  'baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400',
  '0d0010000e0403050306030203080408050806002d00020101001c0002400100',
  '3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000',
  '75300901100f088394c8f03e51570806048000ffff',
);
const serverInitial = hex(
  'cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a',
  '5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3',
  'dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84',
  '022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4',
  '2158407dd074ee',
);
const serverPayload = hex(
  '02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739',
  '88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94',
  '0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00',
  '020304',
);
const retry = hex('ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba');

const none = Buffer.alloc(0);

describe('packets of QUIC', () => {
  const keys = initialKeys(clientDestination);

  it('have the keys of RFC 9001, A.1', () => {
    const { client, server } = keys;
    assert.deepEqual(
      [client.key, client.iv, client.header].map((key) => key.toString('hex')),
      ['1f369613dd76d5467730efcbe3b1a22d', 'fa044b2f42a3fd3b46fb255c', '9f50449e04a0e810283a1e9933adedd2'],
    );
    assert.deepEqual(
      [server.key, server.iv, server.header].map((key) => key.toString('hex')),
      ['cf3a5331653c364c88f0f379b6067e37', '0ac1493ca1905853b0bba03e', 'c206b8d9b9f0f37644430b490eeaa314'],
    );
  });

  it('of a client are protected as in A.2, and opened again', () => {
    const payload = Buffer.concat([clientCrypto, Buffer.alloc(1162 - clientCrypto.length)]);
    const header = { type: 'initial', number: 2, token: none, destination: clientDestination, source: none } as const;
    const sealed = seal(keys.client, header, payload);
    assert.equal(sealed.length, 1200);
    assert.equal(
      sealed.subarray(0, 38).toString('hex'),
      'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b',
    );
    assert.equal(sealed.subarray(-16).toString('hex'), 'e221af44860018ab0856972e194cd934');
    const [packet] = packetsIn(sealed);
    assert(packet?.type === 'initial');
    assert.deepEqual(open(keys.client, packet, -1), { number: 2, payload });
  });

  it('of a server are opened as in A.3, also where more follows in the datagram', () => {
    const [packet, second] = packetsIn(Buffer.concat([serverInitial, serverInitial, hex('40ffff')]));
    assert(packet?.type === 'initial' && second?.type === 'initial');
    assert.deepEqual([packet.source, packet.destination], [serverSource, none]);
    assert.deepEqual(open(keys.server, packet, -1), { number: 1, payload: serverPayload });
    const frames = framesIn(serverPayload);
    assert.deepEqual(
      frames.map(({ type }) => type),
      ['ack', 'crypto'],
    );
  });

  it('count as never received where a byte of them is another, or the keys are', () => {
    for (let at = 0; at < serverInitial.length; at++) {
      const changed = Buffer.from(serverInitial);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x40, at);
      const [packet] = packetsIn(changed);
      if (packet === undefined || (packet.type !== 'initial' && packet.type !== 'handshake')) continue;
      assert.equal(open(keys.server, packet, -1), null, `${at}`);
    }
    const [whole] = packetsIn(serverInitial);
    assert(whole?.type === 'initial');
    assert.equal(open(keys.client, whole, -1), null);
  });

  it('end where they are cut off', () => {
    for (let length = 0; length < serverInitial.length; length++) {
      assert.deepEqual(packetsIn(serverInitial.subarray(0, length)), [], `${length}`);
    }
  });

  it('tell a Retry that answers our packet, as in A.4, from any other', () => {
    const [packet] = packetsIn(retry);
    assert(packet?.type === 'retry');
    assert.deepEqual([packet.token.toString(), packet.source], ['token', serverSource]);
    assert(isRetryFor(clientDestination, packet.bytes));
    assert(!isRetryFor(serverSource, packet.bytes));
  });

  it('name the versions that a server speaks', () => {
    const [packet] = packetsIn(hex('80', '00000000', '00', '08f067a5502a4262b5', '6b3343cf', 'ff00001d'));
    assert(packet?.type === 'negotiation');
    assert.deepEqual(packet.versions, [0x6b3343cf, 0xff00001d]);
  });

  // The first is of RFC 9000, A.3.
  const numbers: readonly (readonly [largestSeen: number, bytes: number, end: number, number: number])[] = [
    [0xa82f30ea, 2, 0x9b32, 0xa82f9b32],
    [-1, 1, 0, 0],
    [254, 1, 0x2c, 300],
    [300, 1, 0xfe, 254],
    [10, 1, 0xfe, 254],
  ];
  for (const [largestSeen, bytes, end, number] of numbers) {
    it(`have the number ${number} where ${end} is sent after ${largestSeen}`, () => {
      assert.equal(wholeNumber(end, 256 ** bytes, largestSeen + 1), number);
    });
  }
});

describe('frames of QUIC', () => {
  it('acknowledge what came, with its gaps', () => {
    assert.deepEqual(ackFrame(new Set()), none);
    assert.deepEqual(ackFrame(new Set([0])), hex('0200000000'));
    // Seven to nine, then nothing for six and five, four, nothing for three, and two down to nought (RFC 9000, 19.3.1).
    assert.deepEqual(ackFrame(new Set([9, 0, 4, 8, 1, 7, 2])), hex('02', '09', '00', '02', '02', '0100', '0002'));
  });

  it('of other kinds do not belong into a handshake', () => {
    assert.throws(() => framesIn(hex('0801')), /a frame of type 8/);
    assert.throws(() => framesIn(hex('0600')), /ends too early/);
  });

  it('tell why a server closes', () => {
    assert.deepEqual(framesIn(hex('00', '1c', '4178', '06', '02', '6e6f')), [
      { type: 'close', code: 0x178, reason: 'no' },
    ]);
  });
});

describe('messages in pieces', () => {
  const first = hex('02000003', 'aabbcc');
  const second = hex('0b000002', 'ddee');
  const whole = Buffer.concat([first, second]);

  it('come out whole and in order, whatever the pieces', () => {
    const order = [9, 3, 0, 6, 10, 1, 4, 2, 7, 5, 8, 11, 12];
    const stream = cryptoStream();
    const found = order.flatMap((at) => [...stream.add(at, whole.subarray(at, at + 2))]);
    assert.deepEqual(found, [first, second]);
    assert.deepEqual(stream.add(0, whole), []);
  });

  it('are refused where they have no end', () => {
    assert.throws(() => cryptoStream().add(256 * 1024, Buffer.from([1])), /too much data/);
  });
});
