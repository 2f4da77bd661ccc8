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
