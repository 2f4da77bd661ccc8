import assert from 'node:assert/strict';
import { type End, endedAs, endOf } from './ends.ts';
import { facts } from './facts.ts';

const end = (row: string, measured: string | null): End => endOf({ row, measured, how: 'asked' });

describe('the end of a row', () => {
  const cases: readonly (readonly [what: string, row: string, measured: string | null, is: End['is']])[] = [
    ['a fact that is so', 'http-sys-tables', 'as-believed', 'as-believed'],
    ['the first position of a switch', 'rebind-options', 'kept', 'as-believed'],
    ['any position of what differs from server to server', 'listen-list', 'one-address', 'as-believed'],
    ['what the switch of Server 2016 has otherwise', 'netsh-update-presence', 'present', 'as-believed'],
    ['another position of a switch, in which everything is tested', 'rebind-options', 'all-lost', 'otherwise'],
    ['an open fact that is not so, and does no harm', 'archived-setter', 'otherwise', 'otherwise'],
    ['a fact that the code relies on, and that is not so', 'http-sys-tables', 'otherwise', 'contradicts'],
    ['a position that nobody foresaw', 'rebind-options', 'other', 'contradicts'],
    ['a fact that there is not', 'no-such-fact', 'as-believed', 'contradicts'],
    ['what could not be asked', 'http-sys-tables', null, 'not-answered'],
  ];
  for (const [what, row, measured, is] of cases)
    it(`is ${is} for ${what}`, () => assert.equal(end(row, measured).is, is));

  it('says why it does no harm, in the words of the fact where it has some', () => {
    assert.deepEqual(end('archived-setter', 'otherwise'), {
      is: 'otherwise',
      position: 'otherwise',
      safe: facts['archived-setter']?.safe,
    });
    assert.deepEqual(end('ftp-site-state', 'told'), {
      is: 'otherwise',
      position: 'told',
      safe: 'each position of its switch is tested',
    });
  });

  it('keeps the reason of what was not answered', () =>
    assert.deepEqual(end('ssl-flags', null), { is: 'not-answered', why: 'asked' }));

  it('is that of those that are asked for', () => {
    const rows = [
      { row: 'rebind-options', measured: 'kept', how: '' },
      { row: 'rebind-options', measured: 'all-lost', how: '' },
    ];
    assert.deepEqual(
      endedAs(rows, 'otherwise').map(({ measured }) => measured),
      ['all-lost'],
    );
  });
});
