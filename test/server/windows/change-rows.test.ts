import assert from 'node:assert/strict';
import { tlsHolder } from '../../../src/kinds/holder.ts';
import { SeenPlaces } from '../../../src/kinds/tls/tables-in-rows.ts';
import { lifecycleLog } from '../../../src/model/windows/lifecycle-event.ts';
import { type Instructions, instructionsFor, type Known } from '../../../src/server/windows/change-rows.ts';
import { restoreOf, swapOf } from '../../builders/changes.ts';
import { record, thumbprintOf } from '../../builders/snapshot.ts';

const shop = record('shop.example.com:443', 'old');
const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const known = (now: 'old' | 'new' | 'absent' | 'unknown', update: boolean | null = true): Known => ({
  abilities: { update, options: null },
  records: new Map(
    now === 'unknown'
      ? []
      : [
          [
            shop.key,
            now === 'absent' ? { state: 'absent' } : { state: 'holds', holder: tlsHolder(record(shop.key, now)) },
          ],
        ],
  ),
  places: new SeenPlaces(),
});
/** Each command of netsh: what has to be there before it, its verb, its key, and the certificate it writes. */
const commands = (instructions: Instructions) =>
  'rows' in instructions
    ? instructions.rows.map(([kind, table, subKey, expected, ...words]) => {
        assert.deepEqual(
          [kind, table, subKey, words[0], words[2]],
          ['netsh', 'SslSniBindingInfo', '', 'http', 'sslcert'],
        );
        const hash = words.find((word) => word.startsWith('certhash='));
        return [expected, words[1], words[3], hash?.slice('certhash='.length).toUpperCase()];
      })
    : instructions.error?.code;

const key = `hostnameport=${shop.key}`;
const add = ['', 'add', key, successor];
const change = { key: shop.key, expected: old, thumbprint: successor };

describe('a record that is changed through netsh', () => {
  const pastIis = swapOf(change);
  const wanted = { ...shop, thumbprint: successor };
  for (const [what, told, expected] of [
    ['swapped in place', instructionsFor(pastIis, known('old')), [[old, 'update', key, successor]]],
    [
      'swapped where netsh cannot update: deleted, and made again',
      instructionsFor(pastIis, known('old', false)),
      [[old, 'delete', key, undefined], add],
    ],
    [
      'swapped where it is not known whether netsh can',
      instructionsFor(pastIis, known('old', null)),
      [[old, 'delete', key, undefined], add],
    ],
    ['not swapped once it has another', instructionsFor(pastIis, known('new')), 'changed-meanwhile'],
    ['not swapped once it is gone', instructionsFor(pastIis, known('absent')), 'changed-meanwhile'],
    ['not swapped unseen', instructionsFor(pastIis, known('unknown')), 'changed-meanwhile'],
    [
      'restored in place, whatever it holds',
      instructionsFor(restoreOf(wanted), known('new')),
      [['', 'update', key, successor]],
    ],
    ['restored where it is gone', instructionsFor(restoreOf(wanted), known('absent')), [add]],
    [
      'not restored with what this netsh cannot write',
      instructionsFor(restoreOf(record(shop.key, 'old', { flags: 0x8000_0000 })), known('old')),
      'cannot-express',
    ],
    ['removed', instructionsFor({ do: 'remove', key: shop.key }, known('old')), [['', 'delete', key, undefined]]],
    [
      'removed unseen',
      instructionsFor({ do: 'remove', key: shop.key }, known('unknown')),
      [['', 'delete', key, undefined]],
    ],
    ['gone already', instructionsFor({ do: 'remove', key: shop.key }, known('absent')), []],
  ] as const)
    it(`is ${what}`, () => assert.deepEqual(commands(told), expected));
});

describe('the row of a change', () => {
  const rowOf = (asked: Parameters<typeof instructionsFor>[0]) => {
    const told = instructionsFor(asked, known('old'));
    assert.ok('rows' in told && told.rows.length === 1);
    return told.rows[0];
  };

  it('through a binding names every kind of binding that stands on the record', () => {
    const through = { site: 'Shop', information: '*:443:shop.example.com' };
    assert.deepEqual(rowOf(swapOf({ ...change, through })), [
      ...['replace', 'SslSniBindingInfo', '', old, through.information, '1', successor, 'My'],
    ]);
    assert.deepEqual(
      rowOf(
        swapOf({
          ...change,
          key: record('0.0.0.0:443', 'old').key,
          through: { site: 'Shop', information: '*:443:' },
        }),
      )?.[5],
      '0,1',
    );
  });

  it('is what the adapter calls it', () => {
    const task = { path: '\\Own\\', name: 'Name' };
    assert.deepEqual(rowOf({ do: 'register-task', ...task, xml: '<Task/>' }), [
      'register-task',
      '\\Own\\',
      'Name',
      '<Task/>',
    ]);
    assert.deepEqual(rowOf({ do: 'unregister-task', ...task }), ['unregister-task', '\\Own\\', 'Name']);
    assert.deepEqual(rowOf({ do: 'set-task-enabled', ...task, enabled: true }), ['enable-task', '\\Own\\', 'Name']);
    assert.deepEqual(rowOf({ do: 'set-task-enabled', ...task, enabled: false }), ['disable-task', '\\Own\\', 'Name']);
    assert.deepEqual(rowOf({ do: 'enable-lifecycle-log' }), ['enable-log', lifecycleLog]);
    assert.deepEqual(rowOf({ do: 'remove-log-source' }), ['remove-log-source']);
    assert.deepEqual(rowOf({ do: 'notify-renewal', old, new: successor }), ['notify-renewal', old, successor]);
  });

  it('to the Application log has its level, its values behind the text, and no more than an entry takes', () => {
    const entry = { do: 'log', eventId: 130, text: 'A text.', data: { run: '1', 'exit code': '3' } } as const;
    assert.deepEqual(rowOf({ ...entry, level: 'warning' }), [
      'log',
      '130',
      'warning',
      'A text.\r\n\r\nrun: 1\r\nexit code: 3',
    ]);
    assert.equal(rowOf({ ...entry, level: 'error', data: {} })?.[3], 'A text.');
    const long = rowOf({ ...entry, level: 'error', text: 'x'.repeat(40_000) })?.[3] ?? '';
    assert.ok(long.endsWith('x\r\n\r\nrun: 1\r\nexit code: 3') && long.length < 31_839, `${long.length}`);
    const wide = rowOf({ ...entry, level: 'error', data: { run: 'y'.repeat(40_000) } })?.[3] ?? '';
    assert.ok(wide.startsWith('A text.\r\n\r\nrun: y') && wide.length <= 31_839, `${wide.length}`);
  });
});
