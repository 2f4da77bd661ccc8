import assert from 'node:assert/strict';
import { placesInPlan } from '../../../src/engine/plan/decide-holder.ts';
import { policy, record, snapshot, thumbprintOf } from '../../builders/snapshot.ts';

const appId = '{00000000-0000-0000-0000-00000000abcd}';
const server = snapshot({
  records: [record('0.0.0.0:8172', 'old', { appId }), record('0.0.0.0:443', 'old')],
  ftps: [{ site: 'Files', thumbprint: thumbprintOf('old'), store: 'My' }],
  others: [
    {
      thumbprint: thumbprintOf('old'),
      consumer: { kind: 'wmsvc', detail: 'WMSVC' },
      management: { port: 8172, address: '*', state: 'started' },
    },
  ],
});

describe('the certificate binding of the Web Management Service', () => {
  const both = ['ftp/Files', 'wmsvc/8172'];
  for (const [what, way, applicationIds, holders, recordsInThem] of [
    ['is decided with the service', 'report', [], both, ['0.0.0.0:8172']],
    ['is changed by itself where its application id is named', 'report', [appId], ['ftp/Files'], []],
    ['is changed by itself where the id is named in capitals', 'report', [appId.toUpperCase()], ['ftp/Files'], []],
    [
      'stays with the service where another id is named',
      'report',
      [appId.replace('abcd', 'abce')],
      both,
      ['0.0.0.0:8172'],
    ],
    ['is changed with the service once that is moved too', 'replace', [appId], both, ['0.0.0.0:8172']],
  ] as const)
    it(what, () => {
      const all = policy().holders;
      const configuration = policy({ applicationIds, holders: { ...all, wmsvc: { ...all.wmsvc, policy: way } } });
      const standing = placesInPlan(server, configuration);
      assert.deepEqual(
        [standing.holders.map(({ holder }) => holder.key), [...standing.recordsInThem.keys()]],
        [holders, recordsInThem],
      );
    });
});

describe('the certificate binding that WinRM makes for a listener', () => {
  const own = '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}';
  const iis = '{4dc3e181-e14b-4a21-b022-59fc669b0914}';
  for (const [what, binding, applicationIds, isWithListener] of [
    ['is decided with the listener', { appId: own }, [], true],
    ['is decided with the listener in capitals too', { appId: own.toUpperCase() }, [], true],
    ['is changed by itself where its application id is named', { appId: own }, [own], false],
    ['is another place where it has another certificate', { appId: own, label: 'other' }, [], false],
    ['is another place at another port', { appId: own, key: '0.0.0.0:5987' }, [], false],
    ['of another program is another place', { appId: iis }, [], false],
  ] as const)
    it(what, () => {
      const { key, label, appId: made } = { key: '0.0.0.0:5986', label: 'old', ...binding };
      const remoting = { port: 5986, hostname: null, state: 'started', carriesRun: 'no' } as const;
      const listener = {
        thumbprint: thumbprintOf('old'),
        consumer: { kind: 'winrm', detail: '*+HTTPS' },
        remoting,
      } as const;
      const seen = snapshot({ records: [record(key, label, { appId: made })], others: [listener] });
      assert.deepEqual(
        [...placesInPlan(seen, policy({ applicationIds })).recordsInThem],
        isWithListener ? [[key, 'winrm/*+HTTPS']] : [],
      );
    });
});
