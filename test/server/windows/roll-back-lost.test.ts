import assert from 'node:assert/strict';
import { CertRebindError } from '../../../src/base/errors.ts';
import { tlsHolder } from '../../../src/kinds/holder.ts';
import { SeenPlaces } from '../../../src/kinds/tls/tables-in-rows.ts';
import type { Change, ChangeReport } from '../../../src/server/server.ts';
import type { Known } from '../../../src/server/windows/change-rows.ts';
import { rollBackLost } from '../../../src/server/windows/roll-back-lost.ts';
import { restoreOf } from '../../builders/changes.ts';
import { record } from '../../builders/snapshot.ts';

const shop = record('shop.example.com:443', 'old');
const mail = record('mail.example.com:443', 'old');
const gone = record('gone.example.com:443', 'old');
const absent = { state: 'absent' } as const;
const holds = (held: typeof shop) => ({ state: 'holds', holder: tlsHolder(held) }) as const;

const known: Known = {
  abilities: { update: false, options: null },
  records: new Map([shop, mail, gone].map((each) => [each.key, holds(each)])),
  places: new SeenPlaces(),
};
const changes: readonly Change[] = [
  restoreOf({ ...shop, thumbprint: mail.thumbprint }),
  restoreOf({ ...mail, store: 'WebHosting' }),
  { do: 'remove', key: gone.key },
];
const reports: readonly ChangeReport[] = [
  { do: 'put', error: { code: 'refused', message: 'No logon session' }, now: absent },
  { do: 'put', error: null, now: holds({ ...mail, store: 'WebHosting' }) },
  { do: 'remove', error: null, now: absent },
];

describe('a record that netsh has deleted and not added again', () => {
  it('is rolled back, and no other is', async () => {
    const asked: Change[] = [];
    const told = await rollBackLost({ changes, reports, known }, async (lost) => {
      asked.push(...lost.map(({ change }) => change));
      return [{ do: 'put', error: null, now: holds(shop) }];
    });
    assert.deepEqual(asked, [changes[0]]);
    assert.deepEqual(told, [{ ...reports[0], now: holds(shop) }, reports[1], reports[2]]);
  });

  it('is told as absent when that cannot be tried: an exception would say that nothing was changed', async () => {
    const busy = new CertRebindError('locked', {
      message: 'A PowerShell of an earlier run is still changing this server.',
    });
    const told = await rollBackLost({ changes, reports, known }, () => Promise.reject(busy));
    const message = `No logon session. Restoring the old certificate binding could not be tried: ${busy.message}`;
    assert.deepEqual(told, [{ do: 'put', error: { code: 'refused', message }, now: absent }, reports[1], reports[2]]);
  });

  it('is asked for by nobody when nothing is lost', async () => {
    const whole = reports.with(0, { do: 'put', error: null, now: holds(shop) });
    const told = await rollBackLost({ changes, reports: whole, known }, () => assert.fail('called'));
    assert.equal(told, whole);
  });

  it('hides no defect of ours', async () => {
    const defect = new TypeError('a defect');
    await assert.rejects(
      rollBackLost({ changes, reports, known }, () => Promise.reject(defect)),
      defect,
    );
  });
});
