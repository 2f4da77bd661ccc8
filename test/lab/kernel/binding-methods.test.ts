import assert from 'node:assert/strict';
import type { LabResult } from '../../../src/lab/kernel/answers.ts';
import { findEntry } from '../../../src/lab/kernel/http-sys.ts';
import type { LabState } from '../../../src/lab/kernel/lab-state.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import type { Switches } from '../../../src/lab/kernel/switches.ts';
import { type LabBuilder, labState } from '../../builders/lab.ts';
import { https, sni } from '../../builders/snapshot.ts';
import { apply, fieldsAt, key, resultOf } from './requests.ts';

const options = {
  flags: 0x80000003,
  certCheckMode: 1,
  urlRetrievalTimeoutMs: 5000,
  ctlStoreName: 'trusted',
  more: { SslFuture: { type: 'REG_DWORD', base64: 'AQAAAA==' } },
};

const lab = labState()
  .certificate('new')
  .certificate('old')
  .certificate('archived', { archived: true })
  .certificate('keyless', { key: 'missing' })
  .certificate('broken', { key: 'unusable' })
  .certificate('late', { key: { readyAt: '2026-06-01T12:00:01Z' } })
  .certificate('hosted', { store: 'WebHosting' })
  .site('Shop', [https('*:443:'), https('*:443:second.example.com'), sni('bare.example.com'), https('*:444:', 2)])
  .record('0.0.0.0:443', 'old', options);

const call = (
  method: 'RebindSslCertificate' | 'AddSslCertificate',
  label: string,
  information = '*:443:',
  store?: string,
): LabRequest => ({
  kind: 'binding-method',
  site: 'Shop',
  information,
  method,
  hash: lab.thumbprint(label).toLowerCase(),
  ...(store === undefined ? {} : { store }),
});
const remove = (information: string): LabRequest => ({
  kind: 'binding-method',
  site: 'Shop',
  information,
  method: 'RemoveSslCertificate',
});
const hresult = (result: LabResult) => (result.kind === 'failed' ? result.hresult : result.kind);

describe('binding methods', () => {
  it('change the record under the binding, and with it every other binding there', () => {
    const { state } = apply(lab.build(), call('RebindSslCertificate', 'new', '*:443:second.example.com'));
    assert.equal(fieldsAt(state, '0.0.0.0:443')?.thumbprint, lab.thumbprint('new'));
  });

  const kept = (state: LabState) => {
    const entry = findEntry(state.httpSys, key('0.0.0.0:443'));
    const { flags, checkMode, urlTimeoutMs, ctlStoreName, appId } = fieldsAt(state, '0.0.0.0:443') ?? {};
    return { flags, checkMode, urlTimeoutMs, ctlStoreName, appId, future: entry?.values.SslFuture !== undefined };
  };
  const appId = '{4dc3e181-e14b-4a21-b022-59fc669b0914}';
  const whole = { flags: 0x80000003, checkMode: 1, urlTimeoutMs: 5000, ctlStoreName: 'trusted', appId, future: true };
  const none = { flags: 0, checkMode: 0, urlTimeoutMs: 0, ctlStoreName: null, appId, future: false };
  for (const [position, expected] of [
    ['kept', whole],
    ['flags-lost', { ...whole, flags: 0, future: false }],
    ['all-lost', none],
  ] as const) {
    it(`RebindSslCertificate with rebind-options ${position}`, () => {
      const { state } = apply(lab.switched('rebind-options', position).build(), call('RebindSslCertificate', 'new'));
      assert.deepEqual(kept(state), expected);
    });
  }

  it('keep the store of a record in step with the certificate, and look for it nowhere else', () => {
    const { state } = apply(lab.build(), call('RebindSslCertificate', 'hosted', '*:443:', 'WebHosting'));
    assert.equal(fieldsAt(state, '0.0.0.0:443')?.store, 'WebHosting');
    assert.equal(hresult(resultOf(lab.build(), call('RebindSslCertificate', 'hosted'))), 0x80070520);
  });

  const orphaned = lab.certificate('left', { store: 'Left' }).record('0.0.0.0:443', 'left');
  const situations: readonly (readonly [string, LabBuilder, LabRequest, number | 'done'])[] = [
    ['no key', lab, call('RebindSslCertificate', 'keyless'), 0x80070520],
    ['a key that cannot be opened', lab, call('RebindSslCertificate', 'broken'), 0x80070520],
    ['a key that opens later', lab, call('RebindSslCertificate', 'late'), 0x80070057],
    ['archived, can be bound', lab, call('RebindSslCertificate', 'archived'), 'done'],
    [
      'archived, cannot be bound',
      switched('archived-certificate', 'cannot-be-bound'),
      call('RebindSslCertificate', 'archived'),
      0x80070520,
    ],
    ['rebind without record', lab, call('RebindSslCertificate', 'new', '*:443:bare.example.com'), 0x80070002],
    ['add over a record', lab, call('AddSslCertificate', 'new'), 'done'],
    [
      'rebind where the certificate has left its store, replaces',
      orphaned,
      call('RebindSslCertificate', 'new'),
      'done',
    ],
    [
      'rebind where the certificate has left its store, refuses',
      orphaned.switched('rebind-orphaned', 'refuses'),
      call('RebindSslCertificate', 'new'),
      0x80070520,
    ],
    ['add without record', lab, call('AddSslCertificate', 'new', '*:443:bare.example.com'), 'done'],
    ['remove a record', lab, remove('*:443:'), 'done'],
    ['remove none', lab, remove('*:443:bare.example.com'), 'done'],
    ['a binding that does not exist', lab, call('RebindSslCertificate', 'new', '*:9443:'), 0x80070002],
    ['a binding of the central store', lab, call('RebindSslCertificate', 'new', '*:444:'), 0x80070057],
  ];
  for (const [situation, builder, request, expected] of situations) {
    it(`${situation}: ${expected === 'done' ? 'success' : `0x${expected.toString(16)}, nothing changed`}`, () => {
      const { state, reply } = apply(builder.build(), request);
      assert.equal(hresult(reply.result), expected);
      if (expected !== 'done') assert.deepEqual(state.httpSys, builder.build().httpSys);
    });
  }

  it('take a hash as hex text and nothing else', () => {
    for (const hash of ['', 'System.Byte[]', `${lab.thumbprint('new')}00`, `\u200E${lab.thumbprint('new')}`]) {
      const request = {
        kind: 'binding-method',
        site: 'Shop',
        information: '*:443:',
        method: 'RebindSslCertificate',
        hash,
      } as const;
      assert.deepEqual(resultOf(lab.build(), request), {
        kind: 'failed',
        hresult: 0x80070057,
        message: 'Value does not fall within the expected range.',
      });
    }
  });

  it('say what Windows says when the key is missing', () => {
    const result = resultOf(lab.build(), call('RebindSslCertificate', 'keyless'));
    assert(result.kind === 'failed');
    assert.equal(
      result.message,
      'A specified logon session does not exist. It may already have been terminated. (Exception from HRESULT: 0x80070520)',
    );
  });

  it('change ten thousand records', () => {
    const count = 10_000;
    const hosts = Array.from({ length: count }, (_, at) => `h${at}.example.com`);
    const large = labState().certificate('new').certificate('old').site('Large', hosts.map(sni));
    const add = hosts.map(
      (host): LabRequest => ({
        kind: 'binding-method',
        site: 'Large',
        information: `*:443:${host}`,
        method: 'AddSslCertificate',
        hash: large.thumbprint('old'),
      }),
    );
    const { state } = apply(large.build(), { kind: 'batch', requests: add }, { kind: 'batch', requests: add });
    assert.equal(state.httpSys.SslSniBindingInfo?.length, count);
  });
});

function switched<S extends keyof Switches>(name: S, position: Switches[S]): LabBuilder {
  return lab.switched(name, position);
}
