import assert from 'node:assert/strict';
import { anonymise } from '../../src/commands/capture/support/anonymise.ts';
import { administrationLast, isRestarted, movableKinds } from '../../src/kinds/holder.ts';
import { placesOf } from '../../src/kinds/place.ts';
import { holderKey } from '../../src/kinds/record-key.ts';
import { sstpAppId } from '../../src/kinds/sstp/sstp.ts';
import { record, snapshot, thumbprintOf } from '../builders/snapshot.ts';
import { each } from '../support/each.ts';

describe('the uses of certificates beside those by certificate bindings', () => {
  const management = { port: 8172, address: '*', state: 'started' } as const;
  const service = (listed: string) =>
    snapshot({
      records: [record('0.0.0.0:8172', 'served', { appId: '{d7d72267-fcf9-4424-9eec-7e1d8dcec9a9}' })],
      others: [{ thumbprint: thumbprintOf(listed), consumer: { kind: 'wmsvc', detail: 'WMSVC' }, management }],
    });

  it('are both of the Web Management Service, where its registry value names another than its record', () => {
    const hashes = (listed: string) =>
      placesOf(service(listed)).flatMap(({ kind, key, hashes: all }) =>
        kind === 'tls' ? [] : all.map((one) => [key, one]),
      );
    const [listed, served] = ['listed', 'served'].map((label) => ['wmsvc/8172', thumbprintOf(label)]);
    assert.deepEqual(hashes('listed'), [listed, served]);
    assert.deepEqual(hashes('served'), [served]);
  });
});

describe('the kinds of holders in the order of a run', () => {
  it('end with those through which it may have come; the Web Management Service is before services that are restarted', () => {
    assert.deepEqual(movableKinds.slice(-2), ['rdp', 'winrm']);
    assert.ok(movableKinds.indexOf('wmsvc') < movableKinds.findIndex(isRestarted));
  });

  it('have every way of administration last in an undo', () => {
    const keys = administrationLast(movableKinds.map((kind) => ({ key: holderKey(kind, 'one') })));
    assert.deepEqual(each(keys.slice(-3), 'key'), ['wmsvc/one', 'rdp/one', 'winrm/one']);
  });
});

describe('the holders of every kind', () => {
  const thumbprint = thumbprintOf('held');
  for (const kind of movableKinds)
    it(`are whole under other names: ${kind}`, () => {
      const place =
        kind === 'ftp'
          ? { ftps: [{ site: 'Canary', thumbprint, store: 'Canary' }] }
          : { others: [{ thumbprint, consumer: { kind, detail: 'Canary' } }] };
      const server = snapshot({ records: [record('0.0.0.0:443', 'held', { appId: sstpAppId })], ...place });
      const [before, after] = [server, anonymise(server)].map(({ holders }) =>
        holders.find((one) => one.kind === kind),
      );
      assert.deepEqual(Object.keys(after?.value ?? {}).sort(), Object.keys(before?.value ?? {}).sort());
      assert.doesNotMatch(JSON.stringify(after), new RegExp(`canary|${thumbprint}`, 'i'));
      assert.match(JSON.stringify(after?.value), /"thumbprint":"[0-9A-F]{40}"/);
    });
});
