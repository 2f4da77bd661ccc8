import assert from 'node:assert/strict';
import { readConfigurationText } from '../../src/documents/configuration.ts';
import { parseSnapshot } from '../../src/documents/snapshot-document.ts';
import { reportedPlaces } from '../../src/kinds/place.ts';
import { whyLeft } from '../../src/kinds/what-left.ts';
import { snapshot, thumbprintOf } from '../builders/snapshot.ts';

const file = { name: 'nginx', format: 'pem', certificate: 'C:\\site.pem', service: { name: 'nginx', do: 'none' } };
const read = (written: object) => readConfigurationText(JSON.stringify(written), 'config.json');

describe('a setting of an earlier version', () => {
  for (const [what, written, ignored] of [
    ['that had SMB over QUIC changed', { holders: { 'smb-quic': { policy: 'replace' } } }, ['smb-quic/']],
    ['that had SMB over QUIC reported, as it is', { holders: { 'smb-quic': { policy: 'report' } } }, null],
    ['that listed certificate files', { files: [file, { ...file, name: 'mail' }] }, ['file/nginx', 'file/mail']],
    ['that listed no certificate file', { files: [] }, null],
    ['that had the programs of files restarted', { holders: { file: { policy: 'replace', restart: 'window' } } }, []],
    ['that had files replaced, as it was without a word', { holders: { file: { policy: 'replace' } } }, null],
  ] as const)
    it(`${what}: ${ignored === null ? 'asks for nothing' : 'is said to be ignored'}`, () => {
      const found = read({ undo: 'run', ...written });
      assert.deepEqual(
        found.ignored.flatMap(({ places }) => places),
        ignored ?? [],
      );
      assert.equal(found.ignored.length, ignored === null ? 0 : 1);
      // The rest holds, and nothing of it reaches the configuration.
      assert.deepEqual(found.configuration, read({ undo: 'run' }).configuration);
    });

  it('may be excluded still', () => {
    const holders = ['smb-quic/files.example.com', 'file/nginx'];
    assert.deepEqual(read({ exclude: { holders } }).configuration.exclude.holders, holders);
  });

  for (const [key, isLeft] of [
    ['holders.smb-quic', true],
    ['holders.smb-quic.policy', true],
    ['files', true],
    ['holders.file.restart', true],
    ['holders.smb', false],
    ['holders', false],
  ] as const)
    it(`${isLeft ? 'is told why it cannot be set' : 'is none'}: ${key}`, () => {
      assert.equal(whyLeft(key) !== null, isLeft);
    });
});

describe('a capture of an earlier version', () => {
  const earlier = (holders: readonly object[]) =>
    JSON.stringify({ ...snapshot({}), schema: 'certrebind/snapshot/2', holders });
  const thumbprint = thumbprintOf('old');
  const mapping = {
    kind: 'smb-quic',
    key: 'smb-quic/files.example.com',
    value: { name: 'files.example.com', thumbprint, store: 'My', options: {} },
    listens: { address: '*', port: 443, state: 'started' },
  };

  it('has its mappings of SMB over QUIC among what is reported', () => {
    const [holder, ...others] = reportedPlaces(parseSnapshot(earlier([mapping]), 'capture.json'));
    assert.deepEqual(others, []);
    assert.deepEqual([holder?.kind, holder?.key, holder?.thumbprint], ['smb-quic', mapping.key, thumbprint]);
  });

  it('is of this version afterwards, and one of this version has no such places', () => {
    assert.equal(parseSnapshot(earlier([]), 'capture.json').schema, 'certrebind/snapshot/3');
    const now = JSON.stringify({ ...snapshot({}), holders: [mapping] });
    assert.throws(() => parseSnapshot(now, 'capture.json'), /is not a valid snapshot/);
  });

  it('has no certificate files any more', () => {
    const value = { name: 'nginx', path: 'C:\\a.pem', host: '', thumbprint, store: '', pair: 'whole', service: 'told' };
    const files = { kind: 'file', key: 'file/nginx', value, ready: [thumbprint] };
    const unread = [{ part: 'files', where: 'C:\\b.pem', text: '', why: 'it does not exist' }];
    const text = JSON.stringify({ ...JSON.parse(earlier([files])), unreadable: unread });
    const { holders, unreadable } = parseSnapshot(text, 'capture.json');
    assert.deepEqual([holders, unreadable], [[], unread]);
  });

  it('with a mapping that is none is refused', () => {
    assert.throws(() => parseSnapshot(earlier([{ ...mapping, value: {} }]), 'f'), /is not a valid snapshot/);
  });
});
