import assert from 'node:assert/strict';
import {
  isUnreadable,
  mayStandOn,
  unreadableBindings,
  unreadableRecords,
} from '../../../src/engine/known/unreadable.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { https, record, site, snapshot, sni } from '../../builders/snapshot.ts';

describe('a binding that cannot be read', () => {
  for (const [what, protocol, information, expected] of [
    ['a binding with TLS and a wrong address is one', 'https', '192.0.2.300:443:', true],
    ['one that can be read is none', 'https', '*:443:shop.example.com', false],
    ['one without TLS is none, whatever it says', 'http', 'nonsense', false],
    ['one of another protocol is none', 'net.tcp', '808:*', false],
  ] as const)
    it(what, () => assert.equal(isUnreadable(parseBinding(protocol, information, 0)), expected));

  it('is told from the others of its site, in every site', () => {
    const [bad, worse] = [https('192.0.2.300:443:'), https('nonsense')];
    const sites = [site('A', [sni('a.example.com'), bad]), site('B', [worse, parseBinding('http', '*:80:', 0)])];
    assert.deepEqual(unreadableBindings(snapshot({ sites })), [bad, worse]);
  });

  // What stands in the configuration, and whether it may be under the record of port 443 and of port 8443.
  for (const [what, informations, at443, at8443] of [
    ['on a record of its port', ['192.0.2.300:443:'], true, false],
    ['on a record of its port, with blanks around it', ['*: 443 :shop example'], true, false],
    ['on a record of each number that may be its port', ['2001:8443::443:'], true, true],
    ['on any record where no port can be told', ['nonsense'], true, true],
    ['on any record where the port is missing', ['*::shop.example.com'], true, true],
    ['on any record where letters stand before the port', ['*:x443:'], true, true],
    ['on any record where letters stand behind the port', ['*:443x:'], true, true],
    ['on any record where the port has too many digits', ['*:443443:'], true, true],
    ['on no record of another port', ['*:9443:a b', '192.0.2.300:10443:'], false, false],
    ['on the records of each of several such bindings', ['192.0.2.300:443:', '192.0.2.300:8443:'], true, true],
    ['on none where no such binding is there', [], false, false],
  ] as const)
    it(`may stand ${what}`, () => {
      const bindings = informations.map((information) => https(information));
      assert.deepEqual(
        [mayStandOn(bindings, record('0.0.0.0:443', 'shop')), mayStandOn(bindings, record('0.0.0.0:8443', 'shop'))],
        [at443, at8443],
      );
    });

  it('stands on no record of another product', () => {
    const foreign = record('0.0.0.0:443', 'shop', { appId: '{5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10}' });
    assert.equal(mayStandOn([https('192.0.2.300:443:')], foreign), false);
  });
});

describe('certificate bindings that cannot be read', () => {
  const unread = (part: Snapshot['unreadable'][number]['part'], text: string) => ({
    part,
    where: 'SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters',
    text,
    why: 'It is too short.',
  });

  it('are known by their key where that can be read, and counted where it cannot', () => {
    const unreadable = [
      unread('records', 'SHOP.example.com:443'),
      unread('records', ''),
      unread('records', 'nonsense'),
      unread('records', '0.0.0.0:8443'),
    ];
    const { keys, nameless } = unreadableRecords(snapshot({ unreadable }));
    assert.deepEqual([[...keys], nameless], [['shop.example.com:443', '0.0.0.0:8443'], 2]);
  });

  it('are not the bindings and certificates that cannot be read', () => {
    const unreadable = [unread('sites', '0.0.0.0:443'), unread('certificates', '')];
    const { keys, nameless } = unreadableRecords(snapshot({ unreadable }));
    assert.deepEqual([[...keys], nameless], [[], 0]);
  });
});
