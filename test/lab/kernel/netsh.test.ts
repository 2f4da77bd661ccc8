import assert from 'node:assert/strict';
import type { LabState } from '../../../src/lab/kernel/lab-state.ts';
import { netshAbilities } from '../../../src/lab/kernel/netsh-options.ts';
import { labState } from '../../builders/lab.ts';
import { assertNone } from '../../support/each.ts';
import { apply, fieldsAt } from './requests.ts';

const lab = labState()
  .certificate('new')
  .certificate('old')
  .certificate('keyless', { key: 'missing' })
  .record('0.0.0.0:443', 'old', { flags: 3, ctlStoreName: 'trusted', urlRetrievalTimeoutMs: 9 });
const appid = 'appid={4dc3e181-e14b-4a21-b022-59fc669b0914}';
const certhash = `certhash=${lab.thumbprint('new').toLowerCase()}`;

function netsh(state: LabState, ...words: readonly string[]) {
  const applied = apply(state, { kind: 'netsh', args: ['http', ...words] });
  const { result } = applied.reply;
  assert(result.kind === 'netsh');
  return { state: applied.state, exitCode: result.exitCode, output: result.output.replaceAll('\r\n', '\n') };
}

describe('netsh', () => {
  it('shows a record as a Server 2022 does', () => {
    const { output, exitCode } = netsh(lab.build(), 'show', 'sslcert', 'ipport=0.0.0.0:443');
    assert.equal(exitCode, 0);
    assert.equal(
      output,
      `
SSL Certificate bindings:
-------------------------

    IP:port                      : 0.0.0.0:443
    Certificate Hash             : ${lab.thumbprint('old').toLowerCase()}
    Application ID               : {4dc3e181-e14b-4a21-b022-59fc669b0914}
    Certificate Store Name       : My
    Verify Client Certificate Revocation : Enabled
    Verify Revocation Using Cached Client Certificate Only : Disabled
    Usage Check                  : Enabled
    Revocation Freshness Time    : 0
    URL Retrieval Timeout        : 9
    Ctl Identifier               : (null)
    Ctl Store Name               : trusted
    DS Mapper Usage              : Enabled
    Negotiate Client Certificate : Enabled
    Reject Connections           : Disabled
    Disable HTTP2                : Not Set
    Disable QUIC                 : Not Set
    Disable TLS1.2               : Not Set
    Disable TLS1.3               : Not Set
    Disable OCSP Stapling        : Not Set
    Enable Token Binding         : Not Set
    Log Extended Events          : Not Set
    Disable Legacy TLS Versions  : Not Set
    Enable Session Ticket        : Not Set
 Extended Properties:
    PropertyId                   : 0
    Receive Window               : 1048576
 Extended Properties:
    PropertyId                   : 1
    Max Settings Per Frame       : 2796202
    Max Settings Per Minute      : 4294967295

`,
    );
  });

  it('says so, and ends with 1, when there is nothing to show', () => {
    const { output, exitCode } = netsh(lab.build(), 'show', 'sslcert', 'ipport=0.0.0.0:9443');
    assert.equal(exitCode, 1);
    assert.match(output, /\n-{25}\n\nThe system cannot find the file specified\.\n$/);
  });

  it('speaks another language without a word of English, and the same shapes', () => {
    const words = (text: string) => new Set(text.toLowerCase().match(/[a-zäöüß]{4,}/g) ?? []);
    const english = netsh(lab.build(), 'show', 'sslcert').output;
    const invented = netsh(lab.switched('display-language', 'invented').build(), 'show', 'sslcert').output;
    const shared = [...words(invented)].filter((word) => words(english).has(word));
    // What is left is data: parts of hash and application id, the name of a store.
    const data = `${lab.thumbprint('old')} {4dc3e181-e14b-4a21-b022-59fc669b0914} trusted null`.toLowerCase();
    assertNone(shared, (word) => !data.includes(word));
    const shape = (text: string) => text.split('\n').map((line) => line.includes(' : '));
    assert.deepEqual(shape(invented), shape(english));
    const german = netsh(lab.switched('display-language', 'german').build(), 'show', 'sslcert').output;
    assert.match(german, /Zertifikathash +: /);
  });

  it('adds a record with exactly the options that are named', () => {
    const { state, exitCode, output } = netsh(
      lab.build(),
      ...['add', 'sslcert', 'hostnameport=shop.example.com:443', certhash, appid, 'certstorename=MY'],
      ...['clientcertnegotiation=enable', 'usagecheck=disable', 'revocationfreshnesstime=7', 'disablehttp2=enable'],
    );
    assert.equal(exitCode, 0);
    assert.equal(output.trim(), 'SSL Certificate successfully added');
    assert.deepEqual(fieldsAt(state, 'shop.example.com:443'), {
      thumbprint: lab.thumbprint('new'),
      store: 'MY',
      appId: '{4dc3e181-e14b-4a21-b022-59fc669b0914}',
      flags: 0x12,
      checkMode: 0x10004,
      freshnessSeconds: 7,
      urlTimeoutMs: 0,
      ctlIdentifier: null,
      ctlStoreName: null,
    });
  });

  for (const [layout, expected] of [
    ['guid', /^\{[0-9a-f-]{36}\}$/],
    ['name', /^shop\.example\.com:443$/],
  ] as const) {
    it(`writes SNI entries by ${layout} and finds them again`, () => {
      const start = lab.switched('sni-layout', layout).build();
      const { state } = netsh(start, 'add', 'sslcert', 'hostnameport=shop.example.com:443', certhash, appid);
      assert.match(state.httpSys.SslSniBindingInfo?.[0]?.subKey ?? '', expected);
      assert.equal(fieldsAt(state, 'shop.example.com:443')?.thumbprint, lab.thumbprint('new'));
    });
  }

  for (const [position, flags] of [
    ['kept', 3],
    ['lost', 0],
  ] as const) {
    it(`update with unnamed options: ${position}`, () => {
      const start = lab.switched('netsh-update-options', position).build();
      const { state, exitCode } = netsh(start, 'update', 'sslcert', 'ipport=0.0.0.0:443', certhash, appid);
      assert.equal(exitCode, 0);
      const fields = fieldsAt(state, '0.0.0.0:443');
      assert.deepEqual([fields?.thumbprint, fields?.flags], [lab.thumbprint('new'), flags]);
    });
  }

  const builds: readonly (readonly [number, 'absent' | 'present', boolean])[] = [
    [9600, 'present', false],
    [14393, 'absent', false],
    [14393, 'present', true],
    [17763, 'absent', true],
    [26100, 'absent', true],
  ];
  for (const [osBuild, position, expected] of builds) {
    it(`update exists on build ${osBuild}, switch ${position}: ${expected}`, () => {
      const state = lab.switched('netsh-update-on-2016', position).with({ osBuild }).build();
      assert.equal(netshAbilities(state).update, expected);
      const { exitCode, output } = netsh(state, 'update', 'sslcert', 'ipport=0.0.0.0:443', certhash, appid);
      assert.equal(exitCode, expected ? 0 : 1);
      if (!expected) assert.match(output, /The following command was not found: http update sslcert ipport/);
    });
  }

  it('lists the parameters of a Server 2019 as a real one does', () => {
    const { output } = netsh(lab.with({ osBuild: 17763 }).build(), 'add', 'sslcert', 'help');
    const names = [...output.matchAll(/^ {8}\[?([a-z0-9]+)=/gm)].map(([, name]) => name);
    assert.deepEqual(names.slice(names.indexOf('clientcertnegotiation') + 1), [
      ...['reject', 'disablehttp2', 'disablequic', 'disablelegacytls'],
      ...['disabletls12', 'disabletls13', 'disableocspstapling'],
    ]);
  });

  const refusals: readonly (readonly [string, number, readonly string[], number])[] = [
    ['an option this build does not know', 20348, ['disablesessionid=enable'], 1],
    ['an option this build does not know, Server 2019', 17763, ['disablesessionid=enable'], 0],
    ['a word that is neither enable nor disable', 20348, ['reject=perhaps'], 1],
    ['the same on Server 2019', 17763, ['reject=perhaps'], 0],
    ['an explicit zero on Server 2025', 26100, ['urlretrievaltimeout=0'], 1],
    ['a number beyond 32 bits', 20348, ['urlretrievaltimeout=4294967296'], 1],
  ];
  for (const [situation, osBuild, more, exit] of refusals) {
    it(`${situation}: nothing is added, exit ${exit}`, () => {
      const start = lab.with({ osBuild }).build();
      const { state, exitCode } = netsh(start, 'add', 'sslcert', 'ipport=0.0.0.0:9443', certhash, appid, ...more);
      assert.equal(exitCode, exit);
      assert.equal(fieldsAt(state, '0.0.0.0:9443'), null);
    });
  }

  it('takes an explicit zero before Server 2025', () => {
    const words = ['add', 'sslcert', 'ipport=0.0.0.0:9443', certhash, appid, 'urlretrievaltimeout=0'];
    assert.equal(netsh(lab.build(), ...words).exitCode, 0);
  });

  const errors: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'add over a record',
      ['add', 'sslcert', 'ipport=0.0.0.0:443', certhash, appid],
      /add failed, Error: 183\nCannot create a file/,
    ],
    [
      'update of none',
      ['update', 'sslcert', 'ipport=0.0.0.0:9443', certhash, appid],
      /Error: 2\nThe system cannot find/,
    ],
    ['delete of none', ['delete', 'sslcert', 'ipport=0.0.0.0:9443'], /Error: 2\nThe system cannot find/],
    [
      'no key',
      ['add', 'sslcert', 'ipport=0.0.0.0:9443', `certhash=${lab.thumbprint('keyless')}`, appid],
      /Error: 1312\nA specified logon session/,
    ],
    [
      'a host as ipport',
      ['add', 'sslcert', 'ipport=shop.example.com:443', certhash, appid],
      /Error: 87\nThe parameter is incorrect/,
    ],
    ['no application id', ['add', 'sslcert', 'ipport=0.0.0.0:9443', certhash], /Error: 87\n/],
  ];
  for (const [situation, words, expected] of errors) {
    it(`${situation}: the error of Windows, exit 1, nothing changed`, () => {
      const { state, exitCode, output } = netsh(lab.build(), ...words);
      assert.equal(exitCode, 1);
      assert.match(output, expected);
      assert.deepEqual(state.httpSys, lab.build().httpSys);
    });
  }

  it('lists the options it knows, and no others, in its help', () => {
    const known = (osBuild: number) => netshAbilities(lab.with({ osBuild }).build()).options;
    const { output, exitCode } = netsh(lab.build(), 'add', 'sslcert', 'help');
    assert.equal(exitCode, 0);
    assert.deepEqual(
      [...output.matchAll(/^ {8}\[?([a-z0-9]+)=/gm)].map(([, name]) => name),
      known(20348),
    );
    assert(!known(9600).includes('reject') && known(26100).includes('disablesessionid'));
  });

  for (const [position, expected] of [
    ['own-label', /Central Certificate Store +: 443\n/],
    ['hostname-star', /Hostname:port +: \*:443\n/],
  ] as const) {
    it(`shows a record of the central store, ${position}`, () => {
      const start = lab.record('(central-store):443', null).switched('netsh-central-store-text', position).build();
      const { output } = netsh(start, 'show', 'sslcert', 'ccs=443');
      assert.match(output, expected);
      assert(!output.includes('Certificate Hash'));
    });
  }

  it('counts what asks as a reading and everything else as a writing', () => {
    const counts = (...words: readonly string[]) => netsh(lab.build(), ...words).state.counters;
    assert.deepEqual(counts('show', 'sslcert'), { reads: 1, writes: 0 });
    assert.deepEqual(counts('add', 'sslcert', 'help'), { reads: 1, writes: 0 });
    assert.deepEqual(counts('delete', 'sslcert', 'ipport=0.0.0.0:9443'), { reads: 0, writes: 1 });
  });
});
