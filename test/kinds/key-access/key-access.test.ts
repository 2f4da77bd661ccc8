import assert from 'node:assert/strict';
import { lacksAccount, lostAccess, networkService } from '../../../src/kinds/key-access/key-access.ts';
import type { KeyRights } from '../../../src/model/certificates/certificate.ts';

const none = 'O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)';
const sddl = (entries: string, owner = 'SY'): KeyRights => ({ sddl: none.replace('O:SY', `O:${owner}`) + entries });
const service = 'S-1-5-80-1-2-3-4-5';

describe('access that is lost with a new private key', () => {
  for (const [what, old, successor, expected] of [
    ['nothing, of the same rights', '(A;;FR;;;NS)', '(A;;FR;;;NS)', { accounts: [], refused: null }],
    ['that of a service', `(A;;FR;;;${service})`, '', { accounts: [service], refused: null }],
    ['that of more rights as reading', `(A;;FA;;;${service})`, '', { accounts: [service], refused: null }],
    ['that of a group in the letters of Windows', '(A;;FR;;;IS)', '', { accounts: ['S-1-5-32-568'], refused: null }],
    ['that of generic rights', '(A;;GR;;;NS)', '', { accounts: [networkService], refused: null }],
    ['nothing, of an account that only writes', '(A;;0x2;;;NS)', '', { accounts: [], refused: null }],
    ['nothing, of what is given further below only', '(A;OIIO;FR;;;NS)', '', { accounts: [], refused: null }],
    ['nothing, of an account with a condition', '(XA;;FR;;;NS;(a))', '', { accounts: [], refused: null }],
    ['refused, of entries that deny', '(D;;FR;;;NS)', '', { accounts: [], refused: 'has deny entries' }],
    ['refused, of Everyone', '(A;;FR;;;WD)', '', { accounts: [], refused: 'could be read by Everyone (S-1-1-0)' }],
    ['nothing, of Everyone at both', '(A;;FR;;;WD)', '(A;;FR;;;WD)', { accounts: [], refused: null }],
  ] as const) {
    it(`is ${what}`, () => assert.deepEqual(lostAccess(sddl(old), sddl(successor)), expected));
  }

  it('is not that of the owner', () =>
    assert.deepEqual(lostAccess(sddl(`(A;;FA;;;${service})`, service), sddl('')), { accounts: [], refused: null }));

  it('is not known where a key was not read, and refused where its list is not understood', () => {
    assert.equal(lostAccess(undefined, sddl('')), null);
    assert.equal(lostAccess(sddl(''), { why: 'no file' }), null);
    assert.deepEqual(lostAccess({ sddl: 'O:SYD:(A;;FA' }, sddl(''))?.refused, 'has permissions that cannot be read');
  });

  it('is that of NETWORK SERVICE where nothing gives or denies it', () => {
    const lacks = [
      sddl(''),
      sddl('(A;;FR;;;NS)'),
      sddl('(A;;FR;;;WD)'),
      sddl('(D;;FR;;;NS)'),
      { why: 'no' },
      undefined,
    ];
    assert.deepEqual(
      lacks.map((rights) => lacksAccount(rights, networkService)),
      [true, false, false, false, false, false],
    );
  });
});
