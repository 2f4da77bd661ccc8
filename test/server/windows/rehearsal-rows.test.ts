import assert from 'node:assert/strict';
import { SeenPlaces } from '../../../src/holders/tls/tables-in-rows.ts';
import { rowForAct, rowForLook } from '../../../src/server/windows/rehearsal-rows.ts';
import { lifecycleLog } from '../../../src/windows/lifecycle-event.ts';
import { record, thumbprintOf } from '../../builders/snapshot.ts';

const { key } = record('shop.example.com:443', 'old');
const [thumbprint, successor] = [thumbprintOf('old'), thumbprintOf('new')];

describe('what a rehearsal asks of the adapter', () => {
  const bindings = [
    { information: '127.0.0.1:8443:', sslFlags: 0 },
    { information: '*:8443:shop', sslFlags: 1 },
  ];
  const site = { site: 'Shop', information: '*:443:shop.example.com' };
  const acts: readonly (readonly [act: Parameters<typeof rowForAct>[0], row: readonly string[]])[] = [
    [{ act: 'add-site', name: 'a', bindings }, ['add-site', 'a', '127.0.0.1:8443:', '0', '*:8443:shop', '1']],
    [{ act: 'remove-site', name: 'a' }, ['remove-site', 'a']],
    [{ act: 'add-certificate', name: 'a.example', friendlyName: 'A' }, ['add-certificate', 'a.example', 'A']],
    [{ act: 'remove-certificate', thumbprint, store: 'My' }, ['remove-certificate', thumbprint, 'My']],
    [{ act: 'register-again', path: '\\A\\', name: 'b', xml: '<c/>' }, ['register-again', '\\A\\', 'b', '<c/>']],
    [{ act: 'announce', old: thumbprint, new: successor }, ['announce', thumbprint, successor]],
    [
      { act: 'binding-method', key, ...site, method: 'AddSslCertificate', thumbprint },
      ['binding-method', 'Shop', '*:443:shop.example.com', 'AddSslCertificate', thumbprint],
    ],
    [
      { act: 'netsh-update', key, thumbprint, appId: '{a}' },
      [
        ...['netsh', 'SslSniBindingInfo', '', '', 'http', 'update', 'sslcert', 'hostnameport=shop.example.com:443'],
        ...[`certhash=${thumbprint}`, 'appid={a}', 'certstorename=My'],
      ],
    ],
  ];
  for (const [act, row] of acts) it(`to ${act.act}`, () => assert.deepEqual(rowForAct(act, new SeenPlaces()), row));

  const looks: readonly (readonly [look: Parameters<typeof rowForLook>[0], row: readonly string[]])[] = [
    [{ look: 'binding-certificate', ...site }, ['binding-certificate', 'Shop', '*:443:shop.example.com']],
    [{ look: 'netsh-record', key }, ['netsh-record', 'hostnameport=shop.example.com:443']],
    [{ look: 'intermediates' }, ['intermediates']],
    [{ look: 'log-access' }, ['log-access', lifecycleLog]],
    [{ look: 'engine-json', characters: 7 }, ['engine-json', '7']],
  ];
  for (const [look, row] of looks) it(`of ${look.look}`, () => assert.deepEqual(rowForLook(look), row));

  it('of a line as long as was asked for, once it is sent in base64', () => {
    const row = rowForLook({ look: 'engine-line', characters: 4000 });
    assert.equal(row[0], 'engine-line');
    assert.match(row[1] ?? '', /^x+$/);
    assert.equal(Buffer.from(row.join('\t')).toString('base64').length, 4000);
  });
});
